//! Functions where they cross: the Go function that calls C, and the C function that calls the library.
//!
//! Comes in: lowered functions. Goes out: the statements that put parameters into C memory, the call, the statements that
//! take the results. The template holds everything that is the same for all calls.

use gangplank_model::lowered::{Function, Library, Mode, Param, Pass, Return, Shape};

use super::functions::{local, receiver, receiver_name, result_types};
use super::{convert, names, spell, view};
use crate::backend::{Context, Owner};

/// The pieces of a call that depend on one parameter.
#[derive(Default)]
struct Passed {
    lowers: Vec<String>,
    go_args: Vec<String>,
    c_params: Vec<String>,
    c_locals: Vec<String>,
    c_args: Vec<String>,
    keeps: Vec<String>,
    objects: Vec<view::ObjectArgument>,
}

/// The function that crosses, with the C function that it calls.
pub(super) fn crossing(
    cx: &Context<'_>,
    owner: Owner<'_>,
    function: &Function,
    name: &str,
) -> view::Crossing {
    let library = cx.library;
    let is_async = function.mode == Mode::Async;
    let mut passed = Passed::default();
    if let Owner::Method(_) = owner {
        let receiver = receiver_name(cx, owner);
        passed.go_args.push(format!("{receiver}.self()"));
        passed.c_params.push("uint64_t self".to_owned());
        passed.c_args.push("self".to_owned());
        passed.keeps.push(receiver);
    }
    let mut params = Vec::new();
    if is_async {
        params.push("ctx context.Context".to_owned());
    }
    for param in &function.params {
        let arg = format!("arg{}", names::exported(&param.name));
        params.push(format!("{arg} {}", spell::go_type(cx, param.ty)));
        pass(cx, param, &arg, &mut passed);
    }
    let out = out_type(library, function);
    let way = way(library, owner, function, &passed);
    match way {
        Way::Registers => {}
        Way::Direct => direct_arguments(&mut passed, &out),
        Way::Frame => frame_arguments(&mut passed, &out, is_async),
    }
    let types = result_types(cx, owner, function);
    let results: Vec<String> = match types.as_slice() {
        [_] => vec!["result".to_owned()],
        types => (0..types.len())
            .map(|index| format!("result{index}"))
            .collect(),
    };
    let named: Vec<String> = results
        .iter()
        .zip(&types)
        .map(|(name, ty)| format!("{name} {ty}"))
        .collect();
    let (reader, lifts) = take_results(cx, owner, function, way, name);
    let typed = typed_error(library, function);
    let symbol = local(library, &function.symbol);
    view::Crossing {
        signature: format!(
            "func {}{}({}) ({}err error)",
            receiver(cx, owner),
            names::internal("call", &[name]),
            params.join(", "),
            named
                .iter()
                .map(|result| format!("{result}, "))
                .collect::<String>()
        ),
        receiver: receiver_name(cx, owner),
        is_async,
        checks: !matches!(owner, Owner::Method(_)),
        failed: match way {
            Way::Registers => {
                format!("failedScalar(int32(ret.status), uint32(ret.error), {typed})")
            }
            Way::Direct => format!("failedDirect(int32(ret.status), uintptr(ret.call), {typed})"),
            Way::Frame => String::new(),
        },
        objects: passed.objects,
        lowers: passed.lowers,
        call: format!("C.gangplank_call_{symbol}({})", passed.go_args.join(", ")),
        reader,
        lifts,
        results: results.iter().map(|result| format!("{result}, ")).collect(),
        typed,
        keeps: passed.keeps,
        c: view::CFunction {
            returns: match way {
                Way::Direct => direct(&out).name,
                _ => function.return_c_name.to_owned(),
            },
            is_direct: matches!(way, Way::Direct),
            has_header: !matches!(way, Way::Registers),
            name: format!("gangplank_call_{symbol}"),
            params: if passed.c_params.is_empty() {
                "void".to_owned()
            } else {
                passed.c_params.join(", ")
            },
            locals: passed.c_locals,
            args: passed.c_args.join(", "),
            symbol,
        },
        out,
    }
}

/// Where a call's header and its result are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// There is no header: everything is in registers.
    Registers,
    /// On C's stack, because nothing that the call returns points anywhere.
    Direct,
    /// In a frame.
    Frame,
}

/// The cheapest way that a function can cross.
fn way(library: &Library, owner: Owner<'_>, function: &Function, passed: &Passed) -> Way {
    if function.ret != Return::Out {
        return Way::Registers;
    }
    let is_plain = match function.results.as_slice() {
        [] => true,
        [only] => matches!(
            library.ty(*only).shape,
            Shape::Scalar(_) | Shape::Bool | Shape::Enum(_)
        ),
        _ => false,
    };
    let makes = matches!(owner, Owner::Constructor(_));
    if is_plain && passed.lowers.is_empty() && !makes && function.mode == Mode::Sync {
        Way::Direct
    } else {
        Way::Frame
    }
}

/// The struct that a direct call returns for a result of a C type.
pub(super) fn direct(c_type: &str) -> view::Direct {
    match c_type {
        "" => view::Direct {
            name: "gangplank_direct".to_owned(),
            member: String::new(),
        },
        _ => view::Direct {
            name: format!("gangplank_direct_{c_type}"),
            member: format!("{c_type} value; "),
        },
    }
}

/// How one parameter reaches the library. Text, octets and lists of scalars go as Go's own memory, which the C function
/// sees as a typed pointer; everything else is copied into the frame.
fn pass(cx: &Context<'_>, param: &Param, arg: &str, to: &mut Passed) {
    let library = cx.library;
    let ty = library.ty(param.ty);
    let c = format!("p_{}", param.c_name);
    match (param.pass, &ty.shape) {
        (Pass::Scalar, Shape::Bool) => value(to, &ty.c_name, &c, &format!("putBool({arg})")),
        (Pass::Scalar, _) => value(to, &ty.c_name, &c, &format!("C.{}({arg})", ty.c_name)),
        (Pass::Handle, _) => {
            value(to, &ty.c_name, &c, &format!("{arg}.self()"));
            to.objects.push(view::ObjectArgument {
                arg: arg.to_owned(),
                param: spell::quoted(param.name.as_bytes()),
                name: spell::quoted(spell::go_type(cx, param.ty).as_bytes()),
            });
        }
        (Pass::Text, Shape::Bytes) => {
            let data = format!("unsafe.SliceData({arg})");
            own_memory(to, &ty.c_name, ("uint8_t", &data), arg, &c);
            to.c_args.push(format!("{c}_value"));
        }
        (Pass::Text, _) => {
            let data = format!("unsafe.StringData({arg})");
            own_memory(to, &ty.c_name, ("uint8_t", &data), arg, &c);
            to.c_args.push(format!("{c}_value"));
        }
        (Pass::Address, _) => {
            let place = format!("c{}", &arg[3..]);
            to.lowers
                .push(convert::lower(cx, param.ty, &place, arg).replacen(" = ", " := ", 1));
            path(library, param, to);
            to.go_args.push(place);
            to.c_params.push(format!("uintptr_t {c}"));
            to.c_args.push(c);
        }
        (Pass::Pointer, Shape::List(element)) if spell::is_flat(library, *element) => {
            let element = &library.ty(*element).c_name;
            let data = format!("unsafe.Pointer(unsafe.SliceData({arg}))");
            own_memory(to, &ty.c_name, (element, &data), arg, &c);
            to.c_args.push(format!("&{c}_value"));
        }
        (Pass::Pointer, _) => {
            let place = format!("c{}", &arg[3..]);
            to.lowers
                .push(format!("{place} := place[C.{}](fr)", ty.c_name));
            to.lowers
                .push(convert::lower(cx, param.ty, &format!("*{place}"), arg));
            path(library, param, to);
            to.go_args.push(place);
            to.c_params.push(format!("const {} *{c}", ty.c_name));
            to.c_args.push(c);
        }
    }
    if library.has_object(param.ty) {
        to.keeps.push(format!("&{arg}"));
    }
}

/// What is refused inside a parameter is called after it.
fn path(library: &Library, param: &Param, to: &mut Passed) {
    if convert::misses(library, param.ty) {
        let name = spell::quoted(param.name.as_bytes());
        to.lowers.push(format!("fr.withinParam({name})"));
    }
}

/// `data` points to Go's own memory of `element`s, which the C function makes into a value of `c_type`.
fn own_memory(to: &mut Passed, c_type: &str, (element, data): (&str, &str), arg: &str, c: &str) {
    to.go_args
        .push(format!("(*C.{element})({data}), C.size_t(len({arg}))"));
    to.c_params
        .push(format!("const {element} *{c}, size_t {c}_len"));
    to.c_locals.push(format!(
        "{c_type} {c}_value = {{ {c}_len ? (uintptr_t){c} : 0, {c}_len }};"
    ));
}

fn value(to: &mut Passed, c_type: &str, name: &str, go: &str) {
    to.go_args.push(go.to_owned());
    to.c_params.push(format!("{c_type} {name}"));
    to.c_args.push(name.to_owned());
}

/// `out` and the call's header, which the C function has on its stack.
fn direct_arguments(passed: &mut Passed, out: &str) {
    if !out.is_empty() {
        passed.c_args.push("&ret.value".to_owned());
    }
    passed.c_args.push("&call".to_owned());
}

/// `out`, the call's header, and the key of an async call.
fn frame_arguments(passed: &mut Passed, out: &str, is_async: bool) {
    if !out.is_empty() {
        passed.go_args.push("out".to_owned());
        passed.c_params.push(format!("{out} *out"));
        passed.c_args.push("out".to_owned());
    }
    passed.go_args.push("C.uintptr_t(fr.seal())".to_owned());
    passed.c_params.push("uintptr_t call".to_owned());
    passed.c_args.push("CALL(call)".to_owned());
    if is_async {
        passed.go_args.push("C.uint64_t(fr.key())".to_owned());
        passed.c_params.push("uint64_t key".to_owned());
        passed.c_args.push("DONE, KEY(key)".to_owned());
    }
}

/// The function that reads the typed error; text needs none.
fn typed_error(library: &Library, function: &Function) -> String {
    let error = function
        .error
        .filter(|ty| matches!(library.ty(*ty).shape, Shape::Variant(_)));
    error.map_or("nil".to_owned(), |ty| convert::name(library, "fail", ty))
}

/// The C type behind `out`.
fn out_type(library: &Library, function: &Function) -> String {
    match (
        function.ret,
        &function.results_struct,
        function.results.as_slice(),
    ) {
        (Return::Scalar(_), _, _) => String::new(),
        (Return::Out, Some(results), _) => results.c_name.clone(),
        (Return::Out, None, [only]) => spell::c_stored(library, *only).to_owned(),
        (Return::Out, None, _) => String::new(),
    }
}

/// The reader, and the statements that take the results.
fn take_results(
    cx: &Context<'_>,
    owner: Owner<'_>,
    function: &Function,
    way: Way,
    name: &str,
) -> (String, Vec<String>) {
    let library = cx.library;
    let what = format!("the result of {name}");
    match (owner, way, function.results.as_slice()) {
        (Owner::Constructor(object), ..) => (
            String::new(),
            vec![format!(
                "result = {}(uint64(*out))",
                convert::open(&names::item(cx, &object.common))
            )],
        ),
        (_, Way::Registers | Way::Direct, [ty]) => (
            String::new(),
            vec![format!(
                "result = {}",
                convert::lift(cx, *ty, "ret.value", &what)
            )],
        ),
        (_, _, []) => (String::new(), Vec::new()),
        (_, Way::Frame, [ty]) => {
            let place = "*out".to_owned();
            let lift = convert::lift(cx, *ty, &place, &what);
            let reads = convert::needs_reader(library, *ty);
            let reader = convert::reader(library, &[(*ty, place)]);
            (
                if reads { reader } else { String::new() },
                vec![format!("result = {lift}")],
            )
        }
        (_, _, results) => {
            let places: Vec<_> = results
                .iter()
                .enumerate()
                .map(|(index, ty)| (*ty, format!("out.r{index}")))
                .collect();
            let lifts: Vec<String> = places
                .iter()
                .enumerate()
                .map(|(index, (ty, place))| {
                    format!("result{index} = {}", convert::lift(cx, *ty, place, &what))
                })
                .collect();
            let reads = results.iter().any(|ty| convert::needs_reader(library, *ty));
            (
                if reads {
                    convert::reader(library, &places)
                } else {
                    String::new()
                },
                lifts,
            )
        }
    }
}
