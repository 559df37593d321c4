"""What happens seldom: short arrays, names that are not there at run time, sub-interpreters, exceptions on the way."""

import array
import asyncio
import atexit
import ctypes
import os
import sys
import time

if sys.version_info >= (3, 12):
    # Of a name that is only imported for type checkers.
    exec("type Alias = Missing")
else:

    class Unresolved:
        @property
        def __value__(self):
            raise NameError("name 'Missing' is not defined")

    Alias = Unresolved()


def row(number: int):
    return "a", array.array("d", [1.5] * number)


def aliased(numbers: Alias) -> int:
    return len(numbers)


class Eager:
    """It has whatever attribute somebody asks for, as a mock does."""

    def __call__(self, number):
        return number + 1

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return LookupError


eager = Eager()


async def later(number: int) -> int:
    await asyncio.sleep(0.05)
    return number + 1


class Interrupted:
    @property
    def seconds(self):
        raise KeyboardInterrupt


def moment():
    return Interrupted()


class Short:
    def __buffer__(self, flags):
        raise MemoryError("no room for a buffer")


def lent():
    return Short()


CALL = """
import ctypes

def call(how):
    xllr = getattr(ctypes, how)({library!r})
    ret, length, failed = ctypes.c_void_p(), ctypes.c_uint64(), ctypes.c_uint8()
    places = []
    for name in [b"python3", {guest!r}.encode(), b"Edges.eager"]:
        places += [name, ctypes.c_uint32(len(name))]
    out = [ctypes.byref(ret), ctypes.byref(length), ctypes.byref(failed)]
    xllr.xllr_call(*places, b"\\x08\\x01", ctypes.c_uint64(2), None, None, *out)
    said = ctypes.string_at(ret, length.value) if ret else b""
    said = "well" if said == b"\\x08\\x02" else said.decode()
    with open({says!r}, "a") as file:
        file.write(said + "\\n")

for how in ("PyDLL", "CDLL"):
    call(how)
"""


def elsewhere(text: str) -> str:
    """Calls this guest from here and from a sub-interpreter, each with the lock held and without."""
    guest = os.path.join(os.path.dirname(__file__), "edgesMetaFFIGuest.py")
    says = os.path.join(os.path.dirname(__file__), "said")
    source = CALL.format(library=text, guest=guest, says=says)
    exec(source, {})
    try:
        import _interpreters as interpreters

        other = interpreters.create("legacy")
    except ImportError:
        import _xxsubinterpreters as interpreters

        other = interpreters.create(isolated=False)
    interpreters.run_string(other, source)
    with open(says) as file:
        return file.read()


def leaves() -> None:
    """Something in C's buffer, and an exit function that does not come back."""
    ctypes.CDLL(None).puts(b"of C")
    atexit.register(time.sleep, 300)
