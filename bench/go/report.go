package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

// report prints the results.
func report(results []result, asJSON bool) {
	if asJSON {
		for i := range results {
			printJSON(&results[i])
		}
		return
	}
	printTable(results)
}

// A line is a row as JSON.
type line struct {
	Name       string   `json:"name"`
	Ratio      float64  `json:"ratio"`
	Goal       *float64 `json:"goal"`
	Allocs     int      `json:"allocs"`
	AllocsGoal *int     `json:"allocs_goal"`
	Base       string   `json:"base,omitempty"`
	Nanos      float64  `json:"ns"`
	Missed     bool     `json:"goal_missed"`
	Noisy      bool     `json:"noisy"`
}

func printJSON(r *result) {
	l := line{Name: r.name, Ratio: round(r.ratio()), Allocs: r.allocs, Base: r.base, Nanos: round(r.variant.typical()),
		Missed: r.isMissed(), Noisy: r.over.isNoisy()}
	if r.goal != none {
		l.Goal = &r.goal
	}
	if r.allocsGoal != none {
		l.AllocsGoal = &r.allocsGoal
	}
	check(json.NewEncoder(os.Stdout).Encode(l))
}

// round keeps three decimals.
func round(value float64) float64 {
	return float64(int64(value*1000+0.5)) / 1000
}

func printTable(results []result) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "row\tns\tratio\tgoal\tallocs\tgoal\t")
	for i := range results {
		r := &results[i]
		goal, allocsGoal := "", ""
		if r.goal != none {
			goal = fmt.Sprintf("%g", r.goal)
		}
		if r.allocsGoal != none {
			allocsGoal = fmt.Sprint(r.allocsGoal)
		}
		_, _ = fmt.Fprintf(w, "%s\t%.1f\t%.2f\t%s\t%d\t%s\t%s\n", r.name, r.variant.typical(), r.ratio(), goal, r.allocs,
			allocsGoal, remarks(r))
	}
	check(w.Flush())
}

// remarks are what a reader of the row has to know.
func remarks(r *result) string {
	var remarks []string
	if r.base != "" {
		remarks = append(remarks, "over "+r.base)
	}
	if r.isMissed() {
		remarks = append(remarks, "goal missed")
	}
	if r.over.isNoisy() {
		remarks = append(remarks, "noisy")
	}
	return strings.Join(remarks, ", ")
}
