// Package idl is the runtime of guests and hosts that are made of .proto files, as a package of its own so that Go's tools
// can check it. This file, which is part of no generated file, has what those give to the others; `idl_` becomes a prefix
// of each file's own.
package idl

// idl_allocate is C's malloc; 0 when there is no memory.
func idl_allocate(uintptr) uintptr { return 0 }

// idl_freeOwned is the C function that frees what a call owns.
func idl_freeOwned() uintptr { return 0 }

// idl_release is C's free.
func idl_release(uintptr) {}
