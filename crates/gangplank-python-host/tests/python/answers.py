"""How calls of host functions end: in time or not, with a function that was replaced, without a thread."""

import asyncio
import gc
import math
import sys
import threading
import time
import unittest
from unittest import mock

import _gangplank
from host import Demo, use

MISSED = "host error: host fn 'fetch_token' missed its deadline"


class AnswersTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.demo = Demo.create()
        self.addCleanup(self.demo.close)

    async def failure(self):
        with self.assertRaises(_gangplank.GangplankError) as caught:
            await asyncio.wait_for(use(self.demo), 60)
        return str(caught.exception)

    def function(self):
        """The one that was set last."""
        return _gangplank._hosts[max(_gangplank._hosts.keys())]

    async def test_a_timeout_of_the_function_is_its_own(self):
        async def fetch(key):
            raise asyncio.TimeoutError("the database did not answer")

        async def nested(key):
            raise _gangplank.DeadlineError("another call was late")

        def plain(key):
            raise TimeoutError("the database did not answer")

        self.demo.set_fetch_token(nested, deadline=120)
        self.assertEqual(await self.failure(), "host error: another call was late")
        for function in (fetch, plain):
            self.demo.set_fetch_token(function, deadline=120)
            self.assertEqual(await self.failure(), "host error: the database did not answer")

    async def test_a_deadline_passes_though_the_loop_stands_still(self):
        async def fetch(key):
            return key

        async def set_it():
            self.demo.set_fetch_token(fetch, deadline=0.05)

        loop = asyncio.new_event_loop()
        await asyncio.to_thread(loop.run_until_complete, set_it())
        self.assertEqual(await self.failure(), MISSED)
        # When it runs again there is nothing to do.
        await asyncio.to_thread(loop.run_until_complete, asyncio.sleep(0.01))
        loop.close()

    async def test_a_function_ends_when_its_deadline_has_passed(self):
        begun, ended = asyncio.Event(), asyncio.Event()

        async def fetch(key):
            begun.set()
            try:
                await asyncio.sleep(600)
            finally:
                ended.set()

        for function in (fetch, lambda key: fetch(key)):
            begun.clear()
            ended.clear()
            # On a busy machine the time may be up before the function has begun.
            for seconds in (0.2, 1, 5, 25):
                self.demo.set_fetch_token(function, deadline=seconds)
                self.assertEqual(await self.failure(), MISSED)
                if begun.is_set():
                    break
            self.assertTrue(begun.is_set())
            await asyncio.wait_for(ended.wait(), 60)

    async def test_deadlines_may_be_far_away(self):
        with mock.patch.object(threading, "excepthook") as failed:
            for seconds in (1e10, math.inf, threading.TIMEOUT_MAX * 2):
                self.demo.set_fetch_token(lambda key: time.sleep(0.01) or "in time", deadline=seconds)
                self.assertEqual(await use(self.demo), "token[in time]")
        failed.assert_not_called()
        for wrong in (math.nan, -1, -math.inf):
            with self.assertRaisesRegex(ValueError, "more than 0 seconds"):
                self.demo.set_fetch_token(str, deadline=wrong)
        # Those that are far away keep nobody who is near.
        released = threading.Event()
        self.addCleanup(released.set)
        self.demo.set_fetch_token(lambda key: released.wait() and "", deadline=0.02)
        self.assertEqual(await self.failure(), MISSED)

    async def test_deadlines_share_one_thread(self):
        there, counts = threading.Barrier(20), []

        def fetch(key):
            there.wait(60)
            counts.append(threading.active_count())
            there.wait(60)
            return key

        # Functions of other tests may still have threads for a while.
        others = threading.active_count()
        self.demo.set_fetch_token(fetch, deadline=600)
        await asyncio.gather(*[use(self.demo) for _ in range(20)])
        self.assertLessEqual(max(counts), others + 20 + 1)

    async def test_timers_of_calls_that_were_answered_are_gone(self):
        self.demo.set_fetch_token(lambda key: key, deadline=3600)
        for _ in range(300):
            await use(self.demo)
        self.assertLess(len(_gangplank._clock.heap), 200)

    async def test_a_call_whose_function_is_replaced_before_it_begins(self):
        failures, over = [], threading.Event()

        async def calls():
            while not over.is_set():
                try:
                    await use(self.demo)
                except _gangplank.GangplankError as failure:
                    failures.append(str(failure))

        def replace():
            until = time.monotonic() + 1
            while time.monotonic() < until:
                self.demo.set_fetch_token(lambda key: "t")

        self.demo.set_fetch_token(lambda key: "t")
        running = [asyncio.create_task(asyncio.to_thread(asyncio.run, calls())) for _ in range(3)]
        try:
            await asyncio.to_thread(replace)
        finally:
            over.set()
        await asyncio.gather(*running)
        self.assertEqual(failures, [])

    async def test_threads_that_set_a_function_at_once(self):
        before = sys.getswitchinterval()
        sys.setswitchinterval(1e-6)
        try:
            for _ in range(300):
                demo, both = Demo.create(), threading.Barrier(2)

                def set_it(demo=demo, both=both):
                    both.wait()
                    demo.set_fetch_token(lambda key: "t")

                threads = [threading.Thread(target=set_it) for _ in range(2)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                self.assertEqual(await use(demo), "token[t]")
        finally:
            sys.setswitchinterval(before)

    async def test_functions_that_were_replaced_are_gone(self):
        for _ in range(100):
            self.demo.set_fetch_token(lambda key: "t")
        self.assertEqual(len(_gangplank._native_kept(self.demo)), 1)
        self.demo.set_fetch_token(None)
        self.assertEqual(_gangplank._native_kept(self.demo), {})

    async def test_a_call_that_is_cancelled_while_its_task_is_made(self):
        running, tasks = [], []

        async def fetch(key):
            running.append(key)
            try:
                await asyncio.sleep(60)
            finally:
                running.remove(key)

        self.demo.set_fetch_token(fetch)
        call = self.demo.use_token("x")

        def make(loop, coroutine, **more):
            if not coroutine.__qualname__.endswith("serve"):
                return asyncio.Task(coroutine, loop=loop, **more)
            call.close()
            tasks.append(asyncio.Task(coroutine, loop=loop, **more))
            return tasks[-1]

        loop = asyncio.get_running_loop()
        loop.set_task_factory(make)
        call.send(None)
        end = time.monotonic() + 60
        while not tasks and time.monotonic() < end:
            await asyncio.sleep(0.01)
        loop.set_task_factory(None)
        # A thread of the library brings the cancel.
        ended, _ = await asyncio.wait(tasks, timeout=60)
        self.assertEqual((len(ended), running), (1, []))

    async def test_without_a_thread_the_library_is_told_and_nothing_stays(self):
        caught, full = [], RuntimeError("can't start new thread")
        self.demo.set_fetch_token(str, deadline=60)
        before, sys.unraisablehook = sys.unraisablehook, lambda error: caught.append(error.exc_value)
        try:
            for place, name in [(_gangplank._workers, "run"), (_gangplank._clock, "add")]:
                with mock.patch.object(place, name, side_effect=full):
                    text = "host error: host fn 'fetch_token' failed: it cannot be started"
                    self.assertEqual(await self.failure(), text)
        finally:
            sys.unraisablehook = before
        self.assertEqual(caught, [full, full])
        self.assertEqual(self.function().calls, {})
        waiting = [timer for _, _, timer in _gangplank._clock.heap if timer.job and timer.job[0] == self.function().expire]
        self.assertEqual(waiting, [])

    async def test_what_the_extension_does_not_know_is_not_registered(self):
        self.demo.set_fetch_token(str)
        with mock.patch.object(_gangplank, "_hosts", {}):
            self.assertEqual(await self.failure(), "host error: host fn 'fetch_token' not registered")

    def test_a_host_function_may_have_any_name(self):
        with mock.patch.object(_gangplank, "_native_register"):
            _gangplank._host_setter(None, "dropped")(self.demo, print)
        _gangplank._on_events_dropped(self.demo, print).cancel()

    def test_what_is_kept_is_made_once(self):
        kept, demo = _gangplank._native_kept, self.demo

        class Garbage:
            def __del__(self):
                kept(demo)["other"] = 1

        gc.collect()
        gc.disable()
        before = gc.get_threshold()
        try:
            garbage = Garbage()
            garbage.itself = garbage
            del garbage
            # None is at hand any more: the next one is made, before which garbage is collected up to 3.11.
            dictionaries = [{} for _ in range(1000)]
            gc.set_threshold(1)
            gc.enable()
            first = kept(demo)
            gc.disable()
            gc.collect()
            self.assertEqual(first, {"other": 1})
            self.assertIs(kept(demo), first)
            del dictionaries
        finally:
            gc.set_threshold(*before)
            gc.enable()


if __name__ == "__main__":
    unittest.main()
