//! Files of the time when the tags were called `openffi_…`: a definition in `package main`, its implementation beside it, and
//! both as they were.

mod support;

use std::fs;

use support::{gangplank, has_go, run, succeed};

const IDL: &str = r#"syntax = "proto3";
option go_package = "main";

// openffi_target_lang: "go"
// openffi_module: ""

message Point { int32 x = 1; int32 y = 2; }
message Shape {
  enum Kind { NONE = 0; ROUND = 1; SQUARE = 2; }
  message Edge { Point from = 1; Point to = 2; }
  Kind kind = 1;
  repeated Edge edges = 2;
  map<string, Point> marks = 3;
  oneof size { int64 radius = 4; Edge side = 5; string words = 6; }
  optional string label = 7;
}

message DrawRequest { Shape shape = 1; repeated string layers = 2; map<string, int64> weights = 3; }
message DrawResult { Shape drawn = 1; int64 total = 2; }
message Request { string name = 1; }
message Reply { string text = 1; }

// openffi_target_language: "go"
service Drawing {
  // openffi_function_path: "module=,function=Paint"
  rpc draw (DrawRequest) returns (DrawResult);
  rpc say_hello (Request) returns (Reply);
}
"#;

const CODE: &str = r#"package main

import (
	"errors"
	"fmt"
	"sort"
)

func Paint(shape *Shape, layers []string, weights map[string]int64) (*Shape, int64, error) {
	if shape.GetKind() == Shape_NONE {
		return nil, 0, errors.New("no kind: " + shape.GetKind().String())
	}
	var total int64
	for _, layer := range layers {
		total += weights[layer]
	}
	var names []string
	for name := range shape.GetMarks() {
		names = append(names, name)
	}
	sort.Strings(names)
	drawn := &Shape{
		Kind:  Shape_SQUARE,
		Edges: []*Shape_Edge{{From: &Point{X: 1}, To: shape.GetMarks()["end"]}},
		Marks: map[string]*Point{},
	}
	for _, name := range names {
		drawn.Marks[name] = &Point{X: shape.Marks[name].GetY(), Y: shape.Marks[name].X}
	}
	switch size := shape.GetSize().(type) {
	case *Shape_Radius:
		drawn.Size = &Shape_Side{Side: &Shape_Edge{To: &Point{X: int32(size.Radius)}}}
	case *Shape_Side:
		drawn.Size = &Shape_Radius{Radius: int64(size.Side.GetTo().GetX())}
	case *Shape_Words:
		drawn.Size = &Shape_Words{Words: size.Words + shape.GetLabel()}
	}
	if shape.Label != nil {
		label := fmt.Sprint(*shape.Label, "!")
		drawn.Label = &label
	}
	return drawn, total, nil
}

func SayHello(name string) string { return "Hello, " + name }

func main() {}
"#;

const HOST: &str = r#"package main

import "fmt"

func main() {
	label := "so"
	shape := &Shape{
		Kind:  Shape_ROUND,
		Marks: map[string]*Point{"end": {X: 3, Y: 4}},
		Size:  &Shape_Radius{Radius: 9},
		Label: &label,
	}
	drawn, total, err := Draw(shape, []string{"a", "b"}, map[string]int64{"a": 1, "b": 2, "c": 4})
	fmt.Println(drawn.GetKind(), drawn.GetEdges()[0].GetTo().GetX(), drawn.GetMarks()["end"].GetX(), drawn.GetSide().GetTo().GetX(), drawn.GetLabel(), total, err)
	_, _, err = Draw(&Shape{}, nil, nil)
	fmt.Println(err)
	fmt.Println(SayHello("you"))
}
"#;

#[test]
fn old_files_work_as_they_are() {
    if !has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("drawing.proto", IDL);
    write("drawing.go", CODE);
    let stdout = succeed(gangplank(folder.path()).args([
        "-c",
        "--idl",
        "drawing.proto",
        "-t",
        "-f",
        "go",
        "-o",
        "out",
    ]));
    let names = [
        "drawingMetaFFIGuest.go",
        "drawingMetaFFIGuest.so",
        "drawingMetaFFIHost.go",
        "drawingpb/drawing.pb.go",
    ];
    assert_eq!(stdout, names.map(|name| format!("out/{name}\n")).concat());
    assert_eq!(
        fs::read_to_string(folder.path().join("drawing.go")).unwrap(),
        CODE
    );
    // The host as `package main` with a program of the user's.
    fs::create_dir(folder.path().join("host")).unwrap();
    for name in ["drawingMetaFFIHost.go", "drawingMetaFFIGuest.so"] {
        fs::copy(
            folder.path().join("out").join(name),
            folder.path().join("host").join(name),
        )
        .unwrap();
    }
    write("host/main.go", HOST);
    write(
        "host/go.mod",
        "module example.com/x\n\ngo 1.24\n\nrequire google.golang.org/protobuf v1.36.12\n",
    );
    write(
        "host/go.sum",
        include_str!("../../gangplank-codegen/src/compile/tools/protoc-gen-go.sum"),
    );
    let xllr = std::env::current_exe()
        .unwrap()
        .with_file_name("libxllr.so");
    let mut host = std::process::Command::new("go");
    host.args(["run", "."])
        .current_dir(folder.path().join("host"));
    host.env("GOPROXY", "off").env("GOFLAGS", "-mod=mod");
    host.env("GANGPLANK_XLLR", xllr)
        .env("GANGPLANK_GO_IN_PROCESS", "1");
    let (code, stdout, stderr) = run(&mut host);
    assert_eq!(
        (code, stdout.as_str()),
        (
            0,
            "SQUARE 3 4 9 so! 3 <nil>\nno kind: NONE\nHello, you <nil>\n"
        ),
        "{stderr}"
    );
}

#[test]
fn streams_are_said_by_every_language_and_direction() {
    let folder = tempfile::tempdir().unwrap();
    for language in ["go", "python", "python3"] {
        let idl = format!(
            "syntax = \"proto3\";\npackage s;\nmessage M {{ int32 x = 1; }}\n// metaffi_target_language: \"{language}\"\nservice S {{\n  rpc up (stream M) returns (M);\n  rpc down (M) returns (stream M);\n}}\n"
        );
        fs::write(folder.path().join("s.proto"), idl).unwrap();
        let said = |words: &[&str]| {
            let (code, _, stderr) = run(gangplank(folder.path()).args(words));
            assert_eq!(code, 1, "{words:?} {stderr}");
            assert_eq!(
                stderr.matches("error[GP0404]: ").count(),
                2,
                "{words:?} {stderr}"
            );
            assert!(
                stderr.contains("rpc up (stream M)") && stderr.contains("help: exchange lists"),
                "{stderr}"
            );
        };
        let compile = [
            "compile",
            "--skip-compile-serialization",
            "-o",
            "out",
            "--idl",
            "s.proto",
        ];
        said(&[&compile[..], &["-t"]].concat());
        for host in ["go", "rust", "python"] {
            said(&[&compile[..], &["-f", host]].concat());
        }
    }
    assert!(!folder.path().join("out").exists(), "nothing is written");
}
