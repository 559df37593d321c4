"""The timer: records, options, lists, typed errors, objects, coroutines."""

import asyncio
import contextlib
import gc
import inspect
import threading
import time
import unittest
import warnings
import weakref
from collections.abc import AsyncGenerator, Coroutine
from dataclasses import dataclass
from unittest import mock

import _gangplank


@dataclass(slots=True)
class TimerConfig:
    name: str


@dataclass(slots=True)
class EchoRequest:
    message: str
    delay_ms: int = 0


@dataclass(slots=True)
class EchoResponse:
    echoed: str
    timer_name: str


@dataclass(slots=True)
class EchoEvent:
    message: str
    echo_count: int


@dataclass(slots=True)
class ComplexRequest:
    messages: list
    tags: list
    note: object = None
    retries: object = None


@dataclass(slots=True)
class ComplexResponse:
    summary: str
    item_count: int
    has_note: bool


@dataclass(slots=True)
class JobSpec:
    name: str
    payload: list
    priority: int


@dataclass(slots=True)
class RetryPolicy:
    max_attempts: int
    backoff_ms: int
    retry_on: list


@dataclass(slots=True)
class ScheduleConfig:
    start_at_ms: int
    interval_ms: int
    jitter: object = None


@dataclass(slots=True)
class ScheduleResult:
    job_id: str
    will_run_count: int
    first_run_at_ms: int
    effective_backoff_ms: int


class ScheduleError(_gangplank.GangplankError):
    pass


class EmptyJobName(ScheduleError):
    __match_args__ = ()


class BadMaxAttempts(ScheduleError):
    __match_args__ = ("value",)

    def __init__(self, value):
        super().__init__(value)
        self.value = value


RECORDS = [TimerConfig, EchoRequest, EchoResponse, EchoEvent, ComplexRequest, ComplexResponse, JobSpec, RetryPolicy]
RECORDS += [ScheduleConfig, ScheduleResult]

with open("my_timer.items", "rb") as items:
    lib = _gangplank.library(
        name="my_timer",
        runtime="native",
        module="my_timer",
        here="here",
        interface=items.read(),
        types={f"my_timer::{record.__name__}": record for record in RECORDS}
        | {"my_timer::ScheduleError": (EmptyJobName, BadMaxAttempts)},
        package="mytimer",
    )
Timer = lib.object(
    "my_timer::Timer",
    "Timer",
    "A timer.",
    functions={
        "create": ("Timer.create", ("config",), "Makes one."),
        "version": ("Timer.version", (), "Which."),
        "echo": ("Timer.echo", ("request",), "Says it again."),
        "complex": ("Timer.complex", ("request",), None),
        "schedule": ("Timer.schedule", ("job", "retry", "schedule"), None),
    },
    events={"echo_fired": ("echo_fired", "It has echoed.", "Hears echoes.")},
)


def good():
    return JobSpec("nightly", ["x"], 1), RetryPolicy(3, 100, []), ScheduleConfig(0, 1000)


async def until(condition):
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen within 20 s")


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
        task = asyncio.create_task(self.timer.echo(EchoRequest("long", 60_000)))
        await asyncio.sleep(0.02)
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(self.timer.echo(EchoRequest("long", 60_000)), 0.02)
        # A close would wait for calls that still run.
        start = asyncio.get_running_loop().time()
        self.timer.close()
        self.assertLess(asyncio.get_running_loop().time() - start, 1)

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
        while not subscription.dropped and time.monotonic() < start + 20:
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

    async def test_the_log_is_passed_on(self):
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
