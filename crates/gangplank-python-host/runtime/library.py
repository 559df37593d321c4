"""Libraries as packages see them, and what every object has.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
It calls `_logged` and `_log_released`.
"""

import asyncio as _asyncio
import itertools as _itertools
import os as _os
import threading as _threading

_keys = _itertools.count(1)

_LEVELS = ("error", "warning", "info", "debug", "trace")


class Library:
    """A library as its package knows it; made by `library`."""

    __slots__ = ("_native", "_package", "_log_lock")

    def __init__(self, native, package):
        self._native = native
        self._package = package
        self._log_lock = _threading.Lock()

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
        for attribute, (wire, text) in dict(hosts).items():
            setter = _host_setter(_native_host(self._native, path, wire), wire)
            _name(setter, attribute, f"{name}.{attribute}", self._package, text)
            setattr(cls, attribute, setter)
        for attribute, (wire, *texts) in dict(events).items():
            functions = _event_functions(*_native_event(self._native, path, wire), wire)
            for function, prefix, text in zip(functions, ("", "on_"), texts, strict=True):
                _name(function, prefix + attribute, f"{name}.{prefix}{attribute}", self._package, text)
                setattr(cls, prefix + attribute, function)
        lost = [_on_events_dropped] if events else []
        for function in (*_LIFE, *lost):
            setattr(cls, function.__name__, function)
        return cls

    def host(self, wire, name, doc=""):
        """Sets a host function for all objects that are made from now on."""
        setter = _default_setter(_native_host(self._native, None, wire), wire)
        _name(setter, name, name, self._package, doc)
        return setter

    def load(self, path=None):
        """Opens the library, from `path` if one is given, and compares all of it with what this package was made for. The first
        call does the same by itself."""
        _native_load(self._native, None if path is None else _os.fsdecode(path))

    def stats(self):
        """How many calls are pending, objects open, events lost; zeros before the first use."""
        return _native_stats(self._native)

    def set_log(self, fn, level="info"):
        """Passes what the library logs, up to `level`, to `fn(level, target, message)`; `None` takes it back."""
        if level not in _LEVELS:
            raise ValueError(f"level is one of {', '.join(_LEVELS)}, not {level!r}")
        with self._log_lock:
            if fn is None:
                _native_set_log(self._native, 0, 0)
                return
            if not callable(fn):
                raise TypeError(f"a log is written by a callable, not {type(fn).__name__}")
            key = next(_keys)
            _logs[key] = fn
            try:
                _native_set_log(self._native, _LEVELS.index(level) + 1, key)
            except BaseException:
                _logs.pop(key, None)
                raise


def library(*, name, runtime, module, here, interface, types, package=None):
    """A library: `interface` are its items, `types` the classes of its types by path."""
    native = _native_library(name, runtime, module, _os.fsdecode(here), interface, types)
    return Library(native, package or _package)


def _name(function, name, qualified, package, doc):
    function.__name__ = name
    function.__qualname__ = qualified
    function.__module__ = package
    function.__doc__ = doc


_logs = {}


def _logged(key, level, target, message):
    fn = _logs.get(key)
    if fn is not None:
        fn(_LEVELS[level - 1], target, message)


def _log_released(key):
    _logs.pop(key, None)


def close(self):
    """Ends the object: pending calls end with `ClosedError`, later ones, too; waits for calls that run. It can be repeated."""
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


_LIFE = (close, __enter__, __exit__, __aenter__, __aexit__)
del close, __enter__, __exit__, __aenter__, __aexit__
