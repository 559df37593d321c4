"""The timer's events: listeners, iterations, what is lost."""

import asyncio
import contextlib
import gc
import threading
import time
import unittest
import weakref
from collections.abc import AsyncGenerator
from unittest import mock

import _gangplank
from sample import EchoEvent, EchoRequest, Timer, TimerConfig, lib, until


class EventsTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        # A listener of a test before may be in its last call, and leaves after that.
        gc.collect()
        await until(lambda: lib.stats()["listeners"] == 0)
        self.timer = await Timer.create(TimerConfig("py"))
        self.addCleanup(self.timer.close)

    async def test_events_reach_every_listener_once(self):
        first, second, order = [], [], []
        one = self.timer.on_echo_fired(first.append)

        async def listen(event):
            await asyncio.sleep(0)
            second.append(event)

        two = self.timer.on_echo_fired(listen)
        three = self.timer.on_echo_fired(lambda event: order.append(threading.get_ident()))
        await self.timer.echo(EchoRequest("a"))
        await until(lambda: first and second and order)
        self.assertEqual(first, [EchoEvent("a", 1)])
        self.assertEqual(second, [EchoEvent("a", 1)])
        self.assertEqual(order, [threading.get_ident()])
        one.cancel()
        one.cancel()
        self.assertTrue(one.closed)
        self.assertFalse(two.closed)
        await self.timer.echo(EchoRequest("b"))
        await until(lambda: len(second) == 2)
        self.assertEqual(len(first), 1)
        self.timer.close()
        await until(lambda: two.closed and three.closed)

    async def test_events_are_iterated_until_the_object_closes(self):
        events = self.timer.echo_fired()
        for text in "abc":
            await self.timer.echo(EchoRequest(text))
        seen = []
        async for event in events:
            seen.append(event.message)
            if len(seen) == 3:
                self.timer.close()
        self.assertEqual(seen, ["a", "b", "c"])
        self.assertTrue(events.closed)
        with self.assertRaises(_gangplank.ClosedError):
            self.timer.echo_fired()

    async def test_an_iteration_that_is_left_ends_its_listener(self):
        before = lib.stats()["listeners"]
        task = asyncio.create_task(anext(self.timer.echo_fired()))
        await until(lambda: lib.stats()["listeners"] == before + 1)
        await self.timer.echo(EchoRequest("one"))
        self.assertEqual((await task).message, "one")
        del task
        await until(lambda: lib.stats()["listeners"] == before)
        events = self.timer.echo_fired()
        waiting = asyncio.create_task(anext(events))
        await asyncio.sleep(0.01)
        await events.aclose()
        with self.assertRaises(StopAsyncIteration):
            await waiting

    async def test_a_failing_listener_is_reported_and_disturbs_nobody(self):
        seen = []

        def fail(event):
            raise ValueError("listener")

        with self.assertLogs("gangplank") as logs:
            self.timer.on_echo_fired(fail)
            self.timer.on_echo_fired(seen.append)
            await self.timer.echo(EchoRequest("x"))
            await until(lambda: seen and logs.output)
        self.assertIn("ValueError: listener", logs.output[0])
        with self.assertRaises(TypeError):
            self.timer.on_echo_fired(None)

    async def test_a_listener_that_waits_is_not_forgotten(self):
        waits = []

        async def listen(event):
            future = asyncio.get_running_loop().create_future()
            waits.append(weakref.ref(future))
            await future

        self.timer.on_echo_fired(listen)
        await self.timer.echo(EchoRequest("x"))
        await until(lambda: waits)
        gc.collect()
        self.assertIsNotNone(waits[0]())
        waits[0]().set_result(None)

    async def test_a_listener_that_was_cancelled_hears_the_next_event(self):
        seen = []

        async def listen(event):
            seen.append(event.message)
            if len(seen) == 1:
                raise asyncio.CancelledError

        self.timer.on_echo_fired(listen)
        for count, text in enumerate("ab", 1):
            await self.timer.echo(EchoRequest(text))
            await until(lambda count=count: len(seen) == count)
            await asyncio.sleep(0.01)
        self.assertEqual(seen, ["a", "b"])

    async def test_a_listener_may_cancel_before_its_subscription_is_returned(self):
        before = lib.stats()["listeners"]

        def early(spec, owner, key):
            number = native(spec, owner, key)
            _gangplank._listening[key].cancel()
            return number

        native = _gangplank._native_listen
        with mock.patch.object(_gangplank, "_native_listen", early):
            self.assertTrue(self.timer.on_echo_fired(print).closed)
        self.assertEqual(lib.stats()["listeners"], before)

    async def test_an_iteration_waits_once_at_a_time(self):
        events = self.timer.echo_fired()
        waiting = asyncio.create_task(anext(events))
        await asyncio.sleep(0)
        with self.assertRaisesRegex(RuntimeError, "waiting for an event already"):
            await anext(events)
        await self.timer.echo(EchoRequest("x"))
        self.assertEqual((await waiting).message, "x")

    async def test_an_iteration_is_a_generator_that_can_be_closed(self):
        before = lib.stats()["listeners"]
        async with contextlib.aclosing(self.timer.echo_fired()) as events:
            self.assertIsInstance(events, AsyncGenerator)
            await self.timer.echo(EchoRequest("x"))
            self.assertEqual((await events.asend(None)).message, "x")
            with self.assertRaises(TypeError):
                await events.asend(1)
        self.assertEqual(lib.stats()["listeners"], before)
        with self.assertRaises(StopAsyncIteration):
            await anext(events)
        with self.assertRaises(KeyError):
            await self.timer.echo_fired().athrow(KeyError)

    async def test_a_slow_listener_loses_the_oldest_and_says_so(self):
        seen, lost, sent = [], [], []
        enough = threading.Event()
        subscription = self.timer.on_echo_fired(seen.append)
        self.timer.on_events_dropped(lambda event, count: lost.append((event, count)))

        def many():
            async def echo():
                while not enough.is_set():
                    sent.append(str(len(sent)))
                    await self.timer.echo(EchoRequest(sent[-1]))

            asyncio.run(echo())

        thread = threading.Thread(target=many)
        thread.start()
        # The loop that listens stands still.
        start = time.monotonic()
        while not subscription.dropped and time.monotonic() < start + 60:
            time.sleep(0.01)
        enough.set()
        thread.join()
        await until(lambda: seen and seen[-1].message == sent[-1])
        await until(lambda: sum(count for _, count in lost) == len(sent) - len(seen))
        self.assertEqual(subscription.dropped, len(sent) - len(seen))
        self.assertGreater(subscription.dropped, 0)
        self.assertEqual(lost[0][0], "echo_fired")

    def test_a_listener_without_a_loop_runs_on_a_thread_of_its_own(self):
        seen = []
        self.timer.on_echo_fired(lambda event: seen.append((event.message, threading.get_ident())))

        async def echo():
            await self.timer.echo(EchoRequest("x"))
            await until(lambda: seen)

        asyncio.run(echo())
        self.assertEqual(seen[0][0], "x")
        self.assertNotEqual(seen[0][1], threading.get_ident())

    def test_a_listener_that_exits_ends_no_other_one(self):
        seen = []

        async def leave(event):
            raise SystemExit(3)

        async def listen(event):
            seen.append(event.message)

        leaving = self.timer.on_echo_fired(leave)
        self.timer.on_echo_fired(listen)

        async def echo():
            for count, text in enumerate("abc", 1):
                await self.timer.echo(EchoRequest(text))
                await until(lambda count=count: len(seen) == count)

        with self.assertLogs("gangplank") as logs:
            asyncio.run(echo())
            leaving.cancel()
        self.assertEqual(seen, ["a", "b", "c"])
        self.assertIn("SystemExit: 3", logs.output[0])

    def test_what_arrives_when_there_is_no_thread_is_heard_later(self):
        seen = []
        subscription = self.timer.on_echo_fired(seen.append)
        full = RuntimeError("can't start new thread")

        def fire(text):
            _gangplank._event_fired(subscription._key, (text,), 0)

        with mock.patch.object(_gangplank._workers, "run", side_effect=full), self.assertRaises(RuntimeError):
            fire("a")
        fire("b")
        asyncio.run(until(lambda: seen == ["a", "b"]))

    async def test_a_listener_whose_loop_is_closed_leaves_the_library(self):
        before = lib.stats()["listeners"]

        async def listen():
            return self.timer.on_echo_fired(print)

        subscription = await asyncio.to_thread(asyncio.run, listen())
        self.assertEqual(lib.stats()["listeners"], before + 1)
        await self.timer.echo(EchoRequest("x"))
        await until(lambda: lib.stats()["listeners"] == before)
        self.assertTrue(subscription.closed)
        # By the thread that takes it out, when it has done so.
        await until(lambda: not _gangplank._native_kept(self.timer))

    async def test_listeners_that_refer_to_their_object_are_collected_with_it(self):
        async def make():
            timer = await Timer.create(TimerConfig("cycle"))
            timer.on_echo_fired(lambda event: timer)
            return weakref.ref(timer)

        handles = lib.stats()["handles"]
        gone = await make()
        gc.collect()
        self.assertIsNone(gone())
        self.assertEqual(lib.stats()["handles"], handles)


if __name__ == "__main__":
    unittest.main()
