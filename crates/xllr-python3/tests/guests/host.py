"""A Python program that calls a guest through XLLR: with the lock held, without, on threads."""

import ctypes
import sys
import threading

library, guest = sys.argv[1:]


def call(xllr, text):
    ret, length, failed = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_uint8()
    request = b"\x0a" + bytes([len(text)]) + text.encode()
    names = [b"python3", guest.encode(), b"Kinds.shout"]
    places = [part for name in names for part in (name, ctypes.c_uint32(len(name)))]
    xllr.xllr_call(
        *places,
        request,
        ctypes.c_uint64(len(request)),
        None,
        None,
        ctypes.byref(ret),
        ctypes.byref(length),
        ctypes.byref(failed),
    )
    said = ctypes.string_at(ret, length.value) if ret else b""
    if failed.value:
        sys.exit(said.decode())
    assert said[2:] == text.upper().encode(), said


held, released = ctypes.PyDLL(library), ctypes.CDLL(library)
call(held, "a")
print("held")
call(released, "b")
print("released")

threads = [
    threading.Thread(target=lambda: [call(released, "c") for _ in range(100)]) for _ in range(8)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(threads), "threads")
