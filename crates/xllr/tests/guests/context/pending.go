//go:build guest

package main

// Pending is how many calls the generated code still knows that were given a context.
func Pending() int64 {
	waits_pending.Lock()
	defer waits_pending.Unlock()
	return int64(len(waits_pending.ends))
}
