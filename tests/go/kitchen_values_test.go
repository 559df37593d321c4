package tests

import (
	"math"
	"reflect"
	"strings"
	"time"

	sink "example.com/kitchensink"
)

// The values that the kitchen sink makes in Rust, written once more in Go.

var limits = []sink.Limit{sink.LimitZero, sink.LimitLeast, sink.LimitMost, sink.LimitOdd}

func eachAt(limit sink.Limit) sink.Each {
	each := sink.Each{
		At: time.Unix(0, 0).UTC(), Shape: sink.ShapePoint{}, Jar: sink.NewJar(), Grade: sink.GradeGood,
	}
	switch limit {
	case sink.LimitLeast:
		each.I8, each.I16, each.I32, each.I64 = math.MinInt8, math.MinInt16, math.MinInt32, math.MinInt64
		each.F32, each.F64 = -math.MaxFloat32, -math.MaxFloat64
		each.At, each.Span = time.Time{}, math.MinInt64
		each.Shade, each.Shape = math.MinInt32, sink.ShapeCircle{Value: math.Inf(-1)}
		each.Count, each.Grade = math.MinInt64, -7
	case sink.LimitMost:
		each.Flag = true
		each.I8, each.I16, each.I32, each.I64 = math.MaxInt8, math.MaxInt16, math.MaxInt32, math.MaxInt64
		each.U8, each.U16, each.U32, each.U64 = math.MaxUint8, math.MaxUint16, math.MaxUint32, math.MaxUint64
		each.F32, each.F64 = math.MaxFloat32, math.MaxFloat64
		each.Text, each.Data = strings.Repeat("\U0010ffff", 100), []byte(strings.Repeat("\xff", 1000))
		each.At, each.Span = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), math.MaxInt64
		each.Shade, each.Shape = math.MaxInt32, sink.ShapeBox{Value0: math.MaxUint32, Value1: math.MaxUint64}
		each.Count, each.Jar = math.MaxInt64, sink.Jar{Label: "\x7f", Grade: sink.GradePoor}
	case sink.LimitOdd:
		each.F32, each.F64 = math.Float32frombits(0x7f800001), math.Float64frombits(0xfff0000000000001)
		each.Text, each.Data = "NUL \x00 inside, é, \ufeff, \u2028", []byte{0, 1, 0, 255}
		each.At, each.Span = time.Date(1969, 12, 31, 23, 59, 59, 500_000_000, time.UTC), -1500*time.Millisecond
		each.Shade = math.MinInt32 + 1
		each.Shape = sink.ShapeLabelled{Label: "*/ // \" \\ \x00", Shade: sink.ShadeLight}
		each.Count, each.Jar.Label = -1, "\x00"
	}
	return each
}

// manyAt fills the lists or options of a record with the fields of values.
func manyAt[T any](all []sink.Each) T {
	var many T
	target := reflect.ValueOf(&many).Elem()
	fields := []string{"Flag", "I8", "I16", "I32", "I64", "U8", "U16", "U32", "U64", "F32", "F64", "Text", "Data", "At", "Span",
		"Shade", "Shape", "Jar"}
	for _, each := range all {
		for i := range target.NumField() {
			value := reflect.ValueOf(each)
			if i < len(fields) {
				value = value.FieldByName(fields[i])
			}
			put(target.Field(i), value)
		}
	}
	return many
}

// put appends a value to a list, or makes an option of it.
func put(field, value reflect.Value) {
	switch field.Kind() {
	case reflect.Slice:
		field.Set(reflect.Append(field, value))
	case reflect.Interface:
		field.Set(value)
	default:
		field.Set(reflect.New(value.Type()))
		field.Elem().Set(value)
	}
}

func listsAt(limit sink.Limit) sink.Lists {
	var all []sink.Each
	for _, other := range map[sink.Limit][]sink.Limit{
		sink.LimitLeast: {sink.LimitLeast},
		sink.LimitMost:  {sink.LimitLeast, sink.LimitMost},
		sink.LimitOdd:   {sink.LimitLeast, sink.LimitMost, sink.LimitOdd, sink.LimitZero},
	}[limit] {
		all = append(all, eachAt(other))
	}
	return manyAt[sink.Lists](all)
}

func optionsAt(limit sink.Limit) sink.Options {
	if limit == sink.LimitZero {
		return sink.Options{}
	}
	return manyAt[sink.Options]([]sink.Each{eachAt(limit)})
}

func deepSample() sink.Deep {
	return sink.Deep{
		ByFlag: map[bool]string{false: "no", true: ""},
		ByI8:   map[int8]int8{math.MinInt8: math.MaxInt8, math.MaxInt8: math.MinInt8},
		ByI16:  map[int16]bool{math.MinInt16: true, math.MaxInt16: false},
		ByI32:  map[int32][]byte{math.MinInt32: nil, math.MaxInt32: {0, 255}},
		ByI64:  map[int64][]string{math.MinInt64: nil, math.MaxInt64: {"a", ""}},
		ByU8:   map[uint8]float32{0: -0.5, math.MaxUint8: math.MaxFloat32},
		ByU16:  map[uint16]sink.Shape{0: sink.ShapePoint{}, math.MaxUint16: sink.ShapeCircle{Value: 1.5}},
		ByU32:  map[uint32]*string{0: nil, math.MaxUint32: to("there")},
		ByU64:  map[uint64]sink.Tree{0: {}, math.MaxUint64: {Label: "most"}},
		ByText: map[string]map[string]uint64{"": nil, "é \x00": {"k": math.MaxUint64}},
		Thrice: []***bool{nil, to[**bool](nil), to(to[*bool](nil)), to(to(to(false))), to(to(to(true)))},
		Twice:  []*sink.Shape{nil, to[sink.Shape](nil), to[sink.Shape](sink.ShapePoint{}), to[sink.Shape](sink.ShapeCircle{Value: -1})},
		Rows:   [][]*string{nil, {nil}, {to(""), to("x")}},
		Maybe:  []*[]int32{nil, to[[]int32](nil), {math.MinInt32, math.MaxInt32}},
		Maps:   []*map[string][]sink.Shape{nil, to[map[string][]sink.Shape](nil), {"p": {sink.ShapePoint{}}}},
		Blobs:  []*[]byte{nil, to[[]byte](nil), {0}},
		Tree: sink.Tree{
			Label:    "root",
			Next:     &sink.Tree{Label: "second", Next: &sink.Tree{Label: "third"}},
			Children: []sink.Tree{{Label: "left"}, {Label: "right"}},
			Named:    map[string]sink.Tree{"a": {Label: "named"}},
		},
		Expression: sink.ExpressionLet{
			Names: map[string]sink.Expression{"x": sink.ExpressionNumber{Value: 2}},
			Body: sink.ExpressionSum{Value: []sink.Expression{
				sink.ExpressionNumber{Value: 1},
				sink.ExpressionMinus{Value: sink.ExpressionNumber{Value: 0.5}},
				sink.ExpressionSum{},
			}},
		},
	}
}

// identical is reflect.DeepEqual with floats by their bits, and with an empty list or map as good as none.
func identical(got, want any) bool {
	return same(reflect.ValueOf(got), reflect.ValueOf(want))
}

func same(got, want reflect.Value) bool {
	if got.IsValid() != want.IsValid() || got.IsValid() && got.Type() != want.Type() {
		return false
	}
	if !got.IsValid() {
		return true
	}
	if at, ok := got.Interface().(time.Time); ok {
		return at == want.Interface().(time.Time)
	}
	switch got.Kind() {
	case reflect.Float32, reflect.Float64:
		return floatBits(got) == floatBits(want)
	case reflect.Pointer, reflect.Interface:
		samePointer := got.Kind() == reflect.Pointer && got.Pointer() == want.Pointer()
		if got.IsNil() || want.IsNil() || samePointer {
			return got.IsNil() == want.IsNil()
		}
		return same(got.Elem(), want.Elem())
	case reflect.Slice:
		for i := 0; got.Len() == want.Len() && i < got.Len(); i++ {
			if !same(got.Index(i), want.Index(i)) {
				return false
			}
		}
		return got.Len() == want.Len()
	case reflect.Map:
		for _, key := range got.MapKeys() {
			if !want.MapIndex(key).IsValid() || !same(got.MapIndex(key), want.MapIndex(key)) {
				return false
			}
		}
		return got.Len() == want.Len()
	case reflect.Struct:
		for i := range got.NumField() {
			if !same(got.Field(i), want.Field(i)) {
				return false
			}
		}
		return true
	default:
		return got.Equal(want)
	}
}

func floatBits(value reflect.Value) uint64 {
	if single, ok := value.Interface().(float32); ok {
		return uint64(math.Float32bits(single))
	}
	return math.Float64bits(value.Float())
}
