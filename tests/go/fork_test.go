//go:build linux && !race

package tests

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"testing"

	"example.com/faults"
	"example.com/gangplank/tests/fork"
)

func init() {
	children["fork"] = func() {
		if _, err := faults.EchoI64(1); err != nil {
			panic(err)
		}
		// The child of this child has one thread and no collector: it makes two calls and leaves.
		debug.SetGCPercent(-1)
		runtime.LockOSThread()
		pid := fork.Fork()
		if pid == 0 {
			code := 0
			if _, err := faults.EchoI64(1); !errors.Is(err, faults.ErrForked) {
				code |= 1
			}
			if _, err := faults.EchoText("x"); !errors.Is(err, faults.ErrForked) {
				code |= 2
			}
			fork.Exit(code)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(pid, &status, 0, nil); err != nil {
			panic(err)
		}
		_, err := faults.EchoI64(1) // the parent goes on
		fmt.Fprint(os.Stdout, status.ExitStatus(), err)
	}
}

func TestACallInAForkedChildIsAnError(t *testing.T) {
	equal(t, child(t, "fork"), "0 <nil>")
}
