"""Values of every type, and every way to fail."""

import asyncio
import ctypes
import os
import sys
import threading

from kindsMetaFFIGuest import Color, Everything, Everything_kind_inner, Tree


def echo(value: Everything) -> Everything:
    return value


def look(value: Everything) -> str:
    assert isinstance(value.color, Color), value.color
    assert value.colors == [Color.RED, 77], value.colors
    assert isinstance(value.kind, Everything_kind_inner)
    return f"{value.smallest} {value.largest} {value.maybe} {value.when} {value.class_}"


def shout(text: str) -> str:
    return text.upper()


async def later(text: str) -> str:
    await asyncio.sleep(0.001)
    return f"{text} on {threading.current_thread().name}"


async def later_fails(text: str) -> str:
    await asyncio.sleep(0)
    raise LookupError(text)


CANCELLED = 0
BEGUN = 0
RELEASED = threading.Event()


async def later_exits(text: str) -> str:
    await asyncio.sleep(0)
    if text == "stop":
        asyncio.get_running_loop().stop()
        return text
    raise {"exit": SystemExit, "interrupt": KeyboardInterrupt, "cancel": asyncio.CancelledError}[text]


async def later_never() -> None:
    global BEGUN, CANCELLED
    BEGUN += 1
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        CANCELLED += 1


async def later_blocks(number: int) -> None:
    """Blocks the loop until it is released, so many seconds at most."""
    global BEGUN
    BEGUN += 1
    assert RELEASED.wait(number)


def release() -> None:
    RELEASED.set()


def cancelled() -> int:
    return CANCELLED


def begun() -> int:
    return BEGUN


def pid() -> int:
    return os.getpid()


def spin() -> None:
    while True:
        pass


def take(number: int) -> int:
    return len(bytearray(number << 20))


def blob(blob: bytes) -> bytes:
    return blob


def leave(number: int) -> None:
    print("leaving", file=sys.stderr)
    os._exit(number)


def reads(text: str) -> int:
    with open(text) as file:
        return len(file.read())


class Shy(Exception):
    """An exception that cannot be printed."""

    def __str__(self):
        raise ValueError("no")


def deep():
    return deep() + 1


def fail(text: str) -> str:
    match text:
        case "exit":
            sys.exit(3)
        case "interrupt":
            raise KeyboardInterrupt
        case "recursion":
            deep()
        case "shy":
            raise Shy
        case "stop" | "generator" | "memory" | "own":
            raise {
                "stop": StopIteration(1),
                "generator": GeneratorExit,
                "memory": MemoryError,
                "own": type("Own", (BaseException,), {})(1, 2),
            }[text]
        case "surrogate":
            return "\udc80"
        case "file":
            try:
                raise KeyError("\udcfe")
            except KeyError as error:
                raise ValueError("cannot read \udcff.txt") from error
        case "chain":
            try:
                raise KeyError("first")
            except KeyError as error:
                raise ValueError("second") from error
    raise ValueError(text)


WRONG = {
    "one": 1,
    "three": (1, "a", 2),
    "types": ("a", 1),
    "second": (1, b"x"),
    "range": (1 << 31, ""),
    "none": None,
    "float": (1.5, ""),
    "right": [1, "x"],
}


def wrong(text: str) -> tuple[int, str]:
    return WRONG[text]


def loops() -> Everything:
    tree = Tree("round")
    tree.left = tree
    return Everything(tree=tree)


def nested(number: int) -> Everything:
    """As many trees, each in the one before; the list of the innermost is one level more."""
    tree = None
    for _ in range(number):
        tree = Tree("", tree)
    return Everything(tree=tree)


LARGE = None


def large_blob(number: int) -> bytes:
    global LARGE
    LARGE = bytes(number)
    return LARGE


def large_text(number: int) -> str:
    global LARGE
    LARGE = "ü" * number
    return LARGE


def large_array(number: int) -> bytearray:
    global LARGE
    LARGE = bytearray(number)
    return LARGE


def large() -> tuple[int, int]:
    """Where the octets of the last one are, and how many references it has."""
    address = 0
    if isinstance(LARGE, bytes):
        pointer = ctypes.c_char_p(LARGE)
        address = ctypes.cast(pointer, ctypes.c_void_p).value
        del pointer
    return address, sys.getrefcount(LARGE)


def states() -> int:
    return len(sys._current_frames())


def hold(text: str) -> str:
    """Keeps Python's lock for longer than anybody waits; the file `text` is there when nobody else can get it."""
    libc = ctypes.PyDLL(None)
    sys.setswitchinterval(60)
    libc.close(libc.creat(os.fsencode(text), 0o600))
    libc.sleep(300)
    return text


def prefix() -> str:
    return sys.prefix


def say(text: str) -> None:
    print(text, end="")
    print(text, end="", file=sys.stderr)
