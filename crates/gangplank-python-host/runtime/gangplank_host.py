"""The part of `_gangplank` that is Python: exceptions, libraries as packages see them, event loops.

Executed in the names of the extension's module, in which the extension has put its own functions: they start with `_native_`.
"""

import asyncio as _asyncio
import os as _os
import weakref as _weakref

_package = __name__.rpartition(".")[0] or "gangplank"


class GangplankError(Exception):
    """An error of a module, or of Gangplank itself. `__cause__` is what was below it, if the module said."""


class BadArgumentError(GangplankError, ValueError):
    """A value was refused by the module, or came back malformed."""


class ClosedError(GangplankError):
    """The object is closed."""


class DeadlineError(GangplankError, TimeoutError):
    """The call took longer than it might."""


class ForkedError(GangplankError):
    """The process was forked after its first use of the module: a child may call it after exec only."""


class HostError(GangplankError):
    """A function that the module asks its host for is not registered, or has failed."""


class LimitError(GangplankError):
    """More than a limit allows."""


class LoadError(GangplankError, ImportError):
    """The module cannot be loaded. The text says where it was looked for."""


class MismatchError(GangplankError):
    """The module is not the one that the package was generated for. The text has both shapes."""


class PanicError(GangplankError):
    """The module panicked; it stays usable."""

    def __init__(self, message="", location=""):
        super().__init__(message)
        self.message = message
        self.location = location

    def __str__(self):
        return f"{self.message} ({self.location})" if self.location else self.message


class PeerLostError(GangplankError):
    """The process that the module runs in has ended."""


class StuckError(GangplankError):
    """A close gave up waiting for calls that run."""


CancelledError = _asyncio.CancelledError


class Library:
    """A library as its package knows it; made by `library`."""

    __slots__ = ("_native", "_package", "__weakref__")

    def __init__(self, native, package):
        self._native = native
        self._package = package

    def function(self, path, name, params=(), doc=""):
        """A function of the module."""
        return _native_function(self._native, path, name, tuple(params), doc or "", self._package)

    def object(self, path, name, doc="", functions=(), hosts=(), events=()):
        """The class of an object, with its constructors, methods, host functions and events by their names in Python."""
        cls = _native_class(self._native, path, f"{self._package}.{name}", doc or "")
        for attribute, (of, params, text) in dict(functions).items():
            made = _native_method(
                self._native, of, f"{name}.{attribute}", tuple(params), text or "", self._package
            )
            setattr(cls, attribute, made)
        _add_life(cls, name, self._package)
        return cls

    def load(self, path=None):
        """Loads the module, from `path` if one is given, and compares all of it with what the package was made for."""
        _native_load(self._native, None if path is None else _os.fspath(path))


def library(*, name, runtime, module, here, interface, types, package=None):
    """A library: `interface` are its items, `types` the classes of its types by path."""
    native = _native_library(name, runtime, module, _os.fspath(here), interface, types)
    return Library(native, package or _package)


def _named(cls, name, package, function, doc):
    function.__qualname__ = f"{name}.{function.__name__}"
    function.__module__ = package
    function.__doc__ = doc
    setattr(cls, function.__name__, function)


def _add_life(cls, name, package):
    """What every object has: an end."""

    def close(self):
        _native_close(self, True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        _native_close(self, True)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        if not _native_close(self, False):
            loop = _asyncio.get_running_loop()
            await loop.run_in_executor(None, _native_close, self, True)

    text = "Closes the object: cancels what is pending, waits for calls that run. It can be repeated."
    _named(cls, name, package, close, text)
    for function in (__enter__, __exit__, __aenter__, __aexit__):
        _named(cls, name, package, function, None)


_wakes = _weakref.WeakKeyDictionary()


def waiter():
    """The queue of the running loop, and a future of it."""
    loop = _asyncio.get_running_loop()
    wake = _wakes.get(loop)
    if wake is None:
        wake, fd = _native_wake()
        loop.add_reader(fd, _delivered, wake)
        _wakes[loop] = wake
    return wake, loop.create_future()


def _delivered(wake):
    for future in _native_deliver(wake):
        if not future.done():
            future.set_result(None)


for _class in list(globals().values()):
    if isinstance(_class, type) and getattr(_class, "__module__", None) == __name__:
        _class.__module__ = _package
del _class
