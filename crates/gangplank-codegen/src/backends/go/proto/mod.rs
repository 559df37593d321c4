//! The Go of `.proto` interfaces: structs as protoc-gen-go names them, and the protobuf form of their values.
//!
//! Comes in: a lowered library from a `.proto` file. Goes out: the parts of one file, for guests and hosts alike:
//! declarations (`Idl::types`) and functions that write and read protobuf bytes (`Idl::codec`). Every identifier that
//! is not a declaration of the interface starts with the interface's name and an underscore (`Idl::own`), so that the
//! files of two interfaces can be in one package.
//!
//! `message` names the parts of messages, `names` has protoc-gen-go's rules, `spell` spells types, `types` fills in the
//! view of declarations and `codec` that of functions; `native` converts C structs.

mod codec;
pub(crate) mod guest;
mod host;
mod message;
mod names;
mod native;
mod spell;
mod types;
mod view;

use std::collections::{BTreeMap, BTreeSet};

use gangplank_model::Diagnostic;
use gangplank_model::Diagnostics;
use gangplank_model::diagnostics::{Named, another_name, codes};
use gangplank_model::lowered::{Common, Function, Library, Shape, TypeId};

pub(crate) use codec::Direction;
pub(crate) use host::{Host, file as host};
pub(crate) use message::{Message, Part};
pub(crate) use names::param;

use super::docs;
use crate::prose;
use crate::render::{Templates, render};

const TEMPLATES: Templates = &[
    (
        "idl_types.go.j2",
        include_str!("../templates/idl_types.go.j2"),
    ),
    (
        "idl_codec.go.j2",
        include_str!("../templates/idl_codec.go.j2"),
    ),
    (
        "idl_host.go.j2",
        include_str!("../templates/idl_host.go.j2"),
    ),
    ("idl_host.c.j2", include_str!("../templates/idl_host.c.j2")),
    (
        "idl_host_function.go.j2",
        include_str!("../templates/idl_host_function.go.j2"),
    ),
    (
        "idl_host_native.go.j2",
        include_str!("../templates/idl_host_native.go.j2"),
    ),
    (
        "idl_host_call.go.j2",
        include_str!("../templates/idl_host_call.go.j2"),
    ),
    (
        "idl_write.go.j2",
        include_str!("../templates/idl_write.go.j2"),
    ),
    (
        "idl_read.go.j2",
        include_str!("../templates/idl_read.go.j2"),
    ),
];

/// The functions that every codec needs. Its identifiers start with `idl_`, which stands for the interface's name.
const RUNTIME: &[&str] = &[include_str!("../runtime/idl/codec.go")];

/// The packages that `Idl::codec` needs, in the order of Go's import blocks.
pub(crate) const CODEC_IMPORTS: &[&str] =
    &["errors", "fmt", "math", "sync", "time", "unicode/utf8"];

/// Those of [`CODEC_IMPORTS`] that are not Go's own.
pub(crate) const CODEC_MODULES: &[&str] = &["google.golang.org/protobuf/encoding/protowire"];

/// A `.proto` interface in Go.
pub(crate) struct Idl<'a> {
    pub(crate) library: &'a Library,
    /// Wrappers of the members of each oneof, in order.
    oneofs: BTreeMap<TypeId, message::Oneof>,
}

impl<'a> Idl<'a> {
    /// Names everything.
    ///
    /// # Errors
    /// Two things that would have one name in Go.
    pub(crate) fn new(library: &'a Library) -> Result<Idl<'a>, Diagnostics> {
        let mut idl = Idl {
            library,
            oneofs: BTreeMap::new(),
        };
        idl.oneofs = message::oneofs(library);
        idl.check()?;
        Ok(idl)
    }

    /// An identifier of this file alone: `calc_writer`.
    pub(crate) fn own(&self, name: &str) -> String {
        format!("{}_{name}", self.library.prefix)
    }

    /// Runtime sources as they stand in the file: without their heads, their identifiers those of the interface.
    pub(crate) fn runtime(&self, sources: &[&str]) -> String {
        let body = |source: &&str| match source.split_once("\n)\n") {
            Some((_, body)) => self.owned(body),
            None => self.owned(source),
        };
        sources.iter().map(body).collect()
    }

    /// The comment of a file: that of the definition and those of its services.
    fn package_docs(&self, otherwise: &str) -> String {
        docs::text(
            &prose::library(self.library, otherwise),
            &docs::Known::new(),
        )
    }

    /// A text with the interface's name for `idl_`, and for `Idl` in what is exported.
    pub(crate) fn owned(&self, source: &str) -> String {
        let exported = names::exported(&self.library.prefix);
        source
            .replace("idl_", &self.own(""))
            .replace(names::EXPORTED, &exported)
    }

    /// The type of a value: `*GameScore`, `[]*GameScore`, `*int32`, `isOrder_Kind`.
    pub(crate) fn go_type(&self, ty: TypeId) -> String {
        spell::go_type(self, ty)
    }

    /// The type of a parameter or result, as other packages may spell it: `OrderKind` instead of `isOrder_Kind`.
    pub(crate) fn public_type(&self, ty: TypeId) -> String {
        let oneof = self.oneofs.get(&spell::base(self, ty));
        let exported = oneof.and_then(|oneof| oneof.exported.clone());
        exported.unwrap_or_else(|| self.go_type(ty))
    }

    /// The rpcs that can be called at once: not those with streams.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &'a Function> {
        let library = self.library;
        library.functions.iter().filter(|function| {
            let params = function.params.iter().map(|param| param.ty);
            let mut types = params.chain(function.results.iter().copied());
            !types.any(|ty| library.is_stream(ty))
        })
    }

    /// What an rpc is called in names: `Calc_div`.
    pub(crate) fn rpc(&self, function: &Function) -> String {
        function.common.local_path().replace("::", "_")
    }

    /// The request of an rpc as a struct that only this file has: `calc_request_Calc_div`.
    pub(crate) fn request(&self, function: &'a Function) -> Message<'a> {
        message::request(self, function)
    }

    /// The same of its response.
    pub(crate) fn response(&self, function: &'a Function) -> Message<'a> {
        message::response(self, function)
    }

    /// The name of the Go type of a message, enum or oneof's interface, without `*`; `None` of other types.
    #[allow(dead_code, reason = "guests and hosts use it")]
    pub(crate) fn declared(&self, ty: TypeId) -> Option<String> {
        spell::declared(self, ty)
    }

    /// The names of all declared types, as users write them.
    pub(crate) fn declarations(&self) -> Vec<String> {
        let all = (0..self.library.types.len()).filter_map(|index| self.declared(TypeId(index)));
        let wrappers = self.oneofs.values().flat_map(|oneof| &oneof.cases);
        let exported = self.oneofs.values().flat_map(|oneof| &oneof.exported);
        all.chain(wrappers.map(|case| case.wrapper.clone()))
            .chain(exported.cloned())
            .collect()
    }

    /// Declarations of the interface's messages, enums and oneofs, and of the structs of requests and responses.
    pub(crate) fn types(&self) -> String {
        text("idl_types.go.j2", &types::view(self))
    }

    /// What writes and reads protobuf bytes, with everything it needs but imports ([`CODEC_IMPORTS`]).
    ///
    /// For each request and response `calc_write_<struct>(w, v)` or `calc_read_<struct>(r, v)`, to be called through
    /// `calc_marshal(v, write) (*calc_writer, error)` and `calc_unmarshal(b, v, read) error`.
    pub(crate) fn codec(&self, direction: Direction) -> String {
        let functions = text("idl_codec.go.j2", &codec::view(self, direction));
        format!("{}{functions}", self.runtime(RUNTIME))
    }

    /// Every Go identifier once.
    fn check(&self) -> Result<(), Diagnostics> {
        let mut taken = BTreeMap::<String, String>::new();
        let mut found = Diagnostics::default();
        let mut claim = |name: String, common: &'a Common, what: &str| {
            let what = format!("{what}`{}`", common.path);
            if let Some(other) = taken.insert(name.clone(), what.clone()) {
                let text = format!("`{name}` would be two things in Go: {other} and {what}");
                found.push(
                    Diagnostic::new(codes::TARGET_NAME_TWICE, text)
                        .label(common, "declared here")
                        .help(another_name(Named::Either, true)),
                );
            }
        };
        for (index, ty) in self.library.types.iter().enumerate() {
            match &ty.shape {
                Shape::Record(record) => claim(names::item(&record.common), &record.common, ""),
                Shape::Enum(item) => {
                    claim(names::item(&item.common), &item.common, "");
                    for table in names::tables(&item.common) {
                        claim(table, &item.common, "a table of ");
                    }
                    let values: BTreeSet<_> =
                        item.values.iter().chain(&item.aliases).collect_names();
                    for value in values {
                        let what = format!("the value `{value}` of ");
                        claim(names::value(&item.common, &value), &item.common, &what);
                    }
                }
                Shape::Variant(variant) => {
                    let oneof = self.oneofs.get(&TypeId(index));
                    for case in oneof.into_iter().flat_map(|one| &one.cases) {
                        claim(case.wrapper.clone(), &variant.common, "a member of ");
                    }
                    for name in oneof.into_iter().flat_map(|one| &one.exported) {
                        claim(name.clone(), &variant.common, "");
                    }
                }
                _ => {}
            }
        }
        found.into_result(())
    }
}

/// The messages of an interface as a file of their own, with functions for both directions: what guests and hosts hold
/// of them, for tests against protobuf itself.
///
/// # Errors
/// What Go cannot express.
pub fn messages(library: &Library, package: &str) -> Result<String, Diagnostics> {
    let idl = Idl::new(library)?;
    let imports = |all: &[&str]| {
        all.iter()
            .map(|path| format!("\t\"{path}\"\n"))
            .collect::<String>()
    };
    Ok(format!(
        "// Code generated by gangplank. DO NOT EDIT.\n\npackage {package}\n\nimport (\n{}\n{})\n{}{}",
        imports(CODEC_IMPORTS),
        imports(CODEC_MODULES),
        idl.types(),
        idl.codec(Direction::Both),
    ))
}

/// Names of values, each once.
trait CollectNames {
    fn collect_names(self) -> BTreeSet<String>;
}

impl<'a, I: Iterator<Item = &'a gangplank_model::lowered::EnumValue>> CollectNames for I {
    fn collect_names(self) -> BTreeSet<String> {
        self.map(|value| value.name.clone()).collect()
    }
}

/// What a function does, takes and gives.
fn function_docs(name: &str, function: &Function) -> String {
    let known = docs::Known::new();
    docs::paragraphs(&[
        &docs::function(name, &function.common.docs, &known),
        &docs::values(function, param, &known),
    ])
}

/// A part of the file. Templates are part of this program, so that one that does not render is found by its tests.
fn text(template: &str, view: &impl serde::Serialize) -> String {
    render(TEMPLATES, template, view).unwrap_or_else(|error| format!("{error:#}"))
}
