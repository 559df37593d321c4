// The bench: what a call through the generated package costs, against an empty cgo call of the same process, a binding
// written by hand, and gRPC.
package main

import (
	"flag"
	"slices"
	"time"
)

func main() {
	quick := flag.Bool("quick", false, "spend half a minute")
	asJSON := flag.Bool("json", false, "one JSON object per row")
	only := flag.String("only", "", "a word in the names of the rows to be measured")
	serve := flag.String("serve", "", "be the gRPC server on this socket")
	sizes := flag.String("sizes", "", "measure cost against size instead, and draw it into this SVG `file`")
	flag.Parse()
	if *serve != "" {
		serveRPC(*serve)
		return
	}
	f := newFixture()
	if *sizes != "" {
		f.plotSizes(*sizes)
		return
	}
	client, stop := startRPC()
	defer stop()
	rows := slices.Concat(f.goalRows(), f.jobsRows(), f.guestRows(), f.handRows(), f.handJobsRows(), f.rpcRows(client))
	few, many := 30*time.Second, 30*time.Second
	if *quick {
		few, many = 11*time.Second, 12*time.Second
	}
	report(measure(choose(rows, *only), few, many), *asJSON)
}
