package idl

import (
	"bytes"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	kindspb "example.com/x/kindspb"
	shoppb "example.com/x/shoppb"
)

type again func(t *testing.T, b []byte) ([]byte, error)

func through[T any](read func([]byte, *T) error, write func(*T) ([]byte, error)) again {
	return func(t *testing.T, b []byte) ([]byte, error) {
		v := new(T)
		if err := read(b, v); err != nil {
			return nil, err
		}
		return write(v)
	}
}

func kindsMarshal[T any](v *T, write func(*kinds_writer, *T)) ([]byte, error) {
	w, err := kinds_marshal(v, write)
	if err != nil {
		return nil, err
	}
	defer w.release()
	return bytes.Clone(w.b), nil
}

func shopMarshal[T any](v *T, write func(*shop_writer, *T)) ([]byte, error) {
	w, err := shop_marshal(v, write)
	if err != nil {
		return nil, err
	}
	defer w.release()
	return bytes.Clone(w.b), nil
}

func kinds[T any](read func(*kinds_reader, *T), write func(*kinds_writer, *T)) again {
	return through(func(b []byte, v *T) error { return kinds_unmarshal(b, v, read) },
		func(v *T) ([]byte, error) { return kindsMarshal(v, write) })
}

func shop[T any](read func(*shop_reader, *T), write func(*shop_writer, *T)) again {
	return through(func(b []byte, v *T) error { return shop_unmarshal(b, v, read) },
		func(v *T) ([]byte, error) { return shopMarshal(v, write) })
}

var all = []struct {
	message proto.Message
	again   again
}{
	{&kindspb.All{}, kinds(kinds_read_All, kinds_write_All)},
	{&kindspb.All{}, kinds(kinds_read_request_Kinds_give_all, kinds_write_request_Kinds_give_all)},
	{&kindspb.Deep{}, kinds(kinds_read_Deep, kinds_write_Deep)},
	{&kindspb.WhenRequest{}, kinds(kinds_read_request_Kinds_when, kinds_write_request_Kinds_when)},
	{&shoppb.BuyRequest{}, shop(shop_read_request_Shop_Buy, shop_write_request_Shop_Buy)},
	{&shoppb.Receipt{}, shop(shop_read_response_Shop_Buy, shop_write_response_Shop_Buy)},
	{&shoppb.Order{}, shop(shop_read_Order, shop_write_Order)},
	{&shoppb.Scalars{}, shop(shop_read_request_Shop_Numbers, shop_write_request_Shop_Numbers)},
	{&shoppb.Tree{}, shop(shop_read_Tree, shop_write_Tree)},
	{&shoppb.Forest{}, shop(shop_read_Forest, shop_write_Forest)},
}

// fill gives a message values, limits among them.
func fill(r *rand.Rand, m protoreflect.Message, depth int) {
	if name := m.Descriptor().FullName(); strings.HasPrefix(string(name), "google.protobuf.") {
		seconds := []int64{0, 1, -1, 253402300799, -62135596800, r.Int64N(1 << 33)}[r.IntN(6)]
		nanos := []int32{0, 1, 999999999}[r.IntN(3)]
		if name.Name() == "Duration" {
			if seconds %= 9223372036; seconds < 0 && depth > 2 {
				seconds = -seconds // merged with another sign it would be the same span in other words
			} else if seconds < 0 {
				nanos = -nanos
			}
		}
		m.Set(m.Descriptor().Fields().ByNumber(1), protoreflect.ValueOfInt64(seconds))
		m.Set(m.Descriptor().Fields().ByNumber(2), protoreflect.ValueOfInt32(nanos))
		return
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if r.IntN(3) == 0 {
			continue
		}
		switch {
		case f.IsMap():
			for range r.IntN(3) {
				if f.MapValue().Message() != nil && depth > 3 {
					break
				}
				value := m.Mutable(f).Map().NewValue()
				if f.MapValue().Message() != nil {
					fill(r, value.Message(), depth+1)
				} else {
					value = scalar(r, f.MapValue())
				}
				m.Mutable(f).Map().Set(scalar(r, f.MapKey()).MapKey(), value)
			}
		case f.IsList():
			for range r.IntN(3) {
				if f.Message() == nil {
					m.Mutable(f).List().Append(scalar(r, f))
				} else if depth < 4 {
					fill(r, m.Mutable(f).List().AppendMutable().Message(), depth+1)
				}
			}
		case f.Message() != nil:
			if depth < 4 {
				fill(r, m.Mutable(f).Message(), depth+1)
			}
		default:
			m.Set(f, scalar(r, f))
		}
	}
}

func scalar(r *rand.Rand, f protoreflect.FieldDescriptor) protoreflect.Value {
	n := []uint64{0, 1, math.MaxUint64, 1 << 63, 1<<63 - 1, 1 << 31, 127, 128, r.Uint64()}[r.IntN(9)]
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(n&1 == 1)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(int32(n)))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(n))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(n))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(n))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(n)
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32([]float32{0, float32(math.Copysign(0, -1)), 1.5, float32(math.Inf(1))}[r.IntN(4)])
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64([]float64{0, math.Copysign(0, -1), 5e-324, math.NaN()}[r.IntN(4)])
	case protoreflect.StringKind:
		return protoreflect.ValueOfString([]string{"", "a\x00b", "é世", strings.Repeat("x", r.IntN(300))}[r.IntN(4)])
	default:
		return protoreflect.ValueOfBytes([][]byte{nil, {0, 255}, make([]byte, 130)}[r.IntN(3)])
	}
}

func TestMessagesComeBackAsProtobufWroteThem(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, one := range all {
		for range 300 {
			want := one.message.ProtoReflect().New()
			fill(r, want, 0)
			b, err := proto.Marshal(want.Interface())
			if err != nil {
				t.Fatal(err)
			}
			ours, err := one.again(t, b)
			if err != nil {
				t.Fatalf("%T: %v", one.message, err)
			}
			got := want.New().Interface()
			if err := proto.Unmarshal(ours, got); err != nil {
				t.Fatalf("%T: %v", one.message, err)
			}
			if !proto.Equal(want.Interface(), got) {
				t.Fatalf("%T:\n%v\n%v", one.message, want, got)
			}
		}
	}
}

// Two messages one after the other are merged, as protobuf does it.
func TestRepeatedOccurrencesAreMerged(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, one := range all {
		for range 300 {
			var b []byte
			for range 3 {
				m := one.message.ProtoReflect().New()
				fill(r, m, 2) // below the top spans have one sign
				part, err := proto.Marshal(m.Interface())
				if err != nil {
					t.Fatal(err)
				}
				b = append(b, part...)
			}
			want, got := one.message.ProtoReflect().New().Interface(), one.message.ProtoReflect().New().Interface()
			if err := proto.Unmarshal(b, want); err != nil {
				t.Fatal(err)
			}
			ours, err := one.again(t, b)
			if err != nil && strings.Contains(err.Error(), "that Go has") {
				continue // parts of two spans, one of them negative
			}
			if err != nil {
				t.Fatalf("%T: %v", one.message, err)
			}
			if err := proto.Unmarshal(ours, got); err != nil || !proto.Equal(want, got) {
				t.Fatalf("%T: %v\n%v\n%v", one.message, err, want, got)
			}
		}
	}
}

// What is cut off or changed is an error for both or for none, and never a panic.
func TestDamagedBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, one := range all {
		for range 300 {
			m := one.message.ProtoReflect().New()
			fill(r, m, 2)
			b, _ := proto.Marshal(m.Interface())
			for range 20 {
				if len(b) == 0 {
					continue
				}
				damaged := bytes.Clone(b)
				if r.IntN(2) == 0 {
					damaged = damaged[:r.IntN(len(b))]
				} else {
					damaged[r.IntN(len(b))] ^= 1 << r.IntN(8)
				}
				theirs := proto.Unmarshal(damaged, one.message.ProtoReflect().New().Interface())
				_, ours := one.again(t, damaged)
				if ours != nil && (strings.Contains(ours.Error(), "that Go has") || strings.Contains(ours.Error(), "UTF-8 in Money.")) {
					continue // proto2 does not look at its strings
				}
				if (theirs == nil) != (ours == nil) {
					t.Fatalf("%T %x: protobuf says %v, we say %v", one.message, damaged, theirs, ours)
				}
			}
		}
	}
}

func TestNumbersAreReadPackedAndUnpacked(t *testing.T) {
	var loose, packed []byte
	for _, n := range []int32{1, -1, 300} {
		loose = protowire.AppendTag(loose, 23, protowire.VarintType)
		loose = protowire.AppendVarint(loose, uint64(n))
		packed = protowire.AppendFixed32(packed, uint32(n))
	}
	b := protowire.AppendTag(loose, 31, protowire.BytesType)
	b = protowire.AppendBytes(b, packed)
	var v All
	if err := kinds_unmarshal(b, &v, kinds_read_All); err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]int32{v.LInt32, v.LSfixed32} {
		if len(list) != 3 || list[0] != 1 || list[1] != -1 || list[2] != 300 {
			t.Fatal(list)
		}
	}
}

func TestUnknownFieldsAreSkipped(t *testing.T) {
	b := protowire.AppendTag(nil, 1000, protowire.BytesType)
	b = protowire.AppendString(b, "x")
	b = protowire.AppendTag(b, 1001, protowire.StartGroupType)
	b = protowire.AppendTag(b, 1, protowire.Fixed32Type)
	b = protowire.AppendFixed32(b, 7)
	b = protowire.AppendTag(b, 1001, protowire.EndGroupType)
	b = protowire.AppendTag(b, 9, protowire.VarintType) // known, of another type
	b = protowire.AppendVarint(b, 7)
	var v All
	if err := kinds_unmarshal(b, &v, kinds_read_All); err != nil || v.OString != nil {
		t.Fatal(v.OString, err)
	}
	if b, err := kindsMarshal(&v, kinds_write_All); err != nil || len(b) != 0 {
		t.Fatal(b, err)
	}
}

func TestLimits(t *testing.T) {
	nest := func(levels int) *Deep {
		v := new(Deep)
		for range levels {
			v = &Deep{Next: v}
		}
		return v
	}
	b, err := kindsMarshal(nest(99), kinds_write_Deep)
	if err != nil {
		t.Fatal(err)
	}
	if err := kinds_unmarshal(b, new(Deep), kinds_read_Deep); err != nil {
		t.Fatal(err)
	}
	circle := new(Deep)
	circle.Next = circle
	for _, v := range []*Deep{nest(100), circle} {
		if _, err := kindsMarshal(v, kinds_write_Deep); err == nil || !strings.Contains(err.Error(), "deeper than 100") {
			t.Fatal(err)
		}
	}
	b = protowire.AppendBytes([]byte{10}, b)
	if err := kinds_unmarshal(b, new(Deep), kinds_read_Deep); err == nil {
		t.Fatal("101 levels")
	}
	large := strings.Repeat("x", 16<<20)
	if _, err := kindsMarshal(&All{OString: &large}, kinds_write_All); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Fatal(err)
	}
	if err := kinds_unmarshal(make([]byte, 16<<20+1), new(All), kinds_read_All); err == nil {
		t.Fatal("too large")
	}
	bad := "a\xff"
	if _, err := kindsMarshal(&All{OString: &bad}, kinds_write_All); err == nil || !strings.Contains(err.Error(), "invalid UTF-8") {
		t.Fatal(err)
	}
	err = kinds_unmarshal([]byte{9<<3 | 2, 1, 0xff}, new(All), kinds_read_All)
	if err == nil || err.Error() != "invalid UTF-8 in All.o_string" {
		t.Fatal(err)
	}
}

func TestGettersAreNilSafe(t *testing.T) {
	var v *All
	if v.GetOString() != "" || v.GetCColor() != Color_COLOR_NONE || v.GetChoice() != nil || !v.GetTime().IsZero() || v.GetLInt32() != nil {
		t.Fatal("not the zero values")
	}
	at := time.Unix(5, 0)
	v = &All{Time: &at, Choice: &All_CColor{CColor: Color_BLUE}, XColor: Color_red.Enum().get(), Reset_: true}
	if !v.GetTime().Equal(at) || v.GetCColor() != Color_BLUE || v.GetCString() != "" || !v.GetReset_() {
		t.Fatal("not the values")
	}
	if Color_BLUE.String() != "BLUE" || Color(99).String() != "99" || Color_name[1] != "red" || Color_value["BLUE"] != -7 {
		t.Fatal("names")
	}
	_ = AllNestedType{String_: "", GetString: 1}
	_ = &All_Clash_{Clash: &All_Clash{}}
}

// What code for protoc-gen-go's structs calls things is there under the same name.
func TestNamesAreThoseOfProtocGenGo(t *testing.T) {
	for _, pair := range [][2]any{
		{&All{}, &kindspb.All{}}, {&AllNestedType{}, &kindspb.AllNestedType{}}, {&Deep{}, &kindspb.Deep{}},
		{&Order{}, &shoppb.Order{}}, {&Receipt_Line{}, &shoppb.Receipt_Line{}}, {&Money{}, &shoppb.Money{}},
		{&Tree{}, &shoppb.Tree{}}, {&All_Clash_{}, &kindspb.All_Clash_{}}, {&Order_Named{}, &shoppb.Order_Named{}},
	} {
		ours, theirs := reflect.TypeOf(pair[0]), reflect.TypeOf(pair[1])
		var names [2][]string
		for i, struc := range []reflect.Type{ours.Elem(), theirs.Elem()} {
			for _, field := range reflect.VisibleFields(struc) {
				if field.IsExported() {
					kind := strings.NewReplacer("kindspb.", "idl.", "shoppb.", "idl.", "*timestamppb.Timestamp", "*time.Time", "*durationpb.Duration", "*time.Duration").Replace(field.Type.String())
					names[i] = append(names[i], field.Name+" "+kind)
				}
			}
		}
		for i, name := range names[1] {
			name = strings.ReplaceAll(name, "]*time", "]time")
			if ours := names[0][i]; name != ours && strings.ReplaceAll(name, "*time", "time") != ours {
				t.Errorf("%v: %s here, %s there", theirs, ours, name)
			}
		}
		for i := range ours.NumMethod() {
			if name := ours.Method(i).Name; strings.HasPrefix(name, "Get") {
				if _, ok := theirs.MethodByName(name); !ok {
					t.Errorf("%v has no %s", theirs, name)
				}
			}
		}
		if ours.NumMethod() == 0 && len(names[0]) > 1 {
			t.Errorf("%v has no getters", ours)
		}
	}
}

func (x *Color) get() Color { return *x }

func TestAbsentMessages(t *testing.T) {
	var in kinds_response_Kinds_when
	if err := kinds_unmarshal(nil, &in, kinds_read_response_Kinds_when); err != nil || !in.At.Equal(time.Unix(0, 0)) {
		t.Fatal(in, err)
	}
	var box kinds_response_Kinds_give_all
	if err := kinds_unmarshal(nil, &box, kinds_read_response_Kinds_give_all); err != nil || box.All == nil {
		t.Fatal(box, err)
	}
	b, err := kindsMarshal(&All{LNested: []*AllNestedType{nil}}, kinds_write_All)
	if err != nil || !bytes.Equal(b, []byte{0xb2, 2, 0}) {
		t.Fatal(b, err)
	}
}
