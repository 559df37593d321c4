"""Objects: as parameters, results and parts of values; how they begin and end."""

import asyncio
import gc
import threading
import time
import unittest

import kitchen_sink as ks


def settled() -> dict[str, int]:
    """What the library counts once nothing of earlier tests is under way any more: a listener in its last call leaves later."""
    gc.collect()
    end = time.monotonic() + 60
    while (stats := ks.library_stats())["listeners"] or stats["pending_calls"]:
        if time.monotonic() > end:
            raise AssertionError(f"it does not come to rest: {stats}")
        time.sleep(0.01)
    return stats


class Objects(unittest.IsolatedAsyncioTestCase):
    def test_objects_everywhere(self) -> None:
        with ks.Cellar.open_cellar("a") as one, ks.Cellar.open_cellar("bc") as two:
            self.assertEqual(one.longer(two), "bc")
            self.assertEqual([each.label() for each in one.pass_all([one, two])], ["bc", "a"])
            self.assertIsNone(one.pass_maybe(None))
            again = one.pass_maybe(two)
            assert again is not None
            self.assertEqual(again.label(), "bc")
            self.assertEqual(one.dig().label(), "below a")

    async def test_objects_in_values(self) -> None:
        shelf = ks.open_shelf("s")
        assert isinstance(shelf.holder, ks.HolderHeld) and shelf.spare is not None
        self.assertEqual(shelf.holder.value.label(), "s 2")
        turned = await ks.turn_shelf(shelf)
        self.assertEqual(turned.first.label(), "s 2")
        self.assertEqual([each.label() for each in turned.all], ["s", "s", "s 2"])

    async def test_constructors_that_wait_or_fail(self) -> None:
        with ks.Cellar.open_cellar("a") as one:
            async with await ks.Cellar.open_beside(one) as beside:
                self.assertEqual(beside.label(), "beside a")
            self.assertEqual((await one.pass_(one)).label(), "a")
        with ks.Cellar.open_cellar("") as nothing:
            before = settled()
            with self.assertRaisesRegex(ks.GangplankError, "beside nothing"):
                await ks.Cellar.open_beside(nothing)
            gc.collect()
            self.assertEqual(ks.library_stats(), before)

    def test_a_closed_object(self) -> None:
        one = ks.Cellar.open_cellar("a")
        one.close()
        one.close()
        with self.assertRaises(ks.ClosedError):
            one.label()
        with self.assertRaises(TypeError):
            ks.Cellar()  # the class has constructors of its own

    def test_words_as_names(self) -> None:
        with ks.Interface.new_interface(5) as words:
            self.assertEqual((words.go(), words.len(2), words.static(2), words.shut()), (5, 7, 3, -5))

    def test_threads_make_call_and_end(self) -> None:
        failed: list[BaseException] = []

        def work(number: int) -> None:
            try:
                for count in range(50):
                    with ks.Cellar.open_cellar(f"{number} {count}") as one:
                        assert one.label() == f"{number} {count}"
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])

    def test_more_objects_than_a_few_and_none_is_left(self) -> None:
        before = settled()
        many = [ks.Cellar.open_cellar(str(number)) for number in range(1_000)]
        self.assertEqual(many[999].label(), "999")
        del many
        gc.collect()
        self.assertEqual(ks.library_stats(), before)

    async def test_loops_in_threads(self) -> None:
        def work() -> str:
            async def inside() -> str:
                with ks.Cellar.open_cellar("a") as one:
                    return (await one.pass_(one)).label()

            return asyncio.run(inside())

        results = await asyncio.gather(*[asyncio.to_thread(work) for _ in range(8)])
        self.assertEqual(results, ["a"] * 8)
