//! Hosts in Go: what is generated, and calls of a guest in C through libxllr.

#[path = "support/go.rs"]
mod go;
#[path = "support/host.rs"]
mod host_support;

use std::fs;
use std::path::Path;
use std::process::Command;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::compile::Request;
use go::{calc, has_go, here};
use host_support::{built, c_guest, go, go_mod, is_clean, module, text, xllr};

#[test]
fn a_go_host_calls_a_guest_in_c() {
    if !has_go() {
        return;
    }
    let folder = here();
    module(folder.path(), &calc(), include_str!("go/host_main.go"));
    c_guest(folder.path(), "calc_guest.c");
    let vet = go(folder.path()).args(["vet", "."]).output().unwrap();
    assert!(vet.status.success(), "{}", text(&vet));
    let format = Command::new("gofmt")
        .args(["-d", "."])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(text(&format), "");
    let build = go(folder.path())
        .args(["build", "-o", "host", "."])
        .env("GOEXPERIMENT", "cgocheck2")
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", text(&build));
    let run = Command::new(folder.path().join("host"))
        .env("GANGPLANK_PATH", xllr())
        .output()
        .unwrap();
    assert_eq!(text(&run), "all well\n");
}

/// Bytes over the limit and text that is no text, in both directions, and answers that are no messages.
#[test]
fn a_go_host_and_a_guest_that_breaks_the_rules() {
    if !has_go() {
        return;
    }
    let folder = here();
    module(folder.path(), &calc(), include_str!("go/hostile_main.go"));
    c_guest(folder.path(), "hostile_guest.c");
    let build = go(folder.path())
        .args(["build", "-race", "-o", "host", "."])
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", text(&build));
    let run = Command::new(folder.path().join("host"))
        .env("GANGPLANK_PATH", xllr())
        .output()
        .unwrap();
    assert_eq!(text(&run), "all well\n");
}

/// The guest has C structs and bytes; the host takes the structs.
#[test]
fn a_go_host_calls_a_guest_in_rust() {
    if !has_go() {
        return;
    }
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sample_proto");
    let guest = built(
        "../../tests/fixtures/sample_proto/Cargo.toml",
        "libsample_proto.so",
    );
    let folder = here();
    let program = include_str!("go/sample_main.go");
    module(folder.path(), &fixture.join("sample.proto"), program);
    let builds: [&[&str]; 3] = [&[], &["-gcflags=all=-d=checkptr"], &["-race"]];
    for (flags, experiment) in builds.into_iter().zip(["", "cgocheck2", ""]) {
        let build = go(folder.path())
            .args(["build", "-o", "host"])
            .args(flags)
            .arg(".")
            .env("GOEXPERIMENT", experiment)
            .output()
            .unwrap();
        assert!(build.status.success(), "{}", text(&build));
        let run = Command::new(folder.path().join("host"))
            .env("GANGPLANK_PATH", xllr())
            .env("GANGPLANK_MODULE_SAMPLE", &guest)
            .output()
            .unwrap();
        assert_eq!(text(&run), "all well\n", "{flags:?} {experiment}");
    }
}

/// A guest of another definition, one whose process ends, and statuses that no test can bring about.
#[test]
fn a_go_host_tells_how_a_call_failed() {
    if !has_go() {
        return;
    }
    let run = |folder: &Path, program: &str, idl: &Path, guest: &Path| {
        module(folder, idl, program);
        let mut command = go(folder);
        command.args(["run", "."]).env("GANGPLANK_PATH", xllr());
        command.env("GANGPLANK_MODULE_SAMPLE", guest);
        command.env("GANGPLANK_MODULE_CALC", guest);
        text(&command.output().unwrap())
    };
    let program = |body: &str| {
        format!(
            "//go:build !guest\n\npackage main\n\nimport (\n\t\"errors\"\n\t\"fmt\"\n)\n\nfunc main() {{\n{body}}}\n"
        )
    };

    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/sample_proto");
    let guest = built(
        "../../tests/fixtures/sample_proto/Cargo.toml",
        "libsample_proto.so",
    );
    let folder = here();
    let other = fs::read_to_string(fixture.join("sample.proto")).unwrap();
    let idl = folder.path().join("sample.proto");
    fs::write(
        &idl,
        other.replace("sfixed32 number = 12", "sfixed64 number = 12"),
    )
    .unwrap();
    let body = "\t_, err := Echo(nil)\n\tfmt.Println(errors.Is(err, ErrSampleMismatch), errors.Is(err, ErrSampleLoad))\n\
        \tfor status, kind := range map[int32]error{3: ErrSampleBadArgument, 5: ErrSampleClosed, 6: ErrSampleClosed, 14: ErrSampleLimit, 15: ErrSampleForked, 16: ErrSamplePeerLost} {\n\
        \t\tif err := sample_refused(status, \"why\"); !errors.Is(err, kind) || err.Error() != \"why\" {\n\t\t\tfmt.Println(status, err)\n\t\t}\n\t}\n";
    let said = run(folder.path(), &program(body), &idl, &guest);
    assert_eq!(said, "true false\n");

    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/calc_proto/go");
    let folder = here();
    let idl = folder.path().join("guest/calc.proto");
    fs::create_dir(idl.parent().unwrap()).unwrap();
    fs::copy(example.join("calc.proto"), &idl).unwrap();
    let source = fs::read_to_string(example.join("calc.go")).unwrap();
    let ends = source.replace(
        "if y == 0 {",
        "if y == 13 {\n\t\tos.Exit(3)\n\t}\n\tif y == 0 {",
    );
    assert_ne!(ends, source);
    let ends = ends.replace("import (", "import (\n\t\"os\"");
    fs::write(folder.path().join("guest/calc.go"), ends).unwrap();
    Request::new(&idl, folder.path()).run(GO.to_guest).unwrap();
    let guest = folder.path().join("calcMetaFFIGuest.so");
    let body = "\t_, err := Div(1, 13)\n\tfmt.Println(errors.Is(err, ErrCalcPeerLost))\n\tfmt.Println(err)\n";
    let said = run(folder.path(), &program(body), &idl, &guest);
    assert!(said.starts_with("true\npeer lost: "), "{said}");
}

/// A second Go runtime needs a process of its own, unless somebody says otherwise.
#[test]
fn a_guest_in_go_is_refused_unless_it_is_asked_for() {
    if !has_go() {
        return;
    }
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/calc_proto/go");
    let folder = here();
    let idl = folder.path().join("guest");
    fs::create_dir(&idl).unwrap();
    for name in ["calc.proto", "calc.go"] {
        fs::copy(example.join(name), idl.join(name)).unwrap();
    }
    let idl = idl.join("calc.proto");
    Request::new(&idl, folder.path()).run(GO.to_guest).unwrap();
    module(folder.path(), &idl, include_str!("go/host_main.go"));
    let run = |in_process: &str| {
        let mut command = go(folder.path());
        command.args(["run", "."]).env("GANGPLANK_PATH", xllr());
        // Without a helper process: with one it would simply run there.
        command.env("GANGPLANK_HELPER", "/nonexistent");
        let run = command.env("GANGPLANK_GO_IN_PROCESS", in_process).output();
        text(&run.unwrap())
    };
    let refused = run("");
    assert!(
        refused.starts_with("FAILED: HelloWorld") && refused.contains("Go runtime"),
        "{refused}"
    );
    assert_eq!(run("1"), "all well\n");
}

#[test]
fn without_libxllr_every_call_says_what_was_tried() {
    if !has_go() {
        return;
    }
    let folder = here();
    let program = "//go:build !guest\n\npackage main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(HelloWorld())\n\t_, err := Div(1, 1)\n\tfmt.Println(err)\n}\n";
    module(folder.path(), &calc(), program);
    // Two hosts in one package share no name.
    let kinds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proto/corpus/kinds.proto");
    Request::new(&kinds, folder.path())
        .run(GO.from_host)
        .unwrap();
    let run = go(folder.path())
        .args(["run", "."])
        .env("GANGPLANK_PATH", "/nowhere/at/all")
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .unwrap();
    let said = text(&run);
    assert_eq!(said.matches("cannot open libxllr").count(), 2, "{said}");
    assert_eq!(
        said.matches("/nowhere/at/all/libxllr.so: not there")
            .count(),
        2,
        "{said}"
    );
}

/// The text of the host of a definition.
fn host(idl: &str, package: Option<&str>) -> Result<String, String> {
    let folder = here();
    let path = folder.path().join("it.proto");
    fs::write(&path, idl).unwrap();
    let out = folder.path().join("out");
    let request = Request {
        host_package: package,
        ..Request::new(&path, &out)
    };
    let written = request
        .run(GO.from_host)
        .map_err(|found| found.to_string())?;
    Ok(fs::read_to_string(&written[0]).unwrap())
}

#[test]
fn services_with_one_rpc_name_are_told_apart() {
    let text = host(
        "syntax = \"proto3\"; option go_package = \"example.com/a/b\"; message M { int32 type = 1; string err = 2; int32 game_id = 3; } service A { rpc get_it(M) returns (M); rpc only(M) returns (M); } service B { rpc get_it(M) returns (M); }",
        None,
    )
    .unwrap();
    let declares = |line: &str| assert!(text.contains(line), "{line}\n{text}");
    declares("\npackage b\n");
    declares(
        "\nfunc AGetIt(typeArg int32, errArg string, gameID int32) (int32, string, int32, error) {\n",
    );
    declares("\nfunc BGetIt(");
    declares("\nfunc Only(");
}

/// A oneof's interface that stands in a signature has a name for other packages, beside protoc-gen-go's.
#[test]
fn other_packages_declare_variables_of_oneofs() {
    if !has_go() {
        return;
    }
    let folder = here();
    let idl = folder.path().join("pick.proto");
    let text = "syntax = \"proto3\"; message PickRequest { oneof choice { int32 number = 1; string word = 2; } } message PickResponse { oneof choice { bool yes = 1; Inner inner = 2; } int32 more = 3; } message Inner { oneof kind { int32 kept = 1; } PickResponseChoice other = 2; } message PickResponseChoice {} service A { rpc pick(PickRequest) returns (PickResponse); }";
    fs::write(&idl, text).unwrap();
    let out = folder.path().join("pick");
    let request = Request {
        host_package: Some("pick"),
        ..Request::new(&idl, &out)
    };
    let written = request.run(GO.from_host).unwrap();
    let host = fs::read_to_string(&written[0]).unwrap();
    for line in [
        "\nfunc Pick(choice PickRequestChoice) (PickResponseChoice_, int32, error) {\n",
        "\n// PickRequestChoice is one of *PickRequest_Number, *PickRequest_Word: protoc-gen-go's interface under a name for other packages.\ntype PickRequestChoice = isPickRequest_Choice\n",
        "\ntype isInner_Kind interface {\n",
    ] {
        assert!(host.contains(line), "{line}\n{host}");
    }
    go_mod(folder.path());
    let program = "package main\n\nimport \"example.com/x/pick\"\n\nfunc main() {\n\tvar choice pick.PickRequestChoice = &pick.PickRequest_Number{Number: 1}\n\tvar answer pick.PickResponseChoice_\n\tanswer, _, _ = pick.Pick(choice)\n\t_, _ = answer.(*pick.PickResponse_Yes)\n}\n";
    fs::write(folder.path().join("main.go"), program).unwrap();
    is_clean(folder.path(), "");
}

#[test]
fn what_go_cannot_say_is_said() {
    let streams = host(
        "syntax = \"proto3\"; message M {} service A { rpc f(stream M) returns (M); }",
        None,
    );
    assert!(streams.unwrap_err().contains("streaming call"));
    let twice = host(
        "syntax = \"proto3\"; message Get { Get get = 1; } service A { rpc get(Get) returns (Get); }",
        None,
    );
    assert!(
        twice
            .unwrap_err()
            .contains("`Get` would be two things in Go")
    );
    let error = host(
        "syntax = \"proto3\"; message M { ItGuestError e = 1; } message ItGuestError {} service A { rpc f(M) returns (M); }",
        None,
    );
    let said = error.unwrap_err();
    let both = "`ItGuestError` would be two things in Go: the type `ItGuestError` and an error that every host has";
    assert!(said.contains(both), "{said}");
    let package = host(
        "syntax = \"proto3\"; message M {} service A { rpc f(M) returns (M); }",
        Some("A-b"),
    );
    assert!(package.unwrap_err().contains("`A-b` is no name"));
    let package = host(
        "syntax = \"proto3\"; message M {} service A { rpc f(M) returns (M); }",
        Some("other"),
    );
    assert!(package.unwrap().contains("\npackage other\n"));
}
