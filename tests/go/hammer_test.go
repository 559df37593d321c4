package tests

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"example.com/faults"
)

// TestHammer lets calls, cancels and closes meet at random. Every call ends, and as one of the ways that it can end.
func TestHammer(t *testing.T) {
	calls := 10_000
	if testing.Short() {
		calls = 1000
	}
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
	var results, cancels, closes atomic.Int64
	together(calls, func(i int) {
		place := &objects[rand.IntN(len(objects))]
		if i%100 == 0 {
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
	eventually(t, "no call is pending", func() bool { return faults.Stats().PendingCalls == 0 })
}

// anyCall makes one call. Those that would never end have a context that does.
func anyCall(ctx context.Context, worker *faults.Worker, i int) error {
	var err error
	switch i % 6 {
	case 0:
		err = worker.Forever(ctx) // i%3 == 0: is cancelled
	case 1:
		_, err = worker.Wait(ctx, uint64(rand.IntN(10)))
	case 2:
		_, err = worker.Hop(ctx)
	case 3:
		_, err = worker.Yielding(ctx, uint32(rand.IntN(10)))
	case 4:
		_, err = worker.Add(1)
	case 5:
		_, err = worker.Ready(ctx, 1)
	}
	return err
}

func TestThousandsOfObjectsInThirtyTwoThreads(t *testing.T) {
	rounds := 1000
	if testing.Short() {
		rounds = 50
	}
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
