package main

import (
	"errors"
	"strings"
)

func HelloWorld() {}

func Div(x, y int) (float32, error) {
	if y == 0 {
		return 0, errors.New("division by zero")
	}
	return float32(x) / float32(y), nil
}

func ConcatStrings(parts ...string) string { return strings.Join(parts, ", ") }

func CalculateScore(data *GameData) GameScore {
	return GameScore{Player: data.Player, Score: data.GetPawnWins() + 5*data.BossWins}
}

func GenScores() ([]GameScore, int32) {
	return []GameScore{{Player: "Player1", Score: 1}, {Player: "Player2", Score: 5}}, 6
}
