//go:build !guest

package main

import (
	"errors"
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
	var own *CalcGuestError
	check(errors.As(err, &own) && strings.Contains(own.Message, "zero"), "Div by zero", err)
	joined, err := ConcatStrings([]string{"A", "B", "C"})
	check(joined == "A, B, C" && err == nil, "ConcatStrings", joined, err)
	joined, err = ConcatStrings(nil)
	check(joined == "" && err == nil, "ConcatStrings of nothing", joined, err)
	joined, err = ConcatStrings([]string{"a\x00b", "é"})
	check(joined == "a\x00b, é" && err == nil, "ConcatStrings with NUL", joined, err)
	_, err = ConcatStrings([]string{"\xff"})
	check(err != nil, "ConcatStrings of what is no UTF-8", err)
	score, err := CalculateScore(&GameData{Player: "Gordon Freeman", PawnWins: 5, BossWins: 1})
	check(err == nil && score.GetScore() == 10 && score.Player == "Gordon Freeman", "CalculateScore", score, err)
	score, err = CalculateScore(nil)
	check(err == nil && score != nil && score.Score == 0, "CalculateScore of nobody", score, err)
	scores, total, err := GenScores()
	check(err == nil && total == 6 && len(scores) == 2 && scores[0].Player == "Player1" && scores[1].Score == 5, "GenScores", scores, total, err)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range int32(1000) {
				if z, err := Div(i, 1); err != nil || z != float32(i) {
					fmt.Println("FAILED: Div of many", z, err)
					os.Exit(1)
				}
			}
		})
	}
	group.Wait()
	err = LoadCalc("nowhere.so")
	check(errors.Is(err, ErrCalcLoad), "LoadCalc of nothing", err)
	_, err2 := Div(1, 1)
	check(err2 != nil && err2.Error() == err.Error(), "Div of nothing", err2)
	fmt.Println("all well")
}
