module example.com/mytimer/example

go 1.26

require example.com/mytimer v0.0.0

replace example.com/mytimer => ..
