package tests

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"example.com/faults"
	"example.com/hostdemo"
	"example.com/kitchensink"
	"example.com/mytimer"
)

// children are what a test lets a process of its own do: what kills a process, or has to be the first thing in it. The
// name of the child is in the environment.
var children = map[string]func(){}

const childVariable = "GANGPLANK_TEST_CHILD"

func TestMain(m *testing.M) {
	if name := os.Getenv(childVariable); name != "" {
		children[name]()
		os.Exit(0)
	}
	code := m.Run()
	if problem := leftovers(); problem != "" {
		fmt.Fprintln(os.Stderr, problem)
		code = max(code, 1)
	}
	os.Exit(code)
}

// child runs one of the children and returns what it printed.
func child(t *testing.T, name string, environment ...string) string {
	t.Helper()
	executable, err := os.Executable()
	noError(t, err)
	command := exec.Command(executable)
	command.Env = append(append(os.Environ(), childVariable+"="+name), environment...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("the child %s: %v\n%s", name, err, output)
	}
	return string(output)
}

// leftovers says what the tests have left behind: objects, pending calls, listeners, goroutines.
func leftovers() string {
	problem := leftover()
	for end := time.Now().Add(patience); problem != "" && time.Now().Before(end); problem = leftover() {
		time.Sleep(10 * time.Millisecond)
	}
	if err := goleak.Find(); err != nil {
		problem += "\n" + err.Error()
	}
	return problem
}

func leftover() string {
	runtime.GC() // what nobody has closed is released by its cleanup
	timer, demo, all, sink := mytimer.Stats(), hostdemo.Stats(), faults.Stats(), kitchensink.Stats()
	if n := timer.Handles + demo.Handles + all.Handles + sink.Handles; n != 0 {
		return fmt.Sprintf("%d objects are open", n)
	}
	if n := timer.PendingCalls + demo.PendingCalls + all.PendingCalls + sink.PendingCalls; n != 0 {
		return fmt.Sprintf("%d calls are pending", n)
	}
	if n := timer.Listeners + demo.Listeners + all.Listeners + sink.Listeners; n != 0 {
		return fmt.Sprintf("%d listeners are registered", n)
	}
	if n := timer.PendingHostCalls + demo.PendingHostCalls + all.PendingHostCalls + sink.PendingHostCalls; n != 0 {
		return fmt.Sprintf("%d host calls wait for an answer", n)
	}
	for _, stack := range goroutines() {
		ours := strings.Contains(stack, "testing.") || strings.Contains(stack, "TestMain")
		if strings.Contains(stack, "example.com/") && !ours {
			return "a goroutine is left:\n" + stack
		}
	}
	return ""
}

// goroutines are the stacks of all goroutines.
func goroutines() []string {
	buffer := make([]byte, 1<<20)
	return strings.Split(string(buffer[:runtime.Stack(buffer, true)]), "\n\n")
}
