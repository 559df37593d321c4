"""Functions that the program implements and a library awaits.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
It calls `_host_called`, `_host_cancelled` and `_host_released`.
"""

import asyncio as _asyncio
import inspect as _inspect
import threading as _threading
import time as _time
import weakref as _weakref

_hosts = _weakref.WeakValueDictionary()
_defaults = {}


class _HostFunction:
    """A function of the host's that is registered, and its calls that run."""

    __slots__ = ("spec", "wire", "fn", "deadline", "is_async", "loop", "calls", "key", "__weakref__")

    def __init__(self, spec, wire, fn, deadline):
        if not callable(fn):
            raise TypeError(f"host function {wire} is a callable or None, not {type(fn).__name__}")
        if deadline is not None and not deadline > 0:
            raise ValueError(f"the deadline of host function {wire} is more than 0 seconds, not {deadline}")
        self.spec, self.wire, self.fn, self.deadline = spec, wire, fn, deadline
        self.is_async, self.loop = _is_async(fn), _running_loop()
        self.calls = {}
        self.key = next(_keys)
        _hosts[self.key] = self

    def start(self, call, args):
        self.calls[call] = None
        if self.is_async:
            self.go_on(call, lambda: self.fn(*args), self.deadline)
            return
        if self.deadline is not None:
            timer = _threading.Timer(self.deadline, self.finish, (call, "deadline", ""))
            timer.daemon = True
            self.calls[call] = timer
            timer.start()
        _workers.run(self.run, call, args)

    def go_on(self, call, make, deadline):
        """Awaits what `make` gives, in the loop in which the function was set."""
        loop = self.loop or _background_loop()
        try:
            loop.call_soon_threadsafe(self.spawn, loop, call, make, deadline)
        except RuntimeError:
            self.finish(call, "failed", "the event loop in which it was set is closed")

    def spawn(self, loop, call, make, deadline):
        if call in self.calls:
            self.calls[call] = loop.create_task(self.serve(call, make, deadline))

    async def serve(self, call, make, deadline):
        try:
            answer = make()
            if deadline is not None:
                answer = _asyncio.wait_for(answer, deadline)
            self.finish(call, "ok", await answer)
        except _asyncio.TimeoutError as error:
            if deadline is None:
                self.fail(call, error)
            else:
                self.finish(call, "deadline", "")
        except BaseException as error:
            self.fail(call, error)

    def run(self, call, args):
        if call not in self.calls:
            return
        begun = _time.monotonic()
        try:
            answer = self.fn(*args)
            if not _inspect.isawaitable(answer):
                self.finish(call, "ok", answer)
                return
        except BaseException as error:
            self.fail(call, error)
            return
        left = self.deadline and max(self.deadline - (_time.monotonic() - begun), 0)
        self.go_on(call, lambda: answer, left)

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
            self.finish(call, "panic", _text(error))
        elif _native_is_declared(self.spec, error):
            self.finish(call, "error", error)
        elif _native_is_declared(self.spec, ""):
            self.finish(call, "error", _text(error))
        else:
            self.finish(call, "failed", _words(error))

    def cancel(self, call):
        """The library no longer waits."""
        held = self.calls.pop(call, None)
        if isinstance(held, _threading.Timer):
            held.cancel()
        elif held is not None:
            held.get_loop().call_soon_threadsafe(held.cancel)


def _text(error):
    """What an exception says, or what it is called. Its own code must not keep the library from an answer."""
    try:
        return str(error) or type(error).__name__
    except BaseException:
        return type(error).__name__


def _words(error):
    name, text = type(error).__name__, _text(error)
    return name if text == name else f"{name}: {text}"


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
        try:
            _native_register(spec, None, function.key)
        except BaseException:
            _defaults.pop(function.key, None)
            raise

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
