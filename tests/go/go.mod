module example.com/gangplank/tests

go 1.24

require (
	example.com/faults v0.0.0
	example.com/hostdemo v0.0.0
	example.com/kitchensink v0.0.0
	example.com/mytimer v0.0.0
	go.uber.org/goleak v1.3.0
)

replace (
	example.com/faults => ../fixtures/faults/go
	example.com/hostdemo => ../../examples/host_demo/go
	example.com/kitchensink => ../fixtures/kitchen_sink/go
	example.com/mytimer => ../../examples/timer/go
)
