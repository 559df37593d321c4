package tests

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/faults"
	"example.com/mytimer"
)

func TestVersion(t *testing.T) {
	got, err := newTimer(t, "v").Version()
	noError(t, err)
	equal(t, got, "gangplank-timer v0.1.0")
}

func TestDelayIsHonoured(t *testing.T) {
	timer := newTimer(t, "slow")
	start := time.Now()
	echo(t, timer, "slow", "x", 150)
	if took := time.Since(start); took < 130*time.Millisecond {
		t.Fatalf("took only %v", took)
	}
}

func TestThreeDelayedCallsInFlight(t *testing.T) {
	timer := newTimer(t, "three")
	eventually(t, "nothing else is in flight", func() bool { return mytimer.Stats().PendingCalls == 0 })
	// On a busy machine the first may have ended before the last begins.
	for delay := int64(1_000); ; delay *= 3 {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			together(3, func(i int) {
				echo(t, timer, "three", strings.Repeat("x", i+1), delay-int64(i)*100)
			})
		}()
		if seen := seenBefore(ended, func() bool { return mytimer.Stats().PendingCalls == 3 }); seen {
			within(t, ended)
			return
		}
		if delay > 20_000 {
			t.Fatal("the three were never in flight together")
		}
	}
}

// seenBefore tells whether something held before an end.
func seenBefore(end <-chan struct{}, holds func() bool) bool {
	for !holds() {
		select {
		case <-end:
			return false
		case <-time.After(time.Millisecond):
		}
	}
	return true
}

func TestListsAndOptions(t *testing.T) {
	timer := newTimer(t, "options")
	ctx := context.Background()
	note, empty, retries := "a note", "", int64(3)
	for _, test := range []struct {
		request mytimer.ComplexRequest
		want    mytimer.ComplexResponse
	}{
		{mytimer.ComplexRequest{}, mytimer.ComplexResponse{Summary: "received 0 messages, note=<none>, retries=0"}},
		{mytimer.ComplexRequest{Note: &empty}, mytimer.ComplexResponse{Summary: "received 0 messages, note=, retries=0", HasNote: true}},
		{
			mytimer.ComplexRequest{Messages: make([]mytimer.EchoRequest, 2), Tags: []string{"", "b"}, Note: &note, Retries: &retries},
			mytimer.ComplexResponse{Summary: "received 2 messages, note=a note, retries=3", ItemCount: 2, HasNote: true},
		},
	} {
		got, err := timer.Complex(ctx, test.request)
		noError(t, err)
		equal(t, got, test.want)
	}
}

func TestThreeRecordsInOneCall(t *testing.T) {
	jitter := int64(7)
	got, err := newTimer(t, "s").Schedule(context.Background(),
		mytimer.JobSpec{Name: "nightly", Payload: []string{"a", "b"}, Priority: 1},
		mytimer.RetryPolicy{MaxAttempts: 3, BackoffMs: 100, RetryOn: []string{"timeout"}},
		mytimer.ScheduleConfig{StartAtMs: 1000, IntervalMs: 5000, Jitter: &jitter})
	noError(t, err)
	equal(t, got, mytimer.ScheduleResult{JobID: "s:nightly", WillRunCount: 12, FirstRunAtMs: 1007, EffectiveBackoffMs: 100})
}

func TestTypedErrors(t *testing.T) {
	timer := newTimer(t, "errors")
	ctx := context.Background()
	_, err := timer.Schedule(ctx, mytimer.JobSpec{}, mytimer.RetryPolicy{}, mytimer.ScheduleConfig{})
	isError(t, err, mytimer.ErrEmptyJobName)
	hasText(t, err, "job name must not be empty")

	_, err = timer.Schedule(ctx, mytimer.JobSpec{Name: "x"}, mytimer.RetryPolicy{}, mytimer.ScheduleConfig{})
	hasText(t, err, "max attempts must be positive, not 0")
	var bad *mytimer.BadMaxAttemptsError
	if !errors.As(err, &bad) || bad.Value != 0 {
		t.Fatalf("error is %#v", err)
	}

	_, err = faults.Divide(1, 0)
	isError(t, err, faults.ErrDivisionByZero)
	_, err = faults.Divide(-9223372036854775808, -1)
	hasText(t, err, "-9223372036854775808 / -1 does not fit")
	_, _, err = faults.Parse("seven")
	var text *faults.NotANumberError
	if !errors.As(err, &text) || text.Text != "seven" {
		t.Fatalf("error is %#v", err)
	}
}

func TestSeveralResults(t *testing.T) {
	number, text, err := faults.Parse(" 42 ")
	noError(t, err)
	equal(t, number, 42)
	equal(t, text, " 42 ")
}

func TestInvalidText(t *testing.T) {
	_, err := faults.EchoText("a\xffb")
	isError(t, err, faults.ErrBadArgument)
	_, err = faults.TextLength("\xc3")
	isError(t, err, faults.ErrBadArgument)
	_, err = newTimer(t, "x").Echo(context.Background(), mytimer.EchoRequest{Message: "\xff"})
	isError(t, err, mytimer.ErrBadArgument)
	_, err = mytimer.Create(context.Background(), mytimer.TimerConfig{Name: "\xff"})
	isError(t, err, mytimer.ErrBadArgument)
}

func TestReadyAtOnce(t *testing.T) {
	worker := newWorker(t)
	ctx := context.Background()
	got, err := worker.Ready(ctx, 7)
	noError(t, err)
	equal(t, got, 7)
	times, err := worker.Yielding(ctx, 100)
	noError(t, err)
	equal(t, times, 100)
	hopped, err := worker.Hop(ctx)
	noError(t, err)
	equal(t, hopped, true)
}

func TestADoneContextMeansNoCall(t *testing.T) {
	worker := newWorker(t)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	err := worker.Forever(cancelled)
	isError(t, err, context.Canceled)
	isError(t, err, faults.ErrCancelled)
	_, err = worker.Ready(cancelled, 1)
	isError(t, err, faults.ErrCancelled)
	late, cancel := context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	defer cancel()
	_, err = worker.Ready(late, 1)
	isError(t, err, context.DeadlineExceeded)
	isError(t, err, faults.ErrDeadline)
}

func TestCancelDropsTheFutureBeforeTheCallReturns(t *testing.T) {
	worker := newWorker(t)
	before, err := faults.ForeversDropped()
	noError(t, err)
	for i := range int64(20) {
		ctx, cancel := context.WithCancel(context.Background())
		begun, ended := begunCalls(t), make(chan error, 1)
		go func() { ended <- worker.Forever(ctx) }()
		eventually(t, "the call has begun", func() bool { return begunCalls(t) > begun })
		cancel()
		isError(t, within(t, ended), context.Canceled)
		dropped, err := faults.ForeversDropped()
		noError(t, err)
		equal(t, dropped-before, i+1)
	}
}

func TestCancelWaitsForAPollInProgress(t *testing.T) {
	worker := newWorker(t)
	begun, ended := begunCalls(t), endedCalls(t)
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- worker.BlockLater(ctx, 150) }()
	eventually(t, "the poll blocks", func() bool { return begunCalls(t) > begun })
	cancel()
	// The poll may have been the last one: a result is as good.
	if err := within(t, result); err != nil {
		isError(t, err, context.Canceled)
	}
	equal(t, endedCalls(t), ended+1)
}

func TestDeadline(t *testing.T) {
	worker := newWorker(t)
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	err := worker.Forever(ctx)
	isError(t, err, context.DeadlineExceeded)
	isError(t, err, faults.ErrDeadline)
	equal(t, err.Error(), "faults: context deadline exceeded")
}

func TestTheCauseOfACancelIsKept(t *testing.T) {
	worker := newWorker(t)
	reason := errors.New("the user has gone")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(time.Millisecond, func() { cancel(reason) })
	err := worker.Forever(ctx)
	isError(t, err, reason)
	isError(t, err, context.Canceled)
}

func TestWithoutContext(t *testing.T) {
	worker := newWorker(t)
	var none context.Context
	got, err := worker.Wait(none, 1)
	noError(t, err)
	equal(t, got, 1)
}

func TestStats(t *testing.T) {
	worker := newWorker(t)
	before := faults.Stats()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker.Forever(ctx) }()
	eventually(t, "the call is counted", func() bool { return faults.Stats().PendingCalls == before.PendingCalls+1 })
	cancel()
	isError(t, within(t, ended), context.Canceled)
	equal(t, faults.Stats().PendingCalls, before.PendingCalls)
	if faults.Stats().Handles == 0 {
		t.Fatal("the worker is not counted")
	}
}
