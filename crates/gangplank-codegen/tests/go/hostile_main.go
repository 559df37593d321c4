//go:build !guest

package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

const most = 16 << 20

// said is whether a call ended with this error, and gave nothing.
func said(what, text, got string, err error) {
	if err == nil || err.Error() != text || got != "" {
		fmt.Printf("FAILED: %s: %.80q %.200v\n", what, got, err)
		os.Exit(1)
	}
}

// is ends the program unless an error is of this kind.
func is(what string, err, kind error) {
	if !errors.Is(err, kind) {
		fmt.Printf("FAILED: %s: %#v is not %v\n", what, err, kind)
		os.Exit(1)
	}
}

func main() {
	// What the guest answers is written in hostile_guest.c.
	for _, one := range [][2]string{
		{"utf8", "invalid UTF-8 in Calc.concat_strings: joined"},
		{"short", "damaged protobuf bytes: unexpected EOF"},
		{"field", "0 is no field number"},
		{"large", "a message is larger than 16777216 bytes"},
		{"error", "a\uFFFDb"},
	} {
		got, err := ConcatStrings([]string{one[0]})
		said(one[0], one[1], got, err)
		switch one[0] {
		case "large":
			is(one[0], err, ErrCalcLimit)
			continue
		case "utf8", "short", "field":
			is(one[0], err, ErrCalcResult)
			continue
		}
		var own *CalcGuestError
		if !errors.As(err, &own) || own.Message != one[1] {
			fmt.Printf("FAILED: %s: %#v\n", one[0], err)
			os.Exit(1)
		}
	}
	got, err := ConcatStrings([]string{"a", "\xff"})
	said("text of the host's", `invalid UTF-8 in Calc.concat_strings: parts: "\xff"`, got, err)
	is("text of the host's", err, ErrCalcBadArgument)
	_, err = CalculateScore(&GameData{Player: "\xed\xa0\x80"})
	said("text in a message", `invalid UTF-8 in GameData.player: "\xed\xa0\x80"`, "", err)
	is("text in a message", err, ErrCalcBadArgument)
	got, err = ConcatStrings([]string{strings.Repeat("x", most)})
	said("bytes of the host's", "a message is larger than 16777216 bytes", got, err)
	is("bytes of the host's", err, ErrCalcLimit)
	got, err = ConcatStrings([]string{"well"})
	if got != "well" || err != nil {
		fmt.Println("FAILED: afterwards:", got, err)
		os.Exit(1)
	}
	fmt.Println("all well")
}
