"""Whether a listener that is being called has begun.

Executed in the names of the extension's module, with those of the other files beside it.
It calls `_until_begun`.

Who ends a listener on another thread may come between the call and the listener's first line: Python enters the function
and may give its lock away before it runs anything of it. That is one instruction, at which such a thread is seen.
"""

import opcode as _opcode
import sys as _sys
import time as _time

# The instruction that ends a function's entry; before 3.11 there is none.
_RESUME = _opcode.opmap.get("RESUME")

# Codes of the functions that call listeners, each right after a look at whether the listener has ended.
_callers = set()


def _calls_listeners(function):
    _callers.add(function.__code__)
    return function


def _until_begun():
    """Waits for listeners that are entered: they need nothing but Python's lock to run their first line."""
    while not _sys.is_finalizing() and any(map(_is_entered, _sys._current_frames().values())):
        _time.sleep(0.0001)


def _is_entered(frame):
    caller = frame.f_back
    if caller is None or caller.f_code not in _callers:
        return False
    if _RESUME is None:
        return frame.f_lasti < 0
    entry = frame.f_code.co_code[::2].find(_RESUME)
    return frame.f_lasti <= entry * 2
