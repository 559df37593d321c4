//go:build linux

// Package forked calls a library in a forked child. That takes C: a child with one thread is no place for Go.
package forked

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct returned { int64_t value; int32_t status; uint32_t error; } returned;
typedef returned (*echo)(int64_t value);

// There when the library is linked in.
extern returned faults_echo_i64(int64_t value) __attribute__((weak));

// How the call ended, in this process or in a child; -1 when there was no call.
static int call(const char *path, int in_child)
{
	echo fn = faults_echo_i64;
	if (!fn) {
		void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
		fn = library ? (echo)dlsym(library, "faults_echo_i64") : NULL;
	}
	if (!fn)
		return -1;
	if (!in_child)
		return fn(1).status;
	pid_t pid = fork();
	if (pid == 0)
		_exit(fn(1).status);
	int status = -1;
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
*/
import "C"

import "unsafe"

// Call calls faults_echo_i64 in this process or in a child, and returns the status. If the library is not linked in, it
// was loaded from path.
func Call(path string, inChild bool) int {
	text := C.CString(path)
	defer C.free(unsafe.Pointer(text))
	var child C.int
	if inChild {
		child = 1
	}
	return int(C.call(text, child))
}
