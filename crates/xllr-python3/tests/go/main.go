//go:build !guest

package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

func check(ok bool, what string, values ...any) {
	if !ok {
		fmt.Println("FAILED:", what, values)
		os.Exit(1)
	}
}

func main() {
	check(HelloWorld() == nil, "HelloWorld", HelloWorld())
	z, err := Div(10, 2)
	check(z == 5 && err == nil, "Div", z, err)
	_, err = Div(1, 0)
	check(err != nil && strings.HasPrefix(err.Error(), "ZeroDivisionError: division by zero"), "Div by zero", err)
	joined, err := ConcatStrings([]string{"A", "B", "C"})
	check(joined == "A, B, C" && err == nil, "ConcatStrings", joined, err)
	score, err := CalculateScore(&GameData{Player: "Gordon Freeman", PawnWins: 5, BossWins: 1})
	check(err == nil && score.GetScore() == 10 && score.Player == "Gordon Freeman", "CalculateScore", score, err)
	scores, total, err := GenScores()
	check(err == nil && total == 6 && len(scores) == 2 && scores[0].Player == "Player1" && scores[1].Score == 5, "GenScores", scores, total, err)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for n := range int32(1000) {
				z, err := Div(n, 2)
				check(z == float32(n)/2 && err == nil, "Div on many", n, z, err)
			}
		})
	}
	group.Wait()
	fmt.Println("all well")
}
