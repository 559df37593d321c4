//! Results of guests in Python: whose memory they are in, how deep they may be. Each case runs in a process of its own.

mod support;

use std::ptr;

use support::{Case, call, failure, open, varint};
use xllr::Module;
use xllr::abi::{RawCall, RawText};

/// The result of a function that makes as much as it is told, and what is there to be freed.
fn made(kinds: &Module, name: &str, size: i64) -> (RawText, RawCall) {
    let function = kinds.function(name).unwrap().prepare(None).unwrap();
    let mut gp = RawCall::new();
    let mut out = RawText::EMPTY;
    // SAFETY: a number goes in, and a text or octets come out.
    let status = unsafe {
        let (size, out) = ((&raw const size).cast(), (&raw mut out).cast());
        function.call(function.this(), size, out, &mut gp, None, ptr::null_mut())
    };
    assert_eq!(status, 0);
    (out, gp)
}

/// Address of the guest's own octets, references to them.
fn large(kinds: &Module) -> [i64; 2] {
    let function = kinds.function("large").unwrap().prepare(None).unwrap();
    let mut out = [0_i64; 2];
    let mut gp = RawCall::new();
    // SAFETY: nothing goes in, and two numbers come out.
    let status = unsafe {
        let out = out.as_mut_ptr().cast();
        function.call(
            function.this(),
            ptr::null(),
            out,
            &mut gp,
            None,
            ptr::null_mut(),
        )
    };
    assert_eq!(status, 0);
    out
}

/// Frees on a thread that Python has not seen.
fn free(gp: &mut RawCall) {
    let free = gp.free_owned.unwrap();
    let address = &raw mut *gp as usize;
    // SAFETY: the call has ended, and nobody else uses it.
    std::thread::spawn(move || unsafe { free(address as *mut RawCall) })
        .join()
        .unwrap();
    assert!(gp.owned.is_null() && gp.free_owned.is_none());
}

case!(
    octets_from_64_kib_on_are_moved_and_released,
    |case: &Case| {
        let kinds = open(&case.guest("kinds"));
        let (out, mut gp) = made(&kinds, "large_blob", 65_536);
        let [address, held] = large(&kinds);
        assert_eq!((out.ptr as i64, out.len), (address, 65_536));
        free(&mut gp);
        assert_eq!(large(&kinds), [address, held - 1]);

        let (out, mut gp) = made(&kinds, "large_blob", 65_535);
        let [address, references] = large(&kinds);
        assert_ne!(out.ptr as i64, address);
        assert_eq!(references, held - 1);
        free(&mut gp);
        assert_eq!(large(&kinds), [address, references]);
    }
);

case!(a_host_reads_what_the_guest_has_let_go_of, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let before = support::resident();
    let size = 64 << 20;
    let (out, mut gp) = made(&kinds, "large_blob", size);
    // The guest's last reference goes.
    made(&kinds, "large_blob", 0);
    // SAFETY: the result is there until it is freed.
    let bytes = unsafe { std::slice::from_raw_parts(out.ptr, out.len) };
    assert!(bytes.len() == size as usize && bytes.iter().all(|byte| *byte == 0));
    free(&mut gp);
    let grown = support::resident().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes are still there");
});

case!(large_texts_are_moved_as_well, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let (out, mut gp) = made(&kinds, "large_text", 32_768);
    // SAFETY: the result is there until it is freed.
    let text = unsafe { str::from_utf8(std::slice::from_raw_parts(out.ptr, out.len)).unwrap() };
    assert!(text.len() == 65_536 && text.chars().all(|one| one == 'ü'));
    let [_, held] = large(&kinds);
    free(&mut gp);
    assert_eq!(large(&kinds), [0, held - 1]);
});

// The guest may write to it while the host reads.
case!(memory_that_is_only_lent_is_copied, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let (out, mut gp) = made(&kinds, "large_array", 1 << 20);
    let [_, held] = large(&kinds);
    assert_eq!(out.len, 1 << 20);
    free(&mut gp);
    assert_eq!(large(&kinds), [0, held]);
});

case!(large_results_leave_nothing, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    let blob = kinds.function("large_blob").unwrap();
    let run = |calls: u32| {
        for _ in 0..calls {
            let request = [b"\x08".to_vec(), varint(100_000)].concat();
            assert_eq!(blob.call_bytes(&request).unwrap().len(), 100_004);
        }
    };
    run(200);
    let resident = support::resident();
    run(2_000);
    let grown = support::resident().saturating_sub(resident);
    assert!(grown <= 2 << 20, "{grown} bytes more");
});

case!(values_nest_64_levels_in_both_directions, |case: &Case| {
    let kinds = open(&case.guest("kinds"));
    // The outermost tree lies in its record, the others are boxes, and the list of the innermost is a level of its own.
    let fits = call(&kinds, "nested", b"\x08\x40");
    assert_eq!(call(&kinds, "echo", &fits), fits);
    let says = "values are nested deeper than 64 levels";
    let said = failure(&kinds, "nested", b"\x08\x41");
    assert!(said.ends_with(says), "{said}");

    let mut tree = Vec::new();
    for _ in 0..65 {
        let inner = match tree.len() {
            0 => Vec::new(),
            len => [b"\x12".to_vec(), varint(len as u64), tree].concat(),
        };
        tree = match inner.is_empty() {
            true => b"\x0a\x01x".to_vec(),
            false => inner,
        };
    }
    let value = [support::tag(18, 2), varint(tree.len() as u64), tree].concat();
    let request = [b"\x0a".to_vec(), varint(value.len() as u64), value].concat();
    let said = failure(&kinds, "echo", &request);
    assert!(said.ends_with(says), "{said}");
});
