module example.com/gangplank/bench

go 1.26

require example.com/gangplankbench v0.0.0

replace example.com/gangplankbench => ../library/go
