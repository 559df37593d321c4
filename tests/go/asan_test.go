//go:build asan

package tests

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"example.com/faults"
)

func init() {
	children["read what is freed"] = func() { _, _ = faults.ReadFreed() }
}

// TestAReadOfFreedMemoryIsReported shows that the library is watched, and not only the program around it.
func TestAReadOfFreedMemoryIsReported(t *testing.T) {
	executable, err := os.Executable()
	noError(t, err)
	command := exec.Command(executable)
	command.Env = append(os.Environ(), childVariable+"=read what is freed")
	output, err := command.CombinedOutput()
	report := string(output)
	if err == nil || !strings.Contains(report, "heap-use-after-free") || !strings.Contains(report, "read_freed") {
		t.Fatalf("the child: %v\n%s", err, report)
	}
}
