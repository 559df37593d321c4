package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"example.com/gangplank/bench/hand"
	gp "example.com/gangplankbench"
)

// perSpeech is how many events are queued at once.
const perSpeech = 1000

// outstanding is how many calls of a host function wait for an answer at the same time.
const outstanding = 64

// fixture is what the rows share.
type fixture struct {
	background, cancellable context.Context

	text16, text256 string
	octets          []byte
	numbers         []float64
	texts           []string
	job             gp.Job
	handJob         hand.Job

	counter     *gp.Counter
	handCounter *hand.Counter
	asker       *gp.Asker
	speaker     *gp.Speaker
	ticked      chan struct{}
	crowd, few  *crowd
}

func newFixture() *fixture {
	cancellable, cancel := context.WithCancel(context.Background())
	_ = cancel // it is there to be called, and never is
	f := &fixture{
		background:  context.Background(),
		cancellable: cancellable,
		text16:      textOf(16),
		text256:     textOf(256),
		octets:      make([]byte, 1<<20),
		numbers:     make([]float64, 10_000),
		texts:       textsOf(10_000),
		counter:     must(gp.NewCounter(1)),
		handCounter: hand.NewCounter(1),
		asker:       must(gp.NewAsker()),
		speaker:     must(gp.NewSpeaker()),
		ticked:      make(chan struct{}),
		crowd:       newCrowd(1000),
		few:         newCrowd(outstanding),
	}
	f.job = gp.Job{Name: "nightly backup", Queue: "background", Priority: 7, Retries: new(int64(3)), Tags: textsOf(10)}
	f.handJob = hand.Job(f.job)
	check(hand.Start())
	check(hand.Open(os.Getenv("BENCH_HAND_LIBRARY")))
	f.asker.SetAnswer(func(_ context.Context, value int64) (int64, error) { return value + 1, nil })
	hand.SetAnswer(func(value int64) int64 { return value + 1 })
	hand.SetAnswerOrGiveUp(func(_ context.Context, value int64) (int64, error) { return value + 1, nil })
	f.speaker.OnTicked(func(tick gp.Tick) { f.heard(tick.Number) })
	hand.OnTick(func(tick hand.Tick) { f.heard(tick.Number) })
	return f
}

// heard is the listener of both speakers.
func (f *fixture) heard(number int64) {
	if number == perSpeech {
		f.ticked <- struct{}{}
	}
}

// textOf is a text of so many bytes.
func textOf(size int) string {
	return strings.Repeat("sixteen bytes ok", (size+15)/16)[:size]
}

// textsOf are so many texts of 16 bytes.
func textsOf(count int) []string {
	texts := make([]string, count)
	for i := range texts {
		texts[i] = fmt.Sprintf("element %8d", i)
	}
	return texts
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

func check(err error) {
	if err != nil {
		fail(err)
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}
