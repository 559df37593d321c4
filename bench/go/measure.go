package main

import (
	"runtime"
	"runtime/debug"
	"strings"
	"time"
)

const (
	// fewBatch is how long a batch takes where only the caller is busy.
	fewBatch = 150 * time.Microsecond
	// manyBatch is how long it takes where many goroutines take part.
	manyBatch = 5 * time.Millisecond
)

// A result is a measured row.
type result struct {
	row
	variant *variant
	over    *variant // what the ratio refers to
	allocs  int
}

// choose keeps the rows with a word in their names, what those refer to, and so on.
func choose(rows []row, word string) []row {
	wanted := map[string]bool{empty: true}
	for before := -1; len(wanted) != before; {
		before = len(wanted)
		for _, r := range rows {
			if wanted[r.name] || strings.Contains(r.name, word) {
				wanted[r.name], wanted[r.base] = true, true
			}
		}
	}
	var chosen []row
	for _, r := range rows {
		if wanted[r.name] {
			chosen = append(chosen, r)
		}
	}
	return chosen
}

// measure takes the rows in two groups, by the length of their batches; what others refer to is
// in both.
func measure(rows []row, few, many time.Duration) []result {
	short := measureGroup(rows, false, fewBatch, few)
	long := measureGroup(rows, true, manyBatch, many)
	results := make([]result, 0, len(rows))
	for _, r := range rows {
		group := short
		if r.many {
			group = long
		}
		base := r.base
		if base == "" {
			base = empty
		}
		results = append(results, result{r, group[r.name], group[base], allocsPerCall(r)})
	}
	return results
}

func measureGroup(rows []row, many bool, batch, limit time.Duration) map[string]*variant {
	group := map[string]*variant{}
	wanted := map[string]bool{empty: true}
	for _, r := range rows {
		if r.many == many {
			wanted[r.name], wanted[r.base] = true, true
		}
	}
	var variants []*variant
	for _, r := range rows {
		if wanted[r.name] {
			group[r.name] = &variant{run: r.run, unit: r.unit}
			variants = append(variants, group[r.name])
		}
	}
	if len(variants) == 1 {
		limit = 0 // The empty call alone, which the table shows.
	}
	sample(variants, batch, limit)
	return group
}

// allocsPerCall counts what a call allocates in Go, exactly, as testing.AllocsPerRun does: nothing is collected
// meanwhile, so pools keep what they have, and what happens once in many calls is rounded off: to the nearest.
// Other goroutines, such as those of a gRPC client that connects, are counted too: a count above the goal is
// taken again, and the least one holds, for it is still what the calls themselves allocate at most.
func allocsPerCall(r row) int {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	unit := max(r.unit, 1)
	n := unit * max(1, 2000/unit)
	if r.many && r.allocsGoal != none {
		n = unit * max(10, 20_000/unit) // What starts the crowd is to be rounded off.
	}
	r.run(n)
	least := countAllocs(r, n)
	for again := 0; again < 4 && r.allocsGoal != none && least > r.allocsGoal; again++ {
		least = min(least, countAllocs(r, n))
	}
	return least
}

// countAllocs is the number of allocations of the process per call, over n calls.
func countAllocs(r row, n int) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r.run(n)
	runtime.ReadMemStats(&after)
	return (int(after.Mallocs-before.Mallocs) + n/2) / n
}

// ratio is the cost of a call over that of the base's.
func (r *result) ratio() float64 {
	return r.variant.typical() / r.over.typical()
}

func (r *result) isMissed() bool {
	return r.goal != none && r.ratio() > r.goal || r.allocsGoal != none && r.allocs > r.allocsGoal
}
