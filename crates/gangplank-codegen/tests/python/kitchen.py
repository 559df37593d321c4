"""What the package of the kitchen sink declares, without the library behind it."""

import copy
import dataclasses
import inspect
import math
import pickle
import typing

import kitchen_sink as ks

told = ks._gangplank.told

# Names: keywords get an underscore, words of other languages and builtins stay.
assert ks.Words.__match_args__[:3] == ("type", "func", "range")
assert {"class_", "assert_", "int", "len", "NULL"} <= set(ks.Words.__match_args__)
assert told["speak"][1][0] == "type" and told["len"] == ("names.len", ("len",), told["len"][2])
assert told["Cellar"][1]["pass_"][0] == "cellar.Cellar.pass"
assert told["Interface"][1]["shut"][0] == "names.Interface.close"

# Enums, variants, options of options.
assert ks.Shade.PALE == -(2**31) + 1 and ks.Shade(2**31 - 1) is ks.Shade.DARK
assert [one.name for one in ks.Word] == ["TYPE", "FUNC", "NIL", "NULL", "DEFAULT", "VOID"]
assert ks.ShapeBox(1, 2) == ks.ShapeBox(value0=1, value1=2) and ks.ShapeCircle(1.5).value == 1.5
assert isinstance(ks.ShapePoint(), ks.Shape) and not isinstance(ks.Nothing(), ks.Shape)
assert ks.Some(None) != None and ks.Some(ks.Some(1)).value.value == 1
assert told["lib"].types["kitchen_sink::each::Shape"][0] is ks.ShapePoint
assert told["lib"].types["some"] is ks.Some

# Dataclasses have slots and their author's defaults, lists are nobody else's.
defaults = ks.Defaults()
assert defaults == ks.Defaults() and defaults.most == 2**64 - 1 and math.copysign(1, defaults.minus_zero) == -1
assert defaults.text == 'quote " NUL \0 */' and defaults.data == b"\0\xff" and defaults.shade is ks.Shade.PALE
assert (defaults.there, defaults.absent, defaults.note, defaults.plain) == (7, None, "there", 0)
assert defaults.list is not ks.Defaults().list
assert not hasattr(defaults, "__dict__") and copy.copy(defaults) == defaults
try:
    ks.Jar()
    raise AssertionError("a field without a default has to be given")
except TypeError:
    pass

# What a field hides is spelled in another way, so that all annotations mean something.
for name in ks.__all__:
    one = getattr(ks, name)
    if dataclasses.is_dataclass(one):
        typing.get_type_hints(one)
assert typing.get_type_hints(ks.Words)["register"] is int and typing.get_type_hints(ks.Defaults)["list"] == list[int]

# Constants.
assert ks.MOTTO == 'quote " backslash \\ NUL \0 é ??/ */ \n \ufeff' and ks.TINY_F64 == 5e-324
assert math.isnan(ks.NOT_A_NUMBER) and ks.INFINITY == math.inf and math.copysign(1, ks.MINUS_ZERO) == -1

# Times are exact, and become Python's where these can hold them.
odd = ks.Timestamp(-1, 500_000_000)
assert ks.Timestamp.from_datetime(odd.to_datetime()) == odd and odd.to_datetime().isoformat() == "1969-12-31T23:59:59.500000+00:00"
least = ks.Timestamp(-62_135_596_800)
assert least.to_datetime().year == 1 and ks.Timestamp(253_402_300_799, 999_999_999).to_datetime().year == 9999
span = ks.Duration(-2, 500_000_000)
assert ks.Duration.from_timedelta(span.to_timedelta()) == span and span.to_timedelta().total_seconds() == -1.5
try:
    ks.Duration(2**63 - 1).to_timedelta()
    raise AssertionError("nobody can hold that")
except OverflowError:
    pass

# Errors: kinds of the error, with fields, with the text that Rust has.
counted = ks.CountedError(2**64 - 1, "100 % {sure}", ratio=1e10, sure=True)
assert str(counted) == "refused 18446744073709551615 times: 100 % {sure}, 10000000000, true", str(counted)
for ratio, text in [(0.10000000149011612, "0.1"), (1.0, "1"), (math.nan, "NaN"), (-math.inf, "-inf"), (-0.0, "-0")]:
    assert f", {text}, false" in str(ks.CountedError(0, "", ratio, False)), str(ks.CountedError(0, "", ratio, False))
assert isinstance(counted, ks.Refusal) and isinstance(counted, ks.GangplankError)
again = pickle.loads(pickle.dumps(counted))
assert type(again) is ks.CountedError and vars(again) == vars(counted)
assert str(ks.PositionalError(-128, "\0")) == "refused -128 and \0" and str(ks.PlainError()) == "refused"
assert ks.CountedError.__match_args__ == ("count", "text", "ratio", "sure") and ks.PlainError.__match_args__ == ()
assert issubclass(ks.HostError, ks.Refusal), "an error of the library is not the toolkit's"

# Docs: what would end them does not.
assert inspect.getdoc(ks.Documented).startswith("Ends a comment */") and inspect.getdoc(ks.Documented).endswith("\\")
assert "Deprecated: because */ of // it \\" in told["read_documented"][2]
assert dataclasses.is_dataclass(ks.Tree) and ks.Tree.__module__ == "kitchen_sink"

# Events and host functions.
path, functions, hosts, events = told["Bell"]
assert path == "kitchen_sink::bell::Bell" and hosts["set_ask_many"][0] == "ask_many" and events["rang_many"][0] == "rang_many"
assert told["set_default_ask_each"] == ("ask_each",)

# Nothing but the interface shows.
shown = [name for name in vars(ks) if not name.startswith("_")]
assert sorted(shown) == sorted(ks.__all__) == dir(ks), set(shown) ^ set(ks.__all__)
