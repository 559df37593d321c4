//! Our descriptors against those of protobuf's own compiler, without source info, byte for byte. The one difference that is
//! known: for an rpc with an empty body (`{}`) protoc writes empty options, so the corpus has none.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gangplank_codegen::proto;
use protox::prost_reflect::prost::Message;
use protox::prost_reflect::prost_types::{FileDescriptorProto, FileDescriptorSet};
use protox::prost_reflect::{DynamicMessage, ReflectMessage, Value};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proto/corpus")
}

/// Without the tool nothing can be compared: `cargo xtask test` says so, and in CI that is a failure.
fn has_protoc() -> bool {
    let found = Command::new("protoc").arg("--version").output().is_ok();
    assert!(
        found || std::env::var_os("CI").is_none(),
        "protoc is missing"
    );
    if !found {
        eprintln!("skipped: protoc is missing");
    }
    found
}

#[test]
fn descriptors_are_those_of_protoc() {
    if !has_protoc() {
        return;
    }
    let out = tempfile::tempdir().unwrap();
    let options = out.path().join("gangplank");
    fs::create_dir(&options).unwrap();
    fs::write(
        options.join("options.proto"),
        include_str!("../src/proto/options.proto"),
    )
    .unwrap();
    let mut compared = 0;
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|end| end != "proto") {
            continue;
        }
        let ours = proto::read_with(&path, &[root()], &|_| Some(String::new()))
            .unwrap()
            .descriptors;
        let theirs = protoc(&path, out.path());
        for (ours, theirs) in files(&without_source_info(&ours))
            .into_iter()
            .zip(files(&theirs))
        {
            let name = |file: &[u8]| FileDescriptorProto::decode(file).unwrap().name().to_owned();
            assert_eq!(name(&ours), name(&theirs));
            // Those of protobuf itself differ from version to version.
            if !name(&ours).starts_with("google/protobuf/") {
                let texts = [&ours, &theirs].map(|file| FileDescriptorProto::decode(&**file));
                assert!(ours == theirs, "{}: {texts:#?}", name(&ours));
            }
        }
        compared += 1;
    }
    assert!(compared >= 6, "{compared}");
}

fn protoc(path: &Path, out: &Path) -> Vec<u8> {
    let set = out.join("set");
    let output = Command::new("protoc")
        .arg("-I")
        .arg(root())
        .arg("-I")
        .arg(out)
        .arg("--include_imports")
        .arg("--descriptor_set_out")
        .arg(&set)
        .arg(path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::read(set).unwrap()
}

/// Custom options are unknown to the generated structs, so this goes through reflection.
fn without_source_info(set: &[u8]) -> Vec<u8> {
    let descriptor = FileDescriptorSet::default().descriptor();
    let mut message = DynamicMessage::decode(descriptor, set).unwrap();
    if let Some(Value::List(files)) = message.get_field_by_name_mut("file") {
        for file in files {
            if let Value::Message(file) = file {
                file.clear_field_by_name("source_code_info");
            }
        }
    }
    message.encode_to_vec()
}

/// The files of a set, each as its bytes.
fn files(mut set: &[u8]) -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    while let Some((tag, mut rest)) = set.split_first() {
        assert_eq!(*tag, 0x0a, "a set has files only");
        let len = protox::prost_reflect::prost::decode_length_delimiter(&mut rest).unwrap();
        let (file, after) = rest.split_at(len);
        files.push(file.to_vec());
        set = after;
    }
    files
}
