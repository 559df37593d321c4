"""A Python program with a sub-interpreter that calls a guest through XLLR: from both, with the lock held and without."""

import sys
import threading

library, guest = sys.argv[1:]

CALL = f"""
import ctypes

def call(how):
    xllr = how({library!r})
    ret, length, failed = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_uint8()
    places = []
    for name in [b"python3", {guest!r}.encode(), b"Kinds.shout"]:
        places += [name, ctypes.c_uint32(len(name))]
    out = [ctypes.byref(ret), ctypes.byref(length), ctypes.byref(failed)]
    xllr.xllr_call(*places, b"\\x0a\\x01a", ctypes.c_uint64(3), None, None, *out)
    said = ctypes.string_at(ret, length.value) if ret else b""
    return "well" if said == b"\\x0a\\x01A" else said.decode()

def say(where):
    for how in (ctypes.PyDLL, ctypes.CDLL):
        print(where, how.__name__, call(how), flush=True)
"""

exec(CALL)
say("alone")
try:
    import _interpreters as interpreters

    other = interpreters.create("legacy")
except ImportError:
    import _xxsubinterpreters as interpreters

    other = interpreters.create(isolated=False)
interpreters.run_string(other, CALL + "\nsay('sub')")
say("main")
thread = threading.Thread(target=say, args=("thread",))
thread.start()
thread.join()
