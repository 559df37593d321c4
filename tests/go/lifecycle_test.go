package tests

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"example.com/faults"
	"example.com/hostdemo"
	"example.com/mytimer"
)

func init() {
	children["first use from 8 goroutines"] = func() {
		together(8, func(i int) {
			timer, err := mytimer.Create(context.Background(), mytimer.TimerConfig{Name: fmt.Sprint(i)})
			if err != nil {
				panic(err)
			}
			defer timer.Close()
			if _, err := timer.Echo(context.Background(), mytimer.EchoRequest{Message: "x", DelayMs: 1}); err != nil {
				panic(err)
			}
			if _, err := faults.EchoI64(int64(i)); err != nil {
				panic(err)
			}
		})
		fmt.Print("fine")
	}
}

func TestFirstUseFromEightGoroutines(t *testing.T) {
	equal(t, child(t, "first use from 8 goroutines"), "fine")
}

func TestCreateAndClose(t *testing.T) {
	timer, err := mytimer.Create(context.Background(), mytimer.TimerConfig{Name: "one"})
	noError(t, err)
	noError(t, timer.Close())
}

func TestObjectsKeepTheirOwnState(t *testing.T) {
	a, b := newWorker(t), newWorker(t)
	for _, step := range []struct {
		worker       *faults.Worker
		amount, want int64
	}{{a, 1, 1}, {b, 10, 10}, {a, 2, 3}, {b, 20, 30}} {
		got, err := step.worker.Add(step.amount)
		noError(t, err)
		equal(t, got, step.want)
	}
}

func TestAnErrorLeavesAllUsable(t *testing.T) {
	var timers []*mytimer.Timer
	for i := range 5 {
		timers = append(timers, newTimer(t, fmt.Sprint(i)))
	}
	_, err := timers[2].Schedule(context.Background(), mytimer.JobSpec{}, mytimer.RetryPolicy{MaxAttempts: 1}, mytimer.ScheduleConfig{})
	isError(t, err, mytimer.ErrEmptyJobName)
	for i, timer := range timers {
		echo(t, timer, fmt.Sprint(i), "still here", 0)
	}
}

func TestTwoLibrariesInterleaved(t *testing.T) {
	timer, demo := newTimer(t, "a"), newDemo(t)
	demo.SetFetchToken(func(ctx context.Context, key string) (string, error) {
		got, err := timer.Echo(ctx, mytimer.EchoRequest{Message: key, DelayMs: 1})
		return got.Echoed, err
	})
	for i := range 50 {
		got, err := demo.UseToken(context.Background(), fmt.Sprint(i))
		noError(t, err)
		equal(t, got, fmt.Sprintf("token[%d]", i))
	}
}

func TestPipeline(t *testing.T) {
	message := "through all of them"
	for _, name := range []string{"A", "B", "C"} {
		got, err := newTimer(t, name).Echo(context.Background(), mytimer.EchoRequest{Message: message, DelayMs: 1})
		noError(t, err)
		message = got.Echoed
	}
	equal(t, message, "through all of them")
}

func TestCreateCallCloseInSixteenThreads(t *testing.T) {
	together(16, func(i int) {
		runtime.LockOSThread() // the thread ends with its goroutine
		for range 20 {
			timer, err := mytimer.Create(context.Background(), mytimer.TimerConfig{Name: "t"})
			if err != nil {
				t.Error(err)
				return
			}
			echo(t, timer, "t", "x", int64(i%2))
			if err := timer.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestThirtyTwoThreadsOnOneObject(t *testing.T) {
	worker := newWorker(t)
	together(32, func(int) {
		runtime.LockOSThread()
		for range 100 {
			if _, err := worker.Add(1); err != nil {
				t.Error(err)
			}
		}
	})
	total, err := worker.Add(0)
	noError(t, err)
	equal(t, total, 3200)
}

func TestMixedHammer(t *testing.T) {
	timer, worker := newTimer(t, "hammer"), newWorker(t)
	ctx := context.Background()
	together(8, func(i int) {
		for round := range 50 {
			var err error
			switch (i + round) % 5 {
			case 0:
				echo(t, timer, "hammer", "x", int64(round%2))
			case 1:
				_, err = worker.Hop(ctx)
			case 2:
				_, err = timer.Version()
			case 3:
				_, err = worker.Yielding(ctx, uint32(round%7))
			case 4:
				_, err = worker.Ready(ctx, 7)
			}
			if err != nil {
				t.Error(err)
			}
		}
	})
}

func TestEveryCallFromAFreshThread(t *testing.T) {
	timer := newTimer(t, "fresh")
	for range 50 {
		together(1, func(int) {
			runtime.LockOSThread()
			echo(t, timer, "fresh", "x", 0)
			echo(t, timer, "fresh", "x", 1)
		})
	}
}

func TestCallAfterClose(t *testing.T) {
	ctx := context.Background()
	timer, worker := newTimer(t, "gone"), newWorker(t)
	noError(t, timer.Close())
	noError(t, worker.Close())
	_, err := timer.Version()
	isError(t, err, mytimer.ErrClosed)
	_, err = timer.Echo(ctx, mytimer.EchoRequest{})
	isError(t, err, mytimer.ErrClosed)
	_, err = worker.Add(1)
	isError(t, err, faults.ErrClosed)
	newWorker(t) // may get the place of the closed one
	_, err = worker.Add(1)
	isError(t, err, faults.ErrClosed)
	within(t, timer.OnEchoFired(func(mytimer.EchoEvent) { t.Error("an event of a closed object") }).Done())
	for range timer.EchoFired(ctx) {
		t.Error("an event of a closed object")
	}
}

func TestDoubleClose(t *testing.T) {
	timer := newTimer(t, "twice")
	noError(t, timer.Close())
	noError(t, timer.Close())
	newTimer(t, "in its place")
	noError(t, timer.Close())
	together(8, func(int) {
		if err := timer.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestNoObject(t *testing.T) {
	ctx := context.Background()
	for _, timer := range []*mytimer.Timer{nil, new(mytimer.Timer)} {
		_, err := timer.Version()
		isError(t, err, mytimer.ErrClosed)
		_, err = timer.Echo(ctx, mytimer.EchoRequest{})
		isError(t, err, mytimer.ErrClosed)
		within(t, timer.OnEchoFired(nil).Done())
		within(t, timer.OnEventsDropped(nil).Done())
		for range timer.EchoFired(ctx) {
			t.Error("an event of no object")
		}
		noError(t, timer.Close())
	}
	for _, demo := range []*hostdemo.Demo{nil, new(hostdemo.Demo)} {
		demo.SetFetchToken(func(context.Context, string) (string, error) { return "for all", nil })
	}
	_, err := newDemo(t).UseToken(ctx, "k")
	hasText(t, err, "host error: host fn 'fetch_token' not registered")
}

func TestCloseRacingCalls(t *testing.T) {
	ctx := context.Background()
	for range 50 {
		worker := newWorker(t)
		var all sync.WaitGroup
		for i := range 8 {
			all.Add(1)
			go func() {
				defer all.Done()
				for {
					var err error
					switch i % 4 {
					case 0:
						_, err = worker.Add(1)
					case 1:
						_, err = worker.Hop(ctx)
					case 2:
						_, err = worker.Wait(ctx, 1)
					case 3:
						err = worker.Forever(ctx)
					}
					if err != nil {
						if !errors.Is(err, faults.ErrClosed) {
							t.Errorf("a call during close: %v", err)
						}
						return
					}
				}
			}()
		}
		time.Sleep(time.Millisecond)
		noError(t, worker.Close())
		all.Wait()
	}
	eventually(t, "all workers are gone", func() bool {
		alive, err := faults.WorkersAlive()
		noError(t, err)
		return alive == 0
	})
}

func TestCloseCancelsPendingCalls(t *testing.T) {
	worker := newWorker(t)
	before, err := faults.ForeversDropped()
	noError(t, err)
	ended := make(chan error, 10)
	for range cap(ended) {
		go func() { ended <- worker.Forever(context.Background()) }()
	}
	eventually(t, "all calls are pending", func() bool { return faults.Stats().PendingCalls >= 10 })
	noError(t, worker.Close())
	after, err := faults.ForeversDropped()
	noError(t, err)
	equal(t, after-before, 10)
	for range cap(ended) {
		isError(t, within(t, ended), faults.ErrClosed)
	}
}

func TestCloseGivesUpOnWhatIsStuck(t *testing.T) {
	worker, err := faults.OpenWorker()
	noError(t, err)
	begun, ended := begunCalls(t), make(chan error, 1)
	go func() { ended <- worker.Block(60_000) }()
	eventually(t, "it blocks", func() bool { return begunCalls(t) > begun })
	err = worker.Close()
	isError(t, err, faults.ErrStuck)
	equal(t, err.Error(), "faults: close gave up waiting: closing this Worker gave up after 5s: still running: Worker::block")
	noError(t, faults.Unblock())
	noError(t, within(t, ended))
	noError(t, worker.Close())
}

func TestCloseInsideAListener(t *testing.T) {
	timer := newTimer(t, "closing")
	ended := make(chan error, 1)
	s := timer.OnEchoFired(func(mytimer.EchoEvent) { ended <- timer.Close() })
	echo(t, timer, "closing", "x", 0)
	noError(t, within(t, ended))
	within(t, s.Done())
}

func TestCloseInsideAHostFunction(t *testing.T) {
	demo := newDemo(t)
	ended := make(chan error, 1)
	demo.SetFetchToken(func(ctx context.Context, key string) (string, error) {
		ended <- demo.Close()
		return "late", nil
	})
	// The call ends by the close, or sees it first in the answer of its host function.
	_, err := demo.UseToken(context.Background(), "k")
	if !errors.Is(err, hostdemo.ErrClosed) {
		hasText(t, err, "host error: host fn 'fetch_token' was called on a closed object")
	}
	noError(t, within(t, ended))
}

func TestAFailedConstructorLeavesNothing(t *testing.T) {
	before := faults.Stats()
	for _, trouble := range []faults.Trouble{faults.TroubleFail, faults.TroublePanicInConstructor} {
		for delay := range uint64(2) {
			for _, make := range []func() (*faults.Fragile, error){
				func() (*faults.Fragile, error) { return faults.MakeFragile(trouble) },
				func() (*faults.Fragile, error) { return faults.MakeFragileLater(context.Background(), trouble, delay) },
			} {
				object, err := make()
				if err == nil || object != nil {
					t.Fatalf("got %v and %v", object, err)
				}
			}
		}
	}
	noMoreObjects(t, before)
}

func TestManyObjects(t *testing.T) {
	for i := range 200 {
		echo(t, newTimer(t, fmt.Sprint(i)), fmt.Sprint(i), "x", 0)
	}
}

func TestWhatNobodyClosesIsReleased(t *testing.T) {
	before := faults.Stats().Handles
	func() {
		for range 50 {
			worker, err := faults.OpenWorker()
			noError(t, err)
			_, err = worker.Add(1)
			noError(t, err)
		}
	}()
	eventually(t, "the cleanups have run", func() bool {
		runtime.GC()
		return faults.Stats().Handles <= before
	})
}
