"""Functions that the program implements and a library awaits.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
It calls `_host_called`, `_host_cancelled` and `_host_released`.
"""

import asyncio as _asyncio
import inspect as _inspect
import weakref as _weakref

_hosts = _weakref.WeakValueDictionary()
_defaults = {}


class _HostFunction:
    """A function of the host's that is registered, and its calls that run.

    `calls` has those that the library waits for, each with the timer of its deadline; whoever takes one out ends it.
    `tasks` has what is to be cancelled when nobody waits any more.
    """

    __slots__ = ("spec", "wire", "fn", "deadline", "is_async", "loop", "calls", "tasks", "key", "owner", "__weakref__")

    def __init__(self, spec, wire, fn, deadline):
        if not callable(fn):
            raise TypeError(f"host function {wire} is a callable or None, not {type(fn).__name__}")
        if deadline is not None and not deadline > 0:
            raise ValueError(f"the deadline of host function {wire} is more than 0 seconds, not {deadline}")
        self.spec, self.wire, self.fn, self.deadline = spec, wire, fn, deadline
        self.is_async, self.loop = _is_async(fn), _running_loop()
        self.calls, self.tasks = {}, {}
        self.key, self.owner = next(_keys), None
        _hosts[self.key] = self

    def start(self, call, args):
        timer = None if self.deadline is None else _Timer(self.deadline, self.expire, call)
        self.calls[call] = timer
        try:
            if timer is not None:
                timer.start()
            if self.is_async:
                self.go_on(call, lambda: self.fn(*args))
            else:
                _workers.run(self.run, call, args)
        except BaseException:
            # There is no thread for it, which the library is told.
            self.cancel(call)
            raise

    def run(self, call, args):
        if call not in self.calls:
            return
        try:
            answer = self.fn(*args)
            if _inspect.isawaitable(answer):
                self.go_on(call, lambda: answer)
            else:
                self.finish(call, "ok", answer)
        except BaseException as error:
            self.fail(call, error)

    def go_on(self, call, make):
        """Awaits what `make` gives, in the loop in which the function was set."""
        loop = self.loop or _background_loop()
        try:
            loop.call_soon_threadsafe(self.spawn, loop, call, make)
        except RuntimeError:
            self.finish(call, "failed", "the event loop in which it was set is closed")

    def spawn(self, loop, call, make):
        if call in self.calls:
            self.tasks[call] = loop.create_task(self.serve(call, make))
            # Whoever has ended the call meanwhile found no task.
            if call not in self.calls:
                self.leave(call)

    async def serve(self, call, make):
        try:
            self.finish(call, "ok", await make())
        except BaseException as error:
            self.fail(call, error)
        finally:
            self.tasks.pop(call, None)

    def finish(self, call, outcome, value):
        """Gives an answer, if the library still waits."""
        if not self.end(call):
            return
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

    def expire(self, call):
        """The time of a call is up, whether its loop runs or not."""
        self.finish(call, "deadline", "")
        self.leave(call)

    def cancel(self, call):
        """The library no longer waits."""
        self.end(call)
        self.leave(call)

    def end(self, call):
        """Takes a call out; whether this was the first to do so."""
        try:
            timer = self.calls.pop(call)
        except KeyError:
            return False
        if timer is not None:
            timer.cancel()
        return True

    def leave(self, call):
        """Cancels the task of a call, once."""
        task = self.tasks.pop(call, None)
        if task is not None:
            try:
                task.get_loop().call_soon_threadsafe(task.cancel)
            except RuntimeError:
                # Its loop is closed: it does not run any more.
                pass


def _text(error):
    """What an exception says, or what it is called. Its own code must not keep the library from an answer. Half a surrogate
    pair, which UTF-8 cannot say, is an escape."""
    try:
        return str(error).encode("utf-8", "backslashreplace").decode("utf-8") or type(error).__name__
    except BaseException:
        return type(error).__name__


def _words(error):
    name, text = type(error).__name__, _text(error)
    return name if text == name else f"{name}: {text}"


def _host_setter(spec, wire):
    def setter(self, fn, /, *, deadline=None):
        if fn is None:
            _native_register(spec, self, None)
            return
        function = _HostFunction(spec, wire, fn, deadline)
        function.owner = _weakref.ref(self)
        _register(spec, self, function, _native_kept(self))

    return setter


def _default_setter(spec, wire):
    def setter(fn, /, *, deadline=None):
        if fn is None:
            _native_register(spec, None, None)
            return
        # Objects inherit it.
        _register(spec, None, _HostFunction(spec, wire, fn, deadline), _defaults)

    return setter


def _register(spec, object, function, kept):
    """A function is kept until the library releases it: it may be replaced before a call that has it already begins here."""
    kept[function.key] = function
    try:
        _native_register(spec, object, function.key)
    except BaseException:
        kept.pop(function.key, None)
        raise


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
    function = _hosts.get(key)
    if function is None or function.owner is None:
        _defaults.pop(key, None)
        return
    owner = function.owner()
    if owner is not None:
        _native_kept(owner).pop(key, None)
