package tests

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"

	"example.com/faults"
)

// A heard is a slog.Handler that keeps what it is told as text, after doing what a test wants.
type heard struct {
	level slog.Level
	first func(text string)

	mu    sync.Mutex
	lines []string
}

func (h *heard) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *heard) Handle(_ context.Context, r slog.Record) error {
	text := r.Level.String()
	r.Attrs(func(attr slog.Attr) bool {
		text += fmt.Sprintf(" %s=%v", attr.Key, attr.Value)
		return true
	})
	text += ": " + r.Message
	if r.Time.IsZero() {
		text += " (no time)"
	}
	if h.first != nil {
		h.first(text)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines = append(h.lines, text)
	return errors.New("nobody looks at this")
}

func (h *heard) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h *heard) WithGroup(string) slog.Handler      { return h }

// all are the records so far.
func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.lines...)
}

// logTo sets a logger for the time of the test.
func logTo(t *testing.T, h *heard) {
	t.Helper()
	noError(t, faults.SetLogger(slog.New(h)))
	t.Cleanup(func() { noError(t, faults.SetLogger(nil)) })
}

// hears waits for records, no more and no less.
func hears(t *testing.T, h *heard, want ...string) {
	t.Helper()
	eventually(t, "all records have come", func() bool { return len(h.all()) >= len(want) })
	equal(t, h.all(), want)
}

func init() {
	children["a library that keeps its log"] = func() {
		if kept, err := faults.KeepLog(); err != nil || !kept {
			panic(fmt.Sprint(kept, err))
		}
		err := faults.SetLogger(slog.Default())
		fmt.Print(errors.Is(err, faults.ErrLimit), " ", err, "; ", faults.SetLogger(nil), "; ", leftover())
	}
}

func TestALibraryThatKeepsItsLog(t *testing.T) {
	equal(t, child(t, "a library that keeps its log"),
		"true faults: limit reached: the library passes its log to a tracing subscriber of its own; <nil>; ")
}

func TestLogLevels(t *testing.T) {
	all := []string{
		"ERROR target=faults::voice: hello", "WARN target=faults::voice: hello", "INFO target=faults::voice: hello",
		"DEBUG target=faults::voice: hello", "DEBUG-4 target=faults::voice: hello",
	}
	for i, level := range []slog.Level{slog.LevelError, slog.LevelWarn, slog.LevelInfo, slog.LevelDebug, slog.LevelDebug - 4} {
		h := &heard{level: level}
		logTo(t, h) // replaces the one before
		noError(t, faults.Say("hello"))
		hears(t, h, all[:i+1]...)
	}
	deaf := &heard{level: slog.LevelError + 1}
	logTo(t, deaf)
	noError(t, faults.Say("hello"))
	noError(t, faults.SetLogger(nil))
	eventually(t, "the goroutines have ended", func() bool { return leftover() == "" })
	equal(t, deaf.all(), nil)
}

func TestLogFields(t *testing.T) {
	h := &heard{}
	logTo(t, h)
	noError(t, faults.CountAloud(2))
	hears(t, h, "INFO target=faults::log: counted number=1", "INFO target=faults::log: counted number=2")
}

// TestALoggerThatIsTakenBack hears nothing of what is written later, and its goroutines end.
func TestALoggerThatIsTakenBack(t *testing.T) {
	h := &heard{level: slog.LevelError}
	for range 20 {
		noError(t, faults.SetLogger(slog.New(h)))
		noError(t, faults.SetLogger(nil))
	}
	noError(t, faults.Say("hello"))
	noError(t, faults.SetLogger(slog.New(h)))
	noError(t, faults.Say("now"))
	noError(t, faults.SetLogger(nil))
	noError(t, faults.SetLogger(nil))
	hears(t, h, "ERROR target=faults::voice: now")
	eventually(t, "the goroutines have ended", func() bool { return leftover() == "" })
}

func TestASlowLogger(t *testing.T) {
	proceed := make(chan struct{})
	h := &heard{first: func(string) { <-proceed }}
	logTo(t, h)
	const count = 5000
	noError(t, faults.CountAloud(count))
	// Nobody waits for it: calls and events go on.
	worker := newWorker(t)
	_, err := worker.Hop(context.Background())
	noError(t, err)
	noError(t, worker.Close())
	close(proceed)
	noError(t, faults.CountAloud(1))
	noError(t, faults.SetLogger(nil))
	eventually(t, "the goroutines have ended", func() bool { return leftover() == "" })

	next, told := 1, 0 // in order, and what is missing was counted
	for _, line := range h.all() {
		var number, dropped int
		if _, err := fmt.Sscanf(line, "WARN target=faults count=%d: log records dropped", &dropped); err == nil {
			next += dropped
			told++
			continue
		}
		_, err := fmt.Sscanf(line, "INFO target=faults::log: counted number=%d", &number)
		noError(t, err)
		if next == count+1 {
			next = 1
		}
		equal(t, number, next)
		next++
	}
	if told == 0 || next != 2 && next != count+2 {
		t.Fatalf("%d losses were told, and the next number is %d", told, next)
	}
}

func TestALoggerThatPanics(t *testing.T) {
	for name, trouble := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			h := &heard{level: slog.LevelDebug - 4, first: func(text string) {
				if strings.HasPrefix(text, "WARN") || strings.HasPrefix(text, "DEBUG-4") {
					trouble()
				}
			}}
			logTo(t, h)
			noError(t, faults.Say("one"))
			noError(t, faults.Say("two"))
			hears(t, h, "ERROR target=faults::voice: one", "INFO target=faults::voice: one", "DEBUG target=faults::voice: one",
				"ERROR target=faults::voice: two", "INFO target=faults::voice: two", "DEBUG target=faults::voice: two")
		})
	}
}

func TestALoggerThatCallsTheLibrary(t *testing.T) {
	worker := newWorker(t)
	h := &heard{first: func(string) {
		if _, err := worker.Hop(context.Background()); err != nil {
			panic(err)
		}
	}}
	logTo(t, h)
	noError(t, faults.CountAloud(3))
	hears(t, h, "INFO target=faults::log: counted number=1", "INFO target=faults::log: counted number=2",
		"INFO target=faults::log: counted number=3")
}

func TestManyThreadsSetTheLoggerAndLog(t *testing.T) {
	together(8, func(i int) {
		for range 25 {
			if err := faults.SetLogger(slog.New(&heard{})); err != nil {
				t.Error(err)
			}
			if err := faults.CountAloud(uint32(i)); err != nil {
				t.Error(err)
			}
		}
	})
	noError(t, faults.SetLogger(nil))
	eventually(t, "the goroutines have ended", func() bool { return leftover() == "" })
}
