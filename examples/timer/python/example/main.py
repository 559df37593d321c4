"""Walks through the timer library: calls, delays, options, lists and errors."""

import asyncio

from my_timer import (
    ComplexRequest,
    EchoRequest,
    JobSpec,
    RetryPolicy,
    ScheduleConfig,
    Timer,
    TimerConfig,
)


async def main() -> None:
    async with await Timer.create(TimerConfig(name="go-native-demo")) as timer:
        print("created timer")
        print("version:", timer.version())

        reply = await timer.echo(EchoRequest(message="hello from Go", delay_ms=5))
        print(f'echo: echoed="{reply.echoed}" timerName="{reply.timer_name}"')

        many = await timer.complex(
            ComplexRequest(
                messages=[EchoRequest("one", 0), EchoRequest("two", 0)],
                tags=["a", "b"],
                note="a note",
                retries=3,
            )
        )
        has_note = str(many.has_note).lower()
        print(f'complex: itemCount={many.item_count} hasNote={has_note} summary="{many.summary}"')

        job = await timer.schedule(
            JobSpec(name="nightly", payload=["backup"], priority=1),
            RetryPolicy(max_attempts=3, backoff_ms=100, retry_on=["timeout"]),
            ScheduleConfig(start_at_ms=0, interval_ms=5000, jitter=None),
        )
        print(f'schedule: jobId="{job.job_id}" willRunCount={job.will_run_count}')
    print("done")


if __name__ == "__main__":
    asyncio.run(main())
