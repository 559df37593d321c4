"""The timer: records, options, lists, typed errors, objects, coroutines."""

import asyncio
import gc
import inspect
import unittest
import warnings
import weakref
from collections.abc import Coroutine

import _gangplank
from sample import BadMaxAttempts, ComplexRequest, ComplexResponse, EchoRequest, EchoResponse, EmptyJobName
from sample import JobSpec, RetryPolicy, Timer, TimerConfig, good, lib, until


class TimerTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.timer = await Timer.create(TimerConfig("py"))
        self.addCleanup(self.timer.close)

    async def test_calls_give_what_the_library_gives(self):
        timer = self.timer
        self.assertEqual(timer.version(), "gangplank-timer v0.1.0")
        self.assertEqual(await timer.echo(EchoRequest("é\0", 5)), EchoResponse("é\0", "py"))
        self.assertEqual(await timer.echo(request=EchoRequest("")), EchoResponse("", "py"))
        request = ComplexRequest([EchoRequest("a"), EchoRequest("b")], ["a", "b"], "a note", 3)
        response = ComplexResponse("received 2 messages, note=a note, retries=3", 2, True)
        self.assertEqual(await timer.complex(request), response)
        response = ComplexResponse("received 0 messages, note=<none>, retries=0", 0, False)
        self.assertEqual(await timer.complex(ComplexRequest((), [])), response)

    async def test_typed_errors_are_exceptions_with_their_fields(self):
        job, retry, config = good()
        self.assertEqual((await self.timer.schedule(job, retry, config)).job_id, "py:nightly")
        with self.assertRaises(EmptyJobName):
            await self.timer.schedule(JobSpec("", [], 0), retry, config)
        with self.assertRaises(BadMaxAttempts) as caught:
            await self.timer.schedule(job, RetryPolicy(-3, 0, []), schedule=config)
        self.assertEqual(caught.exception.value, -3)
        self.assertIsInstance(caught.exception, _gangplank.GangplankError)

    async def test_three_calls_in_flight_get_each_their_own_reply(self):
        calls = [self.timer.echo(EchoRequest(f"m{n}", 150 - 40 * n)) for n in range(3)]
        start = asyncio.get_running_loop().time()
        replies = await asyncio.gather(*calls)
        self.assertEqual([reply.echoed for reply in replies], ["m0", "m1", "m2"])
        self.assertGreaterEqual(asyncio.get_running_loop().time() - start, 0.13)

    async def test_a_cancelled_task_cancels_its_call(self):
        # Calls of other tests may be about to end.
        await until(lambda: lib.stats()["pending_calls"] == 0)
        task = asyncio.create_task(self.timer.echo(EchoRequest("long", 60_000)))
        await until(lambda: lib.stats()["pending_calls"] == 1)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(self.timer.echo(EchoRequest("long", 60_000)), 0.02)
        # The task has ended after the call.
        self.assertEqual(lib.stats()["pending_calls"], 0)

    async def test_a_call_that_is_closed_or_forgotten_is_cancelled(self):
        call = self.timer.echo(EchoRequest("long", 60_000))
        future = call.send(None)
        self.assertTrue(asyncio.isfuture(future))
        call.close()
        with self.assertRaises(RuntimeError):
            call.send(None)
        call = self.timer.echo(EchoRequest("long", 60_000))
        call.send(None)
        del call, future
        gc.collect()
        self.assertEqual((await self.timer.echo(EchoRequest("next", 1))).echoed, "next")

    async def test_closing_ends_pending_calls_and_everything_after(self):
        task = asyncio.create_task(self.timer.echo(EchoRequest("long", 60_000)))
        await asyncio.sleep(0.02)
        self.timer.close()
        with self.assertRaises(_gangplank.ClosedError):
            await task
        self.timer.close()
        with self.assertRaises(_gangplank.ClosedError):
            self.timer.version()
        with self.assertRaises(_gangplank.ClosedError):
            await self.timer.echo(EchoRequest("late"))

    async def test_objects_are_context_managers(self):
        async with await Timer.create(TimerConfig("a")) as timer:
            timer.version()
        with self.assertRaises(_gangplank.ClosedError):
            timer.version()
        with await Timer.create(TimerConfig("b")) as timer:
            timer.version()
        with self.assertRaises(_gangplank.ClosedError):
            timer.version()

    async def test_an_object_goes_with_its_last_reference(self):
        timer = await Timer.create(TimerConfig("gone"))
        gone = weakref.ref(timer)
        version = timer.version
        del timer
        self.assertIsNotNone(gone())
        self.assertEqual(version(), "gangplank-timer v0.1.0")
        del version
        self.assertIsNone(gone())

    async def test_a_log_is_a_function_and_a_level(self):
        with self.assertRaises(ValueError):
            lib.set_log(print, "loud")
        with self.assertRaises(TypeError):
            lib.set_log(3)
        lib.set_log(lambda level, target, message: None, "trace")
        lib.set_log(None)

    async def test_wrong_arguments_name_function_and_parameter(self):
        echo = self.timer.echo
        for call, error, text in [
            (lambda: echo(), TypeError, "Timer.echo() missing required argument: 'request'"),
            (lambda: echo(1, 2), TypeError, "Timer.echo() takes 1 argument but 2 were given"),
            (lambda: echo(1, request=1), TypeError, "Timer.echo() got multiple values for argument 'request'"),
            (lambda: echo(x=1), TypeError, "Timer.echo() got an unexpected keyword argument 'x'"),
            (lambda: echo(5), TypeError, "Timer.echo() argument 'request': expected EchoRequest, not int"),
            (lambda: echo(None), TypeError, "Timer.echo() argument 'request': expected EchoRequest, not NoneType"),
            (
                lambda: echo(EchoRequest(5)),
                TypeError,
                "Timer.echo() argument 'request': `message`: expected str, not int",
            ),
            (
                lambda: echo(EchoRequest("x", 2**63)),
                OverflowError,
                "Timer.echo() argument 'request': `delay_ms`: 9223372036854775808 does not fit into i64",
            ),
            (
                lambda: echo(EchoRequest("\ud800")),
                ValueError,
                "Timer.echo() argument 'request': `message`: '\\ud800' has half a surrogate pair, which UTF-8 cannot say",
            ),
            (lambda: Timer.echo(4, 4), TypeError, "Timer.echo: expected Timer, not int"),
            (lambda: Timer.echo(), TypeError, "Timer.echo() needs its object"),
            (lambda: Timer(), TypeError, "Timer cannot be made by itself: call one of its constructors"),
        ]:
            with self.assertRaises(error) as caught:
                await call()
            self.assertEqual(str(caught.exception), text)

    async def test_coroutines_are_what_python_takes_for_coroutines(self):
        call = self.timer.echo(EchoRequest("x"))
        self.assertIsInstance(call, Coroutine)
        self.assertTrue(asyncio.iscoroutine(call))
        self.assertEqual(call.__qualname__, "Timer.echo")
        self.assertEqual(str(inspect.signature(Timer.echo)), "(self, /, request)")
        self.assertEqual(str(inspect.signature(Timer.create)), "(config)")
        self.assertEqual(Timer.create.__doc__, "Makes one.")
        self.assertEqual((Timer.__module__, Timer.__qualname__), ("mytimer", "Timer"))
        await call
        with self.assertRaises(RuntimeError):
            await call

    async def test_a_coroutine_is_awaited_by_one_task(self):
        call = self.timer.echo(EchoRequest("x", 50))

        async def wait():
            return await call

        first = asyncio.create_task(wait())
        await asyncio.sleep(0)
        with self.assertRaisesRegex(RuntimeError, "coroutine is being awaited already"):
            await wait()
        self.assertEqual((await asyncio.wait_for(first, 60)).echoed, "x")

    async def test_a_coroutine_that_was_never_awaited_is_warned_of(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.timer.echo(EchoRequest("x"))
        self.assertIn("coroutine 'Timer.echo' was never awaited", str(caught[0].message))

    async def test_several_loops_in_several_threads(self):
        async def many():
            calls = [self.timer.echo(EchoRequest(str(n), n % 3)) for n in range(50)]
            return [reply.echoed for reply in await asyncio.gather(*calls)]

        runs = [asyncio.to_thread(asyncio.run, many()) for _ in range(4)]
        for replies in await asyncio.gather(*runs):
            self.assertEqual(replies, [str(n) for n in range(50)])

    def test_a_call_that_waits_needs_a_loop(self):
        call = self.timer.echo(EchoRequest("x", 60_000))
        with self.assertRaisesRegex(RuntimeError, "no running event loop"):
            call.send(None)


if __name__ == "__main__":
    unittest.main()
