"""What XLLR's runtime does in Python: it loads guests, describes exceptions, runs coroutines.

Executed once, as the module `_gangplank_guest`.
"""

import array
import asyncio
import atexit
import concurrent.futures
import importlib
import importlib.util
import inspect
import os
import sys
import threading
import traceback
import typing


def open_guest(path):
    """The guest in a file: its module, and for each of its functions what `find` says of it."""
    guest = load_file(path)
    missing = [name for name in ("INTERFACE", "TYPES", "FUNCTIONS") if not hasattr(guest, name)]
    if missing:
        raise ImportError(
            f"{path} is no guest: it has no {missing[0]}; "
            "`gangplank compile --to-guest` writes one from a .proto file"
        )
    functions = {
        name: find(os.path.dirname(path), name, *place) for name, place in guest.FUNCTIONS.items()
    }
    return guest, functions


def load_file(path):
    """The module in a file, loaded once; what it imports may lie beside it."""
    path = os.path.realpath(path)
    folder, file = os.path.split(path)
    name = os.path.splitext(file)[0]
    known = sys.modules.get(name)
    if known is not None:
        if os.path.realpath(getattr(known, "__file__", None) or "") == path:
            return known
        # Another module has the name: this one goes by its path.
        name = path
        if name in sys.modules:
            return sys.modules[name]
    if folder not in sys.path:
        sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module


def find(folder, name, module, path):
    """What implements a function: `module` is a file, seen from the guest's, or a name.

    A callable; what it raises when the seconds are over that it takes first, or None where it takes none; what `views` says.
    """
    if module.endswith(".py"):
        home = load_file(os.path.join(folder, module))
    else:
        home = importlib.import_module(module)
    found = home
    for part in path.split("."):
        if not hasattr(found, part) and inspect.ismodule(found):
            try:
                importlib.import_module(f"{found.__name__}.{part}")
            except ModuleNotFoundError:
                pass
        if not hasattr(found, part):
            raise AttributeError(f"{name} is to be {path} in {module}, which has no {part}")
        found = getattr(found, part)
    if not callable(found):
        raise TypeError(f"{name} is to be {path} in {module}, which cannot be called")
    if is_async(found):
        return waiting(found), Late, views(found)
    return found, None, views(found)


def views(function):
    """For each parameter: None, or what makes the buffer that its annotation asks for."""
    try:
        parameters = inspect.signature(function, eval_str=True).parameters.values()
        return tuple(view(parameter.annotation) for parameter in parameters)
    except Exception:  # A builtin without a signature, or an annotation that means nothing here.
        return ()


def view(annotation):
    """A function of octets and the letter of their numbers."""
    kind = typing.get_origin(annotation) or annotation
    alias = getattr(kind, "__value__", kind)  # Of a `type` statement.
    kind = typing.get_origin(alias) or alias
    if kind is memoryview:
        return numbers
    if kind is array.array:
        return lambda octets, letter: array_of(octets, letter or "B")
    if getattr(kind, "__module__", None) == "numpy" and kind.__name__ == "ndarray":
        return lambda octets, letter: sys.modules["numpy"].asarray(numbers(octets, letter))
    return None


def numbers(octets, letter):
    """A view of memory of its own."""
    if letter is None:
        return memoryview(octets)
    return memoryview(octets).cast(letter) if octets else memoryview(array.array(letter))


def array_of(octets, letter):
    """An array of the module `array`."""
    made = array.array(letter)
    made.frombytes(octets)
    return made


def is_async(found):
    """Whether a call gives a coroutine."""
    by_call = getattr(type(found), "__call__", None)
    return inspect.iscoroutinefunction(found) or inspect.iscoroutinefunction(by_call)


class Loop:
    """One event loop with a thread of its own, for all functions that are `async def`."""

    lock = threading.Lock()
    running = None
    thread = None

    @classmethod
    def get(cls):
        with cls.lock:
            if cls.running is None or cls.running.is_closed():
                cls.running = asyncio.new_event_loop()
                cls.thread = threading.Thread(
                    target=cls.run, args=(cls.running,), name="gangplank-asyncio", daemon=True
                )
                cls.thread.start()
            return cls.running

    @staticmethod
    def run(loop):
        """For ever: what stops a loop is the error of one task, and others are waited for."""
        asyncio.set_event_loop(loop)
        while not loop.is_closed():
            try:
                loop.run_forever()
            except BaseException:  # `SystemExit` of a task, which its caller gets as well
                pass


class Late(Exception):
    """A coroutine has not come to its end in time."""


def waiting(function):
    """A function that waits for what a coroutine function gives, `seconds` long at most if that is not None."""

    def call(seconds, *arguments):
        if seconds is not None:
            seconds = min(seconds, threading.TIMEOUT_MAX)
        loop = Loop.get()
        if threading.current_thread() is Loop.thread:
            raise RuntimeError(
                f"{function.__qualname__} is async and was called on the event loop that would "
                "run it: call it from another thread"
            )
        cancelled = []

        async def run():
            try:
                return await function(*arguments)
            except asyncio.CancelledError as error:
                cancelled.append(error)
                raise

        future = asyncio.run_coroutine_threadsafe(run(), loop)
        if seconds is not None and not concurrent.futures.wait((future,), seconds).done:
            future.cancel()
            raise Late
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            if not cancelled:
                raise
        # The future has made another one, which does not say where this was raised.
        raise cancelled[0]

    return call


def describe(error):
    """An exception in words: type, message, traceback. Half a surrogate pair, which UTF-8 cannot say, is an escape."""
    return in_words(error).encode("utf-8", "backslashreplace").decode("utf-8")


def in_words(error):
    try:
        first = said(error)
    except BaseException:  # `__str__` is the user's
        first = type(error).__name__
    trace = below_ours(error.__traceback__)
    if trace is None:
        return first
    try:
        lines = "".join(traceback.format_exception(type(error), error, trace))
    except BaseException:
        return first
    # `format_exception` ends with what is said first here.
    return f"{first}\n{lines.rstrip()}"


def said(error):
    """Type and message first: of a syntax error Python says the place before."""
    lines = traceback.format_exception_only(type(error), error)
    place = 0
    while isinstance(error, SyntaxError) and lines[place].startswith("  ") and place + 1 < len(lines):
        place += 1
    return "".join(lines[place:] + lines[:place]).strip()


def below_ours(trace):
    """A traceback without the way to the guest through this file; whole, if it never gets there."""
    below = at = trace
    while at is not None:
        if at.tb_frame.f_code.co_filename == below_ours.__code__.co_filename:
            below = at.tb_next
        at = at.tb_next
    return below or trace


def by_lines():
    """Lines go out as they are printed: some hosts end without a word to anybody."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.reconfigure(line_buffering=True)
        except (AttributeError, OSError, ValueError):
            pass


def flush():
    """What was printed goes out."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            pass


def shutdown():
    """The process is about to end."""
    try:
        atexit._run_exitfuncs()
    finally:
        flush()
