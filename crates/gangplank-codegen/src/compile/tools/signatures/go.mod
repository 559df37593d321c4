module example.com/gangplank-signatures

go 1.24
