// Calls every function of calc.proto in the module that the first argument names. calcMetaFFIHost.go beside this file is
// made by `gangplank compile --idl ../go/calc.proto --from-host go --skip-compile-serialization -o .`, or of the calc.proto
// of another language: it says which runtime the module needs.
package main

import (
	"fmt"
	"os"
	"strings"
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
		fmt.Println("div(1, 0):", reason(err))
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

// reason is why a call failed: the end of the first line, before which some languages put the kind of the error, and behind
// which a traceback.
func reason(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	if kind := strings.LastIndex(line, ": "); kind >= 0 {
		line = line[kind+len(": "):]
	}
	return line
}
