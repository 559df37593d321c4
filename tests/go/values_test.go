package tests

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"example.com/faults"
)

func TestConstants(t *testing.T) {
	equal(t, faults.Limit, math.MinInt64)
	equal(t, faults.Motto, "quote \" backslash \\ NUL \x00 é ??/")
	equal(t, faults.Ratio, 0.1)
	equal(t, faults.Enabled, true)
	motto, err := faults.SayMotto()
	noError(t, err)
	equal(t, motto, faults.Motto)
}

func TestScalarsAtTheirLimits(t *testing.T) {
	for _, value := range []int8{math.MinInt8, -1, 0, math.MaxInt8} {
		got, err := faults.EchoI8(value)
		noError(t, err)
		equal(t, got, value)
	}
	for _, value := range []uint16{0, math.MaxUint16} {
		got, err := faults.EchoU16(value)
		noError(t, err)
		equal(t, got, value)
	}
	for _, value := range []int64{math.MinInt64, -1, math.MaxInt64} {
		got, err := faults.EchoI64(value)
		noError(t, err)
		equal(t, got, value)
	}
	for _, value := range []uint64{0, math.MaxUint64} {
		got, err := faults.EchoU64(value)
		noError(t, err)
		equal(t, got, value)
	}
	for _, value := range []bool{true, false} {
		got, err := faults.Negate(value)
		noError(t, err)
		equal(t, got, !value)
	}
	noError(t, faults.Nothing())
}

func TestFloatsBitByBit(t *testing.T) {
	for _, bits := range []uint64{0, 1 << 63, 1, math.Float64bits(math.Inf(1)), math.Float64bits(math.Inf(-1)),
		0x7ff8000000000001, 0xfff8dead00000000, math.Float64bits(math.MaxFloat64)} {
		got, err := faults.EchoF64(math.Float64frombits(bits))
		noError(t, err)
		equal(t, math.Float64bits(got), bits)
	}
	for _, bits := range []uint32{0, 1 << 31, 1, 0x7fc00001, math.Float32bits(float32(math.Inf(1)))} {
		got, err := faults.EchoF32(math.Float32frombits(bits))
		noError(t, err)
		equal(t, math.Float32bits(got), bits)
	}
}

func TestEnums(t *testing.T) {
	for color, next := range map[faults.Color]faults.Color{
		faults.ColorRed: faults.ColorDarkGreen, faults.ColorDarkGreen: faults.ColorBlue, faults.ColorBlue: faults.ColorRed,
	} {
		got, err := faults.NextColor(color)
		noError(t, err)
		equal(t, got, next)
	}
	equal(t, int32(faults.ColorDarkGreen), 500)
	equal(t, int32(faults.ColorBlue), -1)
	_, err := faults.NextColor(7)
	isError(t, err, faults.ErrBadArgument)

	text, err := json.Marshal([]faults.Color{faults.ColorDarkGreen})
	noError(t, err)
	equal(t, string(text), `["darkGreen"]`)
	var back []faults.Color
	noError(t, json.Unmarshal(text, &back))
	equal(t, back, []faults.Color{faults.ColorDarkGreen})
	isError(t, json.Unmarshal([]byte(`["pink"]`), &back), faults.ErrBadArgument)
	equal(t, fmt.Sprint(faults.ColorRed, faults.Color(7)), "red Color(7)")
	_, err = faults.Color(7).MarshalText()
	isError(t, err, faults.ErrBadArgument)
}

func to[T any](value T) *T { return &value }

// kitchen is what make_kitchen makes, except that Go has no empty list that is not nil.
func kitchen() faults.Kitchen {
	leaf := func(label string) faults.Node { return faults.Node{Label: label} }
	numbers := faults.Numbers{
		Flag: true, A: math.MinInt8, B: math.MinInt16, C: math.MinInt32, D: math.MinInt64, E: math.MaxUint8,
		F: math.MaxUint16, G: math.MaxUint32, H: math.MaxUint64, I: 0x1p-126, J: math.Copysign(0, -1),
	}
	return faults.Kitchen{
		Numbers:      numbers,
		Text:         "NUL \x00 and é",
		Data:         []byte{0, 1, 255},
		Color:        faults.ColorBlue,
		Figure:       faults.FigureLabelled{Label: "round", Color: faults.ColorDarkGreen},
		Tags:         []string{"a", ""},
		Rows:         [][]int64{{1, 2}, nil, {math.MaxInt64}},
		Nodes:        []faults.Node{{Label: "parent", Children: []faults.Node{leaf("child")}}},
		Figures:      []faults.Figure{faults.FigureNothing{}, faults.FigureCircle{Value: 1.5}, faults.FigureRectangle{Width: 2, Height: 3}},
		Note:         to(""),
		Nested:       to((*int64)(nil)),
		MaybeTags:    to([]string(nil)),
		Gaps:         []*int64{to(int64(1)), nil, to(int64(3))},
		MaybeNumbers: &numbers,
		Next:         &faults.Node{Label: "first", Next: to(leaf("last"))},
		Counts:       map[string]int64{"one": 1, "two": 2},
		ByID:         map[int32]faults.Node{-1: leaf("minus one")},
		At:           time.Unix(-1, 500_000_000).UTC(),
		Span:         3*time.Second + 7,
	}
}

func TestEveryTypeThereAndBack(t *testing.T) {
	made, err := faults.MakeKitchen()
	noError(t, err)
	equal(t, made, kitchen())
	same, err := faults.IsKitchen(kitchen())
	noError(t, err)
	equal(t, same, true)
	echoed, err := faults.EchoKitchen(kitchen())
	noError(t, err)
	equal(t, echoed, kitchen())
	for delay := range uint64(2) {
		later, err := faults.EchoKitchenLater(context.Background(), kitchen(), delay)
		noError(t, err)
		equal(t, later, kitchen())
	}
}

func TestCasesByPointer(t *testing.T) {
	given, want := kitchen(), kitchen()
	given.Figure = &faults.FigureLabelled{Label: "round", Color: faults.ColorDarkGreen}
	given.Figures = []faults.Figure{&faults.FigureNothing{}, &faults.FigureCircle{Value: 1.5}, want.Figures[2]}
	got, err := faults.EchoKitchen(given)
	noError(t, err)
	equal(t, got, want)

	given.Figures[1] = (*faults.FigureCircle)(nil)
	_, err = faults.EchoKitchen(given)
	isError(t, err, faults.ErrBadArgument)
	hasText(t, err, "faults: bad argument: kitchen.figures[1]: nil is no *FigureCircle")
	given.Figures = nil
	given.Figure = (*faults.FigureNothing)(nil)
	_, err = faults.EchoKitchen(given)
	hasText(t, err, "faults: bad argument: kitchen.figure: nil is no *FigureNothing")
	// What a call refuses is gone from the next one.
	got, err = faults.EchoKitchen(want)
	noError(t, err)
	equal(t, got, want)
}

func TestAbsentValues(t *testing.T) {
	empty := faults.Kitchen{Figure: faults.FigureNothing{}, At: time.Unix(0, 0).UTC()}
	got, err := faults.EchoKitchen(empty)
	noError(t, err)
	equal(t, got, empty)
	_, err = faults.EchoKitchen(faults.Kitchen{})
	isError(t, err, faults.ErrBadArgument) // a Figure has to be one of its cases
	hasText(t, err, "faults: bad argument: kitchen.figure: nil is no case of Figure")

	for _, note := range []*string{nil, to(""), to("x")} {
		got, err := faults.EchoNote(note)
		noError(t, err)
		equal(t, got, note)
	}
	node, there, err := faults.EchoNode(nil)
	noError(t, err)
	equal(t, there, false)
	equal(t, node, nil)
	node, there, err = faults.EchoNode(&faults.Node{Label: "x"})
	noError(t, err)
	equal(t, there, true)
	equal(t, node, &faults.Node{Label: "x"})
}

func TestDefaults(t *testing.T) {
	want := faults.Settings{Name: "plain \"text\"", Retries: -3, Color: faults.ColorDarkGreen, Ratio: to(0.5)}
	equal(t, faults.NewSettings(), want)
	got, err := faults.EchoSettings(faults.NewSettings())
	noError(t, err)
	equal(t, got, want)
}

func TestTimes(t *testing.T) {
	base := faults.Kitchen{Figure: faults.FigureNothing{}}
	for _, at := range []time.Time{
		{}, time.Unix(0, 0), time.Date(1969, 12, 31, 23, 59, 59, 1, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2024, 2, 29, 12, 0, 0, 0, time.FixedZone("east", 7200)),
	} {
		base.At = at
		got, err := faults.EchoKitchen(base)
		noError(t, err)
		if !got.At.Equal(at) || got.At.Location() != time.UTC {
			t.Fatalf("got %v, want %v", got.At, at)
		}
	}
	for _, span := range []time.Duration{0, 1, -1, -1500 * time.Millisecond, math.MaxInt64, math.MinInt64} {
		base.Span = span
		got, err := faults.EchoKitchen(base)
		noError(t, err)
		equal(t, got.Span, span)
	}
}

func TestText(t *testing.T) {
	for _, text := range []string{"", "x", "NUL \x00 inside", "é ü 𝄞", strings.Repeat("0123456789abcdef", 4<<10),
		strings.Repeat("M", 1<<20)} {
		got, err := faults.EchoText(text)
		noError(t, err)
		if got != text {
			t.Fatalf("%d bytes came back as %d others", len(text), len(got))
		}
		length, err := faults.TextLength(text)
		noError(t, err)
		equal(t, length, uint64(len(text)))
		data, err := faults.EchoBytes([]byte(text))
		noError(t, err)
		if string(data) != text {
			t.Fatalf("%d bytes came back as %d others", len(text), len(data))
		}
	}
}

func TestTextOnTheStack(t *testing.T) {
	// A string that is built on the stack moves with it, and the stack grows below.
	for i := range 100 {
		var digits [8]byte
		text := string(append(digits[:0], byte('a'+i%26), 'x'))
		got := deep(t, 20, text)
		equal(t, got, text)
	}
}

func deep(t *testing.T, depth int, text string) string {
	var room [512]byte
	if depth > 0 {
		room[depth] = 1
		return deep(t, depth-int(room[depth]), text)
	}
	got, err := faults.EchoText(text)
	noError(t, err)
	return got
}

func TestBorrowedSlices(t *testing.T) {
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = 1
	}
	sum, err := faults.Checksum(data)
	noError(t, err)
	equal(t, sum, 1<<20)
	for _, none := range [][]byte{nil, {}} {
		sum, err = faults.Checksum(none)
		noError(t, err)
		equal(t, sum, 0)
	}
	total, err := faults.Sum([]float64{1, 2.5})
	noError(t, err)
	equal(t, total, 3.5)
	total, err = faults.Sum(nil)
	noError(t, err)
	equal(t, total, 0)
}

func TestLargePayloads(t *testing.T) {
	size, count := 64<<20, uint32(100_000)
	if testing.Short() {
		size, count = 4<<20, 5000
	}
	data := make([]byte, size)
	data[len(data)-1] = 7
	got, err := faults.EchoBytes(data)
	noError(t, err)
	if len(got) != len(data) || got[len(got)-1] != 7 {
		t.Fatalf("%d bytes did not come back", size)
	}
	rows, err := faults.MakeRows(count)
	noError(t, err)
	equal(t, len(rows), int(count))
	equal(t, rows[count-1].Label, fmt.Sprintf("row %d", count-1))
	base := faults.Kitchen{Figure: faults.FigureNothing{}, Nodes: rows}
	back, err := faults.EchoKitchen(base)
	noError(t, err)
	equal(t, len(back.Nodes), int(count))
	equal(t, back.Nodes[count-1], rows[count-1])
}

func TestNesting(t *testing.T) {
	chain := func(depth int) faults.Node {
		node := faults.Node{}
		for range depth - 1 {
			below := node
			node = faults.Node{Next: &below}
		}
		return node
	}
	depth, err := faults.Depth(chain(60))
	noError(t, err)
	equal(t, depth, 60)
	_, err = faults.Depth(chain(100))
	isError(t, err, faults.ErrLimit)

	ring := &faults.Node{}
	ring.Next = ring
	_, err = faults.Depth(*ring)
	isError(t, err, faults.ErrLimit)
	bush := make([]faults.Node, 8)
	for i := range bush {
		bush[i].Children = bush
	}
	_, err = faults.Depth(bush[0])
	isError(t, err, faults.ErrLimit)
}

func TestErrorsAreValues(t *testing.T) {
	_, err := faults.Divide(1, 0)
	if err != faults.ErrDivisionByZero {
		t.Fatalf("got %#v", err)
	}
	var overflow *faults.OverflowError
	_, err = faults.Divide(math.MinInt64, -1)
	if !errors.As(err, &overflow) {
		t.Fatalf("got %#v", err)
	}
	equal(t, *overflow, faults.OverflowError{Left: math.MinInt64, Right: -1})
}

func TestPointersAreNeverShared(t *testing.T) {
	// What a result refers to is Go's own: the frame that it was read from is used again.
	first, err := faults.MakeKitchen()
	noError(t, err)
	for range 100 {
		_, err := faults.EchoText(strings.Repeat("#", 4000))
		noError(t, err)
		_, err = faults.EchoBytes([]byte(strings.Repeat("#", 4000)))
		noError(t, err)
	}
	equal(t, first, kitchen())
}
