// The bench: what a call through the generated package costs, against an empty cgo call of the same process, a binding
// written by hand, and gRPC.
package main

import (
	"flag"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "spend half a minute")
	asJSON := flag.Bool("json", false, "one JSON object per row")
	only := flag.String("only", "", "a word in the names of the rows to be measured")
	flag.Parse()
	f := newFixture()
	rows := append(f.goalRows(), f.handRows()...)
	few, many := 30*time.Second, 30*time.Second
	if *quick {
		few, many = 12*time.Second, 15*time.Second
	}
	report(measure(choose(rows, *only), few, many), *asJSON)
}
