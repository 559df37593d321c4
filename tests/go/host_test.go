package tests

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/faults"
	"example.com/hostdemo"
)

func TestHostFunction(t *testing.T) {
	demo := newDemo(t)
	demo.SetFetchToken(func(ctx context.Context, key string) (string, error) { return "TOK-" + key, nil })
	for key, want := range map[string]string{"session": "token[TOK-session]", "": "token[TOK-]", "a\x00b": "token[TOK-a\x00b]"} {
		got, err := demo.UseToken(context.Background(), key)
		noError(t, err)
		equal(t, got, want)
	}
}

func TestHostFunctionIsNotRegistered(t *testing.T) {
	_, err := newDemo(t).UseToken(context.Background(), "k")
	hasText(t, err, "host error: host fn 'fetch_token' not registered")
}

func TestHostFunctionFails(t *testing.T) {
	demo := newDemo(t)
	demo.SetFetchToken(func(context.Context, string) (string, error) { return "", errors.New("no such key") })
	_, err := demo.UseToken(context.Background(), "k")
	hasText(t, err, "host error: no such key")
	demo.SetFetchToken(func(context.Context, string) (string, error) { return "not \xff text", nil })
	_, err = demo.UseToken(context.Background(), "k")
	if err == nil {
		t.Fatal("what is not UTF-8 was taken for text")
	}
}

func TestHostFunctionPanics(t *testing.T) {
	demo := newDemo(t)
	for want, fn := range map[string]func(){
		"panicked: boom":                      func() { panic("boom") },
		"panicked: 7":                         func() { panic(7) },
		"panicked: an error":                  func() { panic(errors.New("an error")) },
		"panicked: runtime.Goexit was called": func() { runtime.Goexit() },
	} {
		demo.SetFetchToken(func(context.Context, string) (string, error) {
			fn()
			return "", nil
		})
		_, err := demo.UseToken(context.Background(), "k")
		hasText(t, err, "host error: host fn 'fetch_token' "+want)
	}
}

func TestHostFunctionWithEveryType(t *testing.T) {
	asker := newAsker(t)
	ctx := context.Background()
	asker.SetCook(func(ctx context.Context, got faults.Kitchen) (faults.Kitchen, error) {
		equal(t, got, kitchen())
		return got, nil
	})
	got, err := asker.Cook(ctx, kitchen())
	noError(t, err)
	equal(t, got, kitchen())

	asker.SetCook(func(ctx context.Context, got faults.Kitchen) (faults.Kitchen, error) {
		return got, fmt.Errorf("in the oven: %w", &faults.BurntError{Minutes: 7})
	})
	_, err = asker.Cook(ctx, kitchen())
	var burnt *faults.BurntError
	if !errors.As(err, &burnt) || burnt.Minutes != 7 {
		t.Fatalf("error is %#v", err)
	}
	hasText(t, err, "burnt after 7 minutes")

	asker.SetCook(func(context.Context, faults.Kitchen) (faults.Kitchen, error) {
		return faults.Kitchen{}, errors.New("out of salt")
	})
	_, err = asker.Cook(ctx, kitchen())
	hasText(t, err, "host fn 'cook' failed: out of salt")

	asker.SetCook(func(context.Context, faults.Kitchen) (faults.Kitchen, error) {
		return faults.Kitchen{}, nil // has no Figure
	})
	_, err = asker.Cook(ctx, kitchen())
	hasText(t, err, "host fn 'cook' answered with a bad value: faults: bad argument: figure: nil is no case of Figure")

	var notified atomic.Int64
	asker.SetNotify(func(context.Context) error { notified.Add(1); return nil })
	noError(t, asker.Notify(ctx))
	equal(t, notified.Load(), 1)
}

func TestHostFunctionForAllObjects(t *testing.T) {
	ctx := context.Background()
	noError(t, faults.SetDefaultFetch(func(ctx context.Context, key string) (string, error) { return "all " + key, nil }))
	t.Cleanup(func() { noError(t, faults.SetDefaultFetch(nil)) })
	asker, err := faults.MakeAskerWith(ctx, "while it is being made")
	noError(t, err)
	closing(t, asker)
	got, err := asker.Fetch(ctx, "x")
	noError(t, err)
	equal(t, got, "all x")
	asker.SetFetch(func(ctx context.Context, key string) (string, error) { return "own " + key, nil })
	got, err = asker.Fetch(ctx, "x")
	noError(t, err)
	equal(t, got, "own x")
}

func TestHostFunctionDeadlines(t *testing.T) {
	ctx := context.Background()
	asker := newAsker(t)
	ended := make(chan error, 1)
	slow := func(ctx context.Context, key string) (string, error) {
		<-ctx.Done()
		ended <- ctx.Err()
		return "late", nil
	}
	asker.SetFetch(slow, faults.WithDeadline(30*time.Millisecond))
	late := faults.Stats().LateCompletions
	_, err := asker.Fetch(ctx, "k")
	hasText(t, err, "host fn 'fetch' missed its deadline")
	equal(t, within(t, ended), context.DeadlineExceeded)
	eventually(t, "the late answer is counted", func() bool { return faults.Stats().LateCompletions > late })

	// The library itself waits for 40 ms.
	asker.SetSoon(func(ctx context.Context, left, right int64) (int64, error) {
		deadline, ok := ctx.Deadline()
		if !ok || time.Until(deadline) > 40*time.Millisecond {
			t.Errorf("deadline is %v, %v", time.Until(deadline), ok)
		}
		<-ctx.Done()
		ended <- ctx.Err()
		return 0, ctx.Err()
	}, faults.WithDeadline(time.Hour))
	_, err = asker.Soon(ctx, 1, 2)
	hasText(t, err, "host fn 'soon' missed its deadline: no answer within 40 ms")
	equal(t, within(t, ended), context.DeadlineExceeded)
}

func TestHostFunctionEndsWhenTheLibraryStopsWaiting(t *testing.T) {
	asker := newAsker(t)
	asked, ended := make(chan struct{}, 1), make(chan error, 1)
	asker.SetFetch(func(ctx context.Context, key string) (string, error) {
		asked <- struct{}{}
		<-ctx.Done()
		ended <- ctx.Err()
		return "", ctx.Err()
	})
	// The guest gives up.
	_, err := asker.FetchWithin(context.Background(), "k", 10)
	isError(t, err, faults.ErrDivisionByZero)
	within(t, asked)
	equal(t, within(t, ended), context.Canceled)
	// The call is cancelled.
	call := make(chan error, 1)
	fetch := func(ctx context.Context) {
		_, err := asker.Fetch(ctx, "k")
		call <- err
	}
	ctx, cancel := context.WithCancel(context.Background())
	go fetch(ctx)
	within(t, asked)
	cancel()
	isError(t, within(t, call), context.Canceled)
	equal(t, within(t, ended), context.Canceled)
	// The object is closed.
	go fetch(context.Background())
	within(t, asked)
	noError(t, asker.Close())
	if err := within(t, call); !errors.Is(err, faults.ErrClosed) {
		hasText(t, err, "host fn 'fetch' was called on a closed object")
	}
	equal(t, within(t, ended), context.Canceled)
}

func TestTheContextOfAHostFunction(t *testing.T) {
	demo := newDemo(t)
	type key struct{}
	var kept context.Context
	demo.SetFetchToken(func(ctx context.Context, _ string) (string, error) {
		kept = ctx
		if _, ok := ctx.Deadline(); ok || ctx.Err() != nil || ctx.Value(key{}) != nil {
			t.Error("a fresh context has a deadline, an error or a value")
		}
		derived, cancel := context.WithCancel(context.WithValue(ctx, key{}, 1))
		defer cancel()
		return fmt.Sprint(derived.Value(key{}), derived.Err()), nil
	})
	got, err := demo.UseToken(context.Background(), "k")
	noError(t, err)
	equal(t, got, "token[1 <nil>]")
	within(t, kept.Done()) // it ends with the function
	equal(t, kept.Err(), context.Canceled)
}

func TestReplacedWhileInFlight(t *testing.T) {
	demo := newDemo(t)
	asked, proceed := make(chan struct{}), make(chan struct{})
	demo.SetFetchToken(func(context.Context, string) (string, error) {
		close(asked)
		<-proceed
		return "old", nil
	})
	got := make(chan string, 1)
	go func() {
		token, err := demo.UseToken(context.Background(), "k")
		if err != nil {
			t.Error(err)
		}
		got <- token
	}()
	within(t, asked)
	demo.SetFetchToken(func(context.Context, string) (string, error) { return "new", nil })
	token, err := demo.UseToken(context.Background(), "k")
	noError(t, err)
	equal(t, token, "token[new]")
	close(proceed)
	equal(t, within(t, got), "token[old]")
}

func TestHostFunctionCallsBack(t *testing.T) {
	demo := newDemo(t)
	demo.SetFetchToken(func(ctx context.Context, key string) (string, error) {
		if len(key) >= 5 {
			return "end", nil
		}
		return demo.UseToken(ctx, key+"x")
	})
	got, err := demo.UseToken(context.Background(), "x")
	noError(t, err)
	equal(t, got, "token[token[token[token[token[end]]]]]")
}

func TestAThousandOutstanding(t *testing.T) {
	asker := newAsker(t)
	const most = 1000
	var waiting atomic.Int64
	proceed := make(chan struct{})
	asker.SetFetch(func(ctx context.Context, key string) (string, error) {
		waiting.Add(1)
		select {
		case <-proceed:
			return key, nil
		case <-ctx.Done():
			return "", ctx.Err()
		}
	})
	var all sync.WaitGroup
	for i := range most {
		all.Add(1)
		go func() {
			defer all.Done()
			key := fmt.Sprint(i)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if i%5 == 0 {
				time.AfterFunc(time.Duration(i)*time.Microsecond, cancel)
			}
			got, err := asker.Fetch(ctx, key)
			if i%5 == 0 && errors.Is(err, context.Canceled) {
				return
			}
			if err != nil || got != key {
				t.Errorf("got %q, %v", got, err)
			}
		}()
	}
	eventually(t, "most are outstanding", func() bool { return waiting.Load() >= most*4/5 })
	close(proceed)
	all.Wait()
}

func TestHostFunctionTakenBack(t *testing.T) {
	demo := newDemo(t)
	demo.SetFetchToken(func(context.Context, string) (string, error) { return "x", nil })
	demo.SetFetchToken(nil)
	_, err := demo.UseToken(context.Background(), "k")
	hasText(t, err, "host error: host fn 'fetch_token' not registered")
	noError(t, demo.Close())
	demo.SetFetchToken(func(context.Context, string) (string, error) { return "x", nil })
	_, err = demo.UseToken(context.Background(), "k")
	isError(t, err, hostdemo.ErrClosed)
}
