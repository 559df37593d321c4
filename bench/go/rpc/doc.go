// Package rpc is what protoc-gen-go and protoc-gen-go-grpc make of bench.proto.
package rpc
