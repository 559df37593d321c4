package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"time"
)

func check(ok bool, what string, values ...any) {
	if !ok {
		fmt.Println("FAILED:", what, values)
		os.Exit(1)
	}
}

func pointer[T any](v T) *T {
	return &v
}

func everything() []*Everything {
	at, span := time.Unix(-5, 7).UTC(), -3*time.Second-time.Nanosecond
	tree := &Many_Tree{Name: "root", Children: []*Many_Tree{{Name: "a"}, {Name: "b\x00", Only: &Many_Tree{Name: "c"}}}}
	all := []*Everything{
		{},
		{Many: &Many{}},
		{
			Yes: true, Small: math.MinInt32, Large: math.MinInt64, PlainSmall: math.MaxUint32, PlainLarge: math.MaxUint64,
			ZigzagSmall: math.MinInt32, ZigzagLarge: math.MaxInt64, Type: math.MaxUint64, Precise: 5e-324,
			Text: "é\x00世", Data: []byte{0, 255}, Many: &Many{
				Color: Color_COLOR_BLUE, Colors: []Color{99, Color_COLOR_RED}, Numbers: []int64{-1, math.MaxInt64},
				Fixed: []uint32{1, 2}, Trees: map[string]*Many_Tree{"": {Name: "x"}, "k": tree},
				Flags: map[int32]bool{-1: true, 5: false}, Tree: tree, Maybe: pointer(""), MaybeNumber: pointer(int64(0)),
				At: &at, Span: &span, Spans: []time.Duration{0, math.MinInt64, math.MaxInt64},
				Single: float32(math.Inf(-1)), Self: math.MinInt64,
			},
		},
		{Text: strings.Repeat("x", 1<<20), Data: make([]byte, 1<<16)},
	}
	for _, choice := range []isMany_Choice{&Many_Word{"w"}, &Many_Grown{tree}, &Many_Number{-1}, &Many_Paint{Color_COLOR_BLUE}} {
		all = append(all, &Everything{Many: &Many{Choice: choice}})
	}
	return all
}

func main() {
	for i, value := range everything() {
		back, err := Echo(value)
		if value.Data == nil && back != nil && len(back.Data) == 0 {
			back.Data = nil
		}
		check(err == nil && reflect.DeepEqual(value, back), "Echo", i, err)
		yes, _, _, _, large, _, _, _, _, text, data, many, err := Parts(value.Yes, 1, 2, 3, value.PlainLarge, 4, 5, 6, 7, value.Text, value.Data, value.Many)
		check(err == nil && yes == value.Yes && large == value.PlainLarge && text == value.Text && len(data) == len(value.Data), "Parts", i, err)
		check(reflect.DeepEqual(many, value.Many), "Parts: many", i, many)
	}
	_, err := Echo(nil)
	check(err != nil && err.Error() == "no value", "Echo of nothing", err)
	_, err = Fail("7")
	var own *SampleGuestError
	check(errors.As(err, &own) && own.Message == "7 is a number" && err.Error() == own.Message, "Fail", err)
	_, err = Crash("badly")
	var crash *SamplePanicError
	check(errors.As(err, &crash) && strings.Contains(crash.Message, "badly") && strings.Contains(crash.Location, ".rs:"), "Crash", err)
	check(strings.HasPrefix(err.Error(), "panic") && strings.Contains(err.Error(), "badly") && !errors.As(err, &own), "Crash", err)
	_, err = Say("\xff")
	check(errors.Is(err, ErrSampleBadArgument), "Say of what is no UTF-8", err)
	check(err.Error() == "bad UTF-8: text: a string that crosses is not UTF-8", "Say of what is no UTF-8", err)
	_, err = Count([]string{"a", "\xff"})
	check(errors.Is(err, ErrSampleBadArgument) && strings.HasPrefix(err.Error(), "bad UTF-8: texts[1]: "), "Count of what is no UTF-8", err)
	text, err := Say("still here\x00")
	check(err == nil && text == "still here\x00", "Say", text, err)
	n, err := Count(nil)
	check(err == nil && n == 0, "Count", n, err)
	n, err = Count([]string{"a", "", "c"})
	check(err == nil && n == 3, "Count", n, err)
	deep := new(Many_Tree)
	deep.Only = deep
	_, err = Echo(&Everything{Many: &Many{Tree: deep}})
	check(errors.Is(err, ErrSampleLimit) && strings.Contains(err.Error(), "deeper"), "Echo of a circle", err)
	fmt.Println("all well")
}
