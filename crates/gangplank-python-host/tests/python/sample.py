"""The timer as a package would bring it, for the suites that call it: records, errors, class; and programs that start so."""

import asyncio
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass

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

TYPES = {f"my_timer::{record.__name__}": record for record in RECORDS}
TYPES["my_timer::ScheduleError"] = (EmptyJobName, BadMaxAttempts)


def interface():
    with open("my_timer.items", "rb") as items:
        return items.read()


def library(module="my_timer", types=TYPES, items=None):
    return _gangplank.library(
        name="my_timer",
        runtime="native",
        module=module,
        here=os.path.join(os.getcwd(), "package.py"),
        interface=interface() if items is None else items,
        types=types,
        package="mytimer",
    )


FUNCTIONS = {
    "create": ("Timer.create", ("config",), "Makes one."),
    "version": ("Timer.version", (), "Which."),
    "echo": ("Timer.echo", ("request",), "Says it again."),
    "complex": ("Timer.complex", ("request",), None),
    "schedule": ("Timer.schedule", ("job", "retry", "schedule"), None),
}

lib = library()
Timer = lib.object(
    "my_timer::Timer",
    "Timer",
    "A timer.",
    functions=FUNCTIONS,
    events={"echo_fired": ("echo_fired", "It has echoed.", "Hears echoes.")},
)


def good():
    return JobSpec("nightly", ["x"], 1), RetryPolicy(3, 100, []), ScheduleConfig(0, 1000)


async def until(condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen within a minute")
        await asyncio.sleep(0.01)


def make():
    return asyncio.run(create())


async def create():
    return await Timer.create(TimerConfig("x"))


def start():
    """The first line of a program that has all this."""
    return f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); from sample import *; import _gangplank, gc, threading, time\n"


def program(text, *, code=0, timeout=120):
    """Runs a program that starts like this; what it printed."""
    ran = subprocess.run(
        [sys.executable, "-c", start() + textwrap.dedent(text)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if ran.returncode != code:
        raise AssertionError(f"ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    return ran.stdout, ran.stderr
