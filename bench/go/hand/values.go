// Package hand is a cgo binding written by hand, as somebody who knows cgo well would write it for these functions. The
// rows of the bench stand beside it. `cargo xtask bench` builds the library behind it.
package hand

// #include <stdlib.h>
// #include "hand.h"
import "C"

import (
	"errors"
	"strconv"
	"sync"
	"unsafe"
)

// ErrText says that a text is not UTF-8.
var ErrText = errors.New("hand: not UTF-8")

// Empty is the empty cgo call.
func Empty() { C.hand_empty() }

// Add is the sum.
func Add(left, right int64) int64 { return int64(C.hand_add(C.int64_t(left), C.int64_t(right))) }

// A Counter is a number behind a raw pointer. It is never freed.
type Counter struct{ raw unsafe.Pointer }

// NewCounter starts at first.
func NewCounter(first int64) *Counter { return &Counter{C.hand_counter_new(C.int64_t(first))} }

// Replace sets the number and returns the one before.
func (c *Counter) Replace(value int64) int64 {
	return int64(C.hand_counter_replace(c.raw, C.int64_t(value)))
}

// A NotPositiveError is why there is no root.
type NotPositiveError struct{ Value int64 }

func (e *NotPositiveError) Error() string { return strconv.FormatInt(e.Value, 10) + " is not positive" }

// Check refuses what is not positive.
func Check(value int64) (int64, error) {
	checked := C.hand_check(C.int64_t(value))
	if checked.refused != 0 {
		return 0, &NotPositiveError{int64(checked.value)}
	}
	return int64(checked.value), nil
}

// TextLen is the length of a borrowed text.
func TextLen(text string) (int64, error) {
	n := C.hand_text_len((*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text)))
	if n < 0 {
		return 0, ErrText
	}
	return int64(n), nil
}

// CountBytes is the length of borrowed octets.
func CountBytes(octets []byte) uint64 {
	return uint64(C.hand_count_bytes((*C.uint8_t)(unsafe.SliceData(octets)), C.size_t(len(octets))))
}

// CountNumbers is the length of borrowed numbers.
func CountNumbers(numbers []float64) uint64 {
	return uint64(C.hand_count_numbers((*C.double)(unsafe.SliceData(numbers)), C.size_t(len(numbers))))
}

// A buffer is C memory that calls use one after the other.
type buffer struct {
	start unsafe.Pointer
	used  uintptr
	size  uintptr
}

var buffers = sync.Pool{New: func() any { return newBuffer(16 << 10) }}

// newBuffer makes memory that is never freed.
func newBuffer(size uintptr) *buffer { return &buffer{start: C.malloc(C.size_t(size)), size: size} }

// take returns a buffer with at least this much room.
func take(room uintptr) *buffer {
	b := buffers.Get().(*buffer)
	if b.size < room {
		C.free(b.start)
		b = newBuffer(room)
	}
	b.used = 0
	return b
}

func (b *buffer) alloc(size uintptr) unsafe.Pointer {
	p := unsafe.Add(b.start, b.used)
	b.used += (size + 7) &^ 7
	return p
}

func (b *buffer) put(to *C.hand_text, text string) {
	to.ptr, to.len = 0, C.size_t(len(text))
	if text != "" {
		p := b.alloc(uintptr(len(text)))
		copy(unsafe.Slice((*byte)(p), len(text)), text)
		to.ptr = C.uintptr_t(uintptr(p))
	}
}

func (b *buffer) putAll(texts []string) []C.hand_text {
	all := unsafe.Slice((*C.hand_text)(b.alloc(uintptr(len(texts))*unsafe.Sizeof(C.hand_text{}))), len(texts))
	for i, text := range texts {
		b.put(&all[i], text)
	}
	return all
}

// room is what texts take in a buffer.
func room(texts []string) uintptr {
	size := uintptr(len(texts)) * (unsafe.Sizeof(C.hand_text{}) + 7)
	for _, text := range texts {
		size += uintptr(len(text))
	}
	return size
}

// Echo is the text.
func Echo(text string) (string, error) {
	b := take(uintptr(len(text)))
	n := C.hand_echo((*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.size_t(len(text)), (*C.char)(b.start), C.size_t(b.size))
	if n < 0 || uintptr(n) > b.size {
		return "", ErrText
	}
	answer := string(unsafe.Slice((*byte)(b.start), int(n)))
	buffers.Put(b)
	return answer, nil
}

// CountTexts is how many texts there are.
func CountTexts(texts []string) (int64, error) {
	b := take(room(texts))
	n := C.hand_count_texts(unsafe.SliceData(b.putAll(texts)), C.size_t(len(texts)))
	buffers.Put(b)
	if n < 0 {
		return 0, ErrText
	}
	return int64(n), nil
}

// A Job is the record.
type Job struct {
	Name     string
	Queue    string
	Priority int64
	Retries  *int64
	Tags     []string
}

func (b *buffer) putJob(job *Job) *C.hand_job {
	to := (*C.hand_job)(b.alloc(unsafe.Sizeof(C.hand_job{})))
	b.put(&to.name, job.Name)
	b.put(&to.queue, job.Queue)
	to.priority, to.has_retries = C.int64_t(job.Priority), 0
	if job.Retries != nil {
		to.has_retries, to.retries = 1, C.int64_t(*job.Retries)
	}
	tags := b.putAll(job.Tags)
	to.tags, to.tags_len = C.uintptr_t(uintptr(unsafe.Pointer(unsafe.SliceData(tags)))), C.size_t(len(tags))
	return to
}

func takeFor(job *Job) *buffer {
	const structs = 2 * unsafe.Sizeof(C.hand_job{})
	return take(structs + 2*room(job.Tags) + 2*uintptr(len(job.Name)+len(job.Queue)+16))
}

// TakeJob is how many tags the record has.
func TakeJob(job *Job) (int64, error) {
	b := takeFor(job)
	n := C.hand_take_job(b.putJob(job))
	buffers.Put(b)
	if n < 0 {
		return 0, ErrText
	}
	return int64(n), nil
}

// EchoJob is the record.
func EchoJob(job *Job) (Job, error) {
	b := takeFor(job)
	in := b.putJob(job)
	out := (*C.hand_job)(b.alloc(unsafe.Sizeof(C.hand_job{})))
	n := C.hand_echo_job(in, out, (*C.char)(unsafe.Add(b.start, b.used)), C.size_t(b.size-b.used))
	if n < 0 || uintptr(n) > b.size-b.used {
		return Job{}, ErrText
	}
	answer := liftJob(out)
	buffers.Put(b)
	return answer, nil
}

// liftJob copies all texts at once.
func liftJob(from *C.hand_job) Job {
	tags := unsafe.Slice((*C.hand_text)(pointerAt(&from.tags)), from.tags_len)
	size := from.name.len + from.queue.len
	for i := range tags {
		size += tags[i].len
	}
	memory := make([]byte, 0, size)
	lift := func(text *C.hand_text) string {
		start := len(memory)
		memory = append(memory, unsafe.Slice((*byte)(pointerAt(&text.ptr)), text.len)...)
		return unsafe.String(unsafe.SliceData(memory[start:]), len(memory)-start)
	}
	job := Job{Name: lift(&from.name), Queue: lift(&from.queue), Priority: int64(from.priority)}
	if from.has_retries != 0 {
		job.Retries = new(int64(from.retries))
	}
	job.Tags = make([]string, len(tags))
	for i := range tags {
		job.Tags[i] = lift(&tags[i])
	}
	return job
}

// pointerAt reads an address of C memory.
func pointerAt(p *C.uintptr_t) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(p)) }

// HandleReplace is like Replace with a checked handle.
func HandleReplace(handle uint64, value int64) int64 {
	return int64(C.hand_handle_replace(C.uint64_t(handle), C.int64_t(value)))
}
