package tests

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	sink "example.com/kitchensink"
)

func is(t testing.TB, got, want any) {
	t.Helper()
	if !identical(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
}

// echoes sends each value through an echo.
func echoes[T any](t testing.TB, echo func(T) (T, error), values ...T) {
	t.Helper()
	for _, value := range values {
		got, err := echo(value)
		noError(t, err)
		is(t, got, value)
	}
}

func TestEveryScalarInRegisters(t *testing.T) {
	echoes(t, sink.EchoBool, false, true)
	echoes(t, sink.EchoI8, math.MinInt8, -1, 0, math.MaxInt8)
	echoes(t, sink.EchoI16, math.MinInt16, -1, 0, math.MaxInt16)
	echoes(t, sink.EchoI32, math.MinInt32, -1, 0, math.MaxInt32)
	echoes(t, sink.EchoI64, math.MinInt64, -1, 0, math.MaxInt64)
	echoes(t, sink.EchoCount, math.MinInt64, -1, 0, math.MaxInt64)
	echoes(t, sink.EchoU8, 0, 1, math.MaxUint8)
	echoes(t, sink.EchoU16, 0, 1, math.MaxUint16)
	echoes(t, sink.EchoU32, 0, 1, math.MaxUint32)
	echoes(t, sink.EchoU64, 0, 1, math.MaxUint64)
	echoes(t, sink.EchoShade, sink.ShadeClear, sink.ShadeDark, sink.ShadeLight, sink.ShadePale)
	for _, bits := range []uint32{0, 1, 1 << 31, 0x7f800000, 0xff800000, 0x7f800001, 0x7fc00001, 0xffffffff} {
		echoes(t, sink.EchoF32, math.Float32frombits(bits))
	}
	for _, bits := range []uint64{0, 1, 1 << 63, 0x7ff0 << 48, 0xfff0 << 48, 0x7ff0<<48 + 1, 0x7ff8<<48 + 1, math.MaxUint64} {
		echoes(t, sink.EchoF64, math.Float64frombits(bits))
	}
	_, err := sink.EchoShade(1)
	isError(t, err, sink.ErrBadArgument)
}

func TestEveryTypeAsAField(t *testing.T) {
	for _, limit := range limits {
		each, err := sink.EachAt(limit)
		noError(t, err)
		is(t, each, eachAt(limit))
		same, err := sink.IsEachAt(limit, eachAt(limit))
		noError(t, err)
		equal(t, same, true)
		echoes(t, sink.EchoEach, eachAt(limit))
	}
}

func TestEveryTypeInAList(t *testing.T) {
	for _, limit := range limits {
		lists, err := sink.ListsAt(limit)
		noError(t, err)
		is(t, lists, listsAt(limit))
		same, err := sink.IsListsAt(limit, listsAt(limit))
		noError(t, err)
		equal(t, same, true)
		echoes(t, sink.EchoLists, listsAt(limit))
	}
}

func TestEveryTypeInAnOption(t *testing.T) {
	for _, limit := range limits {
		options, err := sink.OptionsAt(limit)
		noError(t, err)
		is(t, options, optionsAt(limit))
		same, err := sink.IsOptionsAt(limit, optionsAt(limit))
		noError(t, err)
		equal(t, same, true)
		echoes(t, sink.EchoOptions, optionsAt(limit))
	}
}

func TestMapsAndNesting(t *testing.T) {
	deep, err := sink.DeepSample()
	noError(t, err)
	is(t, deep, deepSample())
	same, err := sink.IsDeepSample(deepSample())
	noError(t, err)
	equal(t, same, true)
	echoes(t, sink.EchoDeep, deepSample())
	echoes(t, sink.EchoMaybe, nil, to[*int64](nil), to(to(int64(math.MinInt64))))
	echoes(t, sink.EchoNext, nil, &sink.Tree{}, &sink.Tree{Next: &sink.Tree{Label: "x"}})
	echoes(t, sink.EchoCounts, nil, map[string]int64{}, map[string]int64{"": 1, "\x00": 2})
}

func TestEveryTypeAsAParameterAndAResult(t *testing.T) {
	echoes(t, sink.EchoText, "", "\x00", "é")
	echoes(t, sink.EchoData, nil, []byte{0, 255})
	echoes(t, sink.EchoTexts, nil, []string{"", "x"})
	for _, limit := range limits {
		each, lists, options := eachAt(limit), listsAt(limit), optionsAt(limit)
		echoes(t, sink.EchoTime, each.At)
		echoes(t, sink.EchoSpan, each.Span)
		echoes(t, sink.EchoShape, each.Shape)
		text, data, at, span, shape, jar, err := sink.PassValues(each.Text, each.Data, each.At, each.Span, each.Shape, each.Jar)
		noError(t, err)
		is(t, []any{text, data, at, span, shape, jar}, []any{each.Text, each.Data, each.At, each.Span, each.Shape, each.Jar})

		flags, shades, numbers, floats, shapes, all, err := sink.PassLists(context.Background(), lists.Flags, lists.Shades,
			lists.U16s, lists.F64s, lists.Shapes, lists.All)
		noError(t, err)
		is(t, []any{flags, shades, numbers, floats, shapes, all},
			[]any{lists.Flags, lists.Shades, lists.U16s, lists.F64s, lists.Shapes, lists.All})

		flag, ratio, note, blob, maybe, one, err := sink.PassOptions(options.Flags, options.F32s, options.Texts, options.Blobs,
			options.Shapes, options.All)
		noError(t, err)
		is(t, []any{flag, ratio, note, blob, maybe, one},
			[]any{options.Flags, options.F32s, options.Texts, options.Blobs, options.Shapes, options.All})

		a, b, c, err := sink.Lengths(each.Text, each.Data, lists.I32s)
		noError(t, err)
		equal(t, []uint64{a, b, c}, []uint64{uint64(len(each.Text)), uint64(len(each.Data)), uint64(len(lists.I32s))})
	}
}

func TestSpansThatGoCannotHold(t *testing.T) {
	for _, seconds := range []int64{math.MaxInt64, math.MinInt64, 9_223_372_037, -9_223_372_038} {
		_, err := sink.MakeSpan(seconds)
		if err == nil {
			t.Fatalf("%d seconds are no time.Duration", seconds)
		}
	}
	span, err := sink.MakeSpan(-9_223_372_036)
	noError(t, err)
	equal(t, span, -9_223_372_036*time.Second)
}

func TestConstantsOfEachType(t *testing.T) {
	is(t, []any{sink.LeastI8, sink.LeastI16, sink.LeastI32, sink.LeastI64},
		[]any{int8(math.MinInt8), int16(math.MinInt16), int32(math.MinInt32), int64(math.MinInt64)})
	is(t, []any{sink.MostU8, sink.MostU16, sink.MostU32, sink.MostU64},
		[]any{uint8(math.MaxUint8), uint16(math.MaxUint16), uint32(math.MaxUint32), uint64(math.MaxUint64)})
	is(t, []any{sink.MostF32, sink.MostF64, sink.TinyF64, sink.TenthF32},
		[]any{float32(math.MaxFloat32), math.MaxFloat64, math.SmallestNonzeroFloat64, float32(0.1)})
	is(t, []any{sink.Infinity, sink.MinusZero}, []any{math.Inf(1), float32(math.Copysign(0, -1))})
	equal(t, math.IsNaN(sink.NotANumber), true)
	is(t, []any{sink.Truth, sink.Alias, sink.Empty}, []any{true, int64(-1), ""})
	is(t, []any{sink.BestShade, sink.BestGrade}, []any{sink.ShadePale, sink.GradePoor})
	is(t, []any{sink.Octets, len(sink.NoOctets)}, []any{[]byte("\x00\xff*/"), 0})
	equal(t, sink.Motto, "quote \" backslash \\ NUL \x00 é ??/ */ \n \ufeff")
}

func TestDefaultsOfEachType(t *testing.T) {
	same, err := sink.IsDefault(sink.NewDefaults())
	noError(t, err)
	equal(t, same, true)
	equal(t, sink.NewJar(), sink.Jar{Grade: sink.GradeGood})
}

func TestEnumsAreText(t *testing.T) {
	text, err := json.Marshal(map[sink.Word]sink.Shade{sink.WordType: sink.ShadePale, sink.WordNil: sink.ShadeDark})
	noError(t, err)
	equal(t, string(text), `{"nil":"dark","type":"pale"}`)
	var back map[sink.Word]sink.Shade
	noError(t, json.Unmarshal(text, &back))
	equal(t, back, map[sink.Word]sink.Shade{sink.WordType: sink.ShadePale, sink.WordNil: sink.ShadeDark})
}

// refusals are the errors that sink.Refuse ends with, in order.
func refusals() []error {
	return []error{
		sink.ErrPlain,
		&sink.CountedError{Count: math.MaxUint64, Text: "100 % {sure}", Ratio: 1e10, Sure: true},
		&sink.PositionalError{Value0: -128, Value1: "\x00"},
		&sink.WholeError{Each: eachAt(sink.LimitOdd)},
		&sink.ListedError{Value: listsAt(sink.LimitOdd)},
		&sink.OptionalError{Value: optionsAt(sink.LimitMost)},
		&sink.DeeplyError{Value: deepSample()},
	}
}

func TestEveryTypeInAnError(t *testing.T) {
	for which, want := range refusals() {
		_, err := sink.Refuse(uint32(which))
		is(t, err, want)
		_, err = sink.RefuseLater(context.Background(), uint32(which))
		is(t, err, want)
	}
	equal(t, refusals()[1].Error(), "refused 18446744073709551615 times: 100 % {sure}, 10000000000, true")
	for ratio, text := range map[float64]string{
		math.Inf(1): "inf", math.Inf(-1): "-inf", math.Copysign(0, -1): "-0", 0.1: "0.1",
		math.SmallestNonzeroFloat32: "0.000000000000000000000000000000000000000000001",
		math.MaxFloat32:             "340282350000000000000000000000000000000",
	} {
		// As Rust writes it.
		equal(t, (&sink.CountedError{Ratio: float32(ratio)}).Error(), "refused 0 times: , "+text+", false")
	}
	equal(t, (&sink.CountedError{Ratio: float32(math.NaN())}).Error(), "refused 0 times: , NaN, false")
	for range 3 {
		var held *sink.HeldError
		_, err := sink.Refuse(7)
		if !errors.As(err, &held) {
			t.Fatalf("got %v", err)
		}
		label, err := held.Cellar.Label()
		noError(t, err)
		equal(t, label, "held")
		noError(t, held.Cellar.Close())
	}
	got, err := sink.Refuse(99)
	noError(t, err)
	equal(t, got, 99)
}

func newBell(t testing.TB) *sink.Bell {
	t.Helper()
	bell, err := sink.OpenBell()
	noError(t, err)
	closing(t, bell)
	return bell
}

func newCellar(t testing.TB, label string) *sink.Cellar {
	t.Helper()
	cellar, err := sink.OpenCellar(label)
	noError(t, err)
	closing(t, cellar)
	return cellar
}

func TestEveryTypeInAnEvent(t *testing.T) {
	bell := newBell(t)
	each, lists := make(chan sink.Each, 1), make(chan sink.Lists, 1)
	options, many := make(chan sink.Options, 1), make(chan sink.RangManyArgs, 1)
	for _, subscription := range []*sink.Subscription{
		bell.OnRangEach(func(event sink.Each) { each <- event }),
		bell.OnRangLists(func(event sink.Lists) { lists <- event }),
		bell.OnRangOptions(func(event sink.Options) { options <- event }),
		bell.OnRangMany(func(event sink.RangManyArgs) { many <- event }),
	} {
		defer subscription.Cancel()
	}
	for _, limit := range limits {
		noError(t, bell.Ring(limit))
		is(t, within(t, each), eachAt(limit))
		is(t, within(t, lists), listsAt(limit))
		is(t, within(t, options), optionsAt(limit))
		want := eachAt(limit)
		is(t, within(t, many), sink.RangManyArgs{
			Type: want.Text, Shape: want.Shape, Count: want.U64, Maybe: &want.Data, Deep: deepSample(),
		})
	}
}

func TestObjectsInAnEvent(t *testing.T) {
	bell, cellar := newBell(t), newCellar(t, "rung")
	cellars := make(chan *sink.Cellar, 1)
	defer bell.OnRangCellar(func(cellar *sink.Cellar) { cellars <- cellar }).Cancel()
	for range 3 {
		noError(t, bell.RingCellar(cellar))
		label, err := within(t, cellars).Label()
		noError(t, err)
		equal(t, label, "rung")
	}
}

func TestEveryTypeInAHostFunction(t *testing.T) {
	bell := newBell(t)
	seen := make(chan any, 4)
	bell.SetAskEach(func(_ context.Context, each sink.Each) (sink.Each, error) { seen <- each; return each, nil })
	bell.SetAskLists(func(_ context.Context, lists sink.Lists) (sink.Lists, error) { seen <- lists; return lists, nil })
	bell.SetAskOptions(func(_ context.Context, options sink.Options) (sink.Options, error) {
		seen <- options
		return options, nil
	})
	bell.SetAskDeep(func(_ context.Context, deep sink.Deep) (sink.Deep, error) { seen <- deep; return deep, nil })
	for _, limit := range limits {
		same, err := bell.Ask(context.Background(), limit)
		noError(t, err)
		equal(t, same, true)
		is(t, []any{<-seen, <-seen, <-seen, <-seen}, []any{eachAt(limit), listsAt(limit), optionsAt(limit), deepSample()})
	}

	bell.SetAskMany(func(_ context.Context, rangeArg string, len sink.Shape, error *int64) (sink.Shape, error) {
		seen <- []any{rangeArg, len, error}
		return len, nil
	})
	shape, err := bell.AskMany(context.Background(), "r", sink.ShapeFrozen{Value: sink.IceMelted{}}, to(int64(-1)))
	noError(t, err)
	is(t, shape, sink.ShapeFrozen{Value: sink.IceMelted{}})
	is(t, <-seen, []any{"r", sink.ShapeFrozen{Value: sink.IceMelted{}}, to(int64(-1))})
}

func TestEveryTypeInAHostFunctionsError(t *testing.T) {
	bell := newBell(t)
	all := append(refusals(), &sink.HeldError{Cellar: newCellar(t, "held")})
	bell.SetAskRefusal(func(_ context.Context, which uint32) error { return all[which] })
	for which := range all {
		same, err := bell.AskRefusal(context.Background(), uint32(which))
		noError(t, err)
		if !same {
			t.Fatalf("%d: %v did not arrive", which, all[which])
		}
	}
}
