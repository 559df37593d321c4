// Host_demo gives the library a Go function to call, and shows what becomes of one that is missing, fails, is too slow
// or panics.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"example.com/hostdemo"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	d, err := hostdemo.Create()
	if err != nil {
		return err
	}
	defer d.Close()

	d.SetFetchToken(func(ctx context.Context, key string) (string, error) {
		return "TOK-" + key, nil
	})
	token, err := d.UseToken(ctx, "session")
	if err != nil {
		return err
	}
	fmt.Println(token)

	d.SetFetchToken(nil)
	_, err = d.UseToken(ctx, "session")
	fmt.Println("unregistered:", err)

	d.SetFetchToken(func(ctx context.Context, key string) (string, error) {
		return "", errors.New("no token for " + key)
	})
	_, err = d.UseToken(ctx, "session")
	fmt.Println("failing:", err)

	d.SetFetchToken(func(ctx context.Context, key string) (string, error) {
		<-ctx.Done() // ends when the library stops waiting
		return "", ctx.Err()
	}, hostdemo.WithDeadline(50*time.Millisecond))
	_, err = d.UseToken(ctx, "session")
	fmt.Println("slow:", err)

	d.SetFetchToken(func(ctx context.Context, key string) (string, error) {
		panic("boom")
	})
	_, err = d.UseToken(ctx, "session")
	fmt.Println("panicking:", err)

	return d.Close()
}
