package hand

/*
#include <dlfcn.h>
#include <stdlib.h>
#include "hand.h"

static hand_divided (*opened_div)(int32_t x, int32_t y);
static int64_t (*opened_echo_job)(const hand_job *job, hand_job *out, char *scratch, size_t room);

static const char *open_hand(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		return dlerror();
	}
	*(void **)&opened_div = dlsym(library, "hand_div");
	*(void **)&opened_echo_job = dlsym(library, "hand_guarded_echo_job");
	return opened_div && opened_echo_job ? NULL : "not the library of bench/hand";
}

static hand_divided call_div(int32_t x, int32_t y) { return opened_div(x, y); }

static int64_t call_echo_job(const hand_job *job, hand_job *out, char *scratch, size_t room)
{
	return opened_echo_job(job, out, scratch, room);
}
*/
import "C"

import (
	"errors"
	"unsafe"
)

// ErrZero and ErrPanic say why there is no quotient.
var (
	ErrZero  = errors.New("hand: divisor is zero")
	ErrPanic = errors.New("hand: the library panicked")
)

// Open opens the library once more, for the functions of this file.
func Open(path string) error {
	text := C.CString(path)
	defer C.free(unsafe.Pointer(text))
	if problem := C.open_hand(text); problem != nil {
		return errors.New("hand: " + C.GoString(problem))
	}
	return nil
}

// Div divides x by y.
func Div(x, y int32) (float32, error) {
	divided := C.call_div(C.int32_t(x), C.int32_t(y))
	switch divided.status {
	case 0:
		return float32(divided.quotient), nil
	case 1:
		return 0, ErrZero
	default:
		return 0, ErrPanic
	}
}

// OpenedEchoJob is EchoJob in the library that was opened.
func OpenedEchoJob(job *Job) (Job, error) {
	b := takeFor(job)
	in := b.putJob(job)
	out := (*C.hand_job)(b.alloc(unsafe.Sizeof(C.hand_job{})))
	n := C.call_echo_job(in, out, (*C.char)(unsafe.Add(b.start, b.used)), C.size_t(b.size-b.used))
	if n == -2 {
		return Job{}, ErrPanic
	}
	if n < 0 || uintptr(n) > b.size-b.used {
		return Job{}, ErrText
	}
	answer := liftJob(out)
	buffers.Put(b)
	return answer, nil
}
