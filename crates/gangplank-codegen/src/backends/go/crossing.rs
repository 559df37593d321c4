//! Functions where they cross: the Go function that calls C, and the C function that calls the library.
//!
//! Comes in: lowered functions. Goes out: the statements that put parameters into C memory, the call, the statements that
//! take the results. The template holds everything that is the same for all calls.

use gangplank_model::lowered::{Function, Library, Mode, Param, Pass, Return, Shape, TypeId};

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
    let scalar = function.ret != Return::Out;
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
        pass(library, param, &arg, &mut passed);
    }
    let out = out_type(library, function);
    if !scalar {
        frame_arguments(&mut passed, &out, is_async);
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
    let (reader, lifts) = take_results(cx, owner, function, name);
    let symbol = local(library, &function.symbol);
    view::Crossing {
        signature: format!(
            "func {}call{name}({}) ({}err error)",
            receiver(cx, owner),
            params.join(", "),
            named
                .iter()
                .map(|result| format!("{result}, "))
                .collect::<String>()
        ),
        receiver: receiver_name(cx, owner),
        is_async,
        checks: !matches!(owner, Owner::Method(_)),
        scalar,
        lowers: passed.lowers,
        call: format!("C.call_{symbol}({})", passed.go_args.join(", ")),
        reader,
        lifts,
        returned: results
            .iter()
            .map(|result| format!("{result}, "))
            .collect::<String>()
            + "err",
        typed: typed_error(library, function),
        keeps: passed.keeps,
        c: view::CFunction {
            returns: match function.ret {
                Return::Scalar(value) => format!("gp_return_{}", scalar_suffix(library, value)),
                Return::Out => "int32_t".to_owned(),
            },
            name: format!("call_{symbol}"),
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

/// How one parameter reaches the library. Text, octets and lists of scalars go as Go's own memory, which the C function
/// sees as a typed pointer; everything else is copied into the frame.
fn pass(library: &Library, param: &Param, arg: &str, to: &mut Passed) {
    let ty = library.ty(param.ty);
    let c = format!("p_{}", param.c_name);
    match &ty.shape {
        Shape::String | Shape::Bytes => {
            let word = if matches!(ty.shape, Shape::String) {
                "String"
            } else {
                "Slice"
            };
            to.go_args.push(format!(
                "(*C.uint8_t)(unsafe.{word}Data({arg})), C.size_t(len({arg}))"
            ));
            to.c_params
                .push(format!("const uint8_t *{c}, size_t {c}_len"));
            to.c_locals.push(format!(
                "{} {c}_value = {{ {c}_len ? (uintptr_t){c} : 0, {c}_len }};",
                ty.c_name
            ));
            to.c_args.push(format!("{c}_value"));
        }
        Shape::List(element) if spell::is_flat(library, *element) => {
            let element = &library.ty(*element).c_name;
            to.go_args.push(format!(
                "(*C.{element})(unsafe.Pointer(unsafe.SliceData({arg}))), C.size_t(len({arg}))"
            ));
            to.c_params
                .push(format!("const {element} *{c}, size_t {c}_len"));
            to.c_locals.push(format!(
                "{} {c}_value = {{ {c}_len ? (uintptr_t){c} : 0, {c}_len }};",
                ty.c_name
            ));
            to.c_args.push(format!("&{c}_value"));
        }
        Shape::Scalar(_) | Shape::Enum(_) => {
            value(to, &ty.c_name, &c, &format!("C.{}({arg})", ty.c_name))
        }
        Shape::Bool => value(to, &ty.c_name, &c, &format!("putBool({arg})")),
        Shape::Object(_) => value(to, &ty.c_name, &c, &format!("{arg}.self()")),
        Shape::Nullable(target) | Shape::Boxed(target) => {
            let place = format!("c{}", &arg[3..]);
            to.lowers
                .push(convert::lower(library, param.ty, &place, arg).replacen(" = ", " := ", 1));
            to.go_args.push(place);
            to.c_params.push(format!("uintptr_t {c}"));
            to.c_args.push(match param.pass {
                Pass::Value => c,
                Pass::Pointer => format!("(const {} *){c}", spell::c_stored(library, *target)),
            });
        }
        _ => {
            let place = format!("c{}", &arg[3..]);
            to.lowers
                .push(format!("{place} := &allocate[C.{}](fr, 1)[0]", ty.c_name));
            to.lowers
                .push(convert::lower(library, param.ty, &format!("*{place}"), arg));
            to.go_args.push(place);
            to.c_params.push(format!("const {} *{c}", ty.c_name));
            to.c_args.push(c);
        }
    }
    if convert::has_object(library, param.ty) {
        to.keeps.push(format!("&{arg}"));
    }
}

fn value(to: &mut Passed, c_type: &str, name: &str, go: &str) {
    to.go_args.push(go.to_owned());
    to.c_params.push(format!("{c_type} {name}"));
    to.c_args.push(name.to_owned());
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
        .map(|ty| library.ty(ty))
        .filter(|ty| matches!(ty.shape, Shape::Variant(_)));
    error.map_or("nil".to_owned(), |ty| {
        format!("fail{}", names::suffix(library, &ty.c_name))
    })
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
    name: &str,
) -> (String, Vec<String>) {
    let library = cx.library;
    let what = format!("the result of {name}");
    match (owner, function.ret, function.results.as_slice()) {
        (Owner::Constructor(object), ..) => (
            String::new(),
            vec![format!(
                "result = open{}(uint64(*out))",
                names::item(cx, &object.common)
            )],
        ),
        (_, Return::Scalar(_), [ty]) => (
            String::new(),
            vec![format!(
                "result = {}",
                convert::lift(cx, *ty, "ret.value", &what)
            )],
        ),
        (_, _, []) => (String::new(), Vec::new()),
        (_, Return::Out, [ty]) => {
            let place = "*out".to_owned();
            let lift = convert::lift(cx, *ty, &place, &what);
            let reads = convert::needs_reader(&lift);
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
            let reads = lifts.iter().any(|lift| convert::needs_reader(lift));
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

/// What `gp_return_` is followed by.
fn scalar_suffix(library: &Library, value: Option<TypeId>) -> &'static str {
    let Some(ty) = value else { return "unit" };
    match library.ty(ty).shape {
        Shape::Bool => "u8",
        Shape::Scalar(scalar) => match spell::number(scalar) {
            "int8" => "i8",
            "int16" => "i16",
            "int64" => "i64",
            "uint8" => "u8",
            "uint16" => "u16",
            "uint32" => "u32",
            "uint64" => "u64",
            "float32" => "f32",
            "float64" => "f64",
            _ => "i32",
        },
        _ => "i32",
    }
}
