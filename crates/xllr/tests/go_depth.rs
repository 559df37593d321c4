//! How deep a value of a guest in Go may be nested: 64 levels in both directions, and one that contains itself has no end.

mod support;

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::path::PathBuf;
use std::ptr;
use std::sync::LazyLock;

use xllr::abi::{RawCall, RawText};
use xllr::{Module, Options};

const DEEPEST: usize = 64;
const LIMIT: i32 = 14;

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());
static FOREST: LazyLock<PathBuf> =
    LazyLock::new(|| support::go_guest(FOLDER.path(), "forest", "forest.proto", &[]));

/// `forest_Tree`: a list of trees.
#[derive(Clone, Copy)]
#[repr(C)]
struct Tree {
    kids: *const Tree,
    len: usize,
}

/// `forest_Knot`
#[derive(Clone, Copy)]
#[repr(C)]
struct Knot {
    name: RawText,
    next: *const Knot,
}

/// A message in a request, which is there or not.
#[repr(C)]
struct Present<T> {
    there: u8,
    message: T,
}

/// Calls a function with a message, and looks at the message that comes back.
fn call<T: Copy>(name: &str, message: &T, look: impl FnOnce(*const T)) -> (i32, String) {
    let module = Module::open("native", FOREST.to_str().unwrap(), &Options::default()).unwrap();
    let function = module.function(name).unwrap().prepare(None).unwrap();
    let message = Present {
        there: 1,
        message: *message,
    };
    let mut back = MaybeUninit::<T>::uninit();
    let mut call = RawCall::new();
    let (params, out): (*const c_void, *mut c_void) =
        ((&raw const message).cast(), (&raw mut back).cast());
    // SAFETY: a message in, a message out, and a started call that is freed once.
    unsafe {
        let status = function.call(
            function.this(),
            params,
            out,
            &mut call,
            None,
            ptr::null_mut(),
        );
        let text = match call.message.len {
            0 => &[],
            len => std::slice::from_raw_parts(call.message.ptr, len),
        };
        let text = String::from_utf8(text.to_vec()).unwrap();
        if status == 0 {
            look(back.as_ptr());
        }
        if let Some(free) = call.free_owned.filter(|_| !call.owned.is_null()) {
            free(&mut call);
        }
        (status, text)
    }
}

fn refused() -> (i32, String) {
    (
        LIMIT,
        format!("a value is nested deeper than {DEEPEST} levels"),
    )
}

/// A tree so many levels deep, the outermost first, each with two kids.
fn grown(levels: usize) -> Vec<[Tree; 2]> {
    let leaf = Tree {
        kids: ptr::null(),
        len: 0,
    };
    let mut trees = vec![[leaf; 2]; levels];
    for level in 1..levels {
        let kids = trees[level].as_ptr();
        trees[level - 1][0] = Tree { kids, len: 2 };
    }
    trees
}

#[test]
fn lists_of_themselves() {
    if !support::has_go() {
        return;
    }
    let trees = grown(DEEPEST);
    let look = |mut tree: *const Tree| {
        for level in 1..=DEEPEST {
            // SAFETY: what came back is not freed yet.
            let here = unsafe { &*tree };
            assert_eq!(here.len, if level < DEEPEST { 2 } else { 0 });
            tree = here.kids;
        }
    };
    assert_eq!(call("Forest.plant", &trees[0][0], look), (0, String::new()));
    let trees = grown(DEEPEST + 1);
    assert_eq!(call("Forest.plant", &trees[0][0], |_| ()), refused());
}

#[test]
fn messages_of_themselves() {
    if !support::has_go() {
        return;
    }
    let tied = |levels: usize| {
        let mut knots: Vec<Knot> = Vec::with_capacity(levels);
        for _ in 0..levels {
            let next = knots.last().map_or(ptr::null(), ptr::from_ref);
            let name = "a";
            let name = RawText {
                ptr: name.as_ptr(),
                len: name.len(),
            };
            knots.push(Knot { name, next });
        }
        knots
    };
    let knots = tied(DEEPEST);
    let look = |mut knot: *const Knot| {
        let mut count = 0;
        // SAFETY: what came back is not freed yet.
        while let Some(here) = unsafe { knot.as_ref() } {
            (knot, count) = (here.next, count + 1);
        }
        assert_eq!(count, DEEPEST);
    };
    let outermost = knots.last().unwrap();
    assert_eq!(call("Forest.tie", outermost, look), (0, String::new()));
    let knots = tied(DEEPEST + 1);
    let outermost = knots.last().unwrap();
    assert_eq!(call("Forest.tie", outermost, |_| ()), refused());
}

#[test]
fn values_that_contain_themselves() {
    if !support::has_go() {
        return;
    }
    let mut tree = Tree {
        kids: ptr::null(),
        len: 1,
    };
    tree.kids = &raw const tree;
    assert_eq!(call("Forest.plant", &tree, |_| ()), refused());
    let mut knot = Knot {
        name: RawText::EMPTY,
        next: ptr::null(),
    };
    knot.next = &raw const knot;
    assert_eq!(call("Forest.tie", &knot, |_| ()), refused());
}
