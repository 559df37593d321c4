//go:build guest

package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

func Wait(ctx context.Context, ms int64) (int64, error) {
	var had int64
	if deadline, ok := ctx.Deadline(); ok {
		had = max(time.Until(deadline).Milliseconds(), 1)
	}
	select {
	case <-ctx.Done():
		return 0, fmt.Errorf("waited: %w", ctx.Err())
	case <-time.After(time.Duration(ms) * time.Millisecond):
		return had, nil
	}
}

func Tell(ctx context.Context, ms int64, text string) (string, error) {
	if _, err := Wait(ctx, ms); err != nil {
		return "", fmt.Errorf("%s: %w", text, err)
	}
	return text, nil
}

var stays atomic.Int64

func Stay(ms int64) int64 {
	stays.Add(1)
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return 0
}

func Stays() int64 {
	return stays.Load()
}
