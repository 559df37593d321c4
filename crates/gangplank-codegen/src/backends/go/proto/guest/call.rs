//! The call of the user's function.
//!
//! Comes in: how each value converts. Goes out: the lines of a function that takes the request apart, calls, and fills in
//! the response. Messages of another package are filled field by field, by functions that are written when asked for.

use std::collections::{BTreeMap, BTreeSet};

use gangplank_model::lowered::{Function, Shape, TypeId};

use super::super::super::spell::quoted;
use super::super::{Idl, Part, message, spell};
use crate::compile::matching::{Call, Convert, GoType};

/// Which way a value goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// To the user.
    In,
    /// From the user.
    Out,
}

/// Writes calls, and notes what they need.
pub(super) struct Calls<'i, 'a> {
    idl: &'i Idl<'a>,
    /// The import paths of messages by their full names, for those in packages of their own.
    homes: &'i BTreeMap<String, String>,
    /// Import paths and the names that the file has for them.
    imports: BTreeMap<String, String>,
    asked: BTreeSet<(Way, TypeId)>,
    functions: BTreeMap<String, String>,
}

impl<'i, 'a> Calls<'i, 'a> {
    pub(super) fn new(idl: &'i Idl<'a>, homes: &'i BTreeMap<String, String>) -> Self {
        Calls {
            idl,
            homes,
            imports: BTreeMap::new(),
            asked: BTreeSet::new(),
            functions: BTreeMap::new(),
        }
    }

    /// What was imported on the way: `calc_m1 "example.com/x"`, and the functions for messages.
    pub(super) fn needs(self) -> (Vec<String>, Vec<String>) {
        let line = |(path, name): (&String, &String)| {
            let path = quoted(path.as_bytes());
            if name.is_empty() {
                path
            } else {
                format!("{name} {path}")
            }
        };
        let imports = self.imports.iter().map(line).collect();
        (imports, self.functions.into_values().collect())
    }

    fn own(&self, name: &str) -> String {
        self.idl.own(name)
    }

    /// The name of an import.
    fn import(&mut self, path: &str) -> String {
        if path == "time" {
            self.imports.insert(path.to_owned(), String::new());
            return path.to_owned();
        }
        let next = self
            .imports
            .values()
            .filter(|name| !name.is_empty())
            .count()
            + 1;
        let name = self.own(&format!("m{next}"));
        self.imports.entry(path.to_owned()).or_insert(name).clone()
    }

    fn spelled(&mut self, ty: &GoType) -> String {
        if ty.import.is_empty() {
            return ty.name.clone();
        }
        let import = self.import(&ty.import);
        format!("{import}.{}", ty.name)
    }

    /// The lines that call the user's function for an rpc.
    pub(super) fn lines(
        &mut self,
        function: &'a Function,
        call: &Call,
        import: Option<&str>,
    ) -> Vec<String> {
        let request = self.idl.request(function);
        let response = self.idl.response(function);
        let mut arguments = Vec::new();
        if call.context {
            arguments.push("ctx".to_owned());
        }
        for (part, convert) in request.parts.iter().zip(&call.params) {
            arguments.push(self.convert(Way::In, part, convert, &format!("in.{}", part.go)));
        }
        if let (true, Some(last)) = (call.variadic, arguments.last_mut()) {
            last.push_str("...");
        }
        let name = match import {
            Some(path) => format!("{}.{}", self.import(path), call.function),
            None => call.function.clone(),
        };
        let called = format!("{name}({})", arguments.join(", "));
        let mut names: Vec<String> = (0..response.parts.len())
            .map(|at| format!("r{at}"))
            .collect();
        if call.error {
            names.push("err".into());
        }
        let mut lines = Vec::new();
        match names.is_empty() {
            true => lines.push(called),
            false => lines.push(format!("{} := {called}", names.join(", "))),
        }
        if call.error {
            lines.extend(["if err != nil {", "\treturn err", "}"].map(str::to_owned));
        }
        for (at, (part, convert)) in response.parts.iter().zip(&call.results).enumerate() {
            let value = self.convert(Way::Out, part, convert, &format!("r{at}"));
            lines.push(format!("out.{} = {value}", part.go));
        }
        lines.push("return nil".into());
        lines
    }

    fn convert(&mut self, way: Way, part: &Part<'_>, convert: &Convert, x: &str) -> String {
        self.value(way, part.ty, convert, x, part.name)
    }

    /// The type without options and boxes, of a list its element and so on is left to the caller.
    fn base(&self, ty: TypeId) -> TypeId {
        spell::base(self.idl, ty)
    }

    /// The expression for `x`, of type `ty` on one side and what `convert` says on the other.
    fn value(&mut self, way: Way, ty: TypeId, convert: &Convert, x: &str, what: &str) -> String {
        let go = self.idl.go_type(ty);
        match convert {
            Convert::Same => x.to_owned(),
            Convert::Named(to) => match way {
                Way::In => format!("{}({x})", self.spelled(to)),
                Way::Out => format!("{go}({x})"),
            },
            Convert::Integer { to, checked, .. } => {
                let to = match way {
                    Way::In => self.spelled(to),
                    Way::Out => self.idl.go_type(self.base(ty)),
                };
                match checked {
                    true => format!(
                        "{}[{to}]({x}, {})",
                        self.own("convert"),
                        quoted(what.as_bytes())
                    ),
                    false => format!("{to}({x})"),
                }
            }
            Convert::Record { to, pointer } => self.record(way, ty, to, *pointer, x),
            Convert::Declared(to) => self.declared(way, ty, to, x),
            Convert::List { to, element } => {
                let Shape::List(inner) = self.idl.library.ty(self.base(ty)).shape else {
                    return x.to_owned();
                };
                let function = self.literal(way, inner, element, what);
                let list = format!("{}({x}, {function})", self.own("each"));
                self.named(way, to.as_ref(), list)
            }
            Convert::Map { to, key, value } => {
                let Shape::Map {
                    key: k, value: v, ..
                } = self.idl.library.ty(self.base(ty)).shape
                else {
                    return x.to_owned();
                };
                let (from, into) = (
                    self.pair(way, (k, key), (v, value)),
                    self.pair(other(way), (k, key), (v, value)),
                );
                let k = self.value(way, k, key, "k", what);
                let v = self.value(way, v, value, "x", what);
                let function = format!(
                    "func(k {}, x {}) ({}, {}) {{ return {k}, {v} }}",
                    from.0, from.1, into.0, into.1
                );
                let map = format!("{}({x}, {function})", self.own("pairs"));
                self.named(way, to.as_ref(), map)
            }
            Convert::Option(inner) => {
                let function = self.literal(way, self.base(ty), inner, what);
                format!("{}({x}, {function})", self.own("optional"))
            }
            Convert::TimeMessage(to) => self.time_message(way, ty, to, x),
            Convert::Stream(_) => x.to_owned(),
        }
    }

    fn named(&mut self, way: Way, to: Option<&GoType>, x: String) -> String {
        match (way, to) {
            (Way::In, Some(to)) => format!("{}({x})", self.spelled(to)),
            _ => x,
        }
    }

    /// The types of a pair on the side that values come from.
    fn pair(
        &mut self,
        way: Way,
        key: (TypeId, &Convert),
        value: (TypeId, &Convert),
    ) -> (String, String) {
        (
            self.source(way, key.0, key.1),
            self.source(way, value.0, value.1),
        )
    }

    /// A function literal for the elements of something.
    fn literal(&mut self, way: Way, ty: TypeId, convert: &Convert, what: &str) -> String {
        let from = self.source(way, ty, convert);
        let into = self.source(other(way), ty, convert);
        let value = self.value(way, ty, convert, "x", what);
        format!("func(x {from}) {into} {{ return {value} }}")
    }

    /// The type that a value has before it is converted.
    fn source(&mut self, way: Way, ty: TypeId, convert: &Convert) -> String {
        match way {
            Way::In => self.idl.go_type(ty),
            Way::Out => self.user(ty, convert),
        }
    }

    /// The user's type.
    fn user(&mut self, ty: TypeId, convert: &Convert) -> String {
        match convert {
            Convert::Same | Convert::Stream(_) => self.idl.go_type(ty),
            Convert::Named(to) | Convert::Integer { to, .. } | Convert::Declared(to) => {
                self.spelled(to)
            }
            Convert::Record { to, pointer } => {
                let star = if *pointer { "*" } else { "" };
                format!("{star}{}", self.spelled(to))
            }
            Convert::List { to: Some(to), .. } | Convert::Map { to: Some(to), .. } => {
                self.spelled(to)
            }
            Convert::List { element, .. } => match self.idl.library.ty(self.base(ty)).shape {
                Shape::List(inner) => format!("[]{}", self.user(inner, element)),
                _ => self.idl.go_type(ty),
            },
            Convert::Map { key, value, .. } => match self.idl.library.ty(self.base(ty)).shape {
                Shape::Map {
                    key: k, value: v, ..
                } => {
                    format!("map[{}]{}", self.user(k, key), self.user(v, value))
                }
                _ => self.idl.go_type(ty),
            },
            Convert::Option(inner) => format!("*{}", self.user(self.base(ty), inner)),
            Convert::TimeMessage(to) => format!("*{}", self.spelled(to)),
        }
    }

    fn record(&mut self, way: Way, ty: TypeId, to: &GoType, pointer: bool, x: &str) -> String {
        let base = self.base(ty);
        if to.import.is_empty() {
            return match (pointer, way) {
                (true, _) => x.to_owned(),
                (false, Way::In) => format!("{}({x})", self.own("value")),
                (false, Way::Out) => format!("{}({x})", self.own("pointer")),
            };
        }
        let function = self.message(way, base, to);
        match (pointer, way) {
            (true, _) => format!("{function}({x})"),
            (false, Way::In) => format!("{}({function}({x}))", self.own("value")),
            (false, Way::Out) => format!("{function}({}({x}))", self.own("pointer")),
        }
    }

    fn declared(&mut self, way: Way, ty: TypeId, to: &GoType, x: &str) -> String {
        let base = self.base(ty);
        if to.import.is_empty() {
            return x.to_owned();
        }
        match (&self.idl.library.ty(base).shape, way) {
            (Shape::Enum(_), Way::In) => format!("{}({x})", self.spelled(to)),
            (Shape::Enum(_), Way::Out) => format!("{}({x})", self.idl.go_type(base)),
            _ => x.to_owned(),
        }
    }

    fn time_message(&mut self, way: Way, ty: TypeId, to: &GoType, x: &str) -> String {
        let package = self.import(&to.import);
        let optional = spell::is_optional(self.idl, ty);
        let go = self.idl.go_type(self.base(ty));
        let as_go = if to.name == "Timestamp" {
            "AsTime"
        } else {
            "AsDuration"
        };
        match (way, optional) {
            (Way::In, false) => format!("{package}.New({x})"),
            (Way::In, true) => format!("{}({x}, {package}.New)", self.own("ifThere")),
            (Way::Out, false) => format!("{x}.{as_go}()"),
            (Way::Out, true) => format!(
                "{}({x}, func(x *{package}.{}) {go} {{ return x.{as_go}() }})",
                self.own("fromThere"),
                to.name
            ),
        }
    }

    /// The function that makes a message of another package, or takes one apart.
    fn message(&mut self, way: Way, ty: TypeId, to: &GoType) -> String {
        let go = self.idl.go_type(ty);
        let word = go.trim_start_matches('*').to_owned();
        let verb = if way == Way::In { "to" } else { "from" };
        let name = self.own(&format!("{verb}_{word}"));
        if !self.asked.insert((way, ty)) {
            return name;
        }
        let Shape::Record(record) = &self.idl.library.ty(ty).shape else {
            return name;
        };
        let theirs = self.spelled(to);
        let (from, into) = match way {
            Way::In => (go, format!("*{theirs}")),
            Way::Out => (format!("*{theirs}"), go),
        };
        let mut lines = vec![
            format!("func {name}(v {from}) {into} {{"),
            "\tif v == nil {".into(),
            "\t\treturn nil".into(),
            "\t}".into(),
            format!("\tto := new({})", into.trim_start_matches('*')),
        ];
        for part in message::record(self.idl.library, record).parts {
            let base = self.base(part.ty);
            if let Shape::Variant(_) = self.idl.library.ty(base).shape {
                lines.extend(self.oneof(way, base, &part.go, to));
                continue;
            }
            let convert = self.theirs(part.ty, to);
            let value = self.value(way, part.ty, &convert, &format!("v.{}", part.go), part.name);
            lines.push(format!("\tto.{} = {value}", part.go));
        }
        lines.push("\treturn to".into());
        lines.push("}\n".into());
        self.functions.insert(name.clone(), lines.join("\n"));
        name
    }

    fn oneof(&mut self, way: Way, ty: TypeId, field: &str, to: &GoType) -> Vec<String> {
        let Shape::Variant(variant) = &self.idl.library.ty(ty).shape else {
            return Vec::new();
        };
        let names: Vec<_> = self
            .idl
            .oneofs
            .get(&ty)
            .map(|oneof| oneof.cases.clone())
            .unwrap_or_default();
        let mut lines = vec![format!("\tswitch x := v.{field}.(type) {{")];
        for (case, names) in variant.cases.iter().zip(names) {
            let Some(member) = case.fields.first() else {
                continue;
            };
            let convert = self.theirs(member.ty, to);
            let value = self.value(
                way,
                member.ty,
                &convert,
                &format!("x.{}", names.field),
                &case.name,
            );
            let theirs = self.spelled(&GoType {
                import: to.import.clone(),
                name: names.wrapper.clone(),
            });
            let (from, into) = match way {
                Way::In => (names.wrapper, theirs),
                Way::Out => (theirs, names.wrapper),
            };
            lines.push(format!("\tcase *{from}:"));
            lines.push(format!(
                "\t\tto.{field} = &{into}{{{}: {value}}}",
                names.field
            ));
        }
        lines.push("\t}".into());
        lines
    }

    /// How a field of a message of another package differs from ours: protoc-gen-go has made it.
    fn theirs(&self, ty: TypeId, near: &GoType) -> Convert {
        let base = self.base(ty);
        let home = |full_name: Option<&str>, name: String| GoType {
            import: full_name
                .and_then(|name| self.homes.get(name))
                .unwrap_or(&near.import)
                .clone(),
            name,
        };
        let name = || spell::declared(self.idl, base).unwrap_or_default();
        let known = |package: &str, name: &str| {
            Convert::TimeMessage(GoType {
                import: format!("google.golang.org/protobuf/types/known/{package}"),
                name: name.to_owned(),
            })
        };
        match &self.idl.library.ty(base).shape {
            Shape::Record(record) => Convert::Record {
                to: home(
                    record.common.proto.as_ref().map(|proto| &*proto.full_name),
                    name(),
                ),
                pointer: true,
            },
            Shape::Enum(item) => {
                let to = home(
                    item.common.proto.as_ref().map(|proto| &*proto.full_name),
                    name(),
                );
                match spell::is_optional(self.idl, ty) {
                    true => Convert::Option(Box::new(Convert::Declared(to))),
                    false => Convert::Declared(to),
                }
            }
            Shape::Timestamp => known("timestamppb", "Timestamp"),
            Shape::Duration => known("durationpb", "Duration"),
            Shape::List(inner) => match self.theirs(*inner, near) {
                Convert::Same => Convert::Same,
                element => Convert::List {
                    to: None,
                    element: Box::new(element),
                },
            },
            Shape::Map { value, .. } => match self.theirs(*value, near) {
                Convert::Same => Convert::Same,
                value => Convert::Map {
                    to: None,
                    key: Box::new(Convert::Same),
                    value: Box::new(value),
                },
            },
            _ => Convert::Same,
        }
    }
}

fn other(way: Way) -> Way {
    match way {
        Way::In => Way::Out,
        Way::Out => Way::In,
    }
}
