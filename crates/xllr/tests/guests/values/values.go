package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// Echo sends every message through C structs and back, so that a call in bytes tests them as well.
func Echo(all *All, money *Money, deep *Deep) (*All, *Money, *Deep, error) {
	if all == nil || money == nil || deep == nil {
		return all, money, deep, nil
	}
	var size x_windows_size
	x_windows_size_All(&size, all)
	x_windows_size_Deep(&size, deep)
	x_windows_size_Money(&size, money)
	block := x_windows_allocate(size.at + 4096)
	defer x_windows_release(block)
	guard := unsafe.Slice((*byte)(x_windows_at(block+size.at)), 16)
	for i := range guard {
		guard[i] = 0xa5
	}
	arena := &x_windows_arena{base: block, end: size.at}
	structs := [3]uintptr{x_windows_allocate(4096), x_windows_allocate(4096), x_windows_allocate(4096)}
	for _, at := range structs {
		defer x_windows_release(at)
	}
	x_windows_put_All(arena, x_windows_at(structs[0]), all)
	x_windows_put_Deep(arena, x_windows_at(structs[1]), deep)
	x_windows_put_Money(arena, x_windows_at(structs[2]), money)
	for _, b := range guard {
		if b != 0xa5 {
			return nil, nil, nil, errors.New("the write pass is longer than the size pass")
		}
	}
	texts := new(x_windows_texts)
	x_windows_room_All(texts, x_windows_at(structs[0]))
	x_windows_room_Money(texts, x_windows_at(structs[2]))
	x_windows_room_Deep(texts, x_windows_at(structs[1]))
	texts.allocate()
	all = x_windows_get_All(texts, x_windows_at(structs[0]))
	money = x_windows_get_Money(texts, x_windows_at(structs[2]))
	deep = x_windows_get_Deep(texts, x_windows_at(structs[1]))
	if len(texts.memory) != 0 {
		return nil, nil, nil, errors.New("more texts were counted than there are")
	}
	return all, money, deep, shareTexts()
}

// shareTexts reads lists of texts: what they share, what is too large for that, and what is not UTF-8 in one of them.
func shareTexts() error {
	for _, each := range []string{"", "ä", "sixteen letters!", strings.Repeat("x", 300)} {
		for _, n := range []int{1, 2, 13, 14, 400} {
			list := make([]string, n)
			for i := range list {
				list[i] = each
			}
			if back, _, err := sharedTexts(list); err != nil || strings.Join(back, ",") != strings.Join(list, ",") {
				return fmt.Errorf("%d times %q came back as %q, %v", n, each, back, err)
			}
		}
	}
	small, isShared, _ := sharedTexts([]string{"a", strings.Repeat("b", 4095)})
	_, isLargeShared, _ := sharedTexts([]string{"a", strings.Repeat("b", 4096)})
	if len(small) != 2 || !isShared || isLargeShared {
		return errors.New("texts share their memory up to 4 KiB")
	}
	for _, list := range [][]string{{"\xff"}, {"ä", "\xc3"}, {"\xc3", "\xa4"}, {strings.Repeat("x", 5000), "\xff"}} {
		if _, _, err := sharedTexts(list); err == nil {
			return fmt.Errorf("%q is not UTF-8", list)
		}
	}
	return nil
}

// sharedTexts sends a list through its C struct, and says whether its texts share their memory.
func sharedTexts(list []string) (back []string, isShared bool, err error) {
	size := uintptr(len(list)) * 16
	for _, v := range list {
		size += uintptr(len(v))
	}
	block := x_windows_allocate(16 + size)
	defer x_windows_release(block)
	head := x_windows_at(block)
	arena := &x_windows_arena{base: block + 16, end: size}
	arena.texts(head, list)
	defer func() {
		if fault, ok := recover().(*x_windows_fault); ok {
			err = fault
		}
	}()
	t := new(x_windows_texts)
	t.addAll(head)
	t.allocate()
	isShared = t.memory != nil
	return t.texts(head), isShared, nil
}

type small int8

func Sum(first small, rest ...uint16) (total uint64) {
	total = uint64(int64(first))
	for _, n := range rest {
		total += uint64(n)
	}
	return total
}

var empty map[string]int

func Fail(how string) (string, error) {
	switch how {
	case "error":
		return "", errors.New("an error")
	case "wrapped":
		return "", fmt.Errorf("outer: %w", fmt.Errorf("middle: %w", errors.New("inner")))
	case "panic error":
		panic(errors.New("an error"))
	case "panic string":
		panic("a string")
	case "panic value":
		panic(struct{ A, B int }{1, 2})
	case "panic nil":
		panic(nil)
	case "panic in Error":
		panic(bad{})
	case "error in Error":
		return "", bad{}
	case "nil map":
		empty[how] = 1
	case "index":
		return "", fmt.Errorf("never: %c", how[len(how)])
	case "nil pointer":
		var all *All
		return all.ProtoMessage_, nil
	case "bad text":
		return "a\xffb", nil
	case "no text":
		return "", errors.New("")
	case "bad error":
		return "", errors.New("a\xffb")
	case "large":
		return strings.Repeat("x", 17<<20), nil
	}
	return how, nil
}

type bad struct{}

func (bad) Error() string { panic("in Error") }

func OtherFail(text string) string { return "other " + text }

func WithContext(ctx context.Context, text string) (string, error) {
	return text, ctx.Err()
}

func Type(text string) string { return strings.ToUpper(text) }

func Limits(a int64, b uint64, c int32, d uint32, octets []byte) (int64, uint64, int32, uint32, []byte) {
	return a, b, c, d, octets
}

func Strings(record Record) *Record { return &record }

func Div(x, y int32) (float32, error) {
	if y == 0 {
		return 0, errors.New("division by zero")
	}
	return float32(x) / float32(y), nil
}

// shared has one record, which is another one all the time.
var shared = &Holder{Records: []*Record{little}}

var (
	little = &Record{Name: "a"}
	large  = &Record{Name: strings.Repeat("b", 100), Number: 1, All: strings.Split(strings.Repeat("sixteen letters!,", 300), ",")}
)

func Changing(*Holder) *Holder { return shared }

const changed = "the value changed while it was being sent"

// Change calls Changing in C structs while its result changes; every call has to end in what was once there, or say why not.
func Change(string) (string, error) {
	if err := grown(); err != nil {
		return "", err
	}
	done, stopped := make(chan bool), make(chan bool)
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			default:
				shared.Records[0] = large
				shared.Records[0] = little
			}
		}
	}()
	defer func() {
		close(done)
		<-stopped
	}()
	const scratch = 256
	block := x_windows_allocate(3 * 4096)
	defer x_windows_release(block)
	memory := unsafe.Slice((*byte)(x_windows_at(block)), 3*4096)
	for i := range 5000 {
		clear(memory)
		call := (*x_windows_call)(x_windows_at(block))
		call.size = uint32(unsafe.Sizeof(*call))
		if i%2 == 0 {
			call.scratch, call.scratchLen = block+2*4096, scratch
		}
		status := x_windows_native_Values_changing(block+1024, block+4096, block)
		for _, b := range memory[2*4096+scratch:] {
			if b != 0 {
				return "", errors.New("a write behind the scratch")
			}
		}
		switch {
		case status != 0:
			if text := new(x_windows_texts).text(unsafe.Pointer(&call.message)); text != changed {
				return "", errors.New(text)
			}
		default:
			record := x_windows_get_Holder(new(x_windows_texts), x_windows_at(block+4096)).Records[0]
			if len(record.All) != 0 && len(record.All) != len(large.All) {
				return "", fmt.Errorf("a list of %d", len(record.All))
			}
		}
		if call.owned != 0 {
			x_windows_release(call.owned)
		}
	}
	return "survived", nil
}

// grown writes a value that is larger than it was when room was made for it.
func grown() (err error) {
	var size x_windows_size
	x_windows_size_Holder(&size, &Holder{Records: []*Record{little}})
	block := x_windows_allocate(size.at + 4096)
	defer x_windows_release(block)
	guard := unsafe.Slice((*byte)(x_windows_at(block+size.at)), 4096)
	clear(guard)
	defer func() {
		if fault, ok := recover().(*x_windows_fault); !ok || fault.text != changed {
			err = errors.New("no fault")
		}
		for _, b := range guard {
			if b != 0 {
				err = errors.New("a write behind the end")
			}
		}
	}()
	var to [64]uint64
	x_windows_put_Holder(&x_windows_arena{base: block, end: size.at}, unsafe.Pointer(&to), &Holder{Records: []*Record{large}})
	return nil
}
