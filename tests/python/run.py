"""Runs the tests of this folder: one line `FAILED name` for each that fails, and at the end how many there were."""

import faulthandler
import sys
import unittest
from pathlib import Path

# The whole takes some seconds. A test that hangs is told by what all threads do.
MOST = 600


def main() -> int:
    faulthandler.dump_traceback_later(MOST, exit=True)
    found = unittest.defaultTestLoader.discover(str(Path(__file__).parent))
    result = unittest.TextTestRunner(sys.stderr, verbosity=2).run(found)
    bad = result.failures + result.errors + [(test, "") for test in result.unexpectedSuccesses]
    for test, _ in bad:
        print("FAILED", test.id())
    passed = result.testsRun - len(bad) - len(result.skipped)
    print(f"{passed} passed, {len(bad) + len(result.skipped)} failed")
    return 0 if not bad and not result.skipped else 1


if __name__ == "__main__":
    sys.exit(main())
