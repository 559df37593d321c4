// Package tests is the Go suite over the packages that Gangplank generates.
package tests
