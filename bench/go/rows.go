package main

import (
	"errors"

	gp "example.com/gangplankbench"
)

// empty is the row that ratios refer to unless a row names another.
const empty = "empty cgo call"

// none stands for a goal that a row does not have.
const none = -1

// A row is one line of the table.
type row struct {
	name       string
	base       string  // the row that the ratio refers to; "": the empty call
	goal       float64 // the most that the ratio may be
	allocsGoal int     // the most that a call may allocate
	many       bool    // many goroutines take part: a batch is longer
	unit       int     // calls are made in multiples of it; 0: 1
	run        func(n int)
}

// errNone says that a call that has to fail did not.
var errNone = errors.New("there should have been an error")

// goalRows are the rows with goals: the generated package. Each is a loop of its own, so that nothing is measured but
// the call.
func (f *fixture) goalRows() []row {
	return []row{
		{name: "add(i64,i64)", goal: 1.2, run: func(n int) {
			for range n {
				if _, err := gp.Add(1, 2); err != nil {
					fail(err)
				}
			}
		}},
		{name: "method, scalars", goal: 1.35, run: func(n int) {
			for range n {
				if _, err := f.counter.Replace(2); err != nil {
					fail(err)
				}
			}
		}},
		{name: "string in, 16 B", goal: 1.6, run: func(n int) {
			for range n {
				if _, err := gp.TextLen(f.text16); err != nil {
					fail(err)
				}
			}
		}},
		{name: "string echo, 16 B", goal: 3.3, allocsGoal: 1, run: func(n int) {
			for range n {
				if _, err := gp.Echo(f.text16); err != nil {
					fail(err)
				}
			}
		}},
		{name: "string echo, 256 B", goal: 4.3, allocsGoal: 1, run: func(n int) {
			for range n {
				if _, err := gp.Echo(f.text256); err != nil {
					fail(err)
				}
			}
		}},
		{name: "bytes in, 1 MiB", goal: 1.6, run: func(n int) {
			for range n {
				if _, err := gp.CountBytes(f.octets); err != nil {
					fail(err)
				}
			}
		}},
		{name: "[]float64 in, 10 000", goal: 1.6, run: func(n int) {
			for range n {
				if _, err := gp.CountNumbers(f.numbers); err != nil {
					fail(err)
				}
			}
		}},
		{name: "record in", goal: 17, run: func(n int) {
			for range n {
				if _, err := gp.TakeJob(f.job); err != nil {
					fail(err)
				}
			}
		}},
		{name: "record in and out", goal: 26, allocsGoal: 5, run: func(n int) {
			for range n {
				if _, err := gp.EchoJob(f.job); err != nil {
					fail(err)
				}
			}
		}},
		{name: "10 000 strings in", goal: 16_000, allocsGoal: 1, run: func(n int) {
			for range n {
				if _, err := gp.CountTexts(f.texts); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async ready, background", goal: 3, run: func(n int) {
			for range n {
				if _, err := gp.Ready(f.background, 1); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async ready, cancellable", goal: 3.1, run: func(n int) {
			for range n {
				if _, err := gp.Ready(f.cancellable, 1); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async wakes itself once", goal: 3.6, run: func(n int) {
			for range n {
				if _, err := gp.WakesOnce(f.background, 1); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async hop, 1 000 goroutines", base: byHand + "async hop, 1 000 goroutines", goal: 1.3, allocsGoal: 1,
			many: true, unit: 1000, run: func(n int) {
				f.crowd.run(n, func() error {
					_, err := gp.Hop(f.background, 1)
					return err
				})
			}},
		{name: "typed error", goal: 6, allocsGoal: 2, run: func(n int) {
			for range n {
				if _, err := gp.Check(-1); err == nil {
					fail(errNone)
				}
			}
		}},
		{name: "host function, 64 outstanding", base: byHand + "host function, 64 outstanding", goal: 1.3, allocsGoal: 3,
			many: true, unit: outstanding, run: func(n int) {
				if _, err := f.asker.Ask(f.background, uint32(n), outstanding); err != nil {
					fail(err)
				}
			}},
		{name: "event, 1 000 queued", goal: 15, allocsGoal: 1, many: true, unit: perSpeech, run: func(n int) {
			for range n / perSpeech {
				if err := f.speaker.Speak(perSpeech); err != nil {
					fail(err)
				}
				<-f.ticked
			}
		}},
	}
}
