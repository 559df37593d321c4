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

	jobspb "example.com/gangplank/bench/jobs/jobspb"
	"example.com/gangplank/bench/rpc"
)

// byRPC begins the names of the rows of gRPC-Go on a Unix socket, with the server in a process of its own.
const byRPC = "gRPC-Go: "

// jobsService is the service of jobs.proto.
var jobsService = grpc.ServiceDesc{ServiceName: "Jobs", HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{
	method("div", func(in *jobspb.DivRequest) *jobspb.DivResult {
		return &jobspb.DivResult{Z: float32(float64(in.X) / float64(in.Y))}
	}),
	method("echo", func(in *jobspb.EchoRequest) *jobspb.EchoResult { return &jobspb.EchoResult{Job: in.Job} }),
}}

func method[I, O any](name string, call func(*I) *O) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, _ context.Context, decode func(any) error,
		_ grpc.UnaryServerInterceptor) (any, error) {
		in := new(I)
		if err := decode(in); err != nil {
			return nil, err
		}
		return call(in), nil
	}}
}

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
	server.RegisterService(&jobsService, nil)
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		server.Stop()
	}()
	check(server.Serve(listener))
}

// rpcClient calls the other process.
type rpcClient struct {
	rpc.BenchClient
	conn *grpc.ClientConn
}

// startRPC starts the other process and returns what calls it and what ends it.
func startRPC() (client *rpcClient, stop func()) {
	folder := must(os.MkdirTemp("", "bench"))
	socket := filepath.Join(folder, "socket")
	command := exec.Command(must(os.Executable()), "-serve", socket)
	command.Stderr = os.Stderr
	input := must(command.StdinPipe())
	check(command.Start())
	conn := must(grpc.NewClient("unix:"+socket, grpc.WithTransportCredentials(insecure.NewCredentials())))
	client = &rpcClient{rpc.NewBenchClient(conn), conn}
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

// rpcRows are some of the crossings through gRPC. Those of jobs.proto are compared with Gangplank's own.
func (f *fixture) rpcRows(client *rpcClient) []row {
	text := &rpc.Text{Text: f.text16}
	job := &rpc.Job{Name: f.job.Name, Queue: f.job.Queue, Priority: f.job.Priority, Retries: f.job.Retries, Tags: f.job.Tags}
	return []row{
		f.rpcAt64(client),
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
		{name: byRPC + "div", base: goToRust + "div, prepared", goal: none, allocsGoal: none, many: true, run: func(n int) {
			request := &jobspb.DivRequest{X: 10, Y: 2}
			for range n {
				check(client.conn.Invoke(f.background, "/Jobs/div", request, new(jobspb.DivResult)))
			}
		}},
		{name: byRPC + "record of jobs.proto both ways", base: goToRust + "record both ways", goal: none, allocsGoal: none,
			many: true, run: func(n int) {
				request := &jobspb.EchoRequest{Job: &jobspb.Job{Name: f.job.Name, Queue: f.job.Queue,
					Priority: f.job.Priority, Retries: f.job.Retries, Tags: f.job.Tags}}
				for range n {
					check(client.conn.Invoke(f.background, "/Jobs/echo", request, new(jobspb.EchoResult)))
				}
			}},
	}
}
