"""Event loops and threads that coroutines and plain functions run on.

Executed in the names of the extension's module, with those of the other files beside it; the extension's own functions
start with `_native_`.
It calls `_waiter`.
"""

import asyncio as _asyncio
import inspect as _inspect
import queue as _queue
import threading as _threading
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
