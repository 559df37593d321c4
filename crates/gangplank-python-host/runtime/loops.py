"""Event loops and threads that coroutines and plain functions run on.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
It calls `_waiter`.
"""

import asyncio as _asyncio
import heapq as _heapq
import inspect as _inspect
import queue as _queue
import threading as _threading
import time as _time
import weakref as _weakref

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
            loop = _asyncio.new_event_loop()
            thread = _threading.Thread(target=_for_ever, args=(loop,), name="gangplank", daemon=True)
            thread.start()
            _background = loop
        return _background


def _for_ever(loop):
    while not loop.is_closed():
        try:
            loop.run_forever()
        except BaseException:
            # One task, such as a listener that exits, must not end the others.
            _log.exception("a coroutine wanted to end the thread that it shares with others")


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


class _Timer:
    """Calls a function, on a thread that all timers share, when its time has come."""

    __slots__ = ("when", "job")

    def __init__(self, seconds, fn, *args):
        self.when = _time.monotonic() + seconds
        # None when it was called, or is not to be.
        self.job = fn, args

    def start(self):
        _clock.add(self)

    def cancel(self):
        """It can be repeated, also when the time has come."""
        _clock.cancel(self)


class _Clock:
    """The thread of the timers: what they call is quick."""

    def __init__(self):
        self.changed = _threading.Condition()
        self.heap = []
        self.stale = 0
        self.runs = False

    def add(self, timer):
        with self.changed:
            if not self.runs:
                _threading.Thread(target=self.run, name="gangplank", daemon=True).start()
                self.runs = True
            entry = (timer.when, next(_keys), timer)
            _heapq.heappush(self.heap, entry)
            if self.heap[0] is entry:
                self.changed.notify()

    def cancel(self, timer):
        with self.changed:
            if timer.job is None:
                return
            timer.job = None
            self.stale += 1
            # What was answered in time would gather until its time has come.
            if self.stale > 64 and self.stale > len(self.heap) // 2:
                self.heap = [entry for entry in self.heap if entry[2].job is not None]
                _heapq.heapify(self.heap)
                self.stale = 0

    def run(self):
        while True:
            with self.changed:
                while (left := self.left()) > 0:
                    self.changed.wait(left)
                timer = _heapq.heappop(self.heap)[2]
                job, timer.job = timer.job, None
                if job is None:
                    self.stale -= 1
                    continue
            fn, args = job
            try:
                fn(*args)
            except BaseException:
                _log.exception("what was to be called at its time failed")
            # Nothing is held until the next one.
            del timer, job, fn, args

    def left(self):
        """How long nothing is to be called, or less."""
        wait = self.heap[0][0] - _time.monotonic() if self.heap else _threading.TIMEOUT_MAX
        return min(wait, _threading.TIMEOUT_MAX)


_clock = _Clock()


def _is_async(fn):
    return _inspect.iscoroutinefunction(fn) or _inspect.iscoroutinefunction(
        getattr(type(fn), "__call__", None)
    )
