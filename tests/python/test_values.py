"""Each type of the kitchen sink goes to the library and back, and equals what was made there."""

import math
import struct
import unittest
from datetime import datetime, timedelta, timezone

import kitchen_sink as ks
from kitchen_sink import Duration, Limit, Shade, Some, Timestamp


class Values(unittest.TestCase):
    def test_a_field_of_each_type(self) -> None:
        for limit in Limit:
            with self.subTest(limit=limit.name):
                each = ks.each_at(limit)
                self.assertTrue(ks.is_each_at(limit, each))
                self.assertTrue(ks.is_each_at(limit, ks.echo_each(each)))

    def test_lists_and_options_of_each_type(self) -> None:
        for limit in Limit:
            with self.subTest(limit=limit.name):
                lists, options = ks.lists_at(limit), ks.options_at(limit)
                self.assertTrue(ks.is_lists_at(limit, ks.echo_lists(lists)))
                self.assertTrue(ks.is_options_at(limit, ks.echo_options(options)))
        self.assertIsNone(ks.options_at(Limit.ZERO).texts)
        self.assertEqual(ks.options_at(Limit.LEAST).texts, "")

    def test_containers_in_containers(self) -> None:
        deep = ks.deep_sample()
        self.assertTrue(ks.is_deep_sample(ks.echo_deep(deep)))
        self.assertEqual(deep.thrice[:3], [None, Some(None), Some(Some(None))])
        self.assertEqual(deep.maybe, [None, [], [-(2**31), 2**31 - 1]])
        assert isinstance(deep.expression, ks.ExpressionLet)
        self.assertEqual(deep.expression.names, {"x": ks.ExpressionNumber(2.0)})
        assert deep.tree.next is not None
        self.assertEqual(deep.tree.next.label, "second")

    def test_options_of_options(self) -> None:
        values: list[Some[int | None] | None] = [None, Some(None), Some(7)]
        for value in values:
            self.assertEqual(ks.echo_maybe(value), value)
        tree = ks.Tree("a", ks.Tree("b", None, [], {}), [], {"c": ks.Tree("d", None, [], {})})
        self.assertEqual(ks.echo_next(tree), tree)
        self.assertIsNone(ks.echo_next(None))

    def test_integers_at_their_limits_and_beyond(self) -> None:
        echoes = [
            (ks.echo_i8, -(2**7), 2**7 - 1),
            (ks.echo_i16, -(2**15), 2**15 - 1),
            (ks.echo_i32, -(2**31), 2**31 - 1),
            (ks.echo_i64, -(2**63), 2**63 - 1),
            (ks.echo_u8, 0, 2**8 - 1),
            (ks.echo_u16, 0, 2**16 - 1),
            (ks.echo_u32, 0, 2**32 - 1),
            (ks.echo_u64, 0, 2**64 - 1),
        ]
        for echo, least, most in echoes:
            with self.subTest(echo=echo):
                self.assertEqual((echo(least), echo(most)), (least, most))
                for beyond in (least - 1, most + 1):
                    with self.assertRaises(OverflowError):
                        echo(beyond)

    def test_floats_bit_by_bit(self) -> None:
        for value in (math.inf, -math.inf, 5e-324, -0.0, 1.7976931348623157e308):
            self.assertEqual(struct.pack("d", ks.echo_f64(value)), struct.pack("d", value))
        self.assertTrue(math.isnan(ks.echo_f64(math.nan)))
        self.assertEqual(ks.echo_f32(0.1), ks.TENTH_F32)

    def test_texts_and_octets(self) -> None:
        for text in ("", "NUL \0 inside", "\U0010ffff" * 100, "x" * (64 << 10), "y" * (1 << 20)):
            self.assertEqual(ks.echo_text(text), text)
        for octets in (b"", b"\0\xff", bytes(1 << 20)):
            self.assertEqual(ks.echo_data(octets), octets)
        with self.assertRaises(ValueError):
            ks.echo_text("lone \ud800")
        large = bytes(64 << 20)
        self.assertEqual(len(ks.echo_data(large)), len(large))

    def test_enums_variants_maps(self) -> None:
        for shade in Shade:
            self.assertIs(ks.echo_shade(shade), shade)
        shapes: list[ks.Shape] = [
            ks.ShapePoint(),
            ks.ShapeCircle(1.5),
            ks.ShapeBox(1, 2**64 - 1),
            ks.ShapeLabelled(label="\0", shade=Shade.LIGHT),
        ]
        for shape in shapes:
            self.assertEqual(ks.echo_shape(shape), shape)
        self.assertEqual(ks.echo_counts({"": -1, "b": 2}), {"": -1, "b": 2})

    def test_times_are_exact(self) -> None:
        for at in (Timestamp(-1, 500_000_000), Timestamp(253_402_300_799, 999_999_999)):
            self.assertEqual(ks.echo_time(at), at)
        self.assertEqual(ks.make_span(2**63 - 1), Duration(2**63 - 1))
        moment = datetime(1969, 7, 20, 20, 17, 40, 125, tzinfo=timezone.utc)
        self.assertEqual(ks.echo_time(Timestamp.from_datetime(moment)).to_datetime(), moment)
        span = timedelta(days=-1, microseconds=1)
        self.assertEqual(ks.echo_span(Duration.from_timedelta(span)).to_timedelta(), span)

    def test_what_is_borrowed(self) -> None:
        self.assertEqual(ks.lengths("é", b"abc", [1, 2]), (2, 3, 2))

    def test_defaults_of_the_author(self) -> None:
        self.assertTrue(ks.is_default(ks.Defaults()))
        self.assertFalse(ks.is_default(ks.Defaults(plain=1)))

    def test_many_results_and_keywords(self) -> None:
        words = ks.Words(*range(26))
        result = ks.speak(words, ks.Word.NIL, ks.KindNil(), "s", 1, True, *[1] * 12)
        self.assertEqual(result, (words, ks.Word.NIL, ks.KindNil(), "s", 14))
        self.assertEqual(ks.type(type=3), 3)
        self.assertEqual(ks.len(len=4), 4)
        with self.assertRaises(TypeError):
            ks.echo_text(other="x")  # type: ignore[call-arg] # pyright: ignore
        with self.assertRaisesRegex(TypeError, "label"):
            ks.echo_shape(ks.ShapeLabelled(label=1, shade=Shade.DARK))  # type: ignore[arg-type] # pyright: ignore

    def test_a_hundred_thousand_records(self) -> None:
        row = ks.Tree("row", None, [], {})
        tree = ks.Tree("many", None, [row] * 100_000, {})
        echoed = ks.echo_next(tree)
        assert echoed is not None
        self.assertEqual(len(echoed.children), 100_000)


class Errors(unittest.IsolatedAsyncioTestCase):
    def test_each_case_is_an_exception(self) -> None:
        cases: list[tuple[int, type[ks.Refusal]]] = [
            (0, ks.PlainError),
            (1, ks.CountedError),
            (2, ks.PositionalError),
            (3, ks.WholeError),
            (4, ks.ListedError),
            (5, ks.OptionalError),
            (6, ks.DeeplyError),
            (7, ks.HeldError),
        ]
        for which, case in cases:
            with self.subTest(case=case), self.assertRaises(case) as caught:
                ks.refuse(which)
            self.assertIsInstance(caught.exception, ks.Refusal)
            self.assertIsInstance(caught.exception, ks.GangplankError)
        self.assertEqual(ks.refuse(8), 8)

    def test_fields_and_text(self) -> None:
        with self.assertRaises(ks.CountedError) as caught:
            ks.refuse(1)
        error = caught.exception
        self.assertEqual((error.count, error.text, error.ratio, error.sure), (2**64 - 1, "100 % {sure}", 1e10, True))
        self.assertEqual(str(error), "refused 18446744073709551615 times: 100 % {sure}, 10000000000, true")
        with self.assertRaises(ks.HeldError) as held:
            ks.refuse(7)
        self.assertEqual(held.exception.cellar.label(), "held")

    async def test_later(self) -> None:
        with self.assertRaises(ks.WholeError) as caught:
            await ks.refuse_later(3)
        self.assertTrue(ks.is_each_at(Limit.ODD, caught.exception.each))
        self.assertTrue(ks.is_each_at(Limit.ZERO, await ks.refuse_later(8)))

    async def test_texts(self) -> None:
        self.assertEqual(await ks.string_later("a", None, True, 1, [1, 2], 3), "a true 1 2 3")
        with self.assertRaisesRegex(ks.GangplankError, "^no$"):
            await ks.string_later("a", "no", True, 1, [], 3)
