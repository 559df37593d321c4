//go:build !race

package main

import (
	"slices"
	"testing"
)

// TestAllocations checks the goals that are exact: what a call allocates in Go. Ratios are measured, not tested.
func TestAllocations(t *testing.T) {
	f := newFixture()
	for _, r := range slices.Concat(f.goalRows(), f.jobsRows(), f.guestRows()) {
		t.Run(r.name, func(t *testing.T) {
			if allocs := allocsPerCall(r); allocs > r.allocsGoal {
				t.Errorf("a call allocates %d times, which should be at most %d", allocs, r.allocsGoal)
			}
		})
	}
}
