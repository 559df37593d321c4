"""Functions that the program implements and a library awaits.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
It calls `_host_called`, `_host_cancelled` and `_host_released`.
"""

import asyncio as _asyncio
import threading as _threading
import weakref as _weakref

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
