//! What is wrong with `.proto` files, word by word, and all of it at once.

use std::fs;

use gangplank_codegen::proto;
use gangplank_model::{assemble, check};

/// Findings for the first file, without lines of source.
fn faults(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let path = folder.path().join(files[0].0);
    let front = proto::read_with(&path, &[folder.path().to_owned()], &|_| None);
    let checked = front.and_then(|front| check(assemble(front.source)?));
    let text = checked.expect_err("no fault was found").to_string();
    text.replace(&folder.path().display().to_string(), "DIR")
}

/// A file with a service whose request has these fields.
fn request(syntax: &str, fields: &str) -> String {
    format!(
        "syntax = \"{syntax}\";\nservice S {{ rpc f(A) returns (B); }}\nmessage A {{\n{fields}\n}}\nmessage B {{}}\n"
    )
}

#[test]
fn syntax_errors_of_all_files() {
    insta::assert_snapshot!(faults(&[
        (
            "a.proto",
            "syntax = \"proto3\";\nimport \"b.proto\";\nimport \"c.proto\";"
        ),
        ("b.proto", "syntax = \"proto3\";\nmessage {}"),
        ("c.proto", "\n\nmessage A { int32 = 1; }"),
    ]));
}

#[test]
fn names_that_not_every_language_has() {
    let text = faults(&[("a.proto", &request("proto3", "  int32 _ = 1;"))]);
    let words = "error[GP0305]: the parameter `_` is not a name in every language";
    assert!(text.contains(words), "{text}");
    let help = "help: rename it in the definition: use ASCII letters";
    assert!(text.contains(help) && !text.contains("#["), "{text}");
}

#[test]
fn a_field_that_is_there_twice_is_one_error() {
    let text = faults(&[(
        "a.proto",
        &request("proto3", "  int32 x = 1;\n  int32 x = 2;"),
    )]);
    assert!(text.contains("name `A.x` is defined twice"), "{text}");
    assert_eq!(text.matches("error[").count(), 1, "{text}");
    // Another name that JSON spells alike is told.
    let text = faults(&[(
        "a.proto",
        &request("proto3", "  int32 a_b = 1;\n  int32 aB = 2;"),
    )]);
    assert!(text.contains("camel-case name of field `a_b`"), "{text}");
}

#[test]
fn imports_that_are_not_there() {
    insta::assert_snapshot!(faults(&[(
        "a/a.proto",
        "syntax = \"proto3\";\n\nimport \"b.proto\";\nimport public \"c/d.proto\";"
    )]));
}

#[test]
fn paths_that_leave_their_folder() {
    insta::assert_snapshot!(faults(&[(
        "a.proto",
        "syntax = \"proto3\";\nimport \"../b.proto\";\nimport \"/etc/passwd\";\nimport \"a\\\\b.proto\";\nimport \"x/../a.proto\";\nimport \"C:/a.proto\";\nimport \"\";"
    )]));
    let with_package = |package: &str| {
        format!(
            "option go_package = \"{package}\";\n{}",
            request("proto3", "").replace("syntax = \"proto3\";", "")
        )
    };
    insta::assert_snapshot!(faults(&[("a.proto", &with_package("../../etc;x"))]));
    insta::assert_snapshot!(faults(&[("a.proto", &with_package("/abs"))]));
    insta::assert_snapshot!(faults(&[("a.proto", &with_package("a\\\\b"))]));
}

#[test]
fn files_that_import_each_other() {
    let import = |name: &str| format!("syntax = \"proto3\";\nimport \"{name}.proto\";");
    insta::assert_snapshot!(faults(&[
        ("a.proto", &import("b")),
        ("b.proto", &import("c")),
        ("c.proto", &import("b")),
    ]));
    insta::assert_snapshot!(faults(&[("a.proto", &import("a"))]));
}

#[test]
fn chains_of_imports_without_end() {
    let names: Vec<_> = (0..3000).map(|at| format!("{at}.proto")).collect();
    let texts: Vec<_> = (1..=3000)
        .map(|at| format!("import \"{at}.proto\";"))
        .collect();
    let mut files: Vec<_> = names
        .iter()
        .map(String::as_str)
        .zip(texts.iter().map(String::as_str))
        .collect();
    files.push(("3000.proto", "syntax = \"proto3\";"));
    let found = faults(&files);
    assert_eq!(found.matches("error").count(), 1);
    assert!(
        found.starts_with("error[GP0604]: imports nest deeper than 128 files\n--> 127.proto:1"),
        "{found}"
    );
}

#[test]
fn nesting_without_end() {
    let value = format!(
        "{}1{}",
        "{list_value{values".repeat(20_000),
        "}}".repeat(20_000)
    );
    let source = format!(
        "syntax = \"proto3\"; import \"google/protobuf/struct.proto\"; import \"google/protobuf/descriptor.proto\";
        extend google.protobuf.FileOptions {{ google.protobuf.Value v = 50001; }}
        option (v) = {value};"
    );
    insta::assert_snapshot!(faults(&[("a.proto", &source)]));
    let messages = "message A {".repeat(20_000);
    insta::assert_snapshot!(faults(&[("a.proto", &messages)]));
}

#[test]
fn files_without_functions() {
    insta::assert_snapshot!(faults(&[("a.proto", "syntax = \"proto3\"; message A {}")]));
    insta::assert_snapshot!(faults(&[("a.proto", "syntax = \"proto3\"; service A {}")]));
    insta::assert_snapshot!(faults(&[("a.proto", "")]));
}

#[test]
fn parts_of_protobuf_that_interfaces_do_not_have() {
    insta::assert_snapshot!(faults(&[("a.proto", "// About.\n\nedition = \"2023\";\n")]));
    let fields = "required int32 a = 1;\noptional group G = 2 {}\nextensions 100 to 199;";
    let extend = "\nextend A { optional int32 more = 100; }";
    insta::assert_snapshot!(faults(&[(
        "a.proto",
        &(request("proto2", fields) + extend)
    )]));
}

#[test]
fn names_that_meet() {
    let services = "service S { rpc f_g(A) returns (A); }\nservice S_f { rpc g(A) returns (A); }\n";
    let types = "message A_B {}\nmessage A { message B {} B b = 1; A_B c = 2; }";
    let source = format!("syntax = \"proto3\";\n{services}{types}");
    insta::assert_snapshot!(faults(&[("a.proto", &source)]));
}

#[test]
fn what_the_compiler_of_protobuf_refuses() {
    let fields = "int32 a = 1;\nint32 b = 1;\nNone c = 3;\nint32 d = 19000;";
    insta::assert_snapshot!(faults(&[("a.proto", &request("proto3", fields))]));
}

#[test]
fn tags_that_disagree() {
    let source = "\
syntax = \"proto3\";
// metaffi_module: \"a\"

// openffi_module: \"b\"

// metaffi_modul: \"b\"

// metaffi_module: b

// metaffi_function_path: \"modul=a\"

// metaffi_module: \"$NOT_SET\"

service S { // metaffi_target_language: \"go\"
  rpc f(A) returns (A);
} // metaffi_target_language: \"python3\"
message A {}
";
    insta::assert_snapshot!(faults(&[("a.proto", source)]));
    let source = "\
syntax = \"proto3\";
import \"gangplank/options.proto\";
message A {}
service S {
  // metaffi_module: \"a\"
  rpc f(A) returns (A) {
    option (gangplank.rpc) = { module: \"b\" function: \"g\" };
  }
}
";
    insta::assert_snapshot!(faults(&[("a.proto", source)]));
}

#[test]
fn files_that_cannot_be_read() {
    let missing = proto::interface("none.proto".as_ref(), &[]).unwrap_err();
    insta::assert_snapshot!(missing.to_string());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.proto");
    fs::write(&path, b"// \xff\n").unwrap();
    let binary = proto::interface(&path, &[]).unwrap_err();
    insta::assert_snapshot!(binary.to_string());
}
