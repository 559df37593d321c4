"""Every type everywhere a value can stand: the generated package of the kitchen sink."""

import asyncio
import enum
import importlib.util
import math
import struct
import sys
import time
import unittest
from unittest import mock

import kitchen_sink as sink
from kitchen_sink import _gangplank

LIMITS = list(sink.Limit)


def bits(number):
    return struct.pack("<d", number)


async def until(condition):
    end = time.monotonic() + 60
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen within a minute")
        await asyncio.sleep(0.01)


class EchoTest(unittest.TestCase):
    def test_every_value_at_its_limits_comes_back(self):
        for limit in LIMITS:
            with self.subTest(limit):
                self.assertTrue(sink.is_each_at(limit, sink.each_at(limit)))
                self.assertTrue(sink.is_each_at(limit, sink.echo_each(sink.each_at(limit))))
                self.assertTrue(sink.is_lists_at(limit, sink.lists_at(limit)))
                self.assertTrue(sink.is_lists_at(limit, sink.echo_lists(sink.lists_at(limit))))
                self.assertTrue(sink.is_options_at(limit, sink.options_at(limit)))
                self.assertTrue(sink.is_options_at(limit, sink.echo_options(sink.options_at(limit))))
        self.assertTrue(sink.is_deep_sample(sink.deep_sample()))
        self.assertTrue(sink.is_deep_sample(sink.echo_deep(sink.deep_sample())))
        self.assertEqual(sink.echo_deep(sink.deep_sample()), sink.deep_sample())

    def test_integers_at_their_limits_and_beyond(self):
        for name, least, most in [
            ("i8", -(2**7), 2**7 - 1),
            ("i16", -(2**15), 2**15 - 1),
            ("i32", -(2**31), 2**31 - 1),
            ("i64", -(2**63), 2**63 - 1),
            ("u8", 0, 2**8 - 1),
            ("u16", 0, 2**16 - 1),
            ("u32", 0, 2**32 - 1),
            ("u64", 0, 2**64 - 1),
        ]:
            echo = getattr(sink, f"echo_{name}")
            for value in (least, most, 0, 1, True):
                self.assertEqual(echo(value), value)
            for value in (least - 1, most + 1, 2**200, -(2**200)):
                with self.assertRaises(OverflowError) as caught:
                    echo(value)
                self.assertEqual(
                    str(caught.exception),
                    f"echo_{name}() argument 'value': {value} does not fit into {name}",
                )
            for value in (1.0, "1", None, b"1", [1]):
                with self.assertRaises(TypeError):
                    echo(value)
            for digits in (1000, 10_000):
                with self.assertRaisesRegex(OverflowError, "does not fit") as caught:
                    echo(10**digits)
                self.assertLess(len(str(caught.exception)), 200)

    def test_floats_bit_by_bit(self):
        for number in (0.0, -0.0, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, 0.1):
            self.assertEqual(bits(sink.echo_f64(number)), bits(number))
        for nan in (0x7FF8000000000000, 0x7FF0000000000001, 0xFFF8000000000123):
            number = struct.unpack("<d", struct.pack("<Q", nan))[0]
            self.assertEqual(bits(sink.echo_f64(number)), bits(number))
        for single in (0, 0x80000000, 1, 0x7F7FFFFF, 0x7F800000, 0x7FC00000, 0x3DCCCCCD):
            number = struct.unpack("<f", struct.pack("<I", single))[0]
            self.assertEqual(bits(sink.echo_f32(number)), bits(number))
        self.assertEqual(sink.echo_f64(3), 3.0)
        with self.assertRaises(OverflowError):
            sink.echo_f32(1e39)
        with self.assertRaises(TypeError):
            sink.echo_f64("1")

    def test_texts_and_octets(self):
        for text in ("", "\0", "é\u2028\ufeff", "\U0010ffff" * 100, "x" * (1 << 20), "ü" * (64 << 20 >> 1)):
            self.assertEqual(sink.echo_text(text), text)
        for data in (b"", b"\0\xff", bytes(range(256)) * 4096):
            for kind in (bytes, bytearray, memoryview):
                self.assertEqual(sink.echo_data(kind(data)), data)
        self.assertEqual(sink.echo_data(memoryview(b"abcdef")[1:4]), b"bcd")
        strided = memoryview(b"abcdef")[::2]
        with self.assertRaises(ValueError) as caught:
            sink.echo_data(strided)
        said = "argument 'value': the memory of this memoryview is not contiguous; pass `bytes(view)` of a memoryview"
        self.assertIn(said, str(caught.exception))
        self.assertEqual(sink.echo_data(bytes(strided)), b"ace")
        for wrong in ("x", [1], 5, None):
            with self.assertRaises(TypeError):
                sink.echo_data(wrong)
        with self.assertRaises(ValueError):
            sink.echo_text("\udc80")
        with self.assertRaises(TypeError):
            sink.echo_text(b"x")

    def test_buffers_of_numbers_cross_in_one_piece(self):
        import array

        text, data, numbers = "abc", b"de", [1, 2, 3]
        expected = sink.lengths(text, data, numbers)
        codes = {"b": "b", "h": "h", "i": "i", "q": "q", "B": "B", "H": "H", "I": "I", "Q": "Q", "f": "f", "d": "d"}
        taken = 0
        for code in codes:
            try:
                self.assertEqual(sink.lengths(text, data, array.array(code, numbers)), expected)
                taken += 1
            except TypeError:
                # Floats are no integers.
                self.assertIn(code, "fd")
        self.assertEqual(taken, 8)
        self.assertEqual(sink.lengths(text, data, range(3)), expected)
        self.assertEqual(sink.lengths(text, data, memoryview(array.array("q", [1, 9, 2, 9, 3, 9]))[::2]), expected)
        with self.assertRaises(TypeError):
            sink.lengths(text, data, "123")

    def test_options_of_options(self):
        for value in (None, sink.Some(None), sink.Some(5)):
            self.assertEqual(sink.echo_maybe(value), value)
        with self.assertRaises(TypeError):
            sink.echo_maybe(5)

    def test_times(self):
        for seconds in (-(2**63), 2**63 - 1, 0, -1):
            for nanos in (0, 1, 999_999_999):
                self.assertEqual(sink.echo_time(sink.Timestamp(seconds, nanos)), sink.Timestamp(seconds, nanos))
                self.assertEqual(sink.echo_span(sink.Duration(seconds, nanos)), sink.Duration(seconds, nanos))
        with self.assertRaises(ValueError):
            sink.echo_span(sink.Duration(0, 1_000_000_000))
        with self.assertRaises(OverflowError):
            sink.echo_span(sink.Duration(0, -1))
        with self.assertRaises(TypeError):
            sink.echo_span(1.5)

    def test_enums_and_variants(self):
        for shade in sink.Shade:
            self.assertIs(sink.echo_shade(shade), shade)
        with self.assertRaises(ValueError):
            sink.echo_shade(7)
        self.assertIs(sink.echo_shade(int(sink.Shade.DARK)), sink.Shade.DARK)

        class Other(enum.IntEnum):
            DARK = sink.Shade.DARK

        for wrong in (Other.DARK, bool(sink.Shade.DARK), 1.0, "DARK"):
            with self.assertRaisesRegex(TypeError, "'value': expected Shade, not"):
                sink.echo_shade(wrong)
        for shape in (sink.ShapePoint(), sink.ShapeCircle(1.5), sink.ShapeBox(2, 3)):
            self.assertEqual(sink.echo_shape(shape), shape)
        with self.assertRaises(TypeError):
            sink.echo_shape(None)
        with self.assertRaises(OverflowError):
            sink.echo_shape(sink.ShapeBox(-1, 0))

    def test_values_that_contain_themselves(self):
        tree = sink.Tree("root", None, [], {})
        tree.next = tree
        with self.assertRaises(RecursionError):
            sink.echo_next(tree)
        # The tree itself is a box, and the list of the leaf is one level more.
        for trees, fits in ((62, True), (63, False)):
            tree = sink.Tree("leaf", None, [], {})
            for _ in range(trees):
                tree = sink.Tree("", tree, [], {})
            if fits:
                self.assertEqual(sink.echo_next(tree), tree)
            else:
                with self.assertRaisesRegex(RecursionError, "deeper than 64 levels"):
                    sink.echo_next(tree)
        tree = sink.Tree("leaf", None, [], {})
        for depth in range(8):
            tree = sink.Tree(str(depth), tree, [], {"leaf": tree})
        self.assertEqual(sink.echo_next(tree), tree)

    def test_maps(self):
        self.assertEqual(sink.echo_counts({"a": 1, "": -1}), {"a": 1, "": -1})
        self.assertEqual(sink.echo_counts({}), {})
        with self.assertRaises(TypeError):
            sink.echo_counts({1: 1})
        with self.assertRaises(TypeError):
            sink.echo_counts([("a", 1)])

    def test_defaults_are_those_of_the_library(self):
        self.assertTrue(sink.is_default(sink.Defaults(plain=0)))
        self.assertEqual(sink.MOST_U64, 2**64 - 1)
        self.assertEqual(sink.LEAST_I64, -(2**63))
        self.assertTrue(math.isnan(sink.NOT_A_NUMBER))

    def test_several_results(self):
        each = sink.each_at(sink.Limit.MOST)
        given = (each.text, each.data, each.at, each.span, each.shape, each.jar)
        self.assertEqual(sink.pass_values(*given), given)
        names = ("text", "data", "at", "span", "shape", "jar")
        self.assertEqual(sink.pass_values(**dict(zip(reversed(names), reversed(given)))), given)


class ErrorsTest(unittest.IsolatedAsyncioTestCase):
    async def test_every_case_of_an_error(self):
        seen = set()
        for which in range(8):
            with self.assertRaises(sink.Refusal) as caught:
                sink.refuse(which)
            with self.assertRaises(sink.Refusal) as later:
                await sink.refuse_later(which)
            self.assertIs(type(later.exception), type(caught.exception))
            self.assertEqual(str(later.exception), str(caught.exception))
            seen.add(type(caught.exception))
        self.assertGreaterEqual(len(seen), 7)
        self.assertIsInstance(caught.exception, sink.GangplankError)

    async def test_errors_of_the_host_keep_their_values(self):
        with sink.Bell.open_bell() as bell:

            async def refuse(which):
                sink.refuse(which)

            bell.set_ask_refusal(refuse)
            for which in range(8):
                self.assertTrue(await bell.ask_refusal(which), which)


class BellTest(unittest.IsolatedAsyncioTestCase):
    async def test_every_type_in_events(self):
        with sink.Bell.open_bell() as bell:
            heard = []
            for name in ("each", "lists", "options", "many"):
                listen = getattr(bell, f"on_rang_{name}")
                listen(lambda *values, name=name: heard.append((name, values)))
            for limit in LIMITS:
                heard.clear()
                bell.ring(limit)
                await until(lambda: len(heard) == 4)
                values = dict(heard)
                self.assertTrue(sink.is_each_at(limit, *values["each"]))
                self.assertTrue(sink.is_lists_at(limit, *values["lists"]))
                self.assertTrue(sink.is_options_at(limit, *values["options"]))
                text, shape, count, maybe, deep = values["many"]
                each = sink.each_at(limit)
                self.assertEqual((text, shape, count, maybe), (each.text, each.shape, each.u64, each.data))
                self.assertTrue(sink.is_deep_sample(deep))
            many = bell.rang_many()
            bell.ring(sink.Limit.MOST)
            self.assertEqual(len(await anext(many)), 5)

    async def test_every_type_in_host_functions(self):
        with sink.Bell.open_bell() as bell:
            for name in ("each", "lists", "options", "deep"):
                getattr(bell, f"set_ask_{name}")(lambda value: value)
            for limit in LIMITS:
                self.assertTrue(await bell.ask(limit))
            bell.set_ask_many(lambda range, len, error: len)
            self.assertEqual(await bell.ask_many("r", sink.ShapeBox(1, 2), None), sink.ShapeBox(1, 2))


class ObjectsTest(unittest.IsolatedAsyncioTestCase):
    async def test_objects_everywhere(self):
        with sink.Cellar.open_cellar("deep") as cellar, sink.Cellar.open_cellar("deeper") as other:
            self.assertEqual(cellar.label(), "deep")
            self.assertEqual(cellar.longer(other), "deeper")
            self.assertIs(await cellar.pass_(other), other)
            self.assertIs(await cellar.pass_(cellar), cellar)
            self.assertIsNone(cellar.pass_maybe(None))
            self.assertIs(cellar.pass_maybe(other), other)
            self.assertEqual(cellar.pass_all([cellar, other, other]), [other, other, cellar])
            self.assertEqual(cellar.dig().label(), "below deep")
            beside = await sink.Cellar.open_beside(cellar)
            self.assertEqual(beside.label(), "beside deep")
            for wrong in (None, 5, sink.Bell.open_bell()):
                with self.assertRaises(TypeError):
                    cellar.longer(wrong)
        with self.assertRaises(sink.ClosedError):
            beside.longer(other)

    async def test_objects_of_a_result_that_cannot_be_read_are_given_back(self):
        sink.load_library()
        made, handles = _gangplank.Library.object, sink.library_stats()["handles"]

        def without_cellars(library, path, *of, **more):
            return None if path.endswith("::Cellar") else made(library, path, *of, **more)

        with mock.patch.object(_gangplank.Library, "object", without_cellars):
            spec = importlib.util.spec_from_file_location("no_cellars", sink.__file__, submodule_search_locations=sink.__path__)
            sys.modules["no_cellars"] = other = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(other)
        for _ in range(3):
            with self.assertRaisesRegex(ValueError, "no class for kitchen_sink::cellar::Cellar"):
                other.open_shelf("x")
        self.assertEqual(sink.library_stats()["handles"], handles)

    async def test_objects_in_records(self):
        before = sink.library_stats()["handles"]
        shelf = sink.open_shelf("s")
        self.assertIs(shelf.first, shelf.all[0])
        self.assertIs(shelf.first, shelf.by_name["first"])
        self.assertIs(shelf.spare, shelf.holder.value if hasattr(shelf.holder, "value") else shelf.spare)
        turned = await sink.turn_shelf(shelf)
        self.assertIs(turned.first, shelf.spare)
        self.assertEqual(sink.library_stats()["handles"], before + 2)
        del shelf, turned
        self.assertEqual(sink.library_stats()["handles"], before)

    async def test_objects_in_events_and_host_functions(self):
        before = sink.library_stats()["handles"]
        with sink.Bell.open_bell() as bell, sink.Cellar.open_cellar("rung") as cellar:
            heard = []
            bell.on_rang_cellar(heard.append)
            bell.ring_cellar(cellar)
            await until(lambda: heard)
            self.assertIs(heard[0], cellar)
            kept = []

            def ask(shelf):
                kept.append(shelf)
                return shelf

            bell.set_ask_shelf(ask)
            shelf = await bell.ask_shelf(sink.open_shelf("asked"))
            self.assertIs(shelf.first, kept[0].first)
            self.assertEqual(kept[0].spare.label(), "asked 2")
        del heard, kept, shelf, bell, cellar, ask
        await until(lambda: sink.library_stats()["handles"] == before)

    def test_names_that_are_pythons_own(self):
        self.assertEqual(sink.len(3), sink.len(len=3))
        with sink.Interface.new_interface(4) as interface:
            self.assertEqual(interface.len(5), interface.len(len=5))
            self.assertEqual(asyncio.run(handle(interface)), asyncio.run(handle(interface)))


async def handle(interface):
    return await interface.handle(self_=3)


if __name__ == "__main__":
    unittest.main()
