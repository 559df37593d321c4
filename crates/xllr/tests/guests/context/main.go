//go:build !guest

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

func check(what string, holds bool, said ...any) {
	if !holds {
		fmt.Println(append([]any{"FAILED", what}, said...)...)
		os.Exit(1)
	}
}

func main() {
	isolated := os.Getenv("GANGPLANK_GO_IN_PROCESS") == ""
	// Without an end a context changes nothing.
	had, err := WaitContext(context.Background(), 1)
	check("no deadline", had == 0 && err == nil, had, err)
	had, err = Wait(1)
	check("no context", had == 0 && err == nil, had, err)

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	had, err = WaitContext(ctx, 1)
	check("a minute", had > 50_000 && had <= 60_000 && err == nil, had, err)
	cancel()
	_, err = WaitContext(ctx, 1)
	check("a context that has ended", errors.Is(err, context.Canceled), err)

	for range 3 {
		begun := time.Now()
		ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, err = WaitContext(ctx, 60_000)
		check("deadline", errors.Is(err, context.DeadlineExceeded), err)
		text, err := TellContext(ctx, 60_000, "so")
		check("deadline again", text == "" && errors.Is(err, context.DeadlineExceeded), err)
		cancel()
		check("soon", time.Since(begun) < 50*time.Second)
	}
	// A helper that does not answer soon after the deadline is ended, and so is a call whose time is over before it begins:
	// on a busy machine it may happen to one.
	for more := 20; ; more-- {
		ctx, cancel = context.WithTimeout(context.Background(), 50*time.Millisecond)
		_, err = TellContext(ctx, 60_000, "so")
		cancel()
		check("deadline once more", errors.Is(err, context.DeadlineExceeded), err)
		if err.Error() == "so: waited: context deadline exceeded" {
			break
		}
		check("the guest's words", more > 0, err)
	}

	if !isolated { // to a helper process only the time travels
		var all sync.WaitGroup
		for at := range 20 {
			all.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				time.AfterFunc(time.Duration(at)*time.Millisecond, cancel)
				_, err := TellContext(ctx, 60_000, "so")
				check("cancel", errors.Is(err, context.Canceled), err)
				had, err := Wait(1) // the frames of others are left alone
				check("others", had == 0 && err == nil, had, err)
			})
		}
		all.Wait()
		// A function without a context is waited for, and nobody else is told.
		before, err := Stays()
		check("stays begin", err == nil, err)
		ctx, cancel = context.WithCancel(context.Background())
		all.Go(func() {
			for now := before; now == before; now, _ = Stays() {
				time.Sleep(time.Millisecond)
			}
			cancel()
		})
		_, err = StayContext(ctx, 300)
		check("stays", err == nil, err)
		all.Wait()
	}
	fmt.Println("all well")
}
