// Command gangplank-signatures reads Go packages and prints the signatures of their functions as JSON.
//
// It parses and never builds: packages that import code which is still to be generated can be read too.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

// Request comes in on stdin.
type Request struct {
	Packages []PackageFiles `json:"packages"`
}

// PackageFiles are the files of one package, already chosen by the go command.
type PackageFiles struct {
	ImportPath string   `json:"import_path"`
	Files      []string `json:"files"`
	// Messages are types that will be generated into the package.
	Messages []string `json:"messages"`
}

// Package is what one package declares.
type Package struct {
	ImportPath string     `json:"import_path"`
	Name       string     `json:"name"`
	Functions  []Function `json:"functions"`
	Types      []TypeDecl `json:"types"`
	Values     []Named    `json:"values"`
	Imports    []string   `json:"imports"`
	Uses       []Use      `json:"uses"`
	Errors     []Fault    `json:"errors"`
}

// Function is a function without a receiver.
type Function struct {
	Name     string  `json:"name"`
	Place    Place   `json:"place"`
	Text     string  `json:"text"`
	Generic  bool    `json:"generic"`
	Variadic bool    `json:"variadic"`
	Params   []Value `json:"params"`
	Results  []Value `json:"results"`
}

// Value is a parameter or result.
type Value struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Named is a constant or variable of the package.
type Named struct {
	Name  string `json:"name"`
	Place Place  `json:"place"`
}

// TypeDecl is a declared type.
type TypeDecl struct {
	Name  string `json:"name"`
	Place Place  `json:"place"`
	Alias bool   `json:"alias"`
	Type  Type   `json:"type"`
}

// Type is a type expression.
type Type struct {
	// Kind is basic, named, pointer, slice, array, map, chan, func, struct, interface, generic or other.
	Kind string `json:"kind"`
	// Name of a basic or named type.
	Name string `json:"name,omitempty"`
	// Import is the path of the package that a named type belongs to; empty: this one.
	Import string `json:"import,omitempty"`
	// Of are the types that it is made of: element; key and value; base and arguments.
	Of []Type `json:"of,omitempty"`
	// Text is the expression as it was written.
	Text string `json:"text"`
}

// Use is a call that needs protobuf's own types and gets a message that has none.
type Use struct {
	What  string `json:"what"`
	Place Place  `json:"place"`
}

// Fault is a syntax error.
type Fault struct {
	Message string `json:"message"`
	Place   Place  `json:"place"`
}

// Place is a position in a source file.
type Place struct {
	File string `json:"file"`
	Line int    `json:"line"`
}

func main() {
	var request Request
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	packages := []Package{}
	for _, files := range request.Packages {
		packages = append(packages, read(files))
	}
	if err := json.NewEncoder(os.Stdout).Encode(packages); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
