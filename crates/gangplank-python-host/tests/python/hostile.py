"""What programs do that they should not, and what happens around them."""

import asyncio
import gc
import importlib
import os
import pickle
import sys
import threading
import time
import unittest

import _gangplank
from sample import FUNCTIONS, TYPES, ComplexRequest, EchoRequest, TimerConfig, create, interface, lib, library, make, program
from sample import until


class LoadTest(unittest.TestCase):
    def test_a_module_that_is_missing_says_where_it_was_looked_for(self):
        missing = library("no_such_module").object("my_timer::Timer", "Timer", functions=FUNCTIONS)
        for _ in range(2):
            with self.assertRaises(_gangplank.LoadError) as caught:
                asyncio.run(self.await_(missing.create(TimerConfig("x"))))
            self.assertIn("libno_such_module.so", str(caught.exception))
            self.assertIn(os.getcwd(), str(caught.exception))
            self.assertIsInstance(caught.exception, ImportError)

    async def await_(self, call):
        return await call

    def test_files_that_are_no_modules(self):
        with open("libmy_timer.so", "rb") as file:
            cut = file.read(5000)
        for name, content in [("text.so", b"no library"), ("cut.so", cut)]:
            with open(name, "wb") as file:
                file.write(content)
            with self.assertRaises(_gangplank.LoadError):
                library(os.path.abspath(name)).load()

    def test_another_library_is_refused_with_both_shapes(self):
        other = library()
        with self.assertRaises(_gangplank.GangplankError) as caught:
            other.load(os.path.abspath("libhost_demo.so"))
        self.assertIn("host_demo", str(caught.exception))

    def test_load_comes_before_the_first_use(self):
        fresh = library()
        fresh.load("./libmy_timer.so")
        fresh.load(b"./libmy_timer.so")
        # By the name that packages give it.
        with self.assertRaisesRegex(_gangplank.LoadError, r"comes too late: call load_library\(\) before anything else$"):
            fresh.load("./elsewhere.so")

    def test_the_environment_may_name_the_module(self):
        out, _ = program(
            """
            os.environ["MY_TIMER_LIBRARY"] = "/nowhere/libmy_timer.so"
            try:
                make()
            except _gangplank.LoadError as error:
                print(error)
            """
        )
        self.assertIn("/nowhere/libmy_timer.so", out)

    def test_exceptions_are_pickled(self):
        for kind in (_gangplank.ClosedError, _gangplank.LoadError):
            back = pickle.loads(pickle.dumps(kind("it is gone")))
            self.assertIs(type(back), kind)
            self.assertEqual(str(back), "it is gone")

    def test_what_a_package_has_must_fit_its_interface(self):
        for items in (b"", b"junk", interface()[:300]):
            with self.assertRaises(_gangplank.MismatchError):
                library(items=items)
        for types in ({}, TYPES | {"my_timer::EchoRequest": TimerConfig}, TYPES | {"my_timer::EchoRequest": 5}):
            wrong = library(types=types).object("my_timer::Timer", "Timer", functions=FUNCTIONS)
            with self.assertRaises((ValueError, AttributeError)):
                asyncio.run(self.await_(wrong.create(TimerConfig("x"))))
        with self.assertRaises(ValueError):
            lib.function("nothing", "nothing")
        with self.assertRaises(ValueError):
            library().object("my_timer::Nothing", "Nothing")
        with self.assertRaises(TypeError):
            library().object("my_timer::Timer", "Timer", functions={"echo": ("Timer.echo", (), None)})
        with self.assertRaises(TypeError):
            lib.object("my_timer::Timer", "Again")
        with self.assertRaises(TypeError):
            _gangplank.library(name="my_timer")

    def test_a_second_import_gives_the_same(self):
        del sys.modules["_gangplank"]
        try:
            import _gangplank as again
        finally:
            sys.modules["_gangplank"] = _gangplank
        self.assertIs(again.GangplankError, _gangplank.GangplankError)
        self.assertIs(again.library, _gangplank.library)

    def test_callbacks_have_the_lock_also_when_there_are_sub_interpreters(self):
        out, _ = program(
            f"""
            import {self.interpreters().__name__} as interpreters
            interpreters.create()
            timer = make()
            lib.set_log(lambda *_: None, "error")
            lib.set_log(None)
            print(_gangplank._logs)
            """
        )
        self.assertEqual(out, "{}\n")

    def interpreters(self):
        for name in ("_interpreters", "_xxsubinterpreters"):
            try:
                return importlib.import_module(name)
            except ImportError:
                pass
        self.skipTest("this Python has no module for sub-interpreters")

    def test_sub_interpreters_are_refused(self):
        interpreters = self.interpreters()
        number = interpreters.create()
        text = f"import sys; sys.path.insert(0, {os.getcwd()!r})\ntry:\n import _gangplank\n"
        text += "except ImportError as error:\n assert 'interpreter' in str(error), error\nelse:\n raise SystemError('taken')"
        outcome = interpreters.run_string(number, text)
        self.assertIsNone(outcome)


class ValuesTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.timer = await create()
        self.addCleanup(self.timer.close)

    async def test_a_list_may_change_while_it_is_read(self):
        request = ComplexRequest([], ["x"] * 500)

        class Sly(str):
            __slots__ = ()

        class Slippery:
            """Removes what it stands beside when it is looked at."""

            def __getattr__(self, name):
                request.tags.clear()
                request.messages.clear()
                gc.collect()
                if name == "message":
                    return "m"
                if name == "delay_ms":
                    return 0
                raise AttributeError(name)

        for _ in range(20):
            request.tags = [Sly("x" * n) for n in range(500)]
            request.messages = [Slippery() for _ in range(3)]
            response = await self.timer.complex(request)
            self.assertEqual(response.item_count, 3)

    async def test_a_list_may_change_on_another_thread(self):
        request = ComplexRequest([], ["x"] * 100)
        over = threading.Event()

        def churn():
            while not over.is_set():
                request.tags.append("y" * 1000)
                if len(request.tags) > 200:
                    del request.tags[:150]

        thread = threading.Thread(target=churn)
        thread.start()
        try:
            for _ in range(300):
                await self.timer.complex(request)
        finally:
            over.set()
            thread.join()

    async def test_values_whose_own_code_fails(self):
        class Fails:
            @property
            def message(self):
                raise KeyboardInterrupt

            delay_ms = 0

        with self.assertRaises(KeyboardInterrupt):
            self.timer.echo(Fails()).send(None)

        class Number:
            def __index__(self):
                raise RuntimeError("index")

        with self.assertRaisesRegex(RuntimeError, "index"):
            await self.timer.echo(EchoRequest("x", Number()))

    async def test_values_may_look_like_what_they_should_be(self):
        class Duck:
            message = "quack"
            delay_ms = True

        self.assertEqual((await self.timer.echo(Duck())).echoed, "quack")

    async def test_large_values(self):
        text = "ü" * (8 << 20)
        self.assertEqual((await self.timer.echo(EchoRequest(text))).echoed, text)
        messages = [EchoRequest(str(n)) for n in range(100_000)]
        response = await self.timer.complex(ComplexRequest(messages, []))
        self.assertEqual(response.item_count, 100_000)


class ThreadsTest(unittest.TestCase):
    def test_first_use_from_eight_threads_at_once(self):
        out, _ = program(
            """
            barrier = threading.Barrier(8)
            def first():
                barrier.wait()
                seen.append(make().version())
            seen = []
            threads = [threading.Thread(target=first) for _ in range(8)]
            [thread.start() for thread in threads]
            [thread.join() for thread in threads]
            print(len(seen), len(set(seen)))
            """
        )
        self.assertEqual(out, "8 1\n")

    def test_sixteen_threads_share_and_make_objects(self):
        shared = make()
        failed = []

        def work():
            async def many():
                for number in range(50):
                    timer = await create()
                    text = f"{number}"
                    calls = [shared.echo(EchoRequest(text, number % 2)), timer.echo(EchoRequest(text))]
                    for reply in await asyncio.gather(*calls):
                        assert reply.echoed == text
                    shared.version()
                    if number % 2:
                        timer.close()

            try:
                asyncio.run(many())
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        shared.close()
        self.assertEqual(failed, [])

    def test_close_races_calls(self):
        for _ in range(30):
            timer = make()
            ended = []

            def work(timer=timer, ended=ended):
                async def many():
                    while True:
                        await timer.echo(EchoRequest("x", 1))

                try:
                    asyncio.run(many())
                except _gangplank.ClosedError:
                    ended.append(True)

            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads:
                thread.start()
            time.sleep(0.002)
            timer.close()
            for thread in threads:
                thread.join()
            self.assertEqual(len(ended), 3)

    def test_memory_stays_what_it_is(self):
        timer = make()

        async def many(count):
            for number in range(count):
                await timer.echo(EchoRequest("x" * 100))
                timer.version()
                if number % 10 == 0:
                    call = timer.echo(EchoRequest("y", 60_000))
                    call.send(None)
                    call.close()

        def grown(count):
            before = resident()
            asyncio.run(many(count))
            # Calls that were left to themselves keep their memory until a thread of the library has ended them.
            asyncio.run(until(lambda: lib.stats()["pending_calls"] == 0))
            return resident() - before

        grown(10_000)
        # What leaks does so each time.
        for _ in range(5):
            growth = grown(40_000)
            if growth < 2 << 20:
                break
        self.assertLess(growth, 2 << 20)
        timer.close()


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


if __name__ == "__main__":
    unittest.main()
