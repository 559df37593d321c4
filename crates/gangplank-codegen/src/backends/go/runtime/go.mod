module gangplank

go 1.24
