//! Library files of all formats, written here instead of by their platforms' linkers.

use gangplank_descriptor::{
    Common, Field, Function, Item, Library, Role, SECTION, Schema, abi_hash,
};
use object::write::{Object, StandardSegment, Symbol, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, SectionFlags, SectionKind, SymbolFlags, SymbolKind,
    SymbolScope,
};

const FIELD: Field = Field {
    name: "delay_ms",
    wire: "delayMs",
    docs: "How long.",
    deprecated: None,
    schema: Schema::I64,
    default: None,
};

pub(crate) const fn library(crate_name: &'static str) -> Item {
    Item::Library(Library {
        crate_name,
        version: "0.1.0",
        docs: "A timer.",
        abi: 1,
        panic_abort: false,
    })
}

pub(crate) const fn common(name: &'static str, path: &'static str, line: u32) -> Common {
    Common {
        name,
        path,
        version: "0.1.0",
        docs: "",
        deprecated: None,
        file: "src/lib.rs",
        line,
    }
}

pub(crate) const RECORD: Item =
    Item::Record(common("EchoRequest", "my_timer::EchoRequest", 3), &[FIELD]);

pub(crate) const FUNCTION: Item = Item::Function(Function {
    common: common("reset", "my_timer::reset", 9),
    symbol: "my_timer_reset",
    owner: None,
    role: Role::Free,
    is_async: false,
    params: &[],
    results: &[],
    error: None,
    abi_hash: abi_hash(8, &[], &[], None),
});

/// The items one after the other, as a linker would put them.
pub(crate) fn section(items: &[Item]) -> Vec<u8> {
    let mut bytes = vec![0; 3];
    for item in items {
        bytes.extend(item.to_vec());
        bytes.extend([0; 5]);
    }
    bytes
}

/// A relocatable object with one interface section per item, as compilers write them.
pub(crate) fn object_file(format: BinaryFormat, endian: Endianness, items: &[Item]) -> Vec<u8> {
    let architecture = match endian {
        Endianness::Little => Architecture::X86_64,
        Endianness::Big => Architecture::PowerPc64,
    };
    let mut file = Object::new(format, architecture, endian);
    let (segment, name): (&[u8], &[u8]) = match format {
        BinaryFormat::MachO => (b"__DATA", b"__gp_iface"),
        _ => (file.segment_name(StandardSegment::Data), SECTION.as_bytes()),
    };
    let segment = segment.to_vec();
    for item in items {
        let id = file.add_section(segment.clone(), name.to_vec(), SectionKind::Data);
        file.section_mut(id).flags = SectionFlags::None;
        let offset = file.append_section_data(id, &item.to_vec(), 1);
        if let Item::Library(library) = item {
            file.add_symbol(Symbol {
                name: format!("{}_abi_version", library.crate_name).into_bytes(),
                value: offset,
                size: 4,
                kind: SymbolKind::Data,
                scope: SymbolScope::Dynamic,
                weak: false,
                section: SymbolSection::Section(id),
                flags: SymbolFlags::None,
            });
        }
    }
    file.write().unwrap()
}

/// The same as a linked Mach-O library.
pub(crate) fn mach_o_library(items: &[Item]) -> Vec<u8> {
    let mut file = object_file(BinaryFormat::MachO, Endianness::Little, items);
    file[12..16].copy_from_slice(&6u32.to_le_bytes());
    file
}

/// A linked PE library, whose loader table has room for eight characters of a section's name.
pub(crate) fn pe_library(items: &[Item]) -> Vec<u8> {
    use object::pe;
    use object::write::pe::{NtHeaders, Writer};
    let data = section(items);
    let mut bytes = Vec::new();
    let mut writer = Writer::new(true, 0x1000, 0x200, &mut bytes);
    writer.reserve_dos_header_and_stub();
    writer.reserve_nt_headers(16);
    writer.reserve_section_headers(1);
    let len = u32::try_from(data.len()).unwrap();
    let mut name = [0; 8];
    name[..SECTION.len()].copy_from_slice(SECTION.as_bytes());
    let kind = pe::IMAGE_SCN_CNT_INITIALIZED_DATA | pe::IMAGE_SCN_MEM_READ;
    let range = writer.reserve_section(name, kind, len, len);
    writer.write_dos_header_and_stub().unwrap();
    writer.write_nt_headers(NtHeaders {
        machine: pe::IMAGE_FILE_MACHINE_AMD64,
        time_date_stamp: 0,
        characteristics: pe::IMAGE_FILE_EXECUTABLE_IMAGE | pe::IMAGE_FILE_DLL,
        major_linker_version: 0,
        minor_linker_version: 0,
        address_of_entry_point: 0,
        image_base: 0x1_8000_0000,
        major_operating_system_version: 6,
        minor_operating_system_version: 0,
        major_image_version: 0,
        minor_image_version: 0,
        major_subsystem_version: 6,
        minor_subsystem_version: 0,
        subsystem: pe::IMAGE_SUBSYSTEM_WINDOWS_GUI,
        dll_characteristics: pe::DllFlags::default(),
        size_of_stack_reserve: 0,
        size_of_stack_commit: 0,
        size_of_heap_reserve: 0,
        size_of_heap_commit: 0,
    });
    writer.write_section_headers();
    writer.write_section(range.file_offset, &data);
    bytes
}

/// A static archive with these members.
pub(crate) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, data) in members {
        let name = format!("{name}/");
        bytes.extend(
            format!(
                "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
                0,
                0,
                0,
                644,
                data.len()
            )
            .into_bytes(),
        );
        bytes.extend(*data);
        if data.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

/// A universal file with one slice.
pub(crate) fn universal(slice: &[u8]) -> Vec<u8> {
    let mut bytes = 0xcafe_babe_u32.to_be_bytes().to_vec();
    let offset = 4096_u32;
    for word in [
        1,
        0x0100_0007,
        3,
        offset,
        u32::try_from(slice.len()).unwrap(),
        12,
    ] {
        bytes.extend(word.to_be_bytes());
    }
    bytes.resize(offset as usize, 0);
    bytes.extend(slice);
    bytes
}
