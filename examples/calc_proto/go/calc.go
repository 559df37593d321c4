// Small functions that exercise every way of calling.
package main

import (
	"errors"
	"strings"
)

// HelloWorld does nothing.
func HelloWorld() {}

// Div divides x by y.
func Div(x, y int32) (float32, error) {
	if y == 0 {
		return 0, errors.New("divisor is zero")
	}
	return float32(float64(x) / float64(y)), nil
}

// ConcatStrings joins the parts.
func ConcatStrings(parts []string) string {
	return strings.Join(parts, ", ")
}

// CalculateScore weighs a boss like five pawns.
func CalculateScore(data *GameData) *GameScore {
	return &GameScore{
		Player: data.GetPlayer(),
		Score:  data.GetPawnWins() + 5*data.GetBossWins(),
	}
}

// GenScores makes two scores and their total.
func GenScores() ([]*GameScore, int32) {
	scores := []*GameScore{{Player: "Player1", Score: 1}, {Player: "Player2", Score: 5}}
	var total int32
	for _, score := range scores {
		total += score.Score
	}
	return scores, total
}
