package tests

import (
	"context"
	"errors"
	"strings"
	"testing"

	"example.com/faults"
)

// isPanic checks message and file of a panic in the library, and that the library is usable afterwards.
func isPanic(t *testing.T, err error, message, file string) {
	t.Helper()
	var panicked *faults.PanicError
	if !errors.As(err, &panicked) {
		t.Fatalf("error is %#v", err)
	}
	equal(t, panicked.Message, message)
	if !strings.Contains(panicked.Location, file+".rs:") {
		t.Fatalf("location is %q", panicked.Location)
	}
	if text := err.Error(); !strings.Contains(text, message) || !strings.Contains(text, panicked.Location) {
		t.Fatalf("text is %q", text)
	}
	got, err := faults.EchoI64(7)
	noError(t, err)
	equal(t, got, 7)
}

func TestPanics(t *testing.T) {
	_, err := faults.PanicText()
	isPanic(t, err, "boom", "panics")
	_, err = faults.PanicCode(7)
	isPanic(t, err, "boom 7", "panics")
	for delay := range uint64(3) {
		_, err = faults.PanicLater(context.Background(), delay)
		isPanic(t, err, "boom later", "panics")
	}
	for _, fn := range []func() (string, error){faults.PanicValue, faults.PanicTwice} {
		_, err = fn()
		var panicked *faults.PanicError
		if !errors.As(err, &panicked) {
			t.Fatalf("error is %#v", err)
		}
	}
}

func TestPanicsInObjects(t *testing.T) {
	_, err := faults.MakeFragile(faults.TroublePanicInConstructor)
	isPanic(t, err, "boom in the constructor", "fragile")
	_, err = faults.MakeFragileLater(context.Background(), faults.TroublePanicInConstructor, 1)
	isPanic(t, err, "boom in the constructor", "fragile")

	object, err := faults.MakeFragile(faults.TroubleNowhere)
	noError(t, err)
	_, err = object.Burst()
	isPanic(t, err, "boom in a method of Nowhere", "fragile")
	trouble, err := object.Trouble()
	noError(t, err)
	equal(t, trouble, faults.TroubleNowhere)
	noError(t, object.Close())

	object, err = faults.MakeFragile(faults.TroublePanicInDrop)
	noError(t, err)
	isPanic(t, object.Close(), "boom in drop", "fragile")
	noError(t, object.Close())
}
