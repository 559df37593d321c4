"""Functions that the program implements and the library awaits."""

import asyncio
import contextlib
import gc
import sys
import threading
import time
import unittest
import weakref

import _gangplank

with open("host_demo.items", "rb") as items:
    lib = _gangplank.library(
        name="host_demo",
        runtime="native",
        module="host_demo",
        here="here",
        interface=items.read(),
        types={},
        package="hostdemo",
    )
Demo = lib.object(
    "host_demo::Demo",
    "Demo",
    functions={"create": ("Demo.create", (), None), "use_token": ("Demo.use_token", ("key",), None)},
    hosts={"set_fetch_token": ("fetch_token", "Fetches.")},
)
set_default = lib.host("fetch_token", "set_default_fetch_token")


def limit(seconds):
    """What is not over by then fails, where Python can say so."""
    return asyncio.timeout(seconds) if hasattr(asyncio, "timeout") else contextlib.AsyncExitStack()


class HostTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.demo = Demo.create()
        self.addCleanup(self.demo.close)

    async def failure(self, key="k"):
        with self.assertRaises(_gangplank.GangplankError) as caught:
            await self.demo.use_token(key)
        return str(caught.exception)

    async def test_values_go_round_trip(self):
        self.demo.set_fetch_token(lambda key: f"plain-{key}")
        self.assertEqual(await self.demo.use_token("a"), "token[plain-a]")
        here = threading.get_ident()

        async def fetch(key):
            await asyncio.sleep(0.001)
            return f"{threading.get_ident() == here}-{key}"

        self.demo.set_fetch_token(fetch)
        self.assertEqual(await self.demo.use_token(""), "token[True-]")

    async def test_what_is_not_registered_is_said(self):
        self.assertEqual(await self.failure(), "host error: host fn 'fetch_token' not registered")
        self.demo.set_fetch_token(str)
        self.demo.set_fetch_token(None)
        self.assertEqual(await self.failure(), "host error: host fn 'fetch_token' not registered")
        for wrong in (3, "x"):
            with self.assertRaises(TypeError):
                self.demo.set_fetch_token(wrong)
        with self.assertRaises(ValueError):
            self.demo.set_fetch_token(str, deadline=0)

    async def test_exceptions_are_errors_of_the_host(self):
        def fail(key):
            raise KeyError("no " + key)

        self.demo.set_fetch_token(fail)
        self.assertEqual(await self.failure("x"), "host error: 'no x'")

        async def panic(key):
            raise SystemExit("boom")

        self.demo.set_fetch_token(panic)
        self.assertEqual(await self.failure(), "host error: host fn 'fetch_token' panicked: boom")
        self.demo.set_fetch_token(lambda key: 5)
        text = "host fn 'fetch_token' failed: TypeError: the answer of fetch_token: expected str, not int"
        self.assertEqual(await self.failure(), f"host error: {text}")

    async def test_exceptions_that_cannot_say_what_they_are(self):
        class Mute(Exception):
            def __str__(self):
                raise ValueError("no words")

        class MutePanic(BaseException):
            __str__ = Mute.__str__

        def fail(key):
            raise {"e": Mute, "p": MutePanic}.get(key, ValueError)("\ud800")

        async def fail_later(key):
            fail(key)

        for function in (fail, fail_later):
            self.demo.set_fetch_token(function)
            async with limit(60):
                self.assertEqual(await self.failure("e"), "host error: Mute")
                self.assertEqual(await self.failure("p"), "host error: host fn 'fetch_token' panicked: MutePanic")
                self.assertEqual(await self.failure("s"), "host error: \\ud800")

    async def test_plain_functions_may_give_something_to_await(self):
        here = threading.get_ident()

        async def fetch(key):
            await asyncio.sleep(60 if key == "late" else 0.001)
            return f"{threading.get_ident() == here}-{key}"

        self.demo.set_fetch_token(lambda key: fetch(key))
        self.assertEqual(await self.demo.use_token("x"), "token[True-x]")
        self.demo.set_fetch_token(lambda key: fetch(key), deadline=0.05)
        self.assertEqual(await self.failure("late"), "host error: host fn 'fetch_token' missed its deadline")

    async def test_a_function_whose_loop_is_closed_says_so(self):
        async def fetch(key):
            return key

        async def set_it():
            self.demo.set_fetch_token(fetch)

        await asyncio.to_thread(asyncio.run, set_it())
        text = "host error: host fn 'fetch_token' failed: the event loop in which it was set is closed"
        self.assertEqual(await self.failure(), text)

    async def test_an_answer_may_be_late_or_never(self):
        never = threading.Event()
        self.addCleanup(never.set)
        self.demo.set_fetch_token(lambda key: never.wait() and "", deadline=0.02)
        self.assertEqual(await self.failure(), "host error: host fn 'fetch_token' missed its deadline")

        async def sleep(key):
            await asyncio.sleep(60)

        self.demo.set_fetch_token(sleep, deadline=0.02)
        self.assertEqual(await self.failure(), "host error: host fn 'fetch_token' missed its deadline")

    async def test_the_task_ends_when_the_library_stops_waiting(self):
        ended = asyncio.Event()
        started = asyncio.Event()

        async def fetch(key):
            started.set()
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        self.demo.set_fetch_token(fetch)
        task = asyncio.create_task(self.demo.use_token("x"))
        await started.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(ended.wait(), 60)

    async def test_a_thousand_calls_at_once(self):
        waiting = []
        all_there = asyncio.Event()

        async def fetch(key):
            waiting.append(key)
            if len(waiting) == 1000:
                all_there.set()
            await all_there.wait()
            return key

        self.demo.set_fetch_token(fetch)
        tokens = await asyncio.gather(*[self.demo.use_token(str(n)) for n in range(1000)])
        self.assertEqual(tokens, [f"token[{n}]" for n in range(1000)])

    async def test_a_function_is_replaced_while_a_call_of_it_runs(self):
        go, started = asyncio.Event(), asyncio.Event()

        async def first(key):
            started.set()
            await go.wait()
            return "first"

        self.demo.set_fetch_token(first)
        task = asyncio.create_task(self.demo.use_token("x"))
        await started.wait()
        self.demo.set_fetch_token(lambda key: "second")
        self.assertEqual(await self.demo.use_token("x"), "token[second]")
        go.set()
        self.assertEqual(await task, "token[first]")

    async def test_close_with_a_call_outstanding(self):
        started = threading.Event()
        release = threading.Event()
        self.addCleanup(release.set)

        def fetch(key):
            started.set()
            release.wait()
            return "late"

        self.demo.set_fetch_token(fetch)
        task = asyncio.create_task(self.demo.use_token("x"))
        while not started.is_set():
            await asyncio.sleep(0.001)
        self.demo.close()
        with self.assertRaises(_gangplank.ClosedError):
            await task

    async def test_a_function_may_call_the_library(self):
        async def fetch(key):
            return key if len(key) > 3 else await self.demo.use_token(key + "x")

        self.demo.set_fetch_token(fetch)
        self.assertEqual(await self.demo.use_token("a"), "token[" * 4 + "axxx" + "]" * 4)

    async def test_objects_inherit_the_default(self):
        set_default(lambda key: "default")
        try:
            demo = Demo.create()
            with demo:
                self.assertEqual(await demo.use_token("x"), "token[default]")
                set_default(None)
                gc.collect()
                self.assertEqual(await demo.use_token("x"), "token[default]")
            self.assertEqual(await self.failure(), "host error: host fn 'fetch_token' not registered")
        finally:
            set_default(None)

    def test_without_a_loop_coroutines_run_on_a_thread_of_their_own(self):
        async def fetch(key):
            await asyncio.sleep(0.001)
            return threading.current_thread().name

        self.demo.set_fetch_token(fetch)
        self.assertEqual(asyncio.run(use(self.demo)), "token[gangplank]")

    def test_an_object_that_goes_while_an_exception_unwinds(self):
        def make():
            demo = Demo.create()
            demo.set_fetch_token(str)
            return demo

        caught = []
        before, sys.unraisablehook = sys.unraisablehook, caught.append
        try:
            with self.assertRaises(ZeroDivisionError):
                make().use_token(1 / 0)
        finally:
            sys.unraisablehook = before
        self.assertEqual(caught, [])

    def test_functions_that_refer_to_their_object_are_collected_with_it(self):
        demo = Demo.create()
        demo.set_fetch_token(lambda key: str(demo))
        gone = weakref.ref(demo)
        del demo
        gc.collect()
        self.assertIsNone(gone())


async def use(demo):
    return await demo.use_token("x")


if __name__ == "__main__":
    unittest.main()
