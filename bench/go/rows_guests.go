package main

import (
	"example.com/gangplank/bench/far"
	jobspb "example.com/gangplank/bench/jobs/jobspb"
	"example.com/gangplank/bench/words"
)

const (
	// goToPython begins the names of the rows of a host in Go and a guest in Python, both of words.proto.
	goToPython = "Go host -> Python guest: "
	// goToGo begins those of a guest in Go, which runs in a helper process.
	goToGo = "Go host -> Go guest (helper): "
	// at64 ends the names of rows with that many calls at a time.
	at64 = "div, 64 outstanding"
)

// guestRows call guests that bring an interpreter or a process of their own. Those in a helper are compared with gRPC,
// which crosses to another process as well.
func (f *fixture) guestRows() []row {
	parts := []string{"A", "B", "C"}
	call := func() error {
		_, err := far.Div(10, 2)
		return err
	}
	return []row{
		{name: goToPython + "div", goal: 7, run: func(n int) {
			for range n {
				if _, err := words.Div(10, 2); err != nil {
					fail(err)
				}
			}
		}},
		{name: goToPython + "concat_strings", goal: 25, allocsGoal: 1, run: func(n int) {
			for range n {
				if _, err := words.ConcatStrings(parts); err != nil {
					fail(err)
				}
			}
		}},
		{name: goToGo + "div", base: byRPC + "div", goal: 0.2, many: true, run: func(n int) {
			for range n {
				check(call())
			}
		}},
		{name: goToGo + at64, base: byRPC + at64, goal: 0.5, many: true, unit: outstanding, run: func(n int) {
			f.few.run(n, call)
		}},
	}
}

// rpcAt64 is the other half of the last of them.
func (f *fixture) rpcAt64(client *rpcClient) row {
	request := &jobspb.DivRequest{X: 10, Y: 2}
	return row{name: byRPC + at64, base: goToGo + at64, goal: none, allocsGoal: none, many: true, unit: outstanding,
		run: func(n int) {
			f.few.run(n, func() error {
				return client.conn.Invoke(f.background, "/Jobs/div", request, new(jobspb.DivResult))
			})
		}}
}
