"""A Python program that ends while daemon threads are in a guest, or on their way into it."""

import ctypes
import sys
import threading
import time

library, guest, function = sys.argv[1:]
xllr = ctypes.CDLL(library)


def call():
    ret, length, failed = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_uint8()
    names = [b"python3", guest.encode(), function.encode()]
    places = [part for name in names for part in (name, ctypes.c_uint32(len(name)))]
    out = [ctypes.byref(ret), ctypes.byref(length), ctypes.byref(failed)]
    xllr.xllr_call(*places, b"", ctypes.c_uint64(0), None, None, *out)
    return failed.value


def calls():
    while call() == 0:
        pass


if function == "Kinds.spin":
    function = "Kinds.pid"
    call()
    function = "Kinds.spin"
for _ in range(3):
    threading.Thread(target=calls, daemon=True).start()
time.sleep(0.3)


class Slow:
    """Its end comes when Python goes down, and lets the others run."""

    def __del__(self, sleep=time.sleep):
        sleep(0.2)


sys.slow = Slow()
print("end", flush=True)
