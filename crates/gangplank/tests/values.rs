//! Every value type through the exported functions, as a C host would call them: uniform form, with scratch of several
//! sizes and without.

#![allow(missing_docs, reason = "the types of a test")]

use std::collections::{BTreeMap, HashMap};
use std::ffi::c_void;

use gangplank::abi::{RawCall, RawEntry, RawStr, Status};
use gangplank::memory::{Lowered, free_owned};
use gangplank::types::Reader;
use gangplank::{Duration, Timestamp, Type};
use gangplank_descriptor::NESTING;

gangplank::library!();

#[gangplank::enumeration]
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Color {
    Red,
    Green = 7,
    Blue = -3,
}

#[gangplank::variant]
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Nothing,
    Circle(f64),
    Named { name: String, colors: Vec<Color> },
    Nested(Box<Shape>),
}

#[gangplank::record]
#[derive(Clone, Debug, PartialEq)]
pub struct Empty {}

#[gangplank::record]
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub at: u8,
    pub next: Option<Box<Node>>,
    pub children: Vec<Node>,
}

type Alias = Vec<Option<i64>>;

#[gangplank::record]
#[derive(Clone, Debug, PartialEq)]
pub struct Everything {
    pub flag: bool,
    pub small: i8,
    pub unsigned: u16,
    pub wide: u64,
    pub single: f32,
    pub double: f64,
    pub text: String,
    pub bytes: Vec<u8>,
    pub numbers: Vec<f64>,
    pub flags: Vec<bool>,
    pub texts: Vec<String>,
    pub alias: Alias,
    pub nested: Option<Option<Vec<Option<String>>>>,
    pub map: BTreeMap<String, Vec<i32>>,
    pub hash: HashMap<i64, Empty>,
    pub color: Color,
    pub shapes: Vec<Shape>,
    pub node: Node,
    pub time: Timestamp,
    pub span: Option<Duration>,
}

#[gangplank::function]
pub fn echo(everything: Everything) -> Everything {
    everything
}

#[gangplank::error]
pub enum Refused {
    /// {0} is not expected
    #[gangplank(wire = "wrong")]
    Wrong(String),
    /// nothing to do
    Idle,
}

fn leaf(at: u8) -> Node {
    Node {
        at,
        next: None,
        children: Vec::new(),
    }
}

fn everything(bulk: usize) -> Everything {
    Everything {
        flag: true,
        small: i8::MIN,
        unsigned: u16::MAX,
        wide: u64::MAX,
        single: f32::MIN_POSITIVE / 2.0,
        double: -0.0,
        text: "a\0ü".repeat(bulk),
        bytes: vec![0xff; bulk],
        numbers: vec![f64::INFINITY; bulk],
        flags: vec![true, false],
        texts: vec![String::new(), "x".repeat(bulk)],
        alias: vec![None, Some(i64::MIN)],
        nested: Some(Some(vec![None, Some("deep".into())])),
        map: BTreeMap::from([("b".into(), vec![1]), (String::new(), vec![])]),
        hash: HashMap::from([(1, Empty {}), (-1, Empty {})]),
        color: Color::Blue,
        shapes: vec![
            Shape::Nothing,
            Shape::Circle(0.5),
            Shape::Named {
                name: "n".into(),
                colors: vec![Color::Green],
            },
            Shape::Nested(Box::new(Shape::Nested(Box::new(Shape::Circle(1.0))))),
        ],
        node: Node {
            at: 1,
            next: Some(Box::new(leaf(2))),
            children: vec![leaf(3), leaf(4)],
        },
        time: Timestamp::new(-1, 999_999_999).expect("in range"),
        span: Some(Duration::new(i64::MIN, 0).expect("in range")),
    }
}

unsafe extern "C" {
    #[link_name = "values_echo_entry"]
    static ECHO: RawEntry;
}

fn call(scratch: &mut [u128]) -> RawCall {
    // SAFETY: a `gp_call` is plain data; zero is GP_CALL_INIT but for the size.
    let mut call: RawCall = unsafe { std::mem::zeroed() };
    call.size = size_of::<RawCall>() as u32;
    if !scratch.is_empty() {
        call.scratch = scratch.as_mut_ptr().cast();
        call.scratch_len = size_of_val(scratch);
    }
    call
}

fn round_trip(value: Everything, scratch: &mut [u128]) -> Everything {
    let need = value.size(size_of::<<Everything as Type>::Abi>());
    let params = Lowered::plain(need, |arena| value.write(arena));
    let mut call = call(scratch);
    let mut out = std::mem::MaybeUninit::<<Everything as Type>::Abi>::uninit();
    // SAFETY: one record is the struct of the parameters; `out` is the result's struct.
    let status = unsafe {
        let out: *mut c_void = out.as_mut_ptr().cast();
        (ECHO.call)(
            0,
            params.as_ptr(),
            out,
            &mut call,
            None,
            std::ptr::null_mut(),
        )
    };
    assert_eq!(status, Status::Ok as i32);
    // SAFETY: the call succeeded, and its results are read before they are freed.
    unsafe {
        let read = Everything::read(out.assume_init_ref(), &mut Reader::default());
        free_owned(&mut call);
        read.expect("the library's own result is valid")
    }
}

#[test]
fn everything_comes_back_equal_from_scratch_and_from_allocated_memory() {
    for bulk in [0, 1, 100, 70_000] {
        for scratch in [0, 1, 64, 4096] {
            let value = everything(bulk);
            assert_eq!(
                round_trip(value.clone(), &mut vec![0; scratch]),
                value,
                "{bulk} {scratch}"
            );
        }
    }
}

#[test]
fn errors_say_where_the_value_is_wrong() {
    let value = everything(1);
    let need = value.size(size_of::<<Everything as Type>::Abi>());
    let params = Lowered::plain(need, |arena| value.write(arena));
    // SAFETY: the struct was just written; the second text is made invalid in memory that is ours alone.
    unsafe {
        let raw = params.as_ptr().cast::<<Everything as Type>::Abi>();
        let everything = Everything::read(&*raw, &mut Reader::default()).expect("valid");
        assert_eq!(everything.texts[1], "x");
    }
    let bad = [0xff_u8];
    // SAFETY: `bad` outlives the read.
    let error = unsafe { String::read(&RawStr::of(&bad), &mut Reader::default()) };
    let error = error.expect_err("not UTF-8").at_index(1).at_field("texts");
    assert_eq!(
        error.to_string(),
        "texts[1]: not UTF-8: bad byte at offset 0"
    );
    assert_eq!(error.status(), Status::BadUtf8);
}

#[test]
fn recursion_ends_at_the_limit() {
    let read = |boxes: u32| {
        let deep = (0..boxes).fold(leaf(0), |node, _| Node {
            at: 0,
            next: Some(Box::new(node)),
            children: Vec::new(),
        });
        let need = deep.size(size_of::<<Node as Type>::Abi>());
        let lowered = Lowered::plain(need, |arena| deep.write(arena));
        // SAFETY: the struct was just written.
        unsafe { Node::read(&*lowered.as_ptr().cast(), &mut Reader::default()) }
    };
    // The list of the innermost is a level, too.
    read(NESTING - 1).expect("64 levels");
    assert_eq!(read(NESTING).expect_err("65").status(), Status::Limit);
}

#[test]
fn messages_of_errors_fill_their_fields_in() {
    assert_eq!(Refused::Idle.to_string(), "nothing to do");
}

#[test]
fn times_convert_exactly_in_both_directions() {
    use std::time::SystemTime;
    for (seconds, nanos) in [
        (0, 0),
        (-1, 1),
        (-1, 999_999_999),
        (1 << 33, 5),
        (-(1 << 33), 5),
    ] {
        let time = Timestamp::new(seconds, nanos).expect("in range");
        let system = SystemTime::try_from(time).expect("representable");
        assert_eq!(Timestamp::try_from(system), Ok(time));
    }
    assert!(Duration::new(0, 1_000_000_000).is_err());
}
