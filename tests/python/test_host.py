"""Events and host functions: each type, and what goes wrong."""

import asyncio
import unittest

import host_demo
import kitchen_sink as ks
from kitchen_sink import Limit


class Events(unittest.IsolatedAsyncioTestCase):
    async def test_each_type_in_an_event(self) -> None:
        with ks.Bell.open_bell() as bell:
            eaches, many, options = bell.rang_each(), bell.rang_many(), bell.rang_options()
            cellars: asyncio.Queue[ks.Cellar] = asyncio.Queue()
            listening = bell.on_rang_cellar(cellars.put_nowait)
            for limit in Limit:
                bell.ring(limit)
                self.assertTrue(ks.is_each_at(limit, await anext(eaches)))
                self.assertTrue(ks.is_options_at(limit, await anext(options)))
                text, shape, count, maybe, deep = await anext(many)
                each = ks.each_at(limit)
                self.assertEqual((text, shape, count, maybe), (each.text, each.shape, each.u64, each.data))
                self.assertTrue(ks.is_deep_sample(deep))
            with ks.Cellar.open_cellar("rung") as cellar:
                bell.ring_cellar(cellar)
                self.assertEqual((await cellars.get()).label(), "rung")
            self.assertFalse(listening.closed)
            listening.cancel()
            self.assertTrue(listening.closed)

    async def test_several_listeners_each_once_and_the_cancelled_one_not(self) -> None:
        with ks.Bell.open_bell() as bell:
            heard: list[int] = []
            done = asyncio.Event()

            def last(_: ks.Lists) -> None:
                heard.append(3)
                done.set()

            first = bell.on_rang_lists(lambda _: heard.append(1))
            gone = bell.on_rang_lists(lambda _: heard.append(2))
            end = bell.on_rang_lists(last)
            gone.cancel()
            bell.ring(Limit.ZERO)
            await asyncio.wait_for(done.wait(), 60)
            for _ in range(6000):
                if 1 in heard:
                    break
                await asyncio.sleep(0.01)
            self.assertEqual(sorted(heard), [1, 3])
            first.cancel()
            end.cancel()

    async def test_an_iteration_ends_with_the_object(self) -> None:
        bell = ks.Bell.open_bell()
        heard = 0
        events = bell.rang_each()
        bell.ring(Limit.ZERO)
        async for _ in events:
            heard += 1
            bell.close()
        self.assertEqual(heard, 1)


class HostFunctions(unittest.IsolatedAsyncioTestCase):
    async def test_each_type_through_the_host(self) -> None:
        async def later(value: ks.Lists) -> ks.Lists:
            await asyncio.sleep(0)
            return value

        with ks.Bell.open_bell() as bell:
            bell.set_ask_each(lambda each: each)
            bell.set_ask_lists(later)
            bell.set_ask_options(lambda options: options)
            bell.set_ask_deep(lambda deep: deep)
            for limit in Limit:
                with self.subTest(limit=limit.name):
                    self.assertTrue(await bell.ask(limit))

    async def test_several_parameters_and_objects(self) -> None:
        with ks.Bell.open_bell() as bell:
            bell.set_ask_many(lambda text, shape, error: shape if text == "range" else ks.ShapePoint())
            shape = await bell.ask_many("range", ks.ShapeCircle(2.0), None)
            self.assertEqual(shape, ks.ShapeCircle(2.0))
            bell.set_ask_shelf(lambda shelf: shelf)
            shelf = ks.open_shelf("asked")
            self.assertEqual((await bell.ask_shelf(shelf)).first.label(), "asked")

    async def test_typed_errors_of_the_host(self) -> None:
        def refuse(which: int) -> None:
            ks.refuse(which)

        with ks.Bell.open_bell() as bell:
            bell.set_ask_refusal(refuse)
            for which in range(8):
                with self.subTest(which=which):
                    self.assertTrue(await bell.ask_refusal(which))

    async def test_functions_for_all_objects(self) -> None:
        ks.set_default_ask_many(lambda text, shape, error: ks.ShapeBox(1, 2))
        try:
            with ks.Bell.open_bell() as bell:
                self.assertEqual(await bell.ask_many("", ks.ShapePoint(), None), ks.ShapeBox(1, 2))
                bell.set_ask_many(lambda text, shape, error: ks.ShapePoint())
                self.assertEqual(await bell.ask_many("", ks.ShapePoint(), None), ks.ShapePoint())
        finally:
            ks.set_default_ask_many(None)
        with ks.Bell.open_bell() as bell, self.assertRaisesRegex(ks.GangplankError, "'ask_many' not registered"):
            await bell.ask_many("", ks.ShapePoint(), None)

    async def test_a_thousand_at_once(self) -> None:
        gate = asyncio.Event()

        async def slow(key: str) -> str:
            await gate.wait()
            return f"<{key}>"

        with host_demo.Demo.create() as demo:
            demo.set_fetch_token(slow)
            calls = [asyncio.ensure_future(demo.use_token(str(number))) for number in range(1_000)]
            await asyncio.sleep(0.05)
            gate.set()
            tokens = await asyncio.gather(*calls)
            self.assertEqual(tokens, [f"token[<{number}>]" for number in range(1_000)])

    async def test_a_host_function_that_calls_the_library(self) -> None:
        with host_demo.Demo.create() as outer, host_demo.Demo.create() as inner:
            inner.set_fetch_token(lambda key: f"inner {key}")

            async def ask(key: str) -> str:
                return await inner.use_token(key)

            outer.set_fetch_token(ask)
            self.assertEqual(await outer.use_token("k"), "token[token[inner k]]")

    async def test_a_cancelled_call_cancels_the_host_function(self) -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def never(key: str) -> str:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()
            return key

        with host_demo.Demo.create() as demo:
            demo.set_fetch_token(never)
            call = asyncio.ensure_future(demo.use_token("k"))
            await asyncio.wait_for(begun.wait(), 60)
            call.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await call
            await asyncio.wait_for(ended.wait(), 60)
