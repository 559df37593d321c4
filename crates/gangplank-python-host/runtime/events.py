"""What a library publishes, for listeners and iterators.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
It calls `_event_fired`, `_events_lost` and `_event_released`, and uses `_until_begun` of `starts.py`.
"""

import asyncio as _asyncio
import atexit as _atexit
import collections as _collections
import inspect as _inspect
import logging as _logging
import threading as _threading
import weakref as _weakref

_log = _logging.getLogger(_around or "gangplank")

# How many events wait for a listener before the oldest are dropped.
_RING = 1024

_listening = _weakref.WeakValueDictionary()


class Subscription:
    """A listener of an object's events."""

    __slots__ = ("_spec", "_owner", "_wire", "_id", "_key", "_fn", "_loop", "_async", "_ring", "_busy")
    __slots__ += ("_dropped", "_closed", "_over", "_lock", "_task", "__weakref__")

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
        if self._closed:
            # By its first call, which came before there was an id.
            self.cancel()
        return self

    @property
    def closed(self):
        """Whether no event will come: it was cancelled, or the object is closed."""
        return self._closed or (self._over and not self._ring)

    @property
    def dropped(self):
        """How many events were lost: the listener was too slow, or the library had no place for their objects."""
        return self._dropped

    def cancel(self):
        """Ends it: no call of the listener starts after this. It can be repeated, also by the listener."""
        self._closed = True
        self._ring.clear()
        number, self._id = self._id, None
        if number is not None:
            _native_unlisten(self._spec, number)
            _native_kept(self._owner).pop(self._key, None)
        if self._busy and self._fn is not None:
            _until_begun()

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
            try:
                _workers.run(self._run)
            except BaseException:
                # There is no thread for it now. The next event tries again, and what has arrived is heard then.
                self._rest()
                raise
            return
        try:
            self._loop.call_soon_threadsafe(self._run)
        except RuntimeError:
            # The loop is closed: nobody is there to listen. The library may wait for this very thread to remove a listener.
            if not self._closed:
                self._closed = True
                self._ring.clear()
                _workers.run(self.cancel)

    def _rest(self):
        with self._lock:
            self._busy = False

    def _run(self):
        if self._async:
            # The loop holds no task that waits.
            self._task = self._loop.create_task(self._run_async())
            return
        while (values := self._next()) is not None:
            self._call(values)

    @_calls_listeners
    async def _run_async(self):
        while (values := self._next()) is not None:
            try:
                call = None if self._closed else self._fn(*values)
                # As in `_call`: the coroutine begins here.
                if not self._closed:
                    await call
                elif _inspect.iscoroutine(call):
                    call.close()
            except Exception:
                _log.exception("a listener of %s failed", self._wire)
            except BaseException:
                # It was cancelled, or the loop ends. Another event starts another task.
                self._rest()
                raise

    def _next(self):
        with self._lock:
            if self._ring and not self._closed:
                return self._ring.popleft()
            self._busy = False
        return None

    @_calls_listeners
    def _call(self, values):
        try:
            # Python's lock is not given away between this and the call: who ends the listener is seen here, or sees it entered.
            if not self._closed:
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
        if self._waiting is not None:
            raise RuntimeError("the iteration is waiting for an event already")
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

    async def asend(self, value):
        """The next event, as of any generator; it takes nothing but `None`."""
        if value is not None:
            raise TypeError("events are received, not sent")
        return await self.__anext__()

    async def athrow(self, kind, value=None, trace=None):
        """Ends the iteration with an exception."""
        self.cancel()
        raise kind if value is None else value

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
    """Calls `fn(event, count)` when events of this object were lost for a listener: it was too slow, or the library had no place for their objects."""
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


def _events_lost(key, count):
    subscription = _listening.get(key)
    if subscription is not None:
        subscription._lose(count)


def _event_released(key):
    subscription = _listening.get(key)
    if subscription is not None:
        subscription._ended()


_atexit.register(_native_shut)

for _class in list(globals().values()):
    if isinstance(_class, type) and getattr(_class, "__module__", None) == __name__:
        _class.__module__ = _package
del _class
