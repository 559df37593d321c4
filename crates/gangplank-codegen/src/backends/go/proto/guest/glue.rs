//! The C side of a guest: what `docs/abi.md` wants a library to export, in front of the Go functions.
//!
//! Comes in: the lowered library. Goes out: one C file and the headers it includes, for the build only. Here and not in
//! Go: the entries and items, which are constants; the direct functions, which Go cannot spell; and the check for a
//! forked child, where entering Go could wait for ever.

use gangplank_model::Diagnostics;
use gangplank_model::lowered::{Function, Pass, Return, Shape};
use serde::Serialize;

use super::super::Idl;
use super::text;
use crate::backend::File;
use crate::backends::c;
use crate::config::Options;

#[derive(Serialize)]
struct View {
    own: String,
    header: String,
    version: String,
    abi: u32,
    /// Whether calls can be cancelled.
    contexts: bool,
    /// Whether a function has the scalar form.
    scalars: bool,
    library_item: String,
    items: Vec<Item>,
    functions: Vec<Entry>,
}

#[derive(Serialize)]
struct Item {
    bytes: String,
    shape: String,
}

#[derive(Serialize)]
struct Entry {
    own: String,
    /// `Calc_div`
    name: String,
    /// `Foreigndiv`
    foreign: String,
    symbol: String,
    entry: String,
    returns: &'static str,
    scalar: bool,
    /// Of the scalar form, the member that cgo has for the status.
    status: &'static str,
    /// Whether there is an `out`.
    out: Option<String>,
    /// Declarations of the C function, each with its comma.
    params: Vec<String>,
    /// Members of the struct of parameters.
    members: Vec<String>,
    /// Their values.
    values: Vec<String>,
    /// Indices into the items.
    item: usize,
    reachable: Vec<usize>,
}

/// The files.
pub(super) fn files(
    idl: &Idl<'_>,
    name: &str,
    functions: &[&Function],
    contexts: bool,
) -> Result<Vec<File>, Diagnostics> {
    let header = format!("{name}.h");
    let made = (c::LANGUAGE.run)(idl.library, &Options::default())?;
    let library = format!("{}.h", idl.library.prefix);
    let mut files = Vec::new();
    for file in made {
        match &*file.path {
            "gangplank.h" => files.push(File::new("gangplank.h", file.contents)),
            path if path == library => files.push(File::new(header.clone(), file.contents)),
            _ => {}
        }
    }
    let items = items(idl);
    let entries = functions
        .iter()
        .map(|function| entry(idl, &items, function));
    let view = View {
        own: idl.own(""),
        header,
        version: string(&idl.library.version),
        abi: idl.library.abi,
        contexts,
        scalars: functions.iter().any(|function| is_scalar(function)),
        library_item: bytes(&idl.library.item),
        functions: entries.collect(),
        items: items
            .iter()
            .map(|(_, item, shape)| Item {
                bytes: bytes(item),
                shape: string(shape),
            })
            .collect(),
    };
    files.push(File::new(
        format!("{name}.c"),
        text("idl_guest.c.j2", &view),
    ));
    Ok(files)
}

/// Path, bytes and text of every item.
fn items(idl: &Idl<'_>) -> Vec<(String, Vec<u8>, String)> {
    let types = idl.library.types.iter().filter_map(|ty| match &ty.shape {
        Shape::Record(record) => Some(&record.common),
        Shape::Enum(item) => Some(&item.common),
        Shape::Variant(variant) => Some(&variant.common),
        _ => None,
    });
    let functions = idl
        .library
        .functions
        .iter()
        .map(|function| &function.common);
    types
        .chain(functions)
        .map(|common| {
            (
                common.path.clone(),
                common.item.clone(),
                common.shape_text.clone(),
            )
        })
        .collect()
}

fn entry(idl: &Idl<'_>, items: &[(String, Vec<u8>, String)], function: &Function) -> Entry {
    let place = |path: &str| items.iter().position(|item| item.0 == path);
    let mut reachable: Vec<usize> = function
        .depends
        .iter()
        .filter_map(|item| place(&item.path))
        .collect();
    reachable.sort_unstable();
    reachable.dedup();
    let c_name = |ty| idl.library.ty(ty).c_name.clone();
    let mut params = Vec::new();
    let mut members = Vec::new();
    let mut values = Vec::new();
    for (at, param) in function.params.iter().enumerate() {
        let ty = c_name(param.ty);
        let by_pointer = param.pass == Pass::Pointer;
        params.push(match by_pointer {
            true => format!("const {ty} *p{at}"),
            false => declared(&ty, &format!("p{at}")),
        });
        members.push(declared(&ty, &format!("p{at}")));
        values.push(match by_pointer {
            true => format!("*p{at}"),
            false => format!("p{at}"),
        });
    }
    let scalar = is_scalar(function);
    let out = match (&function.results_struct, function.results.as_slice()) {
        (Some(found), _) => Some(format!("{} *", found.c_name)),
        (None, [one]) => Some(declared(&c_name(*one), "*").trim_end().to_owned()),
        _ => None,
    };
    Entry {
        own: idl.own(""),
        name: idl.rpc(function),
        foreign: super::foreign(idl, function),
        symbol: function.symbol.clone(),
        entry: function.entry_symbol.clone(),
        returns: function.return_c_name,
        scalar,
        status: match function.ret {
            Return::Scalar(Some(_)) => "r1",
            _ => "r0",
        },
        out: out.filter(|_| !scalar),
        params,
        members,
        values,
        item: place(&function.common.path).unwrap_or_default(),
        reachable,
    }
}

fn is_scalar(function: &Function) -> bool {
    matches!(function.ret, Return::Scalar(_))
}

/// `int32_t x`, `const T *x`.
fn declared(ty: &str, name: &str) -> String {
    match ty.ends_with('*') {
        true => format!("{ty}{name}"),
        false => format!("{ty} {name}"),
    }
}

/// Octets as an initializer.
fn bytes(item: &[u8]) -> String {
    let mut text = String::new();
    for (at, byte) in item.iter().enumerate() {
        if at > 0 {
            text.push_str(if at % 32 == 0 { ",\n    " } else { "," });
        }
        text.push_str(&byte.to_string());
    }
    text
}

/// A C string literal.
fn string(value: &str) -> String {
    let mut text = String::from("\"");
    for byte in value.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' ' | b'!' | b'#'..=b'>' | b'@'..=b'~' => text.push(char::from(byte)),
            other => text.push_str(&format!("\\{other:03o}")),
        }
    }
    text.push('"');
    text
}
