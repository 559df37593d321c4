// The guest in Go, and the empty call that its calls are compared with: one library, because a process has one Go
// runtime.
package main

import "C"

import "errors"

var errZero = errors.New("divisor is zero")

// Div divides x by y.
func Div(x, y int32) (float32, error) {
	if y == 0 {
		return 0, errZero
	}
	return float32(float64(x) / float64(y)), nil
}

// Echo returns the job.
func Echo(job *Job) *Job {
	return job
}

// bench_empty is the empty call from C.
//
//export bench_empty
func bench_empty() {}

// bench_div is Div as somebody would export it by hand: an error is a status, and so is a panic, which must not end the
// process.
//
//export bench_div
func bench_div(x, y int32) (z float32, status int32) {
	defer func() {
		if recover() != nil {
			status = 2
		}
	}()
	z, err := Div(x, y)
	if err != nil {
		status = 1
	}
	return z, status
}
