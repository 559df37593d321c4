package tests

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"

	"example.com/faults"
	"example.com/mytimer"
)

func TestAnEventHasItsPayload(t *testing.T) {
	timer := newTimer(t, "events")
	events := make(chan mytimer.EchoEvent, 8)
	s := timer.OnEchoFired(func(event mytimer.EchoEvent) { events <- event })
	echo(t, timer, "events", "hello", 0)
	echo(t, timer, "events", "again", 1)
	equal(t, within(t, events), mytimer.EchoEvent{Message: "hello", EchoCount: 1})
	equal(t, within(t, events), mytimer.EchoEvent{Message: "again", EchoCount: 2})
	s.Cancel()
	within(t, s.Done())
}

func TestEventsWithoutAndWithSeveralValues(t *testing.T) {
	speaker := newSpeaker(t)
	said := make(chan faults.SaidArgs, 1)
	pinged := make(chan struct{}, 1)
	speaker.OnSaid(func(event faults.SaidArgs) { said <- event })
	speaker.OnPinged(func() { pinged <- struct{}{} })
	noError(t, speaker.Say("x", faults.FigureLabelled{Label: "y", Color: faults.ColorBlue}))
	noError(t, speaker.Ping())
	equal(t, within(t, said), faults.SaidArgs{Text: "x", Figure: faults.FigureLabelled{Label: "y", Color: faults.ColorBlue}})
	within(t, pinged)
}

func TestEachListenerHearsAnEventOnce(t *testing.T) {
	speaker := newSpeaker(t)
	var heard [5]atomic.Int64
	var subscriptions []*faults.Subscription
	for i := range heard {
		subscriptions = append(subscriptions, speaker.OnCounted(func(int64) { heard[i].Add(1) }))
	}
	noError(t, speaker.Count(10))
	noError(t, speaker.Close())
	for i, s := range subscriptions {
		within(t, s.Done())
		equal(t, heard[i].Load(), 10)
	}
}

func TestEventsArriveInOrder(t *testing.T) {
	speaker := newSpeaker(t)
	numbers := make(chan int64, 1000)
	speaker.OnCounted(func(number int64) { numbers <- number })
	noError(t, speaker.Count(1000))
	for want := int64(1); want <= 1000; want++ {
		equal(t, within(t, numbers), want)
	}
}

func TestARemovedListenerHearsNothing(t *testing.T) {
	speaker := newSpeaker(t)
	for range 20 {
		var cancelled atomic.Bool
		inside := make(chan struct{})
		var once atomic.Bool
		proceed := make(chan struct{})
		s := speaker.OnCounted(func(int64) {
			if cancelled.Load() {
				t.Error("an invocation after Cancel")
			}
			if once.CompareAndSwap(false, true) {
				close(inside)
				<-proceed
			}
		})
		noError(t, speaker.Count(10))
		within(t, inside)
		s.Cancel() // does not wait for the invocation that runs
		cancelled.Store(true)
		select {
		case <-s.Done():
			t.Fatal("done while the listener runs")
		default:
		}
		close(proceed)
		within(t, s.Done())
		noError(t, speaker.Count(10))
		s.Cancel()
	}
}

func TestCancelInsideAListener(t *testing.T) {
	speaker := newSpeaker(t)
	var calls atomic.Int64
	subscriptions := make(chan *faults.Subscription, 1)
	s := speaker.OnCounted(func(int64) {
		calls.Add(1)
		(<-subscriptions).Cancel()
	})
	subscriptions <- s
	noError(t, speaker.Count(5))
	within(t, s.Done())
	equal(t, calls.Load(), 1)
}

func TestASlowListenerDelaysNoCall(t *testing.T) {
	timer := newTimer(t, "slow")
	proceed := make(chan struct{})
	s := timer.OnEchoFired(func(mytimer.EchoEvent) { <-proceed })
	quick := make(chan mytimer.EchoEvent, 100)
	timer.OnEchoFired(func(event mytimer.EchoEvent) { quick <- event })
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for range 100 {
			echo(t, timer, "slow", "x", 0)
		}
	}()
	within(t, ended)
	for range 100 {
		within(t, quick)
	}
	close(proceed)
	s.Cancel()
	within(t, s.Done())
}

func TestCallsInsideAListener(t *testing.T) {
	timer := newTimer(t, "inside")
	answers := make(chan string, 1)
	var once atomic.Bool
	timer.OnEchoFired(func(event mytimer.EchoEvent) {
		if once.CompareAndSwap(false, true) {
			got, err := timer.Echo(context.Background(), mytimer.EchoRequest{Message: event.Message + "!", DelayMs: 1})
			if err != nil {
				t.Error(err)
			}
			answers <- got.Echoed
		}
	})
	echo(t, timer, "inside", "x", 0)
	equal(t, within(t, answers), "x!")
}

func TestOverflowIsReported(t *testing.T) {
	speaker := newSpeaker(t)
	inside, proceed := make(chan struct{}), make(chan struct{})
	var heard, lost atomic.Int64
	var once atomic.Bool
	s := speaker.OnCounted(func(int64) {
		if once.CompareAndSwap(false, true) {
			close(inside)
			<-proceed
		}
		heard.Add(1)
	})
	speaker.OnEventsDropped(func(event string, count uint64) {
		if event != "counted" {
			t.Errorf("lost events of %q", event)
		}
		lost.Add(int64(count))
	})
	const all = 20_000
	noError(t, speaker.Count(1))
	within(t, inside)
	noError(t, speaker.Count(all-1))
	eventually(t, "some are lost", func() bool { return lost.Load() > 0 })
	close(proceed)
	eventually(t, "every event is heard or lost", func() bool { return heard.Load()+lost.Load() == all })
	noError(t, speaker.Ping()) // the object keeps working
	noError(t, speaker.Close())
	within(t, s.Done())
}

// TestLossesAreReportedWithoutAnEvent: no handle is left for the objects of events, so that none comes to tell of the others.
func TestLossesAreReportedWithoutAnEvent(t *testing.T) {
	speaker := newSpeaker(t)
	heard := make(chan *faults.Worker, 8)
	lost := make(chan uint64, 8)
	s := speaker.OnHired(func(worker *faults.Worker) { heard <- worker })
	speaker.OnEventsDropped(func(event string, count uint64) {
		if event != "hired" {
			t.Errorf("lost events of %q", event)
		}
		lost <- count
	})
	before := faults.Stats().DroppedEvents
	full := func(count uint32) {
		noError(t, faults.AllowObjects(new(uint32)))
		defer func() { noError(t, faults.AllowObjects(nil)) }()
		noError(t, speaker.Hire(count))
	}
	full(3)
	for told := uint64(0); told < 3; {
		told += within(t, lost)
	}
	equal(t, faults.Stats().DroppedEvents-before, 3)
	noError(t, speaker.Hire(1)) // the object keeps working
	noError(t, within(t, heard).Close())
	full(2)
	noError(t, speaker.Close())
	within(t, s.Done())
	for told := uint64(0); told < 2; { // also when nothing follows any more
		told += within(t, lost)
	}
	equal(t, len(lost)+len(heard), 0)
}

func TestRange(t *testing.T) {
	speaker := newSpeaker(t)
	listens := func(want uint64) {
		t.Helper()
		eventually(t, "the loop listens or no longer does", func() bool { return faults.Stats().Listeners == want })
	}
	// What a loop hears that ends when more says so, or by itself.
	loop := func(ctx context.Context, more func(number int64) bool) <-chan []int64 {
		listens(0) // nor does one of an earlier test
		heard := make(chan []int64, 1)
		go func() {
			var got []int64
			for number := range speaker.Counted(ctx) {
				if got = append(got, number); !more(number) {
					break
				}
			}
			heard <- got
		}()
		listens(1)
		return heard
	}
	heard := loop(context.Background(), func(number int64) bool { return number < 3 })
	noError(t, speaker.Count(10))
	equal(t, within(t, heard), []int64{1, 2, 3})

	ctx, cancel := context.WithCancel(context.Background())
	heard = loop(ctx, func(number int64) bool {
		if number == 10 {
			cancel()
		}
		return true
	})
	noError(t, speaker.Count(10))
	equal(t, len(within(t, heard)), 10)
	for range speaker.Counted(ctx) {
		t.Fatal("an event after the context's end")
	}

	heard = loop(context.Background(), func(int64) bool { return true })
	noError(t, speaker.Count(10))
	noError(t, speaker.Close())
	equal(t, len(within(t, heard)), 10) // what was published before Close is still heard
}

func TestGoexitInAListenerEndsIt(t *testing.T) {
	speaker := newSpeaker(t)
	s := speaker.OnPinged(func() { runtime.Goexit() })
	noError(t, speaker.Ping())
	within(t, s.Done())
	noError(t, speaker.Ping())
}

func TestAListenerKeepsItsObject(t *testing.T) {
	heard := make(chan int64, 1)
	var s *faults.Subscription
	speaker := func() *faults.Speaker {
		speaker, err := faults.MakeSpeaker()
		noError(t, err)
		s = speaker.OnCounted(func(number int64) { heard <- number })
		return speaker
	}()
	for range 5 {
		runtime.GC()
	}
	noError(t, speaker.Count(1))
	equal(t, within(t, heard), 1)
	s.Cancel()
	within(t, s.Done())
}
