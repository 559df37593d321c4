//! Encoder against decoder.

#[path = "support/samples.rs"]
mod samples;

use gangplank_descriptor::owned::{self, Body};
use gangplank_descriptor::{DecodeError, FORMAT, Item, Literal, Role, Schema, decode, items};
use samples::{COMMON, FUNCTION, SAMPLES};

#[test]
fn encoding_happens_at_compile_time() {
    const ITEM: Item = Item::Function(FUNCTION);
    static BYTES: [u8; ITEM.encoded_len()] = ITEM.encode();
    const HASH: u64 = ITEM.hash();
    assert_eq!(BYTES.as_slice(), ITEM.to_vec());
    assert_eq!(decode(&BYTES).unwrap().hash, HASH);
}

#[test]
fn every_kind_survives() {
    let decoded: Vec<_> = SAMPLES
        .iter()
        .map(|item| decode(&item.to_vec()).unwrap())
        .collect();
    for (item, decoded) in SAMPLES.iter().zip(&decoded) {
        assert_eq!(item.hash(), decoded.hash);
    }
    let Body::Record(record) = &decoded[1].body else {
        panic!("{:?}", decoded[1])
    };
    assert_eq!(record.common.deprecated.as_deref(), Some("use Setup"));
    assert_eq!(
        (record.common.file.as_str(), record.common.line),
        ("src/lib.rs", 42)
    );
    assert_eq!(record.fields[0].default, Some(owned::Literal::None));
    assert_eq!(record.fields[1].deprecated.as_deref(), Some(""));
    assert_eq!(
        record.fields[1].schema.to_string(),
        "map<string, list<box<my_dep::Config>>>"
    );
    let Body::Enum(item) = &decoded[3].body else {
        panic!("{:?}", decoded[3])
    };
    assert_eq!(item.values[0].value, -3);
    assert_eq!(item.values[0].deprecated.as_deref(), Some("see red"));
    let Body::Variant(variant) = &decoded[4].body else {
        panic!("{:?}", decoded[4])
    };
    assert_eq!(variant.cases[0].deprecated.as_deref(), Some(""));
    let Body::Object(object) = &decoded[6].body else {
        panic!("{:?}", decoded[6])
    };
    assert_eq!(
        object.injected.len(),
        2,
        "only host and event traits are injected"
    );
    let Body::Function(function) = &decoded[7].body else {
        panic!("{:?}", decoded[7])
    };
    assert_eq!(
        (function.role, function.is_async, function.abi_hash),
        (Role::Method, true, 7)
    );
    let Body::Constant(constant) = &decoded[11].body else {
        panic!("{:?}", decoded[11])
    };
    assert_eq!(constant.value, owned::Literal::Float(0x7ff8_0000_0000_0001));
}

#[test]
fn owned_items_have_the_same_bytes() {
    for item in SAMPLES {
        let decoded = decode(&item.to_vec()).unwrap();
        assert_eq!(decoded.body.to_vec(), item.to_vec(), "{decoded}");
        assert_eq!(decoded.body.clone().into_item(), decoded);
    }
}

#[test]
fn items_read_as_text() {
    let texts: Vec<_> = SAMPLES
        .iter()
        .map(|item| decode(&item.to_vec()).unwrap().to_string())
        .collect();
    assert_eq!(
        texts,
        [
            "library my_dep (ABI 1)",
            "record my_dep::Config { max_retries: option<i64>, rest: map<string, list<box<my_dep::Config>>> }",
            "record my_dep::Config { }",
            "enum my_dep::Config { DarkRed = -3 }",
            "variant my_dep::Config { BadValue { max_retries: option<i64> }, BadValue }",
            "error my_dep::Config { BadValue { max_retries: option<i64> } }",
            "object my_dep::Config(events<my_dep::Other>, host<my_dep::Config>)",
            "async fn my_dep::Timer::echo(self, request: my_dep::Config) -> result<(string, timestamp), my_dep::Other>",
            "host async fn my_dep::Host::fetch(request: my_dep::Config) -> result<bytes, string>",
            "event my_dep::Events::fired(request: my_dep::Config)",
            "const my_dep::Config: bytes = b\"\\x00\\xff\"",
            "const my_dep::Config: f64 = NaN",
            "const my_dep::Config: u64 = 18446744073709551615",
            "const my_dep::Config: string = \"a\\0b\"",
            "const my_dep::Config: bool = true",
            "const my_dep::Config: my_dep::Other = Red",
        ]
    );
}

#[test]
fn a_section_is_read_item_by_item() {
    let mut section = vec![0; 5];
    for item in SAMPLES {
        section.extend(item.to_vec());
        section.extend([0; 3]);
    }
    let found: Vec<_> = items(&section).map(Result::unwrap).collect();
    assert_eq!(found.len(), SAMPLES.len());
    section.extend(b"GPi?");
    let last = items(&section).last().unwrap().unwrap_err();
    assert_eq!(
        (last.offset, last.error),
        (section.len() - 4, DecodeError::Magic)
    );
}

#[test]
fn every_truncation_is_an_error() {
    for item in SAMPLES {
        let bytes = item.to_vec();
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err());
            let mut shortened = bytes[..len].to_vec();
            if len >= 20 {
                shortened[4..8].copy_from_slice(&(len as u32).to_le_bytes());
                let _ = decode(&shortened);
            }
        }
    }
}

#[test]
fn a_newer_format_says_so() {
    let mut bytes = SAMPLES[1].to_vec();
    bytes[16] = FORMAT + 1;
    assert_eq!(decode(&bytes), Err(DecodeError::Newer(FORMAT + 1)));
    bytes[16] = FORMAT;
    bytes[17] = 99;
    assert_eq!(
        decode(&bytes),
        Err(DecodeError::Unknown("kind of item", 99))
    );
}

#[test]
fn unknown_fields_are_skipped() {
    for item in SAMPLES {
        let mut bytes = item.to_vec();
        for tag in [0x7f, 0xff] {
            bytes.push(tag);
            bytes.extend(3u32.to_le_bytes());
            bytes.extend([1, 2, 3]);
        }
        let len = bytes.len() as u32;
        bytes[4..8].copy_from_slice(&len.to_le_bytes());
        assert_eq!(
            format!("{:?}", decode(&bytes)),
            format!("{:?}", decode(&item.to_vec()))
        );
    }
}

#[test]
fn types_nested_too_deeply_are_refused() {
    let mut bytes = Item::Constant(COMMON, Schema::Bool, Literal::None).to_vec();
    let at = bytes
        .windows(6)
        .position(|bytes| bytes == [0x0d, 1, 0, 0, 0, 1])
        .unwrap()
        + 5;
    let deep = 100_000;
    bytes.splice(at..at, std::iter::repeat_n(16, deep));
    bytes[at - 4..at].copy_from_slice(&(deep as u32 + 1).to_le_bytes());
    let len = bytes.len() as u32;
    bytes[4..8].copy_from_slice(&len.to_le_bytes());
    assert_eq!(decode(&bytes), Err(DecodeError::TooDeep));
}
