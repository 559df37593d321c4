package hand

// #cgo LDFLAGS: -L${SRCDIR}/lib -lbench_hand -lm -ldl -lpthread
import "C"
