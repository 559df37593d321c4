// The guest in Go of a host in Go.
package main

import "errors"

var errZero = errors.New("divisor is zero")

// Div divides x by y.
func Div(x, y int32) (float32, error) {
	if y == 0 {
		return 0, errZero
	}
	return float32(float64(x) / float64(y)), nil
}
