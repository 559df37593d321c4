//go:build !gangplank_dynamic

package tests

import (
	"testing"

	"example.com/faults"
)

func TestALinkedLibraryCannotBeOpened(t *testing.T) {
	noError(t, faults.Load(""))
	noError(t, faults.Load(""))
	isError(t, faults.Load("/tmp/libfaults.so"), faults.ErrLoad)
}
