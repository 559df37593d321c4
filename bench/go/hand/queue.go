package hand

// #include "hand.h"
import "C"

import (
	"context"
	"fmt"
	"math"
	"os"
	"sync"
	"syscall"
	"unsafe"
)

// A waiter is where the completion of a pending call arrives.
type waiter struct {
	key  uint64
	done chan int64
}

var (
	waitersMu sync.Mutex
	waiters   []*waiter
	free      = sync.Pool{New: func() any { return newWaiter() }}
)

// newWaiter makes a waiter that is never freed.
func newWaiter() *waiter {
	waitersMu.Lock()
	defer waitersMu.Unlock()
	w := &waiter{uint64(len(waiters)), make(chan int64, 1)}
	waiters = append(waiters, w)
	return w
}

func complete(key uint64, value int64) {
	waitersMu.Lock()
	w := waiters[key]
	waitersMu.Unlock()
	w.done <- value
}

func finish(w *waiter, started C.hand_started) int64 {
	value := int64(started.value)
	if started.pending != 0 {
		value = <-w.done
	}
	free.Put(w)
	return value
}

// Ready is the value, at the first poll.
func Ready(ctx context.Context, value int64) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	w := free.Get().(*waiter)
	return finish(w, C.hand_ready(C.int64_t(value), C.uint64_t(w.key))), nil
}

// WakesOnce is the value, at the second poll.
func WakesOnce(ctx context.Context, value int64) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	w := free.Get().(*waiter)
	return finish(w, C.hand_wakes_once(C.int64_t(value), C.uint64_t(w.key))), nil
}

// Hop is the value, from another thread.
func Hop(ctx context.Context, value int64) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	w := free.Get().(*waiter)
	return finish(w, C.hand_hop(C.int64_t(value), C.uint64_t(w.key))), nil
}

// cancelled is what arrives for a call that has ended without its value.
const cancelled = math.MinInt64

// HopCancellable is Hop for a call that its context can end. It does not return before the library has dropped the future.
func HopCancellable(ctx context.Context, value int64) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	w := free.Get().(*waiter)
	id := C.hand_hop_cancellable(C.int64_t(value), C.uint64_t(w.key))
	var answer int64
	if done := ctx.Done(); done == nil {
		answer = <-w.done
	} else {
		select {
		case answer = <-w.done:
		case <-done:
			C.hand_cancel(id)
			answer = <-w.done
		}
	}
	free.Put(w)
	if answer == cancelled {
		return 0, context.Canceled
	}
	return answer, nil
}

// answer is the function of the host.
var answer func(value int64) int64

// SetAnswer sets the function that Ask asks.
func SetAnswer(fn func(value int64) int64) { answer = fn }

// Ask lets the library ask count times, some at a time, and returns the sum of the answers.
func Ask(count, outstanding uint32) int64 {
	w := free.Get().(*waiter)
	C.hand_ask(C.uint32_t(count), C.uint32_t(outstanding), C.uint64_t(w.key))
	return finish(w, C.hand_started{pending: 1})
}

func serve(id uint64, value int64) {
	C.hand_answer(C.uint64_t(id), C.int64_t(answer(value)))
}

// answerOrGiveUp is the function of the host that learns when nobody waits for its answer.
var answerOrGiveUp func(ctx context.Context, value int64) (int64, error)

// SetAnswerOrGiveUp sets the function that AskOrGiveUp asks.
func SetAnswerOrGiveUp(fn func(ctx context.Context, value int64) (int64, error)) { answerOrGiveUp = fn }

// AskOrGiveUp is Ask for a function that has a context, and may panic.
func AskOrGiveUp(count, outstanding uint32) int64 {
	w := free.Get().(*waiter)
	C.hand_ask_or_give_up(C.uint32_t(count), C.uint32_t(outstanding), C.uint64_t(w.key))
	return finish(w, C.hand_started{pending: 1})
}

var (
	servingMu sync.Mutex
	serving   = map[uint64]context.CancelFunc{}
)

func stopServing(id uint64) {
	servingMu.Lock()
	stop := serving[id]
	delete(serving, id)
	servingMu.Unlock()
	if stop != nil {
		stop()
	}
}

func serveOrGiveUp(ctx context.Context, id uint64, value int64) {
	answered := false
	defer func() {
		if !answered {
			_ = recover()
			C.hand_refuse(C.uint64_t(id))
		}
		stopServing(id)
	}()
	answer, err := answerOrGiveUp(ctx, value)
	if err == nil {
		C.hand_answer(C.uint64_t(id), C.int64_t(answer))
		answered = true
	}
}

// A Tick is an event.
type Tick struct {
	Number int64
	Text   string
}

var ticks = make(chan Tick, 1024)

// OnTick calls fn for each event, on a goroutine of its own.
func OnTick(fn func(Tick)) {
	go func() {
		for tick := range ticks {
			fn(tick)
		}
	}()
}

// Speak publishes the ticks from 1 to last.
func Speak(last int64) { C.hand_speak(C.int64_t(last)) }

// Start watches the queue through the network poller.
func Start() error {
	fd := int(C.hand_queue_fd())
	if err := syscall.SetNonblock(fd, true); err != nil {
		return fmt.Errorf("hand: the queue: %w", err)
	}
	conn, err := os.NewFile(uintptr(fd), "hand queue").SyscallConn()
	if err != nil {
		return err
	}
	records := make([]C.hand_record, 256)
	go func() {
		_ = conn.Read(func(uintptr) bool {
			for {
				n := C.hand_drain(unsafe.SliceData(records), C.size_t(len(records)))
				if n == 0 {
					return false
				}
				for i := range records[:n] {
					tell(&records[i])
				}
			}
		})
	}()
	return nil
}

func tell(r *C.hand_record) {
	switch r.kind {
	case C.HAND_COMPLETION:
		complete(uint64(r.key), int64(r.value))
	case C.HAND_CANCELLED:
		complete(uint64(r.key), cancelled)
	case C.HAND_REQUEST:
		go serve(uint64(r.key), int64(r.value))
	case C.HAND_REQUEST_OR_GIVE_UP:
		id, value := uint64(r.key), int64(r.value)
		ctx, stop := context.WithCancel(context.Background())
		servingMu.Lock()
		serving[id] = stop
		servingMu.Unlock()
		go serveOrGiveUp(ctx, id, value)
	case C.HAND_GIVEN_UP:
		stopServing(uint64(r.key))
	case C.HAND_EVENT:
		text := string(unsafe.Slice((*byte)(pointerAt(&r.text.ptr)), r.text.len))
		ticks <- Tick{int64(r.value), text}
	}
}
