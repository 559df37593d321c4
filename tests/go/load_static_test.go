//go:build !gangplank_dynamic

package tests

import (
	"path/filepath"
	"testing"

	"example.com/faults"
)

func TestALinkedLibraryCannotBeOpened(t *testing.T) {
	noError(t, faults.Load(""))
	noError(t, faults.Load(""))
	isError(t, faults.Load(filepath.Join(t.TempDir(), "libfaults.so")), faults.ErrLoad)
}
