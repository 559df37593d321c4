//! Memory of results: whatever a host does with its `gp_call`, each buffer is freed once, and none is kept.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use gangplank::abi::{RawCall, RawEntry, RawStr};

gangplank::library!();

/// `count` texts of `len` characters.
#[gangplank::function]
pub fn texts(count: u64, len: u64) -> Vec<String> {
    (0..count).map(|_| "x".repeat(len as usize)).collect()
}

unsafe extern "C" {
    #[link_name = "freed_once_texts_entry"]
    static TEXTS: RawEntry;
    fn freed_once_free(call: *mut RawCall);
}

/// Never gives memory back, so that it can tell what is freed a second time.
struct Checked;

#[global_allocator]
static ALLOCATOR: Checked = Checked;

const LIVE: u64 = 0x6c69_7665;
thread_local! {
    /// How many allocations of this thread were not freed; the test harness has threads of its own.
    static OPEN: Cell<isize> = const { Cell::new(0) };
}
/// How often something was freed that was not open.
static TWICE: AtomicUsize = AtomicUsize::new(0);

/// The layout with room for a mark in front, and how much room that is.
fn marked(layout: Layout) -> Option<(Layout, usize)> {
    let room = Layout::from_size_align(16, layout.align().max(16)).ok()?;
    let (whole, offset) = room.pad_to_align().extend(layout).ok()?;
    Some((whole, offset))
}

// SAFETY: memory comes from the system's allocator, behind a mark that the caller does not see, and is never reused.
unsafe impl GlobalAlloc for Checked {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some((whole, offset)) = marked(layout) else {
            return null_mut();
        };
        // SAFETY: there is a mark, so the size is not 0.
        let start = unsafe { System.alloc(whole) };
        if start.is_null() {
            return start;
        }
        OPEN.set(OPEN.get() + 1);
        // SAFETY: `offset` is inside, and the 8 bytes of the mark lie in the room in front.
        unsafe {
            start.cast::<AtomicU64>().write(AtomicU64::new(LIVE));
            start.add(offset)
        }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        let Some((_, offset)) = marked(layout) else {
            return;
        };
        // SAFETY: `alloc` gave `ptr` for the same layout, so the mark is `offset` in front, and stays there.
        let mark = unsafe { &*ptr.sub(offset).cast::<AtomicU64>() };
        if mark.swap(0, Ordering::Relaxed) == LIVE {
            OPEN.set(OPEN.get() - 1);
        } else {
            TWICE.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Calls `texts`; the result stays in `call`.
fn call(call: &mut RawCall, count: u64, len: u64) {
    let params = [count, len];
    let mut out = RawStr::EMPTY;
    // SAFETY: two `uint64_t` in order, room for a list, and a call of our own.
    let status = unsafe {
        (TEXTS.call)(
            0,
            params.as_ptr().cast(),
            (&raw mut out).cast(),
            call,
            None,
            null_mut(),
        )
    };
    assert_eq!((status, out.len as u64), (0, count));
}

fn free(call: &mut RawCall) {
    // SAFETY: a call of our own that is over.
    unsafe { freed_once_free(call) }
}

#[test]
fn results_are_freed_once_and_not_kept() {
    // SAFETY: a `gp_call` is plain data; zero is GP_CALL_INIT but for the size.
    let mut result: RawCall = unsafe { std::mem::zeroed() };
    result.size = size_of::<RawCall>() as u32;
    // Small ones in a block, big ones moved out.
    for len in [10, 100_000] {
        call(&mut result, 3, len);
        free(&mut result);
        let open = OPEN.get();
        call(&mut result, 3, len);
        assert!(OPEN.get() > open);
        free(&mut result);
        // A host that resets twice, and one that goes on without a reset.
        free(&mut result);
        call(&mut result, 3, len);
        call(&mut result, 3, len);
        free(&mut result);
        assert_eq!(OPEN.get(), open, "something is kept");
        assert_eq!(
            TWICE.load(Ordering::Relaxed),
            0,
            "something was freed twice"
        );
    }
}
