package main

import "sync"

// A crowd is a number of goroutines that call at the same time. They exist before they are measured.
type crowd struct {
	members []chan task
	done    sync.WaitGroup
}

// A task is what one member of the crowd does.
type task struct {
	times int
	call  func() error
}

func newCrowd(size int) *crowd {
	c := &crowd{members: make([]chan task, size)}
	for i := range c.members {
		member := make(chan task)
		c.members[i] = member
		go func() {
			for t := range member {
				for range t.times {
					if err := t.call(); err != nil {
						fail(err)
					}
				}
				c.done.Done()
			}
		}()
	}
	return c
}

// run makes n calls, the same number by each member.
func (c *crowd) run(n int, call func() error) {
	c.done.Add(len(c.members))
	for _, member := range c.members {
		member <- task{n / len(c.members), call}
	}
	c.done.Wait()
}
