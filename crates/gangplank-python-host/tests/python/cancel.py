"""Listeners that are cancelled: no call of them starts once `cancel()` has returned."""

import asyncio
import sys
import threading
import time
import unittest

import _gangplank
from sample import EchoEvent, make, until


class Window:
    """A subscription's lock that is slow to let go: what is cancelled meanwhile has left the queue already."""

    def __init__(self, subscription, cancel):
        self.lock = subscription._lock
        self.subscription = subscription
        self.cancel = cancel

    def __enter__(self):
        self.lock.acquire()
        self.waiting = len(self.subscription._ring)

    def __exit__(self, *_):
        taken = len(self.subscription._ring) < self.waiting
        self.lock.release()
        if taken and self.cancel is not None:
            cancel, self.cancel = self.cancel, None
            cancel()


def fire(subscription, text="x"):
    """What the library does."""
    _gangplank._event_fired(subscription._key, (EchoEvent(text, 1),), 0)


def elsewhere(function):
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    thread.join(60)
    if thread.is_alive():
        raise AssertionError("it takes more than a minute")


class CancelTest(unittest.TestCase):
    def setUp(self):
        self.timer = make()
        self.addCleanup(self.timer.close)
        self.seen = []

    def kinds(self, first=lambda event: None):
        """A listener that is a function, one in C, a coroutine, and one that is bound; each with its own subscription."""
        seen = self.seen

        def function(event):
            seen.append(event)
            first(event)

        async def coroutine(event):
            seen.append(event)
            first(event)

        class Bound:
            def __call__(self, event):
                seen.append(event)
                first(event)

        for fn in (function, coroutine, Bound(), seen.append):
            yield self.timer.on_echo_fired(fn), fn

    def idle(self, subscription):
        self.happens(lambda: not subscription._busy)

    def happens(self, condition):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end, "it did not happen within a minute")
            time.sleep(0.001)

    def test_an_event_on_its_way_to_the_listener_is_not_delivered_after_a_cancel_elsewhere(self):
        for subscription, fn in self.kinds():
            cancel = subscription.cancel
            subscription._lock = Window(subscription, lambda cancel=cancel: elsewhere(cancel))
            fire(subscription)
            self.idle(subscription)
            self.assertEqual(self.seen, [], fn)
            self.assertTrue(subscription.closed)

    def test_cancel_waits_for_no_listener_that_runs(self):
        guard = threading.Lock()

        def waits(event):
            with guard:
                pass

        for subscription, fn in self.kinds(waits):
            if fn == self.seen.append:
                # It cannot wait.
                continue
            with guard:
                fire(subscription)
                self.happens(lambda: self.seen)
                fire(subscription, "not heard")
                elsewhere(subscription.cancel)
                subscription.cancel()
            self.idle(subscription)
            self.assertEqual([event.message for event in self.seen], ["x"], fn)
            self.seen.clear()

    def test_the_listener_cancels_itself(self):
        for subscription, fn in self.kinds(lambda event: current.cancel()):
            current = subscription
            if fn == self.seen.append:
                # It cannot cancel.
                continue
            with subscription._lock:
                for text in "abc":
                    subscription._ring.append((EchoEvent(text, 1),))
                subscription._busy = True
            subscription._wake()
            self.idle(subscription)
            self.assertEqual([event.message for event in self.seen], ["a"], fn)
            self.seen.clear()

    def test_no_first_line_runs_after_a_cancel_however_threads_change(self):
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        # Long enough for a cancel, short enough to come many times before the queue is empty.
        sys.setswitchinterval(5e-5)
        late = 0
        for rounds in range(200):
            begun = over = False

            def function(event):
                nonlocal late, begun
                late += over
                begun = True

            async def coroutine(event):
                nonlocal late, begun
                late += over
                begun = True

            subscription = self.timer.on_echo_fired((function, coroutine)[rounds % 2])
            with subscription._lock:
                subscription._ring.extend([(EchoEvent("x", 1),)] * 1000)
                subscription._busy = True
            subscription._wake()
            end = time.monotonic() + 60
            while not begun:
                self.assertLess(time.monotonic(), end, "the listener was not called within a minute")
            subscription.cancel()
            over = True
            self.idle(subscription)
        self.assertEqual(late, 0)


class LoopTest(unittest.IsolatedAsyncioTestCase):
    async def test_a_cancel_elsewhere_stops_listeners_of_a_loop(self):
        timer = await asyncio.to_thread(make)
        self.addCleanup(timer.close)
        seen = []

        async def coroutine(event):
            seen.append(event)

        for fn in (seen.append, coroutine):
            subscription = timer.on_echo_fired(fn)
            cancel = subscription.cancel
            subscription._lock = Window(subscription, lambda cancel=cancel: elsewhere(cancel))
            fire(subscription)
            await until(lambda subscription=subscription: not subscription._busy)
            self.assertEqual(seen, [])


if __name__ == "__main__":
    unittest.main()
