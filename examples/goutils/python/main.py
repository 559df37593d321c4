"""Calls functions of a Go package. Nothing of it was written for this: goutils.proto says which functions there are.
goutilsMetaFFIHost.py beside this file is made by
`gangplank compile --idl ../goutils.proto --to-guest --from-host python --skip-compile-serialization -o .`, and so is the
library."""

import sys

import goutilsMetaFFIHost as goutils


def main() -> None:
    if len(sys.argv) > 1:
        goutils.load_library(sys.argv[1])
    print(goutils.initials("James Tiberius Kirk"))
    print(goutils.capitalize_fully("james TIBERIUS kirk"))
    print(goutils.abbreviate("James Tiberius Kirk", 10))
    try:
        goutils.abbreviate("James Tiberius Kirk", width=1)
    except goutils.GangplankError as error:
        print("error:", error)


if __name__ == "__main__":
    main()
