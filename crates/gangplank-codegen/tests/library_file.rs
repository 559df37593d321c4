//! The interface out of files of every format, and what bad files get.

#[path = "support/files.rs"]
mod files;

use std::path::Path;

use files::*;
use gangplank_codegen::{inspect, library_file};
use gangplank_descriptor::{FORMAT, Item};
use gangplank_model::{Diagnostics, Source, assemble};
use object::{BinaryFormat, Endianness};

const ITEMS: &[Item] = &[library("my_timer"), RECORD, FUNCTION];

fn parse(name: &str, data: &[u8]) -> Result<Source, Diagnostics> {
    library_file::parse(Path::new(name), data)
}

/// Codes and messages of what is wrong.
fn faults(name: &str, data: &[u8]) -> Vec<String> {
    let found = parse(name, data).unwrap_err();
    found
        .iter()
        .map(|item| format!("{} {}", item.code, item.message))
        .collect()
}

fn elf(items: &[Item]) -> Vec<u8> {
    object_file(BinaryFormat::Elf, Endianness::Little, items)
}

#[test]
fn every_format_gives_the_same_interface() {
    let elf = elf(ITEMS);
    let mach_o = object_file(BinaryFormat::MachO, Endianness::Little, ITEMS);
    let split = (
        object_file(BinaryFormat::Elf, Endianness::Little, &ITEMS[..1]),
        object_file(BinaryFormat::Elf, Endianness::Little, &ITEMS[1..]),
    );
    let files = [
        ("libmy_timer.o", elf.clone()),
        ("libmy_timer_mac.o", mach_o.clone()),
        ("libmy_timer.dylib", mach_o_library(ITEMS)),
        ("libmy_timer_universal.dylib", universal(&mach_o)),
        (
            "my_timer.obj",
            object_file(BinaryFormat::Coff, Endianness::Little, ITEMS),
        ),
        ("my_timer.dll", pe_library(ITEMS)),
        (
            "libmy_timer.a",
            archive(&[("lib.rmeta", b"rust"), ("a.o", &split.0), ("b.o", &split.1)]),
        ),
    ];
    let expected = inspect::text(&assemble(parse("x.o", &elf).unwrap()).unwrap());
    for (name, data) in files {
        let source = parse(name, &data).unwrap_or_else(|found| panic!("{name}: {found}"));
        assert_eq!(source.items.len(), 3, "{name}");
        assert_eq!(
            inspect::text(&assemble(source).unwrap()),
            expected,
            "{name}"
        );
    }
}

#[test]
fn the_file_name_says_which_library_is_meant() {
    let items = [library("my_timer"), library("my_dep"), RECORD];
    let root = |name: &str, data: &[u8]| parse(name, data).unwrap().root;
    assert_eq!(
        root("libmy_dep.so", &elf(&items)).as_deref(),
        Some("my_dep")
    );
    assert_eq!(
        root("my-timer.dll", &pe_library(&items)).as_deref(),
        Some("my_timer")
    );
    assert_eq!(
        root("libmy_dep-0123456789abcdef.a", &elf(&items)).as_deref(),
        Some("my_dep")
    );
    assert_eq!(root("copy.so", &elf(&items)), None, "both are exported");
    assert_eq!(
        root("copy.so", &elf(&items[..1])),
        None,
        "there is only one"
    );
    let mut hidden = elf(&items);
    let at = hidden
        .windows(18)
        .position(|name| name == b"my_dep_abi_version")
        .unwrap();
    hidden[at] = b'x';
    assert_eq!(root("copy.so", &hidden).as_deref(), Some("my_timer"));
}

#[test]
fn files_that_are_no_libraries() {
    assert_eq!(
        faults("notes.txt", b"hello, this is text"),
        ["GP0502 `notes.txt` is not a library"]
    );
    assert_eq!(
        faults("empty.so", b""),
        ["GP0502 `empty.so` is not a library"]
    );
    let missing = library_file::read(Path::new("/nowhere/libx.so"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("error[GP0501]: cannot read `/nowhere/libx.so`: "),
        "{missing}"
    );
    assert!(missing.contains("build the library first"), "{missing}");
}

#[test]
fn libraries_without_an_interface() {
    let expected = ["GP0504 `libx.so` carries no interface"];
    assert_eq!(faults("libx.so", &elf(&[])), expected);
    assert_eq!(faults("libx.so", &pe_library(&[])), expected);
    assert_eq!(faults("libx.so", &archive(&[("a.o", &elf(&[]))])), expected);
}

#[test]
fn libraries_for_other_machines() {
    let big = object_file(BinaryFormat::Elf, Endianness::Big, ITEMS);
    assert_eq!(
        faults("libx.so", &big),
        ["GP0507 `libx.so` is a big-endian library"]
    );
    let mut small = elf(ITEMS);
    small[4] = 1;
    assert_eq!(
        faults("libx.so", &small),
        ["GP0507 `libx.so` is a 32-bit library"]
    );
}

#[test]
fn items_of_other_toolkits() {
    let mut newer = elf(&ITEMS[..2]);
    let items: Vec<usize> = newer
        .windows(4)
        .enumerate()
        .filter(|(_, bytes)| *bytes == b"GPif")
        .map(|(at, _)| at)
        .collect();
    newer[items[1] + 16] = FORMAT + 1;
    let found = faults("libx.so", &newer);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("GP0506 the interface in `libx.so` cannot be read: at byte 0 of the interface: the item has format 2"), "{found:?}");
    let mut damaged = elf(ITEMS);
    damaged[items[0] + 1] = b'x';
    damaged[items[1] + 25] = 0xff;
    let found = faults("libx.so", &damaged);
    assert_eq!(
        found,
        [
            "GP0505 the interface in `libx.so` cannot be read: at byte 0 of the interface: the bytes do not start with an item's magic",
            "GP0505 the interface in `libx.so` cannot be read: a text of the item is not UTF-8",
        ]
    );
}

#[test]
fn truncated_files_never_panic() {
    let files = [
        elf(ITEMS),
        mach_o_library(ITEMS),
        pe_library(ITEMS),
        archive(&[("a.o", &elf(ITEMS))]),
    ];
    for file in files {
        for len in 0..file.len() {
            if let Err(found) = parse("libx.so", &file[..len]) {
                assert!(!found.is_empty());
            }
        }
        let half = faults("libx.so", &file[..file.len() / 2]);
        assert!(
            half[0].starts_with("GP0503 `libx.so` is truncated or damaged: "),
            "{half:?}"
        );
    }
}

#[test]
fn changed_bytes_never_panic() {
    for file in [elf(ITEMS), mach_o_library(ITEMS), pe_library(ITEMS)] {
        for at in 0..file.len().min(2048) {
            let mut changed = file.clone();
            changed[at] ^= 0xff;
            if let Ok(source) = parse("libx.so", &changed) {
                let _ = assemble(source).map(|interface| inspect::json(&interface));
            }
        }
    }
}
