"""What a call of a guest in Rust costs a host in Python, against the same functions written by hand with PyO3.

Comes in: a folder with the generated packages, the functions written by hand and the guests. Goes out: rows like those of
`bench/go`. Each round runs one batch of every variant, so what slows one of them slows all of them; a row's figure is the
10th percentile of its rounds.
"""

import argparse
import asyncio
import json
import os
import sys
import time
from itertools import repeat

BATCH = 150_000
# How long a variant runs untimed before its batch: the variants before it have driven its code and data out of the
# processor's caches, which is their cost and not its own.
WARM_UP = 20_000
LEAST_ROUNDS = 5


class Variant:
    """Something that is measured: `run(n)` is a coroutine that makes n calls."""

    def __init__(self, run):
        self.run = run
        self.calls = 1
        self.warm = 0
        self.nanos = []

    async def once(self):
        await self.run(self.warm)
        start = time.perf_counter_ns()
        await self.run(self.calls)
        return (time.perf_counter_ns() - start) / self.calls

    async def calibrate(self):
        await self.once()
        while True:
            best = min([await self.once() for _ in range(3)])
            want = max(int(BATCH / best), 1)
            if want <= 2 * self.calls:
                self.calls, self.warm = want, int(WARM_UP / best)
                return
            self.calls = min(want, 16 * self.calls)

    def percentile(self, percent):
        return sorted(self.nanos)[len(self.nanos) * percent // 100]


async def sample(variants, limit):
    for variant in variants:
        await variant.calibrate()
    start = time.perf_counter()
    rounds = 0
    while rounds < LEAST_ROUNDS or time.perf_counter() - start < limit:
        for variant in variants:
            variant.nanos.append(await variant.once())
        rounds += 1


def plain(function, *args):
    names = ", ".join(f"a{index}" for index in range(len(args)))
    source = f"async def run(n):\n    for _ in repeat(None, n):\n        function({names})\n"
    space = {"function": function, "repeat": repeat}
    space.update((f"a{index}", value) for index, value in enumerate(args))
    exec(source, space)
    return space["run"]


def awaited(function, value):
    async def run(n):
        for _ in repeat(None, n):
            await function(value)

    return run


def rows(folder):
    """Name, base, goal, run."""
    sys.path.insert(0, folder)
    import bench_python_hand as hand
    import calcMetaFFIHost as calc
    import gangplank_bench as bench

    hand.open(os.path.join(folder, "libcalc.so"))
    three = ["A", "B", "C"]
    fifty = [f"string number {number}" for number in range(50)]
    checks = [(calc.concat_strings(texts), hand.concat_structs(texts)) for texts in (three, fifty)]
    if calc.div(10, 2) != 5.0 or any(one != other for one, other in checks):
        raise SystemExit("the functions do not do the same")
    div, texts, many, ready = "PyO3: div", "PyO3: concat_strings, 3", "PyO3: concat_strings, 50", "PyO3: future, ready"
    return [
        ("Python host: div", div, 1.2, plain(calc.div, 10, 2)),
        ("Python host: concat_strings, 3", texts, 0.8, plain(calc.concat_strings, three)),
        ("Python host: concat_strings, 50", many, 0.5, plain(calc.concat_strings, fifty)),
        ("Python host: async, ready at once", ready, 1.2, awaited(bench.ready, 7)),
        ("by hand in C structs: concat_strings, 3", texts, None, plain(hand.concat_structs, three)),
        ("by hand in C structs: concat_strings, 50", many, None, plain(hand.concat_structs, fifty)),
        (div, div, None, plain(hand.div, 10, 2)),
        (texts, texts, None, plain(hand.concat_strings, three)),
        (many, many, None, plain(hand.concat_strings, fifty)),
        (ready, ready, None, awaited(hand.ready, 7)),
    ]


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", "-quick", action="store_true")
    parser.add_argument("--json", "-json", action="store_true")
    parser.add_argument("--only", "-only", default="")
    parser.add_argument("folder")
    flags = parser.parse_args()
    table = rows(flags.folder)
    chosen = [row for row in table if flags.only in row[0]]
    needed = {row[1] for row in chosen} | {row[0] for row in chosen}
    variants = {name: Variant(run) for name, _, _, run in table if name in needed}
    if variants:
        await sample(list(variants.values()), 4 if flags.quick else 20)
    for name, base, goal, _ in chosen:
        variant, over = variants[name], variants[base]
        nanos, unit = variant.percentile(10), over.percentile(10)
        ratio = nanos / unit
        missed = goal is not None and ratio > goal
        noisy = over.percentile(50) > 1.1 * unit
        if flags.json:
            line = {"name": name, "ratio": round(ratio, 3), "goal": goal, "allocs": 0, "allocs_goal": None}
            line |= {"base": base, "ns": round(nanos, 3), "goal_missed": missed, "noisy": noisy}
            print(json.dumps(line))
        else:
            remarks = [f"over {base}"] + ["goal missed"] * missed + ["noisy"] * noisy
            goal = "" if goal is None else goal
            print(f"{name:42}{nanos:10.1f}{ratio:8.2f}  {goal:<6}{', '.join(remarks)}")


asyncio.run(main())
