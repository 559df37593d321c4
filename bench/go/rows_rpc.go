package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"example.com/gangplank/bench/rpc"
)

// byRPC begins the names of the rows of gRPC-Go on a Unix socket, with the server in a process of its own.
const byRPC = "gRPC-Go: "

type rpcServer struct {
	rpc.UnimplementedBenchServer
}

func (rpcServer) Echo(_ context.Context, text *rpc.Text) (*rpc.Text, error) { return text, nil }

func (rpcServer) EchoJob(_ context.Context, job *rpc.Job) (*rpc.Job, error) { return job, nil }

// serveRPC is the other process. It ends with the one that started it, which holds the other end of its input.
func serveRPC(socket string) {
	listener := must(net.Listen("unix", socket))
	server := grpc.NewServer()
	rpc.RegisterBenchServer(server, rpcServer{})
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		server.Stop()
	}()
	check(server.Serve(listener))
}

// startRPC starts the other process and returns what calls it and what ends it.
func startRPC() (client rpc.BenchClient, stop func()) {
	folder := must(os.MkdirTemp("", "bench"))
	socket := filepath.Join(folder, "socket")
	command := exec.Command(must(os.Executable()), "-serve", socket)
	command.Stderr = os.Stderr
	input := must(command.StdinPipe())
	check(command.Start())
	conn := must(grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials())))
	client = rpc.NewBenchClient(conn)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	must(client.Echo(ctx, &rpc.Text{}, grpc.WaitForReady(true)))
	return client, func() {
		_ = conn.Close()
		_ = input.Close()
		_ = command.Wait()
		_ = os.RemoveAll(folder)
	}
}

// rpcRows are two of the crossings through gRPC.
func (f *fixture) rpcRows(client rpc.BenchClient) []row {
	text := &rpc.Text{Text: f.text16}
	job := &rpc.Job{Name: f.job.Name, Queue: f.job.Queue, Priority: f.job.Priority, Retries: f.job.Retries, Tags: f.job.Tags}
	return []row{
		{name: byRPC + "string echo, 16 B", goal: none, allocsGoal: none, many: true, run: func(n int) {
			for range n {
				must(client.Echo(f.background, text))
			}
		}},
		{name: byRPC + "record in and out", goal: none, allocsGoal: none, many: true, run: func(n int) {
			for range n {
				must(client.EchoJob(f.background, job))
			}
		}},
	}
}
