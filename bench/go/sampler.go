package main

import (
	"slices"
	"time"
)

// A variant is something that is measured: run makes n calls.
type variant struct {
	run    func(n int)
	unit   int // calls are made in multiples of it
	n      int // calls of one batch
	warm   int // calls that come before it
	nanos  []float64
	sorted []float64
}

// leastRounds are made even if the time is over.
const leastRounds = 5

// warmUp is how long a variant runs untimed before its batch: the variants before it have driven its code and data out of
// the processor's caches, which is their cost and not its own. What takes longer anyway does without.
const warmUp = 20 * time.Microsecond

// sample runs one batch of every variant in each round until the time is over. Variants that are compared see the same
// machine: what slows one of them down slows down all of them.
func sample(variants []*variant, batch, limit time.Duration) {
	for _, v := range variants {
		v.calibrate(batch)
	}
	start := time.Now()
	for round := 0; round < leastRounds || time.Since(start) < limit; round++ {
		for _, v := range variants {
			v.nanos = append(v.nanos, v.once())
		}
	}
	for _, v := range variants {
		v.sorted = slices.Sorted(slices.Values(v.nanos))
	}
}

// once runs one batch and returns the nanoseconds of a call.
func (v *variant) once() float64 {
	if v.warm > 0 {
		v.run(v.warm)
	}
	start := time.Now()
	v.run(v.n)
	return float64(time.Since(start)) / float64(v.n)
}

// calibrate finds how many calls fill a batch.
func (v *variant) calibrate(batch time.Duration) {
	unit := max(v.unit, 1)
	v.n = unit
	v.once() // Whatever is done at the first use.
	for {
		best := min(v.once(), v.once(), v.once())
		want := max(int(float64(batch)/best)/unit*unit, unit)
		if want <= 2*v.n {
			v.n, v.warm = want, int(float64(warmUp)/best)/unit*unit
			return
		}
		v.n = min(want, 16*v.n)
	}
}

// percentile is the time of a call that p percent of the rounds stayed below.
func (v *variant) percentile(p int) float64 {
	return v.sorted[len(v.sorted)*p/100]
}

// typical is the 10th percentile: what a call costs while nothing else runs.
func (v *variant) typical() float64 {
	return v.percentile(10)
}

// isNoisy is whether the rounds differ too much for a ratio to this variant to mean something: the median round took
// over 10 % longer than the typical one.
func (v *variant) isNoisy() bool {
	return v.percentile(50) > 1.1*v.typical()
}
