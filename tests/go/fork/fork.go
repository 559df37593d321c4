//go:build linux

// Package fork has what Go has not: a fork without an exec.
package fork

// #include <unistd.h>
import "C"

// Fork returns 0 in the child. The child has one thread; it may call C and leave with Exit, and little else.
func Fork() int {
	return int(C.fork())
}

// Exit ends the process at once.
func Exit(code int) {
	C._exit(C.int(code))
}
