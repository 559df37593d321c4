package main

import "example.com/gangplank/bench/hand"

// byHand begins the names of the rows of the hand-written binding.
const byHand = "hand-written: "

// handRows are the same crossings through the hand-written binding.
func (f *fixture) handRows() []row {
	rows := []row{
		{name: "add(i64,i64)", run: func(n int) {
			for range n {
				hand.Add(1, 2)
			}
		}},
		{name: "method, scalars", run: func(n int) {
			for range n {
				f.handCounter.Replace(2)
			}
		}},
		{name: "method on a handle, scalars", run: func(n int) {
			for range n {
				hand.HandleReplace(3, 2)
			}
		}},
		{name: "string in, 16 B", run: func(n int) {
			for range n {
				if _, err := hand.TextLen(f.text16); err != nil {
					fail(err)
				}
			}
		}},
		{name: "string echo, 16 B", run: func(n int) {
			for range n {
				if _, err := hand.Echo(f.text16); err != nil {
					fail(err)
				}
			}
		}},
		{name: "string echo, 256 B", run: func(n int) {
			for range n {
				if _, err := hand.Echo(f.text256); err != nil {
					fail(err)
				}
			}
		}},
		{name: "bytes in, 1 MiB", run: func(n int) {
			for range n {
				hand.CountBytes(f.octets)
			}
		}},
		{name: "[]float64 in, 10 000", run: func(n int) {
			for range n {
				hand.CountNumbers(f.numbers)
			}
		}},
		{name: "record in", run: func(n int) {
			for range n {
				if _, err := hand.TakeJob(&f.handJob); err != nil {
					fail(err)
				}
			}
		}},
		{name: "record in and out", run: func(n int) {
			for range n {
				if _, err := hand.EchoJob(&f.handJob); err != nil {
					fail(err)
				}
			}
		}},
		{name: "10 000 strings in", run: func(n int) {
			for range n {
				if _, err := hand.CountTexts(f.texts); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async ready, background", run: func(n int) {
			for range n {
				if _, err := hand.Ready(f.background, 1); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async ready, cancellable", run: func(n int) {
			for range n {
				if _, err := hand.Ready(f.cancellable, 1); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async wakes itself once", run: func(n int) {
			for range n {
				if _, err := hand.WakesOnce(f.background, 1); err != nil {
					fail(err)
				}
			}
		}},
		{name: "async hop, 1 000 goroutines", many: true, unit: 1000, run: func(n int) {
			f.crowd.run(n, func() error {
				_, err := hand.Hop(f.background, 1)
				return err
			})
		}},
		{name: "async hop that can be cancelled, 1 000 goroutines", base: byHand + "async hop, 1 000 goroutines", many: true,
			unit: 1000, run: func(n int) {
				f.crowd.run(n, func() error {
					_, err := hand.HopCancellable(f.background, 1)
					return err
				})
			}},
		{name: "typed error", run: func(n int) {
			for range n {
				if _, err := hand.Check(-1); err == nil {
					fail(errNone)
				}
			}
		}},
		{name: "host function, 64 outstanding", many: true, unit: outstanding, run: func(n int) {
			hand.Ask(uint32(n), outstanding)
		}},
		{name: "host function that can be given up, 64 outstanding", base: byHand + "host function, 64 outstanding", many: true,
			unit: outstanding, run: func(n int) {
				hand.AskOrGiveUp(uint32(n), outstanding)
			}},
		{name: "event, 1 000 queued", many: true, unit: perSpeech, run: func(n int) {
			for range n / perSpeech {
				hand.Speak(perSpeech)
				<-f.ticked
			}
		}},
	}
	for i := range rows {
		rows[i].name = byHand + rows[i].name
		rows[i].goal, rows[i].allocsGoal = none, none
	}
	return append(rows, row{name: empty, goal: none, allocsGoal: none, run: emptyCalls})
}

func emptyCalls(n int) {
	for range n {
		hand.Empty()
	}
}
