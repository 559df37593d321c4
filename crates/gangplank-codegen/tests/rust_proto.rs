//! Rust from `.proto` files: what cannot be expressed is said, and the output is the same twice. That it compiles and works is
//! tested in `tests/fixtures/sample_proto`.

use std::path::Path;

use gangplank_codegen::backend::{File, find};
use gangplank_codegen::compile::{self, Request};
use gangplank_codegen::config::Config;
use gangplank_codegen::{Input, generate};

fn files(language: &str, idl: &str) -> Result<Vec<File>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.proto");
    std::fs::write(&path, idl).unwrap();
    let input = Input::ProtoFile {
        path: &path,
        includes: &[],
    };
    let language = find(language).unwrap();
    generate(input, language, &Config::default()).map_err(|found| found.to_string())
}

fn said(language: &str, idl: &str) -> String {
    files(language, idl).map(|_| ()).unwrap_err()
}

#[test]
fn names_that_meet_in_rust_are_reported() {
    let idl = "syntax = \"proto3\";
        service S { rpc Run(M) returns (M); rpc run(M) returns (M); }
        message M { Ab.Cd one = 1; AbCd two = 2; }
        message Ab { message Cd {} }
        message AbCd {}";
    for language in ["rust-guest", "rust-host"] {
        let text = said(language, idl);
        assert!(
            text.contains("error[GP0403]: `odd::S::run` needs the name `run` in Rust"),
            "{text}"
        );
        assert!(text.contains("the name `AbCd` in Rust"), "{text}");
    }
}

#[test]
fn what_every_service_of_a_host_has_is_reserved() {
    let idl = "syntax = \"proto3\";
        service S { rpc Open(M) returns (M); }
        message M {}";
    let text = said("rust-host", idl);
    assert!(
        text.contains("needs the name `open` in Rust, which every service of a host has"),
        "{text}"
    );
    assert!(files("rust-guest", idl).is_ok());
}

#[test]
fn more_values_than_tuples_have_are_reported() {
    let fields: String = (1..=33).map(|at| format!("int32 f{at} = {at};")).collect();
    let idl = format!(
        "syntax = \"proto3\"; service S {{ rpc In(M) returns (N); rpc Out(N) returns (M); }} message M {{ {fields} }} message N {{}}"
    );
    let guest = said("rust-guest", &idl);
    assert!(
        guest.contains("error[GP0405]: `odd::S::Out` has 33 results"),
        "{guest}"
    );
    assert!(!guest.contains("odd::S::In"), "{guest}");
    let host = said("rust-host", &idl);
    assert!(host.contains("`odd::S::In` has 33 parameters"), "{host}");
}

#[test]
fn keywords_and_docs_are_carried_over() {
    let idl = "syntax = \"proto3\";
        service S {
          // Does it.
          rpc match(M) returns (M);
        }
        message M {
          // What kind.
          string type = 1;
        }";
    let guest = files("rust-guest", idl).unwrap();
    assert_eq!(
        guest,
        files("rust-guest", idl).unwrap(),
        "not the same twice"
    );
    assert_eq!(guest[0].path, "odd.rs");
    let text = &guest[0].contents;
    assert!(text.contains("    /// Does it.\n"), "{text}");
    assert!(
        text.contains("fn r#match(&self, r#type: ::std::string::String)"),
        "{text}"
    );
    let host = files("rust-host", idl).unwrap();
    assert_eq!(host[0].path, "odd_host.rs");
    assert!(
        host[0].contents.contains("pub fn r#match(&self"),
        "{}",
        host[0].contents
    );
}

#[test]
fn the_compiler_writes_hosts_and_says_how_guests_are_built() {
    let rust = compile::find("rust").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let idl = Path::new("../../examples/calc_proto/rust/calc.proto");
    let request = Request::new(idl, folder.path());
    let made = request.run(rust.from_host).unwrap();
    assert_eq!(made, [folder.path().join("calc_host.rs")]);
    let text = request.run(rust.to_guest).unwrap_err().to_string();
    assert!(text.contains("gangplank_codegen::build::guest"), "{text}");
    assert!(request.run(rust.serialization).unwrap().is_empty());
    let missing = Request::new(Path::new("nowhere.proto"), folder.path());
    for door in [rust.from_host, rust.to_guest] {
        assert!(door(&missing).is_err());
    }
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing else is written"
    );
}

#[test]
fn hosts_open_the_module_of_the_language_that_the_tags_name() {
    let idl = |language: &str| {
        format!(
            "syntax = \"proto3\";
            // metaffi_target_language: \"{language}\"
            service S {{ rpc run(M) returns (M); }}
            message M {{}}"
        )
    };
    let folder = tempfile::tempdir().unwrap();
    let (output, path) = (
        folder.path().join("out"),
        folder.path().join("My-Sums.proto"),
    );
    let rust = compile::find("rust").unwrap();
    // A file of Python's is one that can be imported.
    for (language, runtime, module) in [
        ("python3", "python3", "My_SumsMetaFFIGuest"),
        ("python", "python3", "My_SumsMetaFFIGuest"),
        ("go", "native", "My-SumsMetaFFIGuest"),
        ("rust", "native", "My-SumsMetaFFIGuest"),
        ("cobol", "native", "My-SumsMetaFFIGuest"),
    ] {
        let opened = |module| format!("Self::open_module(\"{runtime}\", \"{module}\")");
        let generated = &files("rust-host", &idl(language)).unwrap()[0].contents;
        assert!(
            generated.contains(&opened("oddMetaFFIGuest")),
            "{language}: {generated}"
        );
        // The module is named after the file, not after the crate's module that is made of it.
        std::fs::write(&path, idl(language)).unwrap();
        let made = Request::new(&path, &output).run(rust.from_host).unwrap();
        let compiled = std::fs::read_to_string(&made[0]).unwrap();
        assert!(compiled.contains(&opened(module)), "{language}: {compiled}");
    }
    let two = "syntax = \"proto3\";
        service S { // metaffi_target_language: \"go\"
        rpc one(M) returns (M); }
        service T { // metaffi_target_language: \"python3\"
        rpc two(M) returns (M); }
        message M {}";
    let text = said("rust-host", two);
    assert!(text.contains("a guest is of one language"), "{text}");
}

#[test]
fn guests_and_hosts_of_every_language_agree_on_the_modules_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("_odd.proto");
    let idl = "syntax = \"proto3\";
        // metaffi_target_language: \"python3\"
        service S { rpc run(M) returns (M); }
        message M {}";
    std::fs::write(&path, idl).unwrap();
    std::fs::write(folder.path().join("_gangplank.abi3.so"), "the extension").unwrap();
    let output = folder.path().join("out");
    let request = Request {
        toolkit: Some(folder.path()),
        ..Request::new(&path, &output)
    };
    let door = |language: &str, of: fn(&compile::Compiler) -> compile::Door| {
        let compiler = compile::find(language).unwrap();
        let made = request.run(of(compiler)).unwrap();
        let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap();
        made.iter().map(text).collect::<String>()
    };
    door("python", |python| python.to_guest);
    assert!(output.join("idl_oddMetaFFIGuest.py").is_file());
    for language in ["go", "python", "rust"] {
        let text = door(language, |language| language.from_host);
        assert!(text.contains("idl_oddMetaFFIGuest"), "{language}: {text}");
        assert!(!text.contains("\"_oddMetaFFIGuest"), "{language}: {text}");
    }
}
