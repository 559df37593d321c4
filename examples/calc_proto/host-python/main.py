#!/usr/bin/env python3
"""Calls every function of calc.proto in the module that the first argument names. calcMetaFFIHost.py beside this file is
made by `gangplank compile --idl ../go/calc.proto --from-host python --skip-compile-serialization -o .`."""

import sys

import calcMetaFFIHost as calc


def reason(error: calc.GangplankError) -> str:
    """Why a call failed: the end of the first line, before which some languages put the kind of the error, and behind
    which a traceback."""
    return str(error).splitlines()[0].rpartition(": ")[2]


def main() -> None:
    if len(sys.argv) > 1:
        calc.load_library(sys.argv[1])
    calc.hello_world()
    print("hello_world()")
    print(f"div(10, 2) = {calc.div(10, 2):g}")
    try:
        calc.div(1, 0)
    except calc.GangplankError as error:
        print("div(1, 0):", reason(error))
    print("concat_strings(A B C) =", calc.concat_strings(["A", "B", "C"]))
    score = calc.calculate_score(calc.GameData(player="Gordon Freeman", pawn_wins=5, boss_wins=1))
    print("calculate_score =", score.player, score.score)
    scores, total = calc.gen_scores()
    for score in scores:
        print("gen_scores:", score.player, score.score)
    print("gen_scores: total", total)


if __name__ == "__main__":
    main()
