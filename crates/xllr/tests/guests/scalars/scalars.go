package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
)

var touched atomic.Int64

func Div(x, y int32) (float32, error) {
	if y == 0 {
		return 0, fmt.Errorf("cannot divide: %w", errors.New("divisor is zero"))
	}
	return float32(x) / float32(y), nil
}

func Flip(on bool) bool { return !on }

func Raise(level Level) Level { return level + 1 }

func Touch() { touched.Add(1) }

func Touched() int64 { return touched.Load() }

func Narrow(value int8) int8 { return value }

func Crash(value int64) int64 { panic(fmt.Sprint("it crashed at ", value)) }

func Waits(ctx context.Context, value int64) bool { return ctx.Done() != nil }
