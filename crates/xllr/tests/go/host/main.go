// A Go host: loads the module that it is given through libxllr, and prints what that says.
package main

// #cgo LDFLAGS: -ldl
// #include <dlfcn.h>
// #include <stdint.h>
// #include <stdlib.h>
//
// typedef void (*load_module)(const char *, uint32_t, const char *, uint32_t, char **, uint32_t *);
//
// static void load(const char *xllr, const char *module, uint32_t len, char **err, uint32_t *err_len)
// {
//     load_module load = (load_module)dlsym(dlopen(xllr, RTLD_NOW | RTLD_LOCAL), "xllr_load_module");
//     load("native", 6, module, len, err, err_len);
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
