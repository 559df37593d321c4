//! A host: functions with plain Go parameters that call a guest through libxllr.
//!
//! Comes in: a lowered library, and the module that it opens. Goes out: one Go file.

use std::collections::BTreeMap;

use gangplank_model::diagnostics::{Named, another_name, codes};
use gangplank_model::lowered::{Function, Library, Return, Shape};
use gangplank_model::{Diagnostic, Diagnostics};
use serde::Serialize;

use super::super::spell::{params, quoted};
use super::super::{docs, names as plain};
use super::names::{self, param};
use super::native::{Native, add};
use super::{CODEC_IMPORTS, CODEC_MODULES, Direction, Idl, function_docs, guest, spell, text};
use crate::backend::{File, no_streams};
use crate::compile::{self, GuestModule};

/// What a host is called, and whom it calls.
pub(crate) struct Host<'a> {
    /// The definition's file name without `.proto`.
    pub(crate) stem: &'a str,
    /// The package of the file.
    pub(crate) package: &'a str,
    /// The module that it opens.
    pub(crate) guest: &'a GuestModule,
}

/// The file's runtime in C and in Go, with the names of [`Idl::own`] instead of `idl_`.
const C_RUNTIME: &str = include_str!("../runtime/idl/host.h");
const GO_RUNTIME: &str = include_str!("../runtime/idl/host.go.in");

/// Errors that programs tell apart. What is exported has the name of the definition in place of `Idl`.
const ERRORS: &[&str] = &[include_str!("../runtime/idl/errors.go")];

const IMPORTS: [&str; 9] = [
    "bytes",
    "cmp",
    "context",
    "os",
    "path/filepath",
    "runtime",
    "strings",
    "sync/atomic",
    "unsafe",
];

/// `idl_host.go.j2`.
#[derive(Serialize)]
struct View {
    docs: String,
    package: String,
    own: String,
    abi: u32,
    imports: Vec<&'static str>,
    modules: &'static [&'static str],
    functions: Vec<FunctionView>,
    load: String,
    module: String,
    module_literal: String,
    variable: String,
    variable_literal: String,
    types: String,
    c_runtime: String,
    /// What programs see of the runtime.
    errors: String,
    go_runtime: String,
    /// Functions that convert C structs, and what they share.
    conversions: Vec<String>,
    values: String,
    codec: String,
}

/// An rpc.
#[derive(Serialize)]
struct FunctionView {
    docs: String,
    name: String,
    params: String,
    /// The variant with a context: its comment, and its parameters.
    context_docs: String,
    context_params: String,
    /// With parentheses when there are several.
    results: String,
    /// The variable of the rpc: `calc_rpc_Calc_div`.
    rpc: String,
    runtime: String,
    path: String,
    /// Structs of parameters and results, and the functions for their protobuf form.
    request: String,
    response: String,
    write: String,
    read: String,
    /// `X: x, Y: y`.
    arguments: String,
    /// What is returned before the error: with an error, and without.
    zeros: String,
    values: String,
    items: Vec<ItemView>,
    /// `Calc_div`.
    word: String,
    path_text: String,
    #[serde(flatten)]
    crossing: Crossing,
    #[serde(flatten)]
    direct_call: Direct,
}

/// What is added up for a parameter, whose name is a string literal.
#[derive(Serialize)]
struct Size {
    param: String,
    line: String,
}

/// A call in C structs.
#[derive(Default, Serialize)]
struct Crossing {
    params_size: usize,
    out_size: usize,
    sizes: Vec<Size>,
    puts: Vec<String>,
    /// Statements that count the texts of the results.
    rooms: Vec<String>,
    gets: Vec<String>,
    /// Whether a parameter has memory of its own.
    arena: bool,
}

/// A call with nothing but numbers: they stay in registers.
#[derive(Default, Serialize)]
struct Direct {
    direct: bool,
    /// Type of the result; empty without one.
    c_value: String,
    /// `int32_t a0`, `int32_t`, `a0`, and for Go `, C.int32_t(x)`.
    c_params: Vec<String>,
    c_types: String,
    c_args: String,
    go_args: String,
    /// The result with a comma.
    go_value: String,
}

/// What the guest is compared with: literals of C.
#[derive(Serialize)]
struct ItemView {
    path: String,
    shape: String,
    hash: String,
    abi_hash: String,
}

/// The host's file.
///
/// # Errors
/// What Go cannot express, and streams.
pub(crate) fn file(library: &Library, host: &Host<'_>) -> Result<File, Diagnostics> {
    refuse_streams(library)?;
    let idl = Idl::new(library)?;
    let module = host.guest.file();
    let variable = format!("GANGPLANK_MODULE_{}", library.prefix.to_uppercase());
    let load = format!("Load{}", names::exported(&library.prefix));
    let mut native = Native::new(&idl);
    let functions: Vec<_> = idl
        .functions()
        .map(|function| self::function(&idl, host, &mut native, function))
        .collect();
    check(&idl, &functions, &load)?;
    let mut imports = [CODEC_IMPORTS, &IMPORTS].concat();
    imports.sort_unstable();
    let view = View {
        docs: idl.package_docs(&format!(
            "Package {} calls what {}.proto declares.",
            host.package, host.stem
        )),
        package: host.package.to_owned(),
        own: idl.own(""),
        abi: library.abi,
        imports,
        modules: CODEC_MODULES,
        functions,
        load,
        module_literal: quoted(module.as_bytes()),
        module,
        variable_literal: quoted(variable.as_bytes()),
        variable,
        types: idl.types(),
        c_runtime: idl.owned(C_RUNTIME),
        errors: idl.runtime(ERRORS),
        go_runtime: idl.owned(GO_RUNTIME),
        conversions: native.functions(),
        values: idl.runtime(guest::RUNTIME),
        codec: idl.codec(Direction::Host),
    };
    Ok(File::new(
        format!("{}MetaFFIHost.go", compile::module_stem(host.stem)),
        text("idl_host.go.j2", &view),
    ))
}

fn refuse_streams(library: &Library) -> Result<(), Diagnostics> {
    let mut found = Diagnostics::default();
    for function in &library.functions {
        if let Some(fault) = no_streams(library, function, "Go hosts") {
            found.push(fault);
        }
    }
    found.into_result(())
}

fn function(
    idl: &Idl<'_>,
    host: &Host<'_>,
    native: &mut Native<'_, '_>,
    function: &Function,
) -> FunctionView {
    let path = function.common.local_path().replace("::", ".");
    let (service, rpc) = path.rsplit_once('.').unwrap_or(("", &path));
    let shared = idl
        .functions()
        .filter(|other| plain::exported(&other.common.name) == plain::exported(rpc))
        .count()
        > 1;
    let name = if shared {
        format!("{}{}", plain::exported(service), plain::exported(rpc))
    } else {
        plain::exported(rpc)
    };
    let (request, response) = (idl.request(function), idl.response(function));
    let named: Vec<_> = request
        .parts
        .iter()
        .map(|part| (param(part.name), idl.public_type(part.ty)))
        .collect();
    let context = [("ctx".to_owned(), "context.Context".to_owned())];
    let with_context = [&context[..], &named[..]].concat();
    let arguments = request.parts.iter().zip(&named);
    let arguments: Vec<_> = arguments
        .map(|(part, (name, _))| format!("{}: {name}", part.go))
        .collect();
    let mut results: Vec<_> = response
        .parts
        .iter()
        .map(|part| idl.public_type(part.ty))
        .collect();
    results.push("error".to_owned());
    let each = |text: &dyn Fn(&super::Part<'_>) -> String| {
        response
            .parts
            .iter()
            .map(|part| text(part) + ", ")
            .collect::<String>()
    };
    let struct_name = |name: &str| name.trim_start_matches(&idl.own("")).to_owned();
    FunctionView {
        context_docs: docs::paragraphs(&[
            &format!(
                "{name}Context is {name} with a context: the call is not made when it has ended, and a guest that takes a \
                 context is told when it ends."
            ),
            &docs::deprecation(function.common.deprecated.as_deref()),
        ]),
        docs: docs::paragraphs(&[
            &function_docs(&name, function),
            &docs::deprecation(function.common.deprecated.as_deref()),
        ]),
        name,
        context_params: params(&with_context),
        params: params(&named),
        results: match results.as_slice() {
            [only] => only.clone(),
            all => format!("({})", all.join(", ")),
        },
        rpc: idl.own(&format!("rpc_{}", idl.rpc(function))),
        runtime: quoted(host.guest.guests.runtime.as_bytes()),
        path: quoted(path.as_bytes()),
        write: idl.own(&format!("write_{}", struct_name(&request.name))),
        read: idl.own(&format!("read_{}", struct_name(&response.name))),
        request: request.name,
        zeros: each(&|part| spell::go_zero(idl, part.ty)),
        values: each(&|part| format!("out.{}", part.go)),
        response: response.name.clone(),
        arguments: arguments.join(", "),
        items: function.depends.iter().map(item).collect(),
        word: idl.rpc(function),
        path_text: path.clone(),
        crossing: crossing(idl, native, function),
        direct_call: direct(idl, function, &named),
    }
}

/// The parameters as a struct, the results as a struct or the only result.
fn crossing(idl: &Idl<'_>, native: &mut Native<'_, '_>, function: &Function) -> Crossing {
    let library = idl.library;
    let mut crossing = Crossing::default();
    for (param, part) in function.params.iter().zip(idl.request(function).parts) {
        let value = format!("in.{}", part.go);
        let end = param.offset + library.ty(param.ty).size;
        crossing.params_size = crossing.params_size.max(end.next_multiple_of(8));
        crossing.arena |= library.ty(param.ty).heap;
        let size = native.size(param.ty, &value);
        crossing.sizes.extend(size.map(|line| Size {
            param: quoted(part.name.as_bytes()),
            line,
        }));
        let put = native.put(param.ty, &add("p", param.offset), &value);
        crossing.arena |= put.contains("(a, ") || put.starts_with("a.");
        crossing.puts.push(put);
    }
    let offsets = function
        .results_struct
        .as_ref()
        .map(|results| &results.offsets);
    for (index, (ty, part)) in function
        .results
        .iter()
        .zip(idl.response(function).parts)
        .enumerate()
    {
        let offset = offsets.map_or(0, |offsets| offsets[index]);
        crossing.out_size = crossing.out_size.max(offset + library.ty(*ty).size);
        let at = add("results", offset);
        crossing.rooms.extend(native.room(*ty, &at));
        let value = native.get(*ty, &at);
        crossing.gets.push(format!("out.{} = {value}", part.go));
    }
    crossing
}

/// How a function is called whose values are all numbers; nothing for others.
fn direct(idl: &Idl<'_>, function: &Function, named: &[(String, String)]) -> Direct {
    let Return::Scalar(value) = function.ret else {
        return Direct::default();
    };
    let c_type = |ty| match &idl.library.ty(ty).shape {
        Shape::Enum(_) => "int32_t".to_owned(),
        _ => idl.library.ty(ty).c_name.clone(),
    };
    let is_bool = |ty| matches!(idl.library.ty(ty).shape, Shape::Bool);
    let mut direct = Direct {
        direct: true,
        ..Direct::default()
    };
    let (mut types, mut args) = (Vec::new(), Vec::new());
    for (index, (param, (name, _))) in function.params.iter().zip(named).enumerate() {
        let c = c_type(param.ty);
        direct.c_params.push(format!("{c} a{index}"));
        direct.go_args += &match is_bool(param.ty) {
            true => format!(", {}({name})", idl.own("flag")),
            false => format!(", C.{c}({name})"),
        };
        types.push(c);
        args.push(format!("a{index}"));
    }
    direct.c_types = if types.is_empty() {
        "void".to_owned()
    } else {
        types.join(", ")
    };
    direct.c_args = args.join(", ");
    if let Some(value) = value {
        direct.c_value = c_type(value);
        direct.go_value = match is_bool(value) {
            true => "ret.value != 0, ".to_owned(),
            false => format!("{}(ret.value), ", idl.go_type(value)),
        };
    }
    direct
}

fn item(item: &gangplank_model::lowered::ItemHash) -> ItemView {
    ItemView {
        path: c_literal(&item.path),
        shape: c_literal(&item.shape_text),
        hash: format!("{:#x}", item.hash),
        abi_hash: format!("{:#x}", item.abi_hash),
    }
}

/// A string literal of C in which no letter can end the comment that it stands in.
fn c_literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b' '
            | b':'
            | b'_'
            | b','
            | b'#'
            | b'.'
            | b'<'
            | b'>'
            | b'{'
            | b'}'
            | b'('
            | b')'
            | b'-'
            | b'=' => {
                literal.push(byte.into());
            }
            other => literal.push_str(&format!("\\{other:03o}")),
        }
    }
    literal.push('"');
    literal
}

/// Functions and types share a package.
fn check(idl: &Idl<'_>, functions: &[FunctionView], load: &str) -> Result<(), Diagnostics> {
    let mut taken: BTreeMap<String, String> = idl
        .declarations()
        .into_iter()
        .map(|name| (name.clone(), format!("the type `{name}`")))
        .collect();
    for name in [load.to_owned(), format!("{load}InProcess")] {
        taken.insert(name, "a function that every host has".to_owned());
    }
    let mut found = Diagnostics::default();
    for name in names::errors(&idl.library.prefix) {
        if let Some(other) = taken.insert(name.clone(), "an error that every host has".to_owned()) {
            let text = format!(
                "`{name}` would be two things in Go: {other} and an error that every host has"
            );
            found.push(
                Diagnostic::new(codes::TARGET_NAME_TWICE, text)
                    .help(another_name(Named::Either, true)),
            );
        }
    }
    for (view, function) in functions.iter().zip(idl.functions()) {
        let path = &function.common.path;
        let what = [
            (view.name.clone(), format!("the function `{path}`")),
            (
                format!("{}Context", view.name),
                format!("the function `{path}` with a context"),
            ),
        ];
        // One finding is enough: what meets by itself meets again with a context.
        let clash = what.into_iter().find_map(|(name, what)| {
            let other = taken.insert(name.clone(), what.clone())?;
            Some(format!(
                "`{name}` would be two things in Go: {other} and {what}"
            ))
        });
        if let Some(text) = clash {
            found.push(
                Diagnostic::new(codes::TARGET_NAME_TWICE, text)
                    .label(&function.common, "declared here")
                    .help(another_name(Named::Either, true)),
            );
        }
    }
    found.into_result(())
}
