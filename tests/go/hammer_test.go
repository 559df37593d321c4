package tests

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"example.com/faults"
)

// TestHammer lets calls, cancels and closes meet at random. Every call ends, and as one of the ways that it can end; the
// library has counted the same.
func TestHammer(t *testing.T) {
	calls := 10_000
	if testing.Short() {
		calls = 1000
	}
	before, begun, finished, ended := faults.Stats(), begunCalls(t), finishedCalls(t), endedCalls(t)
	objects := make([]atomic.Pointer[faults.Worker], 16)
	open := func() *faults.Worker {
		worker, err := faults.OpenWorker()
		if err != nil {
			t.Error(err)
		}
		return worker
	}
	for i := range objects {
		objects[i].Store(open())
	}
	var results, cancels, closes, replaced atomic.Int64
	together(calls, func(i int) {
		place := &objects[rand.IntN(len(objects))]
		if i%100 == 0 {
			replaced.Add(1)
			if err := place.Swap(open()).Close(); err != nil {
				t.Error(err)
			}
			return
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if i%3 == 0 {
			time.AfterFunc(time.Duration(rand.IntN(20))*time.Millisecond, cancel)
		}
		switch err := anyCall(ctx, place.Load(), i); {
		case err == nil:
			results.Add(1)
		case errors.Is(err, context.Canceled):
			cancels.Add(1)
		case errors.Is(err, faults.ErrClosed):
			closes.Add(1)
		default:
			t.Error(err)
		}
	})
	for i := range objects {
		noError(t, objects[i].Load().Close())
	}
	t.Logf("%d results, %d cancelled, %d closed", results.Load(), cancels.Load(), closes.Load())
	ok, stopped := results.Load(), cancels.Load()+closes.Load()
	equal(t, ok+stopped+replaced.Load(), int64(calls))
	// What has begun is gone when the calls have returned, not some time later. What came to an answer is a result, or
	// was stopped on the last inch; what was stopped before its first poll never began.
	begun, finished, ended = begunCalls(t)-begun, finishedCalls(t)-finished, endedCalls(t)-ended
	equal(t, ended, begun)
	if ok > finished || finished > begun || begun > ok+stopped {
		t.Errorf("the library began %d calls and finished %d of them", begun, finished)
	}
	after := faults.Stats()
	equal(t, after.PendingCalls, 0)
	noMoreObjects(t, before)
	equal(t, after.DroppedCompletions, before.DroppedCompletions)
}

// noMoreObjects are open than before. There may be fewer: what an earlier test has left goes when the collector finds it.
func noMoreObjects(t testing.TB, before faults.LibraryStats) {
	t.Helper()
	if now := faults.Stats().Handles; now > before.Handles {
		t.Errorf("%d objects are open, before there were %d", now, before.Handles)
	}
}

func begunCalls(t testing.TB) int64 {
	t.Helper()
	calls, err := faults.CallsBegun()
	noError(t, err)
	return calls
}

func finishedCalls(t testing.TB) int64 {
	t.Helper()
	calls, err := faults.CallsFinished()
	noError(t, err)
	return calls
}

func endedCalls(t testing.TB) int64 {
	t.Helper()
	calls, err := faults.CallsEnded()
	noError(t, err)
	return calls
}

// anyCall makes one call. Those that would never end have a context that does.
func anyCall(ctx context.Context, worker *faults.Worker, i int) error {
	var err error
	switch i % 6 {
	case 0:
		err = worker.Forever(ctx) // i%3 == 0: is cancelled
	case 1:
		want := uint64(rand.IntN(10))
		got, failed := worker.Wait(ctx, want)
		err = checked(got, want, failed)
	case 2:
		got, failed := worker.Hop(ctx)
		err = checked(got, true, failed)
	case 3:
		want := uint32(rand.IntN(10))
		got, failed := worker.Yielding(ctx, want)
		err = checked(got, want, failed)
	case 4:
		_, err = worker.Add(1)
	case 5:
		got, failed := worker.Ready(ctx, int64(i))
		err = checked(got, int64(i), failed)
	}
	return err
}

// checked is an error when a call has got what another call was meant to get.
func checked[T comparable](got, want T, err error) error {
	if err == nil && got != want {
		return fmt.Errorf("got %v, want %v", got, want)
	}
	return err
}

func TestThousandsOfObjectsInThirtyTwoThreads(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 50
	}
	before := faults.Stats()
	together(32, func(int) {
		for range rounds {
			worker, err := faults.OpenWorker()
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := worker.Add(1); err != nil {
				t.Error(err)
			}
			if err := worker.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	noMoreObjects(t, before)
}

// TestHostFunctionsAnswerLateAndNever keeps a thousand host functions outstanding. A quarter answers in time, a quarter
// when its call has been cancelled, a quarter when the object is closed, and a quarter not before its deadline.
func TestHostFunctionsAnswerLateAndNever(t *testing.T) {
	rounds := 10
	if testing.Short() {
		rounds = 1
	}
	for range rounds {
		askAThousand(t)
	}
}

func askAThousand(t *testing.T) {
	const quarter = 250
	asker := newAsker(t)
	eventually(t, "nobody else is asked", func() bool { return faults.Stats().PendingHostCalls == 0 })
	late := faults.Stats().LateCompletions
	var asked, outstanding atomic.Int64
	inTime, tooLate := make(chan struct{}), make(chan struct{})
	asker.SetFetch(func(_ context.Context, key string) (string, error) {
		asked.Add(1)
		outstanding.Add(1)
		if key == "in time" {
			<-inTime
		} else {
			<-tooLate
		}
		return key, nil
	})
	asker.SetSoon(func(context.Context, int64, int64) (int64, error) {
		asked.Add(1)
		<-tooLate
		return 0, nil
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	// The error of each call, by its fate.
	fate := func(call func() error) <-chan error {
		ends := make(chan error, quarter)
		for range quarter {
			go func() { ends <- call() }()
		}
		return ends
	}
	fetch := func(ctx context.Context, key string) func() error {
		return func() error {
			got, err := asker.Fetch(ctx, key)
			return checked(got, key, err)
		}
	}
	good := fate(fetch(context.Background(), "in time"))
	cancelled := fate(fetch(ctx, "cancelled"))
	closed := fate(fetch(context.Background(), "closed"))
	never := fate(func() error {
		_, err := asker.Soon(context.Background(), 1, 2)
		return err
	})
	eventually(t, "all are outstanding", func() bool { return outstanding.Load() == 3*quarter })
	for range quarter {
		hasText(t, within(t, never), "host fn 'soon' missed its deadline: no answer within 40 ms")
	}
	cancel()
	for range quarter {
		isError(t, within(t, cancelled), context.Canceled)
	}
	close(inTime)
	for range quarter {
		noError(t, within(t, good))
	}
	equal(t, faults.Stats().PendingHostCalls, quarter)
	noError(t, asker.Close())
	for range quarter {
		if err := within(t, closed); !errors.Is(err, faults.ErrClosed) {
			hasText(t, err, "host fn 'fetch' was called on a closed object")
		}
	}
	equal(t, faults.Stats().PendingHostCalls, 0)
	close(tooLate)
	// Who is asked answers, even who was asked after the library has given up.
	eventually(t, "all have been asked", func() bool { return asked.Load() == 4*quarter })
	eventually(t, "late answers are counted", func() bool { return faults.Stats().LateCompletions-late >= 3*quarter })
	equal(t, faults.Stats().LateCompletions-late, 3*quarter)
	for _, ends := range []<-chan error{good, cancelled, closed, never} {
		equal(t, len(ends), 0)
	}
}

// TestTheDrainEnds looks for the goroutine that brings the library's records: it is there only while it is needed.
func TestTheDrainEnds(t *testing.T) {
	for range 20 {
		worker := newWorker(t)
		_, err := worker.Hop(context.Background())
		noError(t, err)
		noError(t, worker.Close())
	}
	eventually(t, "the goroutines have ended", func() bool { return leftover() == "" })
}
