//go:build linux

package tests

import (
	"testing"

	"example.com/faults"
	"example.com/gangplank/tests/forked"
)

func TestACallInAForkedChildIsAnError(t *testing.T) {
	const statusForked = 15
	_, err := faults.EchoI64(1) // the library has been used
	noError(t, err)
	for range 10 {
		equal(t, forked.Call(library(t), true), statusForked)
		equal(t, forked.Call(library(t), false), 0) // the parent goes on
	}
}
