//! A guest in Go with everything that a definition can say: values there and back, also through C structs; errors, panics,
//! limits.

#[path = "support/messages.rs"]
mod messages;
mod support;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use messages::{difference, filled};
use prost::Message;
use protox::prost_reflect::{DescriptorPool, DynamicMessage, ReflectMessage};
use xllr::abi::{RawCall, RawText};
use xllr::{Kind, Module, Options};

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static VALUES: LazyLock<PathBuf> = LazyLock::new(|| {
    let protos = support::root().join("tests/proto/corpus");
    let more = [
        (protos.join("kinds.proto"), "kinds.proto"),
        (protos.join("common/money.proto"), "common/money.proto"),
    ];
    support::go_guest(FOLDER.path(), "values", "x_windows.proto", &more)
});

fn values() -> Module {
    Module::open("native", VALUES.to_str().unwrap(), &Options::default()).unwrap()
}

fn pool() -> DescriptorPool {
    drop(values());
    let mut compiler = protox::Compiler::new([FOLDER.path()]).unwrap();
    compiler
        .include_imports(true)
        .open_file("x_windows.proto")
        .unwrap();
    compiler.descriptor_pool()
}

#[derive(Clone, PartialEq, Message)]
struct Text {
    #[prost(string, tag = "1")]
    text: String,
}

fn said(function: &str, text: &str) -> Result<String, xllr::Error> {
    let request = Text {
        text: text.to_owned(),
    };
    let answer = values()
        .function(function)
        .unwrap()
        .call_bytes(&request.encode_to_vec())?;
    Ok(Text::decode(answer.as_slice()).unwrap().text)
}

#[test]
fn every_kind_of_value_there_and_back() {
    if !support::has_go() {
        return;
    }
    let message = pool().get_message_by_name("values.Box").unwrap();
    let echo = values().function("echo").unwrap();
    for which in 0..24 {
        let sent = filled(&message, which, 4);
        let answer = echo.call_bytes(&sent.encode_to_vec()).unwrap();
        let back = DynamicMessage::decode(sent.descriptor(), answer.as_slice()).unwrap();
        assert_eq!(difference(&sent, &back), None, "{which}");
    }
    assert_eq!(
        echo.call_bytes(&[]).unwrap(),
        b"",
        "absent messages stay absent"
    );
}

#[test]
fn numbers_at_their_limits() {
    if !support::has_go() {
        return;
    }
    let message = pool().get_message_by_name("values.Limits").unwrap();
    for which in 0..5 {
        let sent = filled(&message, which, 1);
        let answer = values()
            .function("limits")
            .unwrap()
            .call_bytes(&sent.encode_to_vec())
            .unwrap();
        assert!(sent == DynamicMessage::decode(message.clone(), answer.as_slice()).unwrap());
    }
}

#[test]
fn errors_and_panics_are_texts() {
    if !support::has_go() {
        return;
    }
    let failed = |how: &str| {
        let error = said("Values.fail", how).unwrap_err();
        assert_eq!(error.kind(), Kind::Failed, "{how}");
        error.text().to_owned()
    };
    assert_eq!(failed("error"), "an error");
    assert_eq!(failed("wrapped"), "outer: middle: inner");
    assert_eq!(failed("bad error"), "a\u{fffd}b");
    assert_eq!(failed("no text"), "the function failed without a text");
    for (how, text) in [
        ("panic error", "panic: an error"),
        ("panic string", "panic: a string"),
        ("panic value", "panic: {1 2}"),
        ("panic nil", "panic: panic called with nil argument"),
        ("panic in Error", "PANIC=Error method: in Error"),
        ("error in Error", "panic: in Error"),
        ("nil map", "panic: assignment to entry in nil map"),
        ("index", "panic: runtime error: index out of range"),
        (
            "nil pointer",
            "panic: runtime error: invalid memory address or nil pointer dereference",
        ),
    ] {
        let found = failed(how);
        assert!(found.contains(text), "{how}: {found}");
        assert!(found.contains("(values.go:"), "{how}: {found}");
    }
    assert!(failed("bad text").contains("UTF-8"));
    assert!(
        failed("large").contains("larger than"),
        "{}",
        failed("large")
    );
    assert_eq!(
        said("Values.fail", "nothing").unwrap(),
        "nothing",
        "still usable"
    );
}

#[test]
fn results_that_change_while_they_are_sent() {
    if !support::has_go() {
        return;
    }
    for _ in 0..3 {
        assert_eq!(said("change", "").unwrap(), "survived");
    }
}

#[test]
fn names_and_forms_of_calls() {
    if !support::has_go() {
        return;
    }
    assert_eq!(said("Others.fail", "x").unwrap(), "other x");
    assert_eq!(said("Values.with_context", "x").unwrap(), "x");
    assert_eq!(said("type", "x").unwrap(), "X");
    let error = values().function("fail").unwrap_err();
    assert!(
        error.text().contains("Others.fail or Values.fail"),
        "{error}"
    );
}

#[derive(Clone, PartialEq, Message)]
struct Numbers {
    #[prost(int32, tag = "1")]
    first: i32,
    #[prost(int64, repeated, tag = "2")]
    rest: Vec<i64>,
}

#[test]
fn integers_that_do_not_fit() {
    if !support::has_go() {
        return;
    }
    let sum = |first, rest: &[i64]| {
        let numbers = Numbers {
            first,
            rest: rest.to_vec(),
        };
        let answer = values()
            .function("sum")
            .unwrap()
            .call_bytes(&numbers.encode_to_vec());
        answer.map_err(|error| error.text().to_owned())
    };
    assert_eq!(sum(1, &[2, 65_535]).unwrap(), [0x08, 0x82, 0x80, 0x04]);
    assert_eq!(
        sum(200, &[]).unwrap_err(),
        "first: 200 is out of range for main.small"
    );
    assert_eq!(
        sum(1, &[1, -1]).unwrap_err(),
        "rest: -1 is out of range for uint16"
    );
    let error = sum(-1, &[]).unwrap_err();
    assert_eq!(
        error,
        "total: 18446744073709551615 is out of range for int64"
    );
}

#[test]
fn functions_that_do_not_fit() {
    if !support::has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let idl = folder.path().join("calc.proto");
    std::fs::copy(support::root().join("tests/fixtures/calc/calc.proto"), &idl).unwrap();
    let source =
        "package main\n\nfunc HelloWorld() {}\nfunc Div(x string, y int) float32 { return 0 }\n";
    std::fs::write(folder.path().join("calc.go"), source).unwrap();
    let request = gangplank_codegen::compile::Request::new(&idl, folder.path());
    let text = request
        .run(gangplank_codegen::backends::go::COMPILER.to_guest)
        .unwrap_err()
        .to_string();
    for words in [
        "`Div` cannot be called as the rpc `div`",
        "calc.go:4",
        "func Div(x string, y int) float32",
        "calc.proto:10",
        "func Div(x int32, y int32) (float32, error)",
        "there is no function `ConcatStrings`",
    ] {
        assert!(text.contains(words), "{words}\n{text}");
    }
    assert!(!Path::new(&folder.path().join("calcMetaFFIGuest.go")).exists());
}

/// Nanoseconds of one batch of each, interleaved; the 10th percentile.
fn measured(mut calls: Vec<Box<dyn FnMut() + '_>>) -> Vec<f64> {
    let mut times: Vec<Vec<u128>> = vec![Vec::new(); calls.len()];
    for _ in 0..400 {
        for (call, times) in calls.iter_mut().zip(&mut times) {
            let start = std::time::Instant::now();
            (0..500).for_each(|_| call());
            times.push(start.elapsed().as_nanos());
        }
    }
    let low = |mut times: Vec<u128>| {
        times.sort_unstable();
        times[times.len() / 10] as f64 / 500.0
    };
    times.into_iter().map(low).collect()
}

#[repr(C)]
struct List {
    ptr: *const RawText,
    len: usize,
}

#[repr(C)]
struct Record {
    name: RawText,
    number: i64,
    all: List,
}

#[repr(C)]
struct Optional {
    has: u8,
    record: Record,
}

#[derive(Clone, PartialEq, Message)]
struct RecordMessage {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(int64, tag = "2")]
    number: i64,
    #[prost(string, repeated, tag = "3")]
    all: Vec<String>,
}

#[derive(Clone, PartialEq, Message)]
struct Strings {
    #[prost(message, optional, tag = "1")]
    record: Option<RecordMessage>,
}

#[test]
#[ignore = "a measurement"]
fn what_calls_cost() {
    if !support::has_go() {
        return;
    }
    let path = std::ffi::CString::new(VALUES.to_str().unwrap()).unwrap();
    drop(values());
    // SAFETY: the library is loaded already, and exports a function that takes and gives nothing.
    let empty: extern "C" fn() = unsafe {
        let library = libc::dlopen(path.as_ptr(), libc::RTLD_NOW);
        std::mem::transmute(libc::dlsym(library, c"values_empty".as_ptr()))
    };
    let prepared = |name: &str| values().function(name).unwrap().prepare(None).unwrap();
    let (div, strings) = (prepared("div"), prepared("strings"));
    let pair = [4_i32, 2];
    let (mut z, mut call) = (0_f32, RawCall::new());
    let raw = |text: &'static str| RawText {
        ptr: text.as_ptr(),
        len: text.len(),
    };
    let texts = [raw("sixteen letters!"); 10];
    let record = || Record {
        name: raw("a name"),
        number: 7,
        all: List {
            ptr: texts.as_ptr(),
            len: 10,
        },
    };
    let (request, mut result) = (
        Optional {
            has: 1,
            record: record(),
        },
        record(),
    );
    let mut scratch = [0_u128; 64];
    let mut with_scratch = RawCall::new();
    with_scratch.scratch = scratch.as_mut_ptr().cast();
    with_scratch.scratch_len = size_of_val(&scratch);
    let in_bytes = values().function("strings").unwrap();
    let message = Strings {
        record: Some(RecordMessage {
            name: "a name".to_owned(),
            number: 7,
            all: vec!["sixteen letters!".to_owned(); 10],
        }),
    };
    let encoded = message.encode_to_vec();
    let times = measured(vec![
        Box::new(|| empty()),
        // SAFETY: two numbers in, one out; in the next one a record each way.
        Box::new(|| unsafe {
            div.call(
                0,
                (&raw const pair).cast(),
                (&raw mut z).cast(),
                &mut call,
                None,
                std::ptr::null_mut(),
            );
        }),
        // SAFETY: as above.
        Box::new(|| unsafe {
            let out = (&raw mut result).cast();
            strings.call(
                0,
                (&raw const request).cast(),
                out,
                &mut with_scratch,
                None,
                std::ptr::null_mut(),
            );
        }),
        Box::new(|| drop(in_bytes.call_bytes(&encoded).unwrap())),
    ]);
    let to_empty: Vec<f64> = times.iter().map(|time| time / times[0]).collect();
    println!(
        "empty {:.0} ns; div {:.2}, record native {:.2}, record protobuf {:.2}",
        times[0], to_empty[1], to_empty[2], to_empty[3]
    );
    assert_eq!((z, result.all.len), (2.0, 10));
    assert!(
        to_empty[1] <= 1.3 && to_empty[2] <= 15.0 && to_empty[3] <= 50.0,
        "{to_empty:?}"
    );
}
