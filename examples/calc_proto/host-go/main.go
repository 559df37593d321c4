// Calls every function of calc.proto in the module that the first argument names. calcMetaFFIHost.go beside this file is
// made by `gangplank compile --idl ../go/calc.proto --from-host go --skip-compile-serialization -o .`.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "calc-host:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 0 {
		if err := LoadCalc(args[0]); err != nil {
			return err
		}
	}
	if err := HelloWorld(); err != nil {
		return err
	}
	fmt.Println("hello_world()")
	quotient, err := Div(10, 2)
	if err != nil {
		return err
	}
	fmt.Println("div(10, 2) =", quotient)
	if _, err := Div(1, 0); err != nil {
		fmt.Printf("div(1, 0): %v\n", err)
	}
	joined, err := ConcatStrings([]string{"A", "B", "C"})
	if err != nil {
		return err
	}
	fmt.Println("concat_strings(A B C) =", joined)
	score, err := CalculateScore(&GameData{Player: "Gordon Freeman", PawnWins: 5, BossWins: 1})
	if err != nil {
		return err
	}
	fmt.Println("calculate_score =", score.Player, score.Score)
	scores, total, err := GenScores()
	if err != nil {
		return err
	}
	for _, score := range scores {
		fmt.Println("gen_scores:", score.Player, score.Score)
	}
	fmt.Println("gen_scores: total", total)
	return nil
}
