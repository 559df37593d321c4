//! Interfaces for tests, built from items as a library's macros would write them.
#![allow(dead_code, unused_imports, reason = "each test file uses a part")]

pub(crate) use gangplank_descriptor::{
    Case, Common, EnumValue, Event, Field, Function, HostFunction, Item, Layout, Library, Literal,
    Param, Role, Schema, TypeName, abi_hash, decode,
};
use gangplank_model::{Diagnostics, Source, assemble, check, lower, lowered};

pub(crate) const I64: Layout = Layout {
    class: 1,
    size: 8,
    align: 8,
};
pub(crate) const STRING: Layout = Layout {
    class: 2,
    size: 16,
    align: 8,
};
pub(crate) const HANDLE: Layout = Layout {
    class: 4,
    size: 8,
    align: 8,
};

/// By pointer.
pub(crate) const fn pointer(size: u32, align: u32) -> Layout {
    Layout {
        class: 3,
        size,
        align,
    }
}

pub(crate) const LIBRARY: Item = Item::Library(Library {
    crate_name: "my_timer",
    version: "0.1.0",
    docs: "A timer.",
    abi: 1,
    panic_abort: false,
});

pub(crate) fn leak<T>(list: Vec<T>) -> &'static [T] {
    list.leak()
}

pub(crate) fn common(path: &'static str, line: u32) -> Common {
    Common {
        name: path.rsplit("::").next().unwrap_or(path),
        path,
        version: "0.1.0",
        docs: "",
        deprecated: None,
        file: "src/lib.rs",
        line,
    }
}

pub(crate) fn name(path: &'static str) -> TypeName {
    TypeName {
        path,
        version: "0.1.0",
    }
}

pub(crate) fn field(name: &'static str, schema: Schema) -> Field {
    Field {
        name,
        wire: name,
        docs: "",
        deprecated: None,
        schema,
        default: None,
    }
}

pub(crate) fn param(name: &'static str, schema: Schema) -> Param {
    Param {
        name,
        wire: name,
        schema,
        borrowed: false,
    }
}

pub(crate) fn record(path: &'static str, line: u32, fields: Vec<Field>) -> Item {
    Item::Record(common(path, line), leak(fields))
}

pub(crate) fn object(path: &'static str, line: u32) -> Item {
    Item::Object(common(path, line), &[])
}

/// A sync function without parameters and results; its hash is that of the scalar form.
pub(crate) fn function(path: &'static str, symbol: &'static str, line: u32) -> Function {
    Function {
        common: common(path, line),
        symbol,
        owner: None,
        role: Role::Free,
        is_async: false,
        params: &[],
        results: &[],
        error: None,
        abi_hash: abi_hash(8, &[], &[], None),
    }
}

/// A function that takes one value of `schema` by pointer.
pub(crate) fn taker(
    path: &'static str,
    symbol: &'static str,
    schema: Schema,
    layout: Layout,
) -> Item {
    Item::Function(Function {
        params: leak(vec![param("value", schema)]),
        abi_hash: abi_hash(0, &[layout], &[], None),
        ..function(path, symbol, 90)
    })
}

pub(crate) fn source(items: &[Item]) -> Source {
    let items = items.iter().map(|item| decode(&item.to_vec()).unwrap());
    Source {
        items: items.collect(),
        root: None,
    }
}

pub(crate) fn lowered(items: &[Item]) -> lowered::Library {
    let checked = assemble(source(items)).and_then(check);
    lower(&checked.unwrap_or_else(|found| panic!("{found}")))
}

pub(crate) fn diagnostics(items: &[Item]) -> Diagnostics {
    match assemble(source(items)).and_then(check) {
        Ok(_) => panic!("no diagnostics"),
        Err(found) => found,
    }
}

/// What is found, without its help.
pub(crate) fn found(items: &[Item]) -> Vec<String> {
    let found = diagnostics(items);
    let text = |label: &gangplank_model::diagnostics::Label| {
        format!(
            " [{} {}: {}]",
            label.location,
            label.local_item(),
            label.text
        )
    };
    found
        .iter()
        .map(|item| {
            assert!(!item.help.is_empty(), "{item:?}");
            let labels: String = item.labels.iter().map(text).collect();
            format!("{} {}{labels}", item.code, item.message)
        })
        .collect()
}
