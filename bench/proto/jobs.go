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
