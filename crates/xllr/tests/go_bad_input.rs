//! What a guest in Go does with what no host in order sends: bytes over the limit, bytes that are no message, text that is
//! no text, pointers that lead nowhere. Each is an error that says what is wrong, and the guest goes on.

#[path = "support/calc.rs"]
mod calc;
mod support;

use std::ffi::c_void;
use std::ptr;

use calc::{Div, List, Parts, Quotient, bytes, calc, exported, free, native, prepared, raw, text};
use prost::Message;
use xllr::Kind;
use xllr::abi::{RawCall, RawText};

const MOST: usize = 16 << 20;
const BAD_ARGUMENT: i32 = 3;
const BAD_UTF8: i32 = 4;

/// The guest still works.
fn still_divides() {
    let quotient: Quotient = bytes("div", &Div { x: 10, y: 2 }).unwrap();
    assert_eq!(quotient.z, 5.0);
}

/// A request of exactly so many bytes, of one text.
fn request_of(len: usize) -> Vec<u8> {
    let request = Parts {
        parts: vec!["x".repeat(len - 5)],
    };
    let request = request.encode_to_vec();
    assert_eq!(request.len(), len);
    request
}

#[test]
fn bytes_up_to_the_limit_and_over_it() {
    if !support::has_go() {
        return;
    }
    let concat = calc().function("concat_strings").unwrap();
    let whole = request_of(MOST);
    assert!(concat.call_bytes(&whole).unwrap() == whole, "it is joined");
    let error = concat.call_bytes(&request_of(MOST + 1)).unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(
        error.text(),
        "`Calc.concat_strings`: a request of 16777217 bytes is over the limit of 16777216"
    );
    // Short parts have two more bytes each, as what joins them has; the result is three bytes longer.
    let mut parts = vec!["x".repeat(100); MOST / 102];
    parts.push("x".repeat(MOST % 102 - 2));
    let request = Parts { parts }.encode_to_vec();
    assert_eq!(request.len(), MOST);
    let answer = concat.call_bytes(&request).map(|bytes| bytes.len());
    let error = answer.unwrap_err();
    assert_eq!(error.text(), "a message is larger than 16777216 bytes");
    still_divides();
}

#[test]
fn c_structs_have_no_limit() {
    if !support::has_go() {
        return;
    }
    let long = "x".repeat(MOST + 1);
    let parts = [raw(&long)];
    let (mut call, mut joined) = (RawCall::new(), RawText::EMPTY);
    let list = List {
        ptr: parts.as_ptr().cast(),
        len: 1,
    };
    assert_eq!(
        native(&prepared("concat_strings"), &list, &mut joined, &mut call),
        0
    );
    assert!(text(&joined) == long);
    free(&mut call);
}

/// Calls an exported function with a pointer and a length that may be lies; what it returned, when that is an error.
fn refused(rpc: &str, params: *const c_void, len: u64) -> Option<String> {
    let (mut ret, mut ret_len, mut is_error) = (ptr::null_mut::<c_void>(), 7_u64, 7_u8);
    // SAFETY: the function looks at no parameters over the limit or at NULL; the places are there.
    unsafe {
        exported(rpc)(
            params,
            len,
            ptr::null_mut(),
            ptr::null_mut(),
            &mut ret,
            &mut ret_len,
            &mut is_error,
        );
        let returned = match ret.is_null() {
            true => Vec::new(),
            false => {
                std::slice::from_raw_parts(ret.cast::<u8>(), usize::try_from(ret_len).unwrap())
                    .to_vec()
            }
        };
        libc::free(ret);
        (is_error == 1).then(|| String::from_utf8(returned).unwrap())
    }
}

/// The exported function itself, without a loader that looks first.
#[test]
fn an_exported_function_looks_at_nothing_that_it_cannot_take() {
    if !support::has_go() {
        return;
    }
    let somewhere = ptr::without_provenance(8);
    for len in [MOST as u64 + 1, u64::MAX] {
        assert_eq!(
            refused("concat_strings", somewhere, len).unwrap(),
            format!("{len} bytes of parameters are over the limit of 16777216")
        );
    }
    assert_eq!(
        refused("concat_strings", ptr::null(), 1).unwrap(),
        "parameters that lie nowhere"
    );
    // Nothing is an empty message, wherever it lies.
    assert_eq!(refused("concat_strings", somewhere, 0), None);
    still_divides();
}

#[test]
fn bytes_that_are_no_message() {
    if !support::has_go() {
        return;
    }
    let said = |rpc: &str, request: &[u8]| {
        let error = calc()
            .function(rpc)
            .unwrap()
            .call_bytes(request)
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Failed, "{rpc} {request:?}");
        error.text().to_owned()
    };
    assert_eq!(
        said("concat_strings", b"\x0a\x01\xff"),
        "invalid UTF-8 in Calc.concat_strings: parts"
    );
    // A surrogate, and one byte more than the shortest form.
    for bad in [&b"\x0a\x03\xed\xa0\x80"[..], b"\x0a\x02\xc0\x80"] {
        assert_eq!(
            said("concat_strings", bad),
            "invalid UTF-8 in Calc.concat_strings: parts"
        );
    }
    assert_eq!(
        said("calculate_score", b"\x0a\x03\x0a\x01\xff"),
        "invalid UTF-8 in GameData.player"
    );
    // Cut short, a length beyond the end, the length 2^64-1, a number without end, field 0.
    for bad in [
        &b"\x08"[..],
        b"\x0a\x05abc",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x00\x00",
    ] {
        for rpc in ["div", "concat_strings", "calculate_score"] {
            let text = said(rpc, bad);
            let right =
                text.starts_with("damaged protobuf bytes: ") || text == "0 is no field number";
            assert!(right, "{rpc} {bad:?}: {text}");
        }
    }
    still_divides();
}

#[test]
fn structs_that_hold_no_values() {
    if !support::has_go() {
        return;
    }
    let concat = prepared("concat_strings");
    let said = |list: &List| {
        let (mut call, mut joined) = (RawCall::new(), RawText::EMPTY);
        let status = native(&concat, list, &mut joined, &mut call);
        let text = text(&call.message);
        free(&mut call);
        (status, text)
    };
    let texts = |texts: &[RawText]| {
        said(&List {
            ptr: texts.as_ptr().cast(),
            len: texts.len(),
        })
    };
    let no_utf8 = RawText {
        ptr: b"\xff".as_ptr(),
        len: 1,
    };
    // Alone, behind others, and in a text that is too large to share memory.
    let large = [b"x".repeat(5000), b"\xff".to_vec()].concat();
    let large = RawText {
        ptr: large.as_ptr(),
        len: large.len(),
    };
    for list in [&[no_utf8][..], &[raw("a"), raw("ä"), no_utf8], &[large]] {
        assert_eq!(
            texts(list),
            (BAD_UTF8, "a string is not UTF-8".to_owned()),
            "{}",
            list.len()
        );
    }
    let nowhere = RawText {
        ptr: ptr::null(),
        len: 1,
    };
    let endless = RawText {
        ptr: b"x".as_ptr(),
        len: usize::MAX,
    };
    for list in [[nowhere], [endless]] {
        let (status, text) = texts(&list);
        assert!(
            status == BAD_ARGUMENT && text.contains("lies nowhere"),
            "{status} {text}"
        );
    }
    for (ptr, len) in [(ptr::null(), 1), (ptr::without_provenance(8), usize::MAX)] {
        let (status, text) = said(&List { ptr, len });
        assert!(
            status == BAD_ARGUMENT && text.contains("lies nowhere"),
            "{status} {text}"
        );
    }
    still_divides();
}
