"""Calls that take time: delays, cancellation, deadlines, close."""

import ast
import asyncio
import contextlib
import inspect
import time
import unittest
from pathlib import Path

import my_timer
from my_timer import EchoEvent, EchoRequest, Timer, TimerConfig


async def opened() -> Timer:
    return await Timer.create(TimerConfig("t"))


class Calls(unittest.IsolatedAsyncioTestCase):
    async def test_delays_are_honoured_and_replies_are_ones_own(self) -> None:
        async with await opened() as timer:
            begun = time.monotonic()
            requests = [EchoRequest(str(delay), delay) for delay in (150, 100, 50)]
            replies = await asyncio.gather(*[timer.echo(request) for request in requests])
            self.assertGreaterEqual(time.monotonic() - begun, 0.13)
            self.assertEqual([reply.echoed for reply in replies], ["150", "100", "50"])

    async def test_calls_are_coroutines(self) -> None:
        async with await opened() as timer:
            self.assertTrue(asyncio.iscoroutine(call := timer.echo(EchoRequest("a", 0))))
            self.assertEqual((await asyncio.create_task(call)).echoed, "a")
        self.assertEqual(asyncio.get_running_loop().is_running(), True)

    async def test_a_cancelled_task_ends_its_call(self) -> None:
        async with await opened() as timer:
            task = asyncio.ensure_future(timer.echo(EchoRequest("a", 60_000)))
            await asyncio.sleep(0.02)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            with self.assertRaises(TimeoutError if hasattr(asyncio, "timeout") else asyncio.TimeoutError):
                await asyncio.wait_for(timer.echo(EchoRequest("b", 60_000)), 0.02)
            self.assertEqual(my_timer.library_stats()["pending_calls"], 0)

    async def test_close_ends_what_is_pending(self) -> None:
        timer = await opened()
        task = asyncio.ensure_future(timer.echo(EchoRequest("a", 60_000)))
        await asyncio.sleep(0.02)
        timer.close()
        with self.assertRaises(my_timer.ClosedError):
            await task
        with self.assertRaises(my_timer.ClosedError):
            await timer.echo(EchoRequest("a", 0))

    async def test_errors_leave_objects_usable(self) -> None:
        async with contextlib.AsyncExitStack() as stack:
            timers = [await stack.enter_async_context(await opened()) for _ in range(5)]
            job, retry, when = my_timer.JobSpec("", [], 0), my_timer.RetryPolicy(1, 0, []), my_timer.ScheduleConfig(0, 0, None)
            with self.assertRaisesRegex(my_timer.EmptyJobNameError, "^job name must not be empty$"):
                await timers[2].schedule(job, retry, when)
            job.name, retry.max_attempts = "j", -3
            with self.assertRaises(my_timer.BadMaxAttemptsError) as caught:
                await timers[2].schedule(job, retry, when)
            self.assertEqual((caught.exception.value, str(caught.exception)), (-3, "max attempts must be positive, not -3"))
            for timer in timers:
                self.assertEqual((await timer.echo(EchoRequest("x", 0))).echoed, "x")

    async def test_events_are_iterated(self) -> None:
        async with await opened() as timer:
            events = timer.echo_fired()
            for count in (1, 2):
                await timer.echo(EchoRequest(f"e{count}", 0))
                self.assertEqual(await anext(events), EchoEvent(f"e{count}", count))


class Module(unittest.TestCase):
    def test_nothing_but_the_interface_shows(self) -> None:
        shown = [name for name in vars(my_timer) if not name.startswith("_")]
        self.assertEqual(sorted(shown), sorted(my_timer.__all__))
        self.assertEqual(dir(my_timer), sorted(my_timer.__all__))
        shown = [name for name in dir(Timer) if not name.startswith("_")]
        expected = ["close", "complex", "create", "echo", "echo_fired", "on_echo_fired", "on_events_dropped", "schedule", "version"]
        self.assertEqual(shown, expected)

    def test_help_says_what_the_outline_says(self) -> None:
        outline = ast.parse(Path(my_timer.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
        compared = self.compare(my_timer, outline)
        self.assertTrue({"ClosedError", "EchoRequest", "Timer", "echo", "echo_fired", "load_library"} <= compared)

    def compare(self, of: object, outline: ast.Module | ast.ClassDef) -> set[str]:
        """Compares the docs of what has some, and says what that was."""
        compared = set()
        for item in outline.body:
            if not isinstance(item, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            there = getattr(of, item.name)
            docs = ast.get_docstring(item)
            if docs is not None:
                self.assertEqual(inspect.getdoc(there), docs, item.name)
                compared.add(item.name)
            if isinstance(item, ast.ClassDef):
                compared |= self.compare(there, item)
        return compared

    def test_everything_is_documented_where_it_is_offered(self) -> None:
        self.assertEqual(inspect.getdoc(my_timer), "A timer: the smallest library with calls, delays, errors and events.")
        for name in my_timer.__all__:
            self.assertTrue(inspect.getdoc(getattr(my_timer, name)), name)
        for name in dir(Timer):
            if not name.startswith("_"):
                self.assertTrue(inspect.getdoc(getattr(Timer, name)), name)
        self.assertEqual(inspect.getdoc(Timer.echo), "Answers after `request.delay_ms` milliseconds.")
        self.assertEqual(str(inspect.signature(Timer.create)), "(config)")
        self.assertEqual(Timer.__module__, "my_timer")
        self.assertEqual(my_timer.ClosedError.__module__, "my_timer")
