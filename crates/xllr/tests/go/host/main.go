// A Go host: loads the module that it is given through libxllr, and prints what that says; when it says nothing, what Echo
// returns.
package main

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdint.h>
// #include <stdlib.h>
//
// typedef void (*load_module)(const char *, uint32_t, const char *, uint32_t, char **, uint32_t *);
//
// typedef void (*call)(const char *, uint32_t, const char *, uint32_t, const char *, uint32_t, const void *, uint64_t, void **,
//                      uint64_t *, void **, uint64_t *, uint8_t *);
//
// static void load(const char *xllr, const char *module, uint32_t len, char **err, uint32_t *err_len)
// {
//     void *library = dlopen(xllr, RTLD_NOW | RTLD_LOCAL);
//     load_module load = (load_module)dlsym(library, "xllr_load_module");
//     load("native", 6, module, len, err, err_len);
//     if (!*err) {
//         uint64_t ret_len;
//         uint8_t is_error;
//         call echo = (call)dlsym(library, "xllr_call");
//         echo("native", 6, module, len, "Echo", 4, "echoed", 6, NULL, NULL, (void **)err, &ret_len, &is_error);
//         *err_len = (uint32_t)ret_len;
//     }
// }
import "C"

import (
	"fmt"
	"os"
)

func main() {
	var text *C.char
	var n C.uint32_t
	C.load(C.CString(os.Args[1]), C.CString(os.Args[2]), C.uint32_t(len(os.Args[2])), &text, &n)
	fmt.Print(C.GoStringN(text, C.int(n)))
}
