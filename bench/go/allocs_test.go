//go:build !race

package main

import "testing"

// TestAllocations checks the goals that are exact: what a call allocates in Go. Ratios are measured, not tested.
func TestAllocations(t *testing.T) {
	for _, r := range newFixture().goalRows() {
		t.Run(r.name, func(t *testing.T) {
			if allocs := allocsPerCall(r); allocs > r.allocsGoal {
				t.Errorf("a call allocates %d times, which should be at most %d", allocs, r.allocsGoal)
			}
		})
	}
}
