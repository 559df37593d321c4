// Counts with functions of a Python package. Nothing of it was written for this: textstat.proto says which functions there
// are, and textstatMetaFFIHost.go beside this file is made of it.
package main

import (
	"fmt"
	"os"
)

const text = "To be, or not to be - that is the question. Whether it is nobler? Who knows!"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	words, err := LexiconCount(text, true)
	if err != nil {
		return err
	}
	tokens, err := LexiconCount(text, false)
	if err != nil {
		return err
	}
	sentences, err := SentenceCount(text)
	if err != nil {
		return err
	}
	seconds, err := ReadingTime(text, 100)
	if err != nil {
		return err
	}
	fmt.Println("words:", words)
	fmt.Println("words and punctuation:", tokens)
	fmt.Println("sentences:", sentences)
	fmt.Println("seconds to read:", seconds)
	return nil
}
