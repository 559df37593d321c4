//! The official protobuf code, for people who use protobuf elsewhere.
//!
//! Comes in: a parsed definition. Goes out: the files that `protoc-gen-go` writes for it. Files whose `go_package` is no
//! import path (old ones say `main`, or nothing) get one from us: that of the definition's own package, which holds them
//! all, so that the result compiles by itself.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};
use prost::Message;

use super::idl::{Idl, IdlFile};
use super::protoc_gen_go;
use super::results::Results;
use super::run::{Listener, Progress, run, words};
use crate::backend::File;
use crate::backends::go::names;

/// `google.protobuf.compiler.CodeGeneratorRequest`, with the files as the bytes they are.
#[derive(Clone, PartialEq, Message)]
struct Request {
    #[prost(string, repeated, tag = "1")]
    file_to_generate: Vec<String>,
    #[prost(string, tag = "2")]
    parameter: String,
    #[prost(bytes = "vec", repeated, tag = "15")]
    proto_file: Vec<Vec<u8>>,
}

/// Writes protobuf's own Go code into `<idl>pb/`.
pub(crate) fn results(request: &super::Request<'_>) -> Result<Results, Diagnostics> {
    let idl = request.read_without_code()?;
    let program = protoc_gen_go::find(request.protoc_gen_go, request.progress)?;
    files(&idl, &program, request.progress).map(Results::of)
}

/// Runs `program` on the definition; the files are relative to the output folder.
///
/// # Errors
/// It does not start, or refuses the definition.
fn files(idl: &Idl, program: &Path, progress: Listener<'_>) -> Result<Vec<File>, Diagnostics> {
    progress(Progress::Step {
        verb: "Writing",
        what: "the protobuf code",
    });
    let request = request(idl).encode_to_vec();
    let refused = |text: String| {
        let text = format!("`protoc-gen-go` refuses {}: {text}", idl.path.display());
        Diagnostics::from(Diagnostic::new(codes::PROTOC_GEN_GO, text))
    };
    let output = run(&mut Command::new(program), request, progress)
        .map_err(|error| refused(error.to_string()))?;
    if !output.status.success() {
        return Err(refused(words(&output)));
    }
    let response = prost_types::compiler::CodeGeneratorResponse::decode(output.stdout.as_slice())
        .map_err(|error| refused(error.to_string()))?;
    if let Some(error) = response.error {
        return Err(refused(error));
    }
    let mut taken = BTreeSet::from([names::idl_stem(&idl.stem)]);
    Ok(response
        .file
        .iter()
        .map(|file| File::new(place(idl, file.name(), &mut taken), file.content()))
        .collect())
}

fn request(idl: &Idl) -> Request {
    let mut parameter = String::from("paths=source_relative");
    let home = match idl.main().filter(|file| has_path(file)) {
        Some(main) => main.go_package().to_owned(),
        None => {
            let package = package(idl);
            // No module has this path: only files of this package refer to it.
            format!("gangplank.invalid/{package};{package}")
        }
    };
    for file in idl.files.iter().filter(|file| !has_path(file)) {
        parameter.push_str(&format!(",M{}={home}", file.name()));
    }
    let wanted = idl.files.iter();
    let wanted = wanted.filter(|file| file.name() == idl.name || !has_path(file));
    Request {
        file_to_generate: wanted.map(|file| file.name().to_owned()).collect(),
        parameter,
        proto_file: idl.files.iter().map(|file| file.bytes.clone()).collect(),
    }
}

/// Whether `go_package` is an import path, as `protoc-gen-go` sees it.
fn has_path(file: &IdlFile) -> bool {
    let package = file.go_package();
    let path = package.split(';').next().unwrap_or(package);
    path.contains(['.', '/'])
}

/// The package's name where `go_package` gives no path: what it names, unless that cannot be imported.
fn package(idl: &Idl) -> String {
    let said = idl.main().map_or("", IdlFile::go_package);
    let name = said.rsplit(';').next().unwrap_or(said);
    let is_word = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    if !said.contains('/') && !said.contains('.') && is_word(name) && name != "main" {
        return name.to_owned();
    }
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = idl.stem.chars().map(plain).collect();
    let name = format!("{name}pb");
    if is_word(&name) {
        name
    } else {
        format!("_{name}")
    }
}

/// `calcpb/calc.pb.go` for what the program calls `calc.pb.go`. Two definitions of one name in different folders are
/// told apart by the folders; the definition itself keeps its name.
fn place(idl: &Idl, name: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = name.strip_suffix(".pb.go").unwrap_or(name);
    let last = plain.rsplit('/').next().unwrap_or(plain);
    let mut stem = names::idl_stem(last);
    let is_main = idl.name.strip_suffix(".proto") == Some(plain);
    if !is_main && !taken.insert(stem.clone()) {
        stem = names::idl_stem(&plain.replace('/', "_"));
        taken.insert(stem.clone());
    }
    format!("{}pb/{stem}.pb.go", idl.stem)
}
