package main

import "C"

// What the others are measured against: nothing but the way into Go.
//
//export values_empty
func values_empty() {}
