package tests

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"example.com/faults"
	"example.com/hostdemo"
	"example.com/mytimer"
)

// patience is how long a test waits for what must happen.
const patience = time.Minute

func noError(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("unexpected error: %v", err)
	}
}

func isError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
}

func hasText(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || err.Error() != want {
		t.Fatalf("error is %v, want %q", err, want)
	}
}

func equal[T any](t testing.TB, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got %#v, want %#v", got, want)
	}
}

// within fails when ch gives nothing in time.
func within[T any](t testing.TB, ch <-chan T) T {
	t.Helper()
	select {
	case value := <-ch:
		return value
	case <-time.After(patience):
		t.Fatal("nothing has happened")
	}
	panic("unreachable")
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not yet: %s", what)
		}
	}
}

// together runs fn n times at once. It may be called from any goroutine that t allows to fail.
func together(n int, fn func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		go func() {
			defer all.Done()
			fn(i)
		}()
	}
	all.Wait()
}

func closing(t testing.TB, object interface{ Close() error }) {
	t.Cleanup(func() {
		if err := object.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}

// library is the shared library of the faults.
func library(t *testing.T) string {
	t.Helper()
	_, source, _, _ := runtime.Caller(0)
	platform := runtime.GOOS + "_" + runtime.GOARCH
	return filepath.Join(filepath.Dir(source), "../fixtures/faults/go/internal/lib", platform, "libfaults.so")
}

func newTimer(t testing.TB, name string) *mytimer.Timer {
	t.Helper()
	timer, err := mytimer.Create(context.Background(), mytimer.TimerConfig{Name: name})
	noError(t, err)
	closing(t, timer)
	return timer
}

func newDemo(t testing.TB) *hostdemo.Demo {
	t.Helper()
	demo, err := hostdemo.Create()
	noError(t, err)
	closing(t, demo)
	return demo
}

func newWorker(t testing.TB) *faults.Worker {
	t.Helper()
	worker, err := faults.OpenWorker()
	noError(t, err)
	closing(t, worker)
	return worker
}

func newAsker(t testing.TB) *faults.Asker {
	t.Helper()
	asker, err := faults.MakeAsker()
	noError(t, err)
	closing(t, asker)
	return asker
}

func newSpeaker(t testing.TB) *faults.Speaker {
	t.Helper()
	speaker, err := faults.MakeSpeaker()
	noError(t, err)
	closing(t, speaker)
	return speaker
}

// echo sends a message to a timer and checks the answer.
func echo(t testing.TB, timer *mytimer.Timer, name, message string, delayMs int64) {
	t.Helper()
	got, err := timer.Echo(context.Background(), mytimer.EchoRequest{Message: message, DelayMs: delayMs})
	if err != nil {
		t.Errorf("unexpected error: %v", err)
	} else if got.Echoed != message || got.TimerName != name {
		t.Errorf("got %+v, want %q of %q", got, message, name)
	}
}
