// Timer walks through the timer library: calls, delays, options, lists and errors.
package main

import (
	"context"
	"fmt"
	"log"

	"example.com/mytimer"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	t, err := mytimer.Create(ctx, mytimer.TimerConfig{Name: "go-native-demo"})
	if err != nil {
		return err
	}
	defer t.Close()
	fmt.Println("created timer")

	v, err := t.Version()
	if err != nil {
		return err
	}
	fmt.Println("version:", v)

	r, err := t.Echo(ctx, mytimer.EchoRequest{Message: "hello from Go", DelayMs: 5})
	if err != nil {
		return err
	}
	fmt.Printf("echo: echoed=%q timerName=%q\n", r.Echoed, r.TimerName)

	c, err := t.Complex(ctx, mytimer.ComplexRequest{
		Messages: []mytimer.EchoRequest{{Message: "one"}, {Message: "two"}},
		Tags:     []string{"a", "b"},
		Note:     new("a note"),
		Retries:  new(int64(3)),
	})
	if err != nil {
		return err
	}
	fmt.Printf("complex: itemCount=%d hasNote=%t summary=%q\n", c.ItemCount, c.HasNote, c.Summary)

	s, err := t.Schedule(ctx,
		mytimer.JobSpec{Name: "nightly", Payload: []string{"backup"}, Priority: 1},
		mytimer.RetryPolicy{MaxAttempts: 3, BackoffMs: 100, RetryOn: []string{"timeout"}},
		mytimer.ScheduleConfig{IntervalMs: 5000})
	if err != nil {
		return err
	}
	fmt.Printf("schedule: jobId=%q willRunCount=%d\n", s.JobID, s.WillRunCount)

	fmt.Println("done")
	return t.Close()
}
