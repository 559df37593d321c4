// A Go guest, as small as it can be.
package main

// #include <stdint.h>
// #include <stdlib.h>
import "C"

import "unsafe"

//export ForeignEcho
func ForeignEcho(in unsafe.Pointer, n C.uint64_t, outParams *unsafe.Pointer, outParamsLen *C.uint64_t, out *unsafe.Pointer, outLen *C.uint64_t, isError *C.uint8_t) {
	*out, *outLen, *isError = nil, n, 0
	if n > 0 {
		*out = C.CBytes(unsafe.Slice((*byte)(in), int(n)))
	}
}

func main() {}
