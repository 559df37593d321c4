//! What the templates see: the package, already spelled in Go.
//!
//! Each struct here stands beside one template or one block of it; a template only loops and prints. Every `docs` is
//! comment text without its marks; lines of Go come without indentation.

use serde::Serialize;

/// What every file of the package needs.
#[derive(Default, Serialize)]
pub(super) struct Package {
    /// `mytimer`.
    pub(super) package: String,
    /// `example.com/mytimer`.
    pub(super) module: String,
    /// `my_timer`.
    pub(super) lib: String,
    pub(super) abi: u32,
    pub(super) docs: String,
    /// Standard packages that the public file imports, in order.
    pub(super) imports: Vec<String>,
    /// The same for the crossing file.
    pub(super) crossing_imports: Vec<String>,
    pub(super) constants: Vec<Constant>,
    pub(super) types: Vec<Type>,
    /// Whether a type needs `floatText`.
    pub(super) float_text: bool,
    pub(super) objects: Vec<Object>,
    pub(super) functions: Vec<Function>,
    /// Host functions that can be set for all objects, each name once.
    pub(super) defaults: Vec<Host>,
    pub(super) crossings: Vec<Crossing>,
    /// What direct calls return, each struct once.
    pub(super) directs: Vec<Direct>,
    pub(super) hosts: Vec<Host>,
    pub(super) events: Vec<Event>,
    pub(super) conversions: Vec<Conversion>,
    /// Symbols without the library's name.
    pub(super) symbols: Vec<String>,
    pub(super) entries: Vec<String>,
    pub(super) items: Vec<Item>,
}

/// `constant.go.j2`.
#[derive(Serialize)]
pub(super) struct Constant {
    pub(super) docs: String,
    /// `const` or `var`.
    pub(super) word: &'static str,
    pub(super) name: String,
    pub(super) go_type: String,
    pub(super) value: String,
    /// Whether `value` calls the package `math`.
    pub(super) needs_math: bool,
}

/// `types.go.j2`: one declared type; `kind` is `record`, `enum`, `variant` or `error`.
#[derive(Default, Serialize)]
pub(super) struct Type {
    pub(super) kind: &'static str,
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) receiver: String,
    /// Fields of a record, values of an enum.
    pub(super) members: Vec<Member>,
    /// Names and wire names of an enum's values.
    pub(super) values: Vec<(String, String)>,
    /// Assignments of `New…`, empty without defaults.
    pub(super) defaults: Vec<String>,
    /// Whether an assignment calls the package `math`.
    pub(super) needs_math: bool,
    /// Errors without fields.
    pub(super) sentinels: Vec<Sentinel>,
    /// Of an error: whether a text of its cases calls `floatText`.
    pub(super) float_text: bool,
    /// Structs of cases.
    pub(super) cases: Vec<Case>,
}

/// A line of a struct or const block, aligned with its neighbours.
#[derive(Clone, Serialize)]
pub(super) struct Member {
    pub(super) docs: String,
    pub(super) line: String,
}

/// `ErrEmptyJobName`.
#[derive(Serialize)]
pub(super) struct Sentinel {
    pub(super) docs: String,
    pub(super) name: String,
    /// A string literal.
    pub(super) message: String,
}

/// A case with a struct of its own.
#[derive(Serialize)]
pub(super) struct Case {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) members: Vec<Member>,
    /// Of an error: the expression of its text.
    pub(super) message: String,
}

/// `object.go.j2`.
#[derive(Serialize)]
pub(super) struct Object {
    pub(super) docs: String,
    pub(super) name: String,
    pub(super) receiver: String,
    /// The function that makes one of a handle.
    pub(super) open: String,
    pub(super) constructors: Vec<Function>,
    pub(super) methods: Vec<Function>,
    pub(super) hosts: Vec<Host>,
    pub(super) events: Vec<Event>,
}

/// `function.go.j2`: a function of the public file.
#[derive(Serialize)]
pub(super) struct Function {
    pub(super) docs: String,
    /// From `func` to the results.
    pub(super) signature: String,
    pub(super) body: String,
}

/// `crossing.go.j2`: the same function where it crosses, and the C function that it calls.
#[derive(Serialize)]
pub(super) struct Crossing {
    pub(super) signature: String,
    /// Of a method; empty otherwise.
    pub(super) receiver: String,
    pub(super) is_async: bool,
    /// Whether it is the first thing that a program can call.
    pub(super) checks: bool,
    /// The error of a call that needs no frame; empty for one that does.
    pub(super) failed: String,
    /// Parameters that nil is refused for.
    pub(super) objects: Vec<ObjectArgument>,
    /// Statements that put the parameters into C memory.
    pub(super) lowers: Vec<String>,
    /// C type behind `out`; empty without results.
    pub(super) out: String,
    /// The call with its arguments.
    pub(super) call: String,
    /// Expression of the reader; empty when nothing is read.
    pub(super) reader: String,
    /// Statements that take the results.
    pub(super) lifts: Vec<String>,
    /// What is returned before the error: `result, `.
    pub(super) results: String,
    /// The function that reads the typed error, or `nil`.
    pub(super) typed: String,
    /// Objects that have to outlive the call.
    pub(super) keeps: Vec<String>,
    pub(super) c: CFunction,
}

/// An object as a parameter.
#[derive(Serialize)]
pub(super) struct ObjectArgument {
    pub(super) arg: String,
    /// String literals: its name in the interface, and its type in Go.
    pub(super) param: String,
    pub(super) name: String,
}

/// A struct that C functions return to Go.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Direct {
    pub(super) name: String,
    /// The value's declaration; empty without one.
    pub(super) member: String,
}

/// `preamble.c.j2`: a C function that Go calls.
#[derive(Serialize)]
pub(super) struct CFunction {
    pub(super) returns: String,
    /// Whether the call's header is on C's stack.
    pub(super) is_direct: bool,
    /// Whether the call has a header.
    pub(super) has_header: bool,
    pub(super) name: String,
    pub(super) params: String,
    /// Declarations before the call.
    pub(super) locals: Vec<String>,
    /// The symbol without the library's name.
    pub(super) symbol: String,
    pub(super) args: String,
}

/// `host.go.j2`.
#[derive(Clone, Serialize)]
pub(super) struct Host {
    pub(super) docs: String,
    pub(super) object: String,
    pub(super) receiver: String,
    /// `FetchToken`.
    pub(super) name: String,
    pub(super) wire: String,
    /// Type of the Go function.
    pub(super) callback: String,
    /// Milliseconds; 0: none.
    pub(super) deadline_ms: u64,
    pub(super) members: Vec<Member>,
    pub(super) lift: Lifted,
    /// Arguments after the context: `, args.Key`.
    pub(super) args: String,
    /// C type of the result; empty without one.
    pub(super) result_type: String,
    pub(super) result_lower: String,
    /// C type of the error.
    pub(super) error_type: String,
    /// Whether every error is of the declared type, as text is.
    pub(super) error_is_text: bool,
    /// The function that lowers the declared error.
    pub(super) error_lower: String,
    /// The function that registers it.
    pub(super) serve: String,
}

/// `event.go.j2`.
#[derive(Clone, Serialize)]
pub(super) struct Event {
    pub(super) docs: String,
    pub(super) object: String,
    pub(super) receiver: String,
    /// `EchoFired`.
    pub(super) name: String,
    /// The method that subscribes.
    pub(super) subscribe: String,
    pub(super) wire: String,
    /// Type of a listener.
    pub(super) callback: String,
    /// Type of an event.
    pub(super) value: String,
    /// What `fn` is as a listener: `withoutValue(fn)` of an event that carries nothing.
    pub(super) listener: &'static str,
    /// Fields of the struct of several parameters.
    pub(super) members: Vec<Member>,
    pub(super) lift: Lifted,
}

/// A struct of parameters that comes from the library.
#[derive(Clone, Default, Serialize)]
pub(super) struct Lifted {
    /// C type; empty without parameters.
    pub(super) c_type: String,
    pub(super) reader: String,
    /// Statements that fill `v`.
    pub(super) statements: Vec<String>,
}

/// `convert.go.j2`: the conversion functions of one type.
#[derive(Default, Serialize)]
pub(super) struct Conversion {
    /// The functions: `lower_EchoRequest`, `lift_…`, `text_…`; of errors also `lowerField_…` and `fail_…`.
    pub(super) lower: String,
    pub(super) lift: String,
    pub(super) text: String,
    pub(super) lower_field: String,
    pub(super) fail: String,
    /// `record`, `list`, `flat`, `option`, `option_nil`, `nullable`, `nullable_nil`, `boxed`, `map`, `variant`, `error`.
    pub(super) kind: &'static str,
    pub(super) c_type: String,
    pub(super) go_type: String,
    /// Which directions are needed.
    pub(super) lowers: bool,
    pub(super) lifts: bool,
    pub(super) texts: bool,
    /// Whether nesting has to be counted.
    pub(super) recursive: bool,
    pub(super) fields: Vec<ConversionField>,
    pub(super) element: Option<Element>,
    pub(super) key: Option<Element>,
    /// C type of a map's pair.
    pub(super) pair: String,
    pub(super) cases: Vec<ConversionCase>,
    /// Expression of the reader of a whole value.
    pub(super) reader: String,
}

/// A field: places begin with `p.`, values with `v.`.
#[derive(Serialize)]
pub(super) struct ConversionField {
    pub(super) lower: String,
    /// Of a field that may be refused, a string literal: `.shape`.
    pub(super) step: Option<String>,
    pub(super) lift: String,
    pub(super) text: Option<String>,
}

/// What a container holds.
#[derive(Serialize)]
pub(super) struct Element {
    pub(super) c_type: String,
    pub(super) go_type: String,
    pub(super) lower: String,
    /// Whether it may be refused.
    pub(super) misses: bool,
    /// An expression.
    pub(super) lift: String,
    pub(super) text: Option<String>,
}

/// A case.
#[derive(Serialize)]
pub(super) struct ConversionCase {
    pub(super) tag: usize,
    pub(super) has_text: bool,
    pub(super) go_type: String,
    pub(super) c_struct: String,
    pub(super) is_sentinel: bool,
    pub(super) fields: Vec<ConversionField>,
}

/// What the library is compared with.
#[derive(Serialize)]
pub(super) struct Item {
    /// A string literal.
    pub(super) path: String,
    /// A hexadecimal literal.
    pub(super) hash: String,
    /// The same of a function; `0` of others.
    pub(super) abi_hash: String,
    /// Of a function, a string literal: its symbol. Of others `asNeeded`, or `always` for what no function reaches.
    pub(super) symbol: String,
    /// A string literal.
    pub(super) shape: String,
}

/// Lines of a block as `gofmt` aligns them: neighbours without docs between them share a column.
pub(super) fn aligned(lines: Vec<(String, String, String)>) -> Vec<Member> {
    let mut widths = vec![0; lines.len()];
    let mut start = 0;
    for at in 0..=lines.len() {
        if at == lines.len() || (at > start && !lines[at].0.is_empty()) {
            let width = lines[start..at]
                .iter()
                .map(|(_, name, _)| name.chars().count())
                .max()
                .unwrap_or(0);
            widths[start..at].fill(width);
            start = at;
        }
    }
    lines
        .into_iter()
        .zip(widths)
        .map(|((docs, name, rest), width)| Member {
            docs,
            line: format!("{name:width$} {rest}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_without_docs_between_them_share_a_column() {
        let line = |docs: &str, name: &str| (docs.to_owned(), name.to_owned(), "T".to_owned());
        let lines = aligned(vec![
            line("d", "A"),
            line("", "Longer"),
            line("d", "B"),
            line("", "C"),
        ]);
        let lines: Vec<_> = lines.into_iter().map(|member| member.line).collect();
        assert_eq!(lines, ["A      T", "Longer T", "B T", "C T"]);
    }
}
