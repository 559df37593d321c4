"""What goes wrong in the library, and calls that take their time: the generated package of the faults."""

import asyncio
import contextlib
import gc
import signal
import sys
import threading
import time
import unittest

import faults


async def until(condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen within a minute")
        await asyncio.sleep(0.01)


class PanicsTest(unittest.IsolatedAsyncioTestCase):
    async def test_panics_are_exceptions_and_the_library_stays_usable(self):
        for call, text in [
            (faults.panic_text, "boom"),
            (lambda: faults.panic_code(7), "boom 7"),
            (faults.panic_value, ""),
            (faults.panic_twice, ""),
        ]:
            with self.assertRaises(faults.PanicError) as caught:
                call()
            self.assertIn(text, caught.exception.message)
            self.assertIn("panics.rs", caught.exception.location)
            self.assertIn(caught.exception.location, str(caught.exception))
            # The library was built without.
            self.assertIsNone(caught.exception.backtrace)
        for delay in (0, 5):
            with self.assertRaises(faults.PanicError) as caught:
                await faults.panic_later(delay)
            self.assertEqual(caught.exception.message, "boom later")
        self.assertEqual(faults.echo_text("usable"), "usable")

    async def test_constructors_and_drops_that_panic_leave_nothing(self):
        # What tests before have left to it goes now.
        gc.collect()
        before = faults.library_stats()["handles"]
        make, later = faults.Fragile.make_fragile, faults.Fragile.make_fragile_later
        for trouble, error in [
            (faults.Trouble.FAIL, faults.GangplankError),
            (faults.Trouble.PANIC_IN_CONSTRUCTOR, faults.PanicError),
        ]:
            with self.assertRaises(error):
                make(trouble)
            for delay in (0, 3):
                with self.assertRaises(error):
                    await later(trouble, delay)
        fragile = make(faults.Trouble.PANIC_IN_DROP)
        with self.assertRaises(faults.PanicError):
            fragile.burst()
        with self.assertRaises(faults.PanicError):
            fragile.close()
        fragile.close()
        with self.assertRaises(faults.ClosedError):
            fragile.burst()
        # Nobody is there to be told.
        fragile = make(faults.Trouble.PANIC_IN_DROP)
        del fragile
        gc.collect()
        self.assertEqual(faults.library_stats()["handles"], before)

    def test_calls_that_end_after_their_loop_leave_no_objects(self):
        gc.collect()
        later, handles = faults.Fragile.make_fragile_later, faults.library_stats()["handles"]

        async def call():
            return await later(faults.Trouble.NOWHERE, 1)

        for turn in range(30):
            loop = asyncio.new_event_loop()
            tasks = [loop.create_task(call()) for _ in range(20)]
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()
            # Some have ended by now, some end meanwhile.
            time.sleep(turn / 10_000)
            for task in tasks:
                task._log_destroy_pending = False
            del tasks, task
            gc.collect()
        asyncio.run(until(lambda: faults.library_stats()["pending_calls"] == 0))
        # Whoever comes next finds those that ended when nobody waited any more.
        start = time.monotonic()
        while faults.library_stats()["handles"] != handles and time.monotonic() < start + 60:
            asyncio.run(call())
        self.assertEqual(faults.library_stats()["handles"], handles)


# How long something blocks that nobody unblocks.
MOST = 120_000


class WorkerTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        gc.collect()
        self.worker = faults.Worker.open_worker()
        self.addCleanup(self.worker.close)
        self.addCleanup(faults.unblock)

    async def test_a_function_that_blocks_keeps_no_other_thread(self):
        begun, ended = faults.calls_begun(), faults.calls_ended()
        blocked = asyncio.create_task(asyncio.to_thread(self.worker.block, MOST))
        await until(lambda: faults.calls_begun() == begun + 1)
        for _ in range(5):
            await asyncio.sleep(0.001)
        self.assertEqual((faults.calls_ended(), blocked.done()), (ended, False))
        faults.unblock()
        await asyncio.wait_for(blocked, 60)

    def test_control_c_ends_a_call_that_blocks_when_it_returns(self):
        begun, said = faults.calls_begun(), []

        def interrupt():
            asyncio.run(until(lambda: faults.calls_begun() == begun + 1))
            signal.raise_signal(signal.SIGINT)
            time.sleep(0.1)
            said.append("unblocked")
            faults.unblock()

        thread = threading.Thread(target=interrupt)
        with self.assertRaises(KeyboardInterrupt):
            thread.start()
            self.worker.block(MOST)
            # The signal is looked at between lines.
            time.sleep(0)
        self.assertEqual(said, ["unblocked"])
        thread.join()

    async def test_every_call_ends_once(self):
        begun, ended = faults.calls_begun(), faults.calls_ended()
        calls = []
        for number in range(300):
            kind = number % 5
            if kind == 0:
                calls.append(self.worker.ready(number))
            elif kind == 1:
                calls.append(self.worker.yielding(number % 10))
            elif kind == 2:
                calls.append(self.worker.hop())
            else:
                calls.append(self.worker.wait(number % 7))
        tasks = [asyncio.ensure_future(call) for call in calls]
        await asyncio.sleep(0.002)
        for task in tasks[::3]:
            task.cancel()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        failed = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        self.assertTrue(all(isinstance(outcome, asyncio.CancelledError) for outcome in failed))
        started = faults.calls_begun() - begun
        self.assertEqual(faults.calls_ended() - ended, started)
        self.assertEqual(faults.library_stats()["pending_calls"], 0)

    async def test_the_librarys_future_is_dropped_before_the_cancelled_task_ends(self):
        for delay in (0, 0.005):
            before = faults.forevers_dropped()
            task = asyncio.create_task(self.worker.forever())
            await asyncio.sleep(delay)
            await asyncio.sleep(0)
            task.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await task
            self.assertEqual(faults.forevers_dropped() - before, 1)

    async def test_a_task_that_is_cancelled_again_and_again(self):
        for ms in (50, 200, 1000, 5000):
            end = time.monotonic() + ms / 1000
            task = asyncio.create_task(self.worker.block_later(ms))
            await asyncio.sleep(0.005)
            for _ in range(5):
                task.cancel()
                await asyncio.sleep(0)
            # On a busy machine the call may have ended before it is cancelled.
            in_time = time.monotonic() < end
            try:
                await task
            except asyncio.CancelledError:
                return
            self.assertFalse(in_time, "it was cancelled while it ran")
        self.fail("it was never cancelled in time")

    async def test_close_waits_for_calls_that_run(self):
        begun, ended = faults.calls_begun(), faults.calls_ended()
        running = threading.Thread(target=self.worker.block, args=(MOST,))
        running.start()
        await until(lambda: faults.calls_begun() == begun + 1)

        def unblock_when_closing():
            with contextlib.suppress(faults.ClosedError):
                while True:
                    self.worker.add(1)
            time.sleep(0.05)
            faults.unblock()

        threading.Thread(target=unblock_when_closing).start()
        async with self.worker:
            pass
        self.assertEqual(faults.calls_ended() - ended, faults.calls_begun() - begun)
        running.join()
        with self.assertRaises(faults.ClosedError):
            self.worker.add(1)

    async def test_objects_are_gone_when_nobody_has_them(self):
        alive = faults.workers_alive()
        workers = [faults.Worker.open_worker() for _ in range(100)]
        self.assertEqual(faults.workers_alive(), alive + 100)
        for number, worker in enumerate(workers):
            self.assertEqual(worker.add(number), number)
        del workers, worker
        self.assertEqual(faults.workers_alive(), alive)

    def test_every_call_from_a_fresh_thread(self):
        seen = []
        for number in range(300):
            thread = threading.Thread(target=lambda: seen.append(self.worker.add(1)))
            thread.start()
            thread.join()
        self.assertEqual(seen, list(range(1, 301)))


class LostTest(unittest.IsolatedAsyncioTestCase):
    """Events whose objects find no handle: none comes that would tell of the others."""

    def setUp(self):
        self.speaker = faults.Speaker.make_speaker()
        self.addCleanup(self.speaker.close)
        self.addCleanup(faults.allow_objects, None)

    def hire(self, count, most=None):
        faults.allow_objects(most)
        try:
            self.speaker.hire(count)
        finally:
            faults.allow_objects(None)

    async def test_losses_are_told_without_an_event(self):
        heard, lost = [], []
        subscription = self.speaker.on_hired(heard.append)
        events = self.speaker.hired()
        self.speaker.on_events_dropped(lambda event, count: lost.append((event, count)))
        self.hire(3, most=0)
        # For the listener and for the iteration.
        await until(lambda: sum(count for _, count in lost) == 6)
        self.assertEqual({event for event, _ in lost}, {"hired"})
        self.assertEqual((subscription.dropped, events.dropped, heard), (3, 3, []))
        self.hire(1)
        await until(lambda: heard)
        same = await anext(events)
        self.assertEqual((heard[0].add(1), same.add(1)), (1, 2))
        same.close()
        self.assertEqual((subscription.dropped, events.dropped), (3, 3))
        events.cancel()
        # Also when nothing follows any more.
        self.hire(2, most=0)
        self.speaker.close()
        await until(lambda: subscription.closed)
        self.assertEqual(subscription.dropped, 5)
        await until(lambda: sum(count for _, count in lost) == 8)


class LogTest(unittest.TestCase):
    def test_levels_and_fields_arrive_until_the_log_is_taken_back(self):
        seen = []
        faults.set_library_log(lambda *record: seen.append(record), "info")
        faults.say("é")
        self.assertEqual(seen, [(level, "faults::voice", "é") for level in ("error", "warning", "info")])
        seen.clear()
        faults.count_aloud(2)
        self.assertEqual([message for _, _, message in seen], ["counted number=1", "counted number=2"])
        faults.set_library_log(None)
        faults.say("unheard")
        self.assertEqual(len(seen), 2)

    def test_a_log_that_fails_disturbs_nobody(self):
        def fail(*_):
            raise ValueError("log")

        caught = []
        before, sys.unraisablehook = sys.unraisablehook, lambda error: caught.append(error.exc_value)
        try:
            faults.set_library_log(fail, "error")
            faults.say("x")
        finally:
            faults.set_library_log(None)
            sys.unraisablehook = before
        self.assertEqual([str(error) for error in caught], ["log"])


class AskerTest(unittest.IsolatedAsyncioTestCase):
    async def test_typed_errors_of_the_host(self):
        with faults.Asker.make_asker() as asker:
            kitchen = faults.make_kitchen()
            asker.set_cook(lambda kitchen: kitchen)
            self.assertTrue(faults.is_kitchen(await asker.cook(kitchen)))

            def burn(_):
                raise faults.BurntError(5)

            asker.set_cook(burn)
            with self.assertRaises(faults.BurntError) as caught:
                await asker.cook(kitchen)
            self.assertEqual(caught.exception.minutes, 5)

            def fail(_):
                raise ValueError("no pan")

            asker.set_cook(fail)
            with self.assertRaises(faults.GangplankError) as caught:
                await asker.cook(kitchen)
            self.assertIn("ValueError: no pan", str(caught.exception))

    async def test_the_librarys_own_deadline(self):
        with faults.Asker.make_asker() as asker:
            begun, ended = asyncio.Event(), asyncio.Event()

            async def late(left, right):
                begun.set()
                try:
                    await asyncio.sleep(60)
                finally:
                    ended.set()

            asker.set_soon(late)
            with self.assertRaises(faults.GangplankError):
                await asker.soon(1, 2)
            # On a busy machine the time may be up before the task has begun.
            if begun.is_set():
                await asyncio.wait_for(ended.wait(), 60)
            asker.set_soon(lambda left, right: left + right)
            # In the short time that the library gives, if not the first time.
            missed, sums = "'soon' missed its deadline", []
            for _ in range(200):
                try:
                    sums.append(await asker.soon(1, 2))
                    break
                except faults.GangplankError as error:
                    self.assertIn(missed, str(error))
            self.assertEqual(sums, [3])
            asker.set_notify(lambda: None)
            await asker.notify()


if __name__ == "__main__":
    unittest.main()
