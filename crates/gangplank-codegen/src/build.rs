//! For build scripts: a `.proto` file to a module of the crate that is being built.
//!
//! Comes in: the path of a `.proto` file, relative to the package, and the folders of its imports. Goes out: `<name>.rs` or
//! `<name>_host.rs` in `OUT_DIR`, for `gangplank::proto!`. No other tool is needed.

use std::path::{Path, PathBuf};

use gangplank_model::Diagnostics;

use crate::backend::Language;
use crate::backends::rust;
use crate::compile::{Request, package};
use crate::proto;

/// Writes the trait of a guest: `gangplank::proto!(calc);` and `calc::export!(MyCalc);` use it. Ends the build script when
/// the file has faults.
pub fn guest(idl: impl AsRef<Path>) {
    write(idl.as_ref(), &[], &rust::GUEST);
}

/// As [`guest`]; imports are looked up in these folders before they are looked up beside the file.
pub fn guest_with(idl: impl AsRef<Path>, includes: &[impl AsRef<Path>]) {
    write(idl.as_ref(), &folders(includes), &rust::GUEST);
}

/// Writes the stubs of a host: `gangplank::proto!(calc_host);` uses them. Ends the build script when the file has faults.
pub fn host(idl: impl AsRef<Path>) {
    write(idl.as_ref(), &[], &rust::HOST);
}

/// As [`host`]; imports are looked up in these folders before they are looked up beside the file.
pub fn host_with(idl: impl AsRef<Path>, includes: &[impl AsRef<Path>]) {
    write(idl.as_ref(), &folders(includes), &rust::HOST);
}

fn folders(includes: &[impl AsRef<Path>]) -> Vec<PathBuf> {
    let folders = includes.iter();
    folders.map(|folder| folder.as_ref().to_owned()).collect()
}

fn write(idl: &Path, includes: &[PathBuf], language: &Language) {
    let Some(output) = std::env::var_os("OUT_DIR") else {
        fail("OUT_DIR is not set: call this from a build script");
    };
    let request = Request {
        includes,
        ..Request::new(idl, Path::new(&output))
    };
    match made(&request, language) {
        Ok(read) => read
            .iter()
            .for_each(|path| println!("cargo::rerun-if-changed={}", path.display())),
        Err(found) => fail(&request.report(&found, false)),
    }
}

/// Writes the file; returns those that were read. Cargo takes one that is nowhere for one that has always changed.
fn made(request: &Request<'_>, language: &Language) -> Result<Vec<PathBuf>, Diagnostics> {
    package(request, language)?.write(request.output)?;
    let path = proto::paths(request.idl, request.includes);
    let idl = request.read_without_code()?;
    let read = idl.files.iter().filter_map(|file| path(file.name()));
    Ok(read.collect())
}

fn fail(text: &str) -> ! {
    eprintln!("{text}");
    std::process::exit(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_in_folders_and_watched_where_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("protos/shop")).unwrap();
        let money = "syntax = \"proto3\"; package shop; message Money { int64 cents = 1; }";
        std::fs::write(at("protos/shop/money.proto"), money).unwrap();
        let pay = "syntax = \"proto3\"; import \"shop/money.proto\"; import \"google/protobuf/timestamp.proto\";
            service Till { rpc pay(Pay) returns (None); } message None {}
            message Pay { shop.Money sum = 1; google.protobuf.Timestamp at = 2; }";
        std::fs::write(at("pay.proto"), pay).unwrap();
        let (idl, output) = (at("pay.proto"), at("out"));
        let includes = folders(&[at("protos")]);
        let request = Request {
            includes: &includes,
            ..Request::new(&idl, &output)
        };
        for (language, file) in [(&rust::GUEST, "pay.rs"), (&rust::HOST, "pay_host.rs")] {
            let mut read = made(&request, language).unwrap();
            read.sort();
            assert_eq!(read, [at("pay.proto"), at("protos/shop/money.proto")]);
            assert!(output.join(file).is_file());
        }
        let alone = Request::new(&idl, &output);
        let found = made(&alone, &rust::HOST).unwrap_err();
        let text = alone.report(&found, false);
        assert!(
            text.contains("cannot find the imported file `shop/money.proto`")
                && text.contains("import \"shop/money.proto\";"),
            "{text}"
        );
    }
}
