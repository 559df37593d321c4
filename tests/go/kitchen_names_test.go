package tests

import (
	"context"
	"testing"

	sink "example.com/kitchensink"
)

func TestNamesThatAreWords(t *testing.T) {
	words := sink.Words{
		Type: 1, Func: 2, Range: 3, Map: 4, Chan: 5, Var: 6, Len: 7, Error: 8, String: 9, Nil: 10, Int: 11, Register: 12,
		Default: 13, Struct: 14, Class: 15, Errno: 16, Stdout: 17, Assert: 18, Null: 19, EOF: 20, Linux: 21, GpOk: 22, GpCall: 23,
		Unsafe: 24, C: 25, Close: 26,
	}
	kinds := []sink.Kind{sink.KindInt{Value: -1}, sink.KindStruct{Struct: true, Len: 255}, sink.KindDefault{Value: "x"}, sink.KindNil{}}
	for _, kind := range kinds {
		gotWords, word, gotKind, text, sum, err := sink.Speak(words, sink.WordNull, kind, "text", 1, true, 2, 4, 8, 16, 32, 64, 128, 256,
			512, 1024, 2048, 4096)
		noError(t, err)
		equal(t, gotWords, words)
		equal(t, word, sink.WordNull)
		equal(t, gotKind, kind)
		equal(t, text, "text")
		equal(t, sum, 8192)
	}
	for _, echo := range []func(int64) (int64, error){
		sink.Type, sink.Func, sink.Range, sink.Len, sink.Error, sink.String, sink.Map, sink.Append, sink.Errno, sink.Printf, sink.Main,
		sink.Init,
	} {
		echoes(t, echo, -1, 1)
	}
	text, err := sink.StringLater(context.Background(), "a", nil, true, -1, []int64{1, 2}, 3)
	noError(t, err)
	equal(t, text, "a true -1 2 3")
	_, err = sink.StringLater(context.Background(), "a", to("no"), true, -1, nil, 3)
	hasText(t, err, "no")
	echoes(t, sink.Pair, sink.WordPair{Left: sink.WordDefault, OtherLeft: sink.WordFunc})
}

func TestMethodsThatAreWords(t *testing.T) {
	object, err := sink.NewInterface(5)
	noError(t, err)
	closing(t, object)
	for _, call := range []struct {
		want int64
		fn   func() (int64, error)
	}{
		{5, object.Go},
		{7, func() (int64, error) { return object.Len(2) }},
		{3, func() (int64, error) { return object.Static(2) }},
		{10, func() (int64, error) { return object.Handle(context.Background(), 2) }},
		{-5, object.Shut},
	} {
		got, err := call.fn()
		noError(t, err)
		equal(t, got, call.want)
	}
}
