"""The part of `_gangplank` that is Python: exceptions, classes of objects, host functions, events, event loops.

Executed in the names of the extension's module, in which the extension has put its own functions: they start with `_native_`.
What starts with `_` and is called by the extension: `_waiter`, `_host_called`, `_host_cancelled`, `_host_released`,
`_event_fired`, `_event_released`, `_logged`, `_log_released`.
"""

import asyncio as _asyncio
import atexit as _atexit
import collections as _collections
import inspect as _inspect
import itertools as _itertools
import logging as _logging
import os as _os
import queue as _queue
import threading as _threading
import weakref as _weakref

_package = __name__.rpartition(".")[0] or "gangplank"
_log = _logging.getLogger(_package)
_keys = _itertools.count(1)


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


class HostFunctionError(GangplankError):
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


# A call that somebody else has cancelled: in asyncio's own word.
_CancelledError = _asyncio.CancelledError


# ---- libraries ----

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
        for attribute, (wire, text) in dict(events).items():
            iterate, listen = _event_functions(*_native_event(self._native, path, wire), wire)
            for function, prefix in ((iterate, ""), (listen, "on_")):
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
        """Loads the module, from `path` if one is given, and compares all of it with what the package was made for."""
        _native_load(self._native, None if path is None else _os.fspath(path))

    def stats(self):
        """The module's counters; zeros before its first use."""
        return _native_stats(self._native)

    def set_log(self, fn, level="info"):
        """Passes what the module logs to `fn(level, target, message)`, up to a level; `None` takes it back."""
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
    native = _native_library(name, runtime, module, _os.fspath(here), interface, types)
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


# ---- the life of an object ----


def close(self):
    """Closes the object: cancels what is pending, waits for calls that run. It can be repeated."""
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


# ---- event loops ----

_wakes = _weakref.WeakKeyDictionary()


def _waiter():
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


def _running_loop():
    try:
        return _asyncio.get_running_loop()
    except RuntimeError:
        return None


_background_lock = _threading.Lock()
_background = None


def _background_loop():
    """A loop on a thread of its own, for coroutines of programs that run none."""
    global _background
    with _background_lock:
        if _background is None:
            _background = _asyncio.new_event_loop()
            thread = _threading.Thread(target=_background.run_forever, name="gangplank", daemon=True)
            thread.start()
        return _background


class _Workers:
    """Threads for plain host functions: as many as run at once. They end with the process, whatever they do."""

    def __init__(self):
        self.lock = _threading.Lock()
        self.jobs = _queue.SimpleQueue()
        self.idle = 0

    def run(self, fn, *args):
        with self.lock:
            if self.idle:
                self.idle -= 1
                self.jobs.put((fn, args))
                return
        thread = _threading.Thread(target=self.work, args=(fn, args), name="gangplank", daemon=True)
        thread.start()

    def work(self, fn, args):
        while True:
            fn(*args)
            del fn, args
            with self.lock:
                self.idle += 1
            try:
                fn, args = self.jobs.get(timeout=10)
            except _queue.Empty:
                with self.lock:
                    try:
                        fn, args = self.jobs.get_nowait()
                    except _queue.Empty:
                        self.idle -= 1
                        return


_workers = _Workers()


def _is_async(fn):
    return _inspect.iscoroutinefunction(fn) or _inspect.iscoroutinefunction(
        getattr(type(fn), "__call__", None)
    )


# ---- host functions ----

_hosts = _weakref.WeakValueDictionary()
_defaults = {}


class _HostFunction:
    """A function of the host's that is registered, and its calls that run."""

    __slots__ = ("spec", "wire", "fn", "deadline", "loop", "calls", "key", "__weakref__")

    def __init__(self, spec, wire, fn, deadline):
        if not callable(fn):
            raise TypeError(f"host function {wire} is a callable or None, not {type(fn).__name__}")
        if deadline is not None and not deadline > 0:
            raise ValueError(f"the deadline of host function {wire} is more than 0 seconds, not {deadline}")
        self.spec, self.wire, self.fn, self.deadline = spec, wire, fn, deadline
        self.loop = (_running_loop() or _background_loop()) if _is_async(fn) else None
        self.calls = {}
        self.key = next(_keys)
        _hosts[self.key] = self

    def start(self, call, args):
        self.calls[call] = None
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.spawn, call, args)
            return
        if self.deadline is not None:
            timer = _threading.Timer(self.deadline, self.finish, (call, "deadline", ""))
            timer.daemon = True
            self.calls[call] = timer
            timer.start()
        _workers.run(self.run, call, args)

    def spawn(self, call, args):
        if call in self.calls:
            self.calls[call] = self.loop.create_task(self.serve(call, args))

    async def serve(self, call, args):
        try:
            answer = self.fn(*args)
            if self.deadline is not None:
                answer = _asyncio.wait_for(answer, self.deadline)
            self.finish(call, "ok", await answer)
        except _asyncio.TimeoutError as error:
            if self.deadline is None:
                self.fail(call, error)
            else:
                self.finish(call, "deadline", "")
        except BaseException as error:
            self.fail(call, error)

    def run(self, call, args):
        if call not in self.calls:
            return
        try:
            self.finish(call, "ok", self.fn(*args))
        except BaseException as error:
            self.fail(call, error)

    def finish(self, call, outcome, value):
        """Gives an answer, if the library still waits."""
        try:
            held = self.calls.pop(call)
        except KeyError:
            return
        if isinstance(held, _threading.Timer):
            held.cancel()
        try:
            _native_answer(self.spec, call, outcome, value)
        except BaseException as error:
            _native_answer(self.spec, call, "failed", _words(error))

    def fail(self, call, error):
        if isinstance(error, _asyncio.CancelledError):
            self.finish(call, "cancelled", "the task was cancelled")
        elif not isinstance(error, Exception):
            self.finish(call, "panic", str(error) or type(error).__name__)
        elif _native_is_declared(self.spec, error):
            self.finish(call, "error", error)
        elif _native_is_declared(self.spec, ""):
            self.finish(call, "error", str(error) or type(error).__name__)
        else:
            self.finish(call, "failed", _words(error))

    def cancel(self, call):
        """The library no longer waits."""
        held = self.calls.pop(call, None)
        if isinstance(held, _threading.Timer):
            held.cancel()
        elif held is not None:
            self.loop.call_soon_threadsafe(held.cancel)


def _words(error):
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _host_setter(spec, wire):
    def setter(self, fn, /, *, deadline=None):
        kept = _native_kept(self)
        if fn is None:
            _native_register(spec, self, None)
            kept.pop(wire, None)
            return
        function = _HostFunction(spec, wire, fn, deadline)
        _native_register(spec, self, function.key)
        kept[wire] = function

    return setter


def _default_setter(spec, wire):
    def setter(fn, /, *, deadline=None):
        if fn is None:
            _native_register(spec, None, None)
            return
        function = _HostFunction(spec, wire, fn, deadline)
        # Objects inherit it: it is kept until the library says that none has it any longer.
        _defaults[function.key] = function
        _native_register(spec, None, function.key)

    return setter


def _host_called(key, call, args):
    function = _hosts.get(key)
    if function is None:
        return False
    function.start(call, args)
    return True


def _host_cancelled(key, call):
    function = _hosts.get(key)
    if function is not None:
        function.cancel(call)


def _host_released(key):
    _defaults.pop(key, None)


# ---- events ----

# How many events wait for a listener before the oldest are dropped.
_RING = 1024

_listening = _weakref.WeakValueDictionary()


class Subscription:
    """A listener of an object's events."""

    __slots__ = ("_spec", "_owner", "_wire", "_id", "_key", "_fn", "_loop", "_async", "_ring", "_busy")
    __slots__ += ("_dropped", "_closed", "_over", "_lock", "__weakref__")

    def __init__(self, *args):
        raise TypeError("subscriptions are made by on_…() of an object")

    @classmethod
    def _make(cls, spec, owner, wire, fn):
        self = object.__new__(cls)
        self._spec, self._owner, self._wire, self._fn = spec, owner, wire, fn
        self._loop = _running_loop()
        self._async = fn is not None and _is_async(fn)
        if self._async and self._loop is None:
            self._loop = _background_loop()
        self._ring = _collections.deque()
        self._busy = False
        self._dropped = 0
        self._closed = self._over = False
        self._lock = _threading.Lock()
        self._id = None
        self._key = next(_keys)
        return self

    def _listen(self, keep):
        """Starts; what is kept lives as long as the object."""
        _listening[self._key] = self
        kept = _native_kept(self._owner)
        if keep:
            kept[self._key] = self
        try:
            self._id = _native_listen(self._spec, self._owner, self._key)
        except BaseException:
            kept.pop(self._key, None)
            raise
        return self

    @property
    def closed(self):
        """Whether no event will come: it was cancelled, or the object is closed."""
        return self._closed or (self._over and not self._ring)

    @property
    def dropped(self):
        """How many events were lost because the listener was too slow."""
        return self._dropped

    def cancel(self):
        """Ends the subscription: no call of the listener starts after this. It can be repeated, also by the listener."""
        self._closed = True
        self._ring.clear()
        number, self._id = self._id, None
        if number is not None:
            _native_unlisten(self._spec, number)
            _native_kept(self._owner).pop(self._key, None)

    def _arrived(self, values, dropped):
        """An event, on the library's thread."""
        if dropped:
            self._lose(dropped)
        if self._closed:
            return
        lost = 0
        with self._lock:
            if len(self._ring) >= _RING:
                self._ring.popleft()
                lost = 1
            self._ring.append(values)
            start, self._busy = not self._busy, True
        if lost:
            self._lose(lost)
        if start:
            self._wake()

    def _wake(self):
        if self._loop is None:
            _workers.run(self._run)
            return
        try:
            self._loop.call_soon_threadsafe(self._run)
        except RuntimeError:
            # The loop is closed: nobody is there to listen.
            if not self._closed:
                self._closed = True
                self._ring.clear()

    def _run(self):
        if self._async:
            self._loop.create_task(self._run_async())
            return
        while (values := self._next()) is not None:
            self._call(values)

    async def _run_async(self):
        while (values := self._next()) is not None:
            try:
                await self._fn(*values)
            except Exception:
                _log.exception("a listener of %s failed", self._wire)

    def _next(self):
        with self._lock:
            if self._ring and not self._closed:
                return self._ring.popleft()
            self._busy = False
        return None

    def _call(self, values):
        try:
            self._fn(*values)
        except BaseException:
            # It runs between others' code, which its failure must not end.
            _log.exception("a listener of %s failed", self._wire)

    def _lose(self, count):
        self._dropped += count
        for watch in list(_native_kept(self._owner).get("dropped", ())):
            watch._lost(self._wire, count)

    def _ended(self):
        """The library no longer knows the listener. What has arrived is still delivered."""
        self._id = None
        self._over = True


class _Events(Subscription):
    """An iterator of an object's events."""

    __slots__ = ("_waiting", "_single")

    def __aiter__(self):
        return self

    async def __anext__(self):
        while True:
            with self._lock:
                if self._ring:
                    values = self._ring.popleft()
                    return self._single(values)
                if self._closed or self._over:
                    raise StopAsyncIteration
                self._waiting = self._loop.create_future()
                self._busy = False
            try:
                await self._waiting
            finally:
                self._waiting = None

    def cancel(self):
        """Ends the iteration."""
        super().cancel()
        self._wake()

    async def aclose(self):
        """Ends the iteration."""
        self.cancel()

    def _run(self):
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _ended(self):
        super()._ended()
        self._wake()

    def __del__(self):
        if getattr(self, "_id", None) is not None:
            self.cancel()


def _event_functions(spec, arity, wire):
    def iterate(self):
        events = _Events._make(spec, self, wire, None)
        if events._loop is None:
            raise RuntimeError("events are iterated in a coroutine: no event loop runs here")
        events._waiting = None
        events._single = {0: _nothing, 1: _first}.get(arity, tuple)
        return events._listen(False)

    def listen(self, fn, /):
        if not callable(fn):
            raise TypeError(f"a listener of {wire} is a callable, not {type(fn).__name__}")
        return Subscription._make(spec, self, wire, fn)._listen(True)

    return iterate, listen


def _nothing(_):
    return None


def _first(values):
    return values[0]


def on_events_dropped(self, fn, /):
    """Calls `fn(event, count)` when events of this object were lost because a listener was too slow."""
    if not callable(fn):
        raise TypeError(f"a listener is a callable, not {type(fn).__name__}")
    watch = _Watch._make(None, self, "on_events_dropped", fn)
    _native_kept(self).setdefault("dropped", []).append(watch)
    return watch


_on_events_dropped = on_events_dropped
del on_events_dropped


class _Watch(Subscription):
    """A listener of what others have lost."""

    __slots__ = ()

    def _lost(self, event, count):
        """Adds to what waits for the listener already, so that no count is lost itself."""
        with self._lock:
            for index, (waiting, before) in enumerate(self._ring):
                if waiting == event:
                    self._ring[index] = (event, before + count)
                    return
        self._arrived((event, count), 0)

    def cancel(self):
        watches = _native_kept(self._owner).get("dropped", [])
        if self in watches:
            watches.remove(self)
        super().cancel()


def _event_fired(key, values, dropped):
    subscription = _listening.get(key)
    if subscription is not None:
        subscription._arrived(values, dropped)


def _event_released(key):
    subscription = _listening.get(key)
    if subscription is not None:
        subscription._ended()


# ---- the end ----

_atexit.register(_native_shut)

for _class in list(globals().values()):
    if isinstance(_class, type) and getattr(_class, "__module__", None) == __name__:
        _class.__module__ = _package
del _class
