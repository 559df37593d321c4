package main

import (
	"example.com/gangplank/bench/hand"
	"example.com/gangplank/bench/jobs"
)

// goToRust begins the names of the rows of a host in Go and a guest in Rust, both of jobs.proto.
const goToRust = "Go host -> Rust guest: "

// jobsRows call the guest through XLLR.
func (f *fixture) jobsRows() []row {
	job := &jobs.Job{Name: f.job.Name, Queue: f.job.Queue, Priority: f.job.Priority, Retries: f.job.Retries, Tags: f.job.Tags}
	return []row{
		{name: goToRust + "div, prepared", goal: 1.3, run: func(n int) {
			for range n {
				if _, err := jobs.Div(10, 2); err != nil {
					fail(err)
				}
			}
		}},
		{name: goToRust + "record both ways", goal: 28, allocsGoal: 4, run: func(n int) {
			for range n {
				if _, err := jobs.Echo(job); err != nil {
					fail(err)
				}
			}
		}},
	}
}

// handJobsRows are the same crossings by hand, into a library that is opened as well: with panics caught.
func (f *fixture) handJobsRows() []row {
	rows := []row{
		{name: goToRust + "div, prepared", run: func(n int) {
			for range n {
				if _, err := hand.Div(10, 2); err != nil {
					fail(err)
				}
			}
		}},
		{name: goToRust + "record both ways", run: func(n int) {
			for range n {
				if _, err := hand.OpenedEchoJob(&f.handJob); err != nil {
					fail(err)
				}
			}
		}},
	}
	for i := range rows {
		rows[i].name = byHand + rows[i].name
		rows[i].goal, rows[i].allocsGoal = none, none
	}
	return rows
}
