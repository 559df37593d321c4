//! The interface as text, close to the source that it was declared in.

use std::fmt::Write as _;

use gangplank_descriptor::wire_name;
use gangplank_model::model::{
    Case, Common, Constant, Declaration, Event, Field, Function, HostFunction, Interface, Literal,
    Name, Object, Param, ProtoField, ProtoResult, Role, Type,
};

use super::{traits, types};

/// The whole interface. Types of the library's own crate go without its name.
pub fn text(interface: &Interface) -> String {
    let mut page = Page {
        crate_name: &interface.library.package,
        text: String::new(),
    };
    page.library(interface);
    for object in &interface.objects {
        page.object(interface, object);
    }
    for function in &interface.functions {
        page.gap();
        page.function(0, function);
    }
    for item in types(interface) {
        page.declaration(item);
    }
    for constant in &interface.constants {
        page.constant(constant);
    }
    page.foreign(interface);
    page.text
}

struct Page<'a> {
    crate_name: &'a str,
    text: String,
}

impl Page<'_> {
    /// One line. The file's texts are not trusted: a terminal gets no control characters.
    fn line(&mut self, indent: usize, line: &str) {
        let clean = |letter: char| {
            if letter.is_control() {
                '\u{fffd}'
            } else {
                letter
            }
        };
        let text = line.chars().map(clean);
        self.text.push_str(&"    ".repeat(indent));
        self.text.extend(text);
        self.text.push('\n');
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn library(&mut self, interface: &Interface) {
        let library = &interface.library;
        let panics = if library.panic_abort {
            ", a panic ends the process"
        } else {
            ""
        };
        let version = match library.version.as_str() {
            "" => String::new(), // a `.proto` file has none
            version => format!(" {version}"),
        };
        let head = format!(
            "library {}{version} (ABI {}{panics})",
            library.name, library.abi
        );
        self.line(0, &head);
        for line in library.docs.lines() {
            self.line(1, line);
        }
    }

    fn notes(&mut self, indent: usize, docs: &str, deprecated: Option<&str>) {
        for line in docs.lines() {
            self.line(indent, format!("/// {line}").trim_end());
        }
        match deprecated {
            None => {}
            Some("") => self.line(indent, "#[deprecated]"),
            Some(note) => self.line(indent, &format!("#[deprecated = {note:?}]")),
        }
    }

    /// Docs and deprecation of an item; returns how it is called.
    fn head(&mut self, indent: usize, item: &Common) -> String {
        self.notes(indent, &item.docs, item.deprecated.as_deref());
        let rust = item.path.rsplit("::").next().unwrap_or(&item.path);
        let path = if indent > 0 {
            rust
        } else {
            self.short(&item.path)
        };
        if item.name == rust {
            path.to_owned()
        } else {
            format!("{path} (named {})", item.name)
        }
    }

    fn short<'p>(&self, path: &'p str) -> &'p str {
        let rest = path.strip_prefix(self.crate_name);
        rest.and_then(|rest| rest.strip_prefix("::"))
            .unwrap_or(path)
    }

    fn ty(&self, ty: &Type<Name>) -> String {
        let text = ty.to_string();
        // A name starts at the start, after `<` or after a space.
        let parts = text.split_inclusive(['<', ' ']);
        parts.map(|part| self.short(part)).collect()
    }

    fn object(&mut self, interface: &Interface, object: &Object<Name>) {
        self.gap();
        let name = self.head(0, &object.common);
        self.line(0, &format!("object {name} {{"));
        for function in object.constructors.iter().chain(&object.methods) {
            self.function(1, function);
        }
        for item in traits(interface, object) {
            item.functions
                .iter()
                .for_each(|function| self.host_function(function));
            item.events.iter().for_each(|event| self.event(event));
        }
        self.line(0, "}");
    }

    fn function(&mut self, indent: usize, function: &Function<Name>) {
        let name = self.head(indent, &function.common);
        let constructor = if function.role == Role::Constructor {
            "constructor "
        } else {
            ""
        };
        let mode = if function.is_async { "async " } else { "" };
        let params = self.params(&function.params);
        let outcome = match &function.proto {
            Some(proto) => self.rpc_outcome(&function.results, &proto.results),
            None if function.untyped_error => self.untyped_outcome(&function.results),
            None => self.outcome(&function.results, function.error.as_ref()),
        };
        self.line(
            indent,
            &format!("{constructor}{mode}fn {name}({params}){outcome}"),
        );
    }

    fn host_function(&mut self, function: &HostFunction<Name>) {
        let name = self.head(1, &function.common);
        let params = self.params(&function.params);
        let outcome = self.outcome(&function.results, function.error.as_ref());
        let mut line = format!("host fn {name}({params}){outcome}");
        if !function
            .common
            .path
            .ends_with(&format!("::{}", function.wire))
        {
            let _ = write!(line, " as {:?}", function.wire);
        }
        if let Some(deadline) = function.deadline_ms {
            let _ = write!(line, " within {deadline} ms");
        }
        self.line(1, &line);
    }

    fn event(&mut self, event: &Event<Name>) {
        let name = self.head(1, &event.common);
        let params = self.params(&event.params);
        let mut line = format!("event {name}({params})");
        if !event.common.path.ends_with(&format!("::{}", event.wire)) {
            let _ = write!(line, " as {:?}", event.wire);
        }
        self.line(1, &line);
    }

    /// Injected parameters are shown: they are why an object has host functions and events.
    fn params(&self, params: &[Param<Name>]) -> String {
        let param = |param: &Param<Name>| {
            let borrowed = if param.borrowed { "&" } else { "" };
            format!(
                "{}: {borrowed}{}{}{}",
                called(&param.name, &param.wire),
                self.ty(&param.ty),
                form(param.proto.as_ref()),
                default(param.default.as_ref())
            )
        };
        params.iter().map(param).collect::<Vec<_>>().join(", ")
    }

    fn results(&self, results: &[Type<Name>]) -> String {
        match results {
            [one] => self.ty(one),
            several => {
                let several: Vec<_> = several.iter().map(|ty| self.ty(ty)).collect();
                format!("({})", several.join(", "))
            }
        }
    }

    fn untyped_outcome(&self, results: &[Type<Name>]) -> String {
        format!(" -> result<{}>", self.results(results))
    }

    /// An rpc's results have names.
    fn rpc_outcome(&self, results: &[Type<Name>], forms: &[ProtoResult]) -> String {
        let result = |(ty, form): (&Type<Name>, &ProtoResult)| {
            let name = called(&form.name, &form.wire);
            format!("{name}: {}{}", self.ty(ty), form.field)
        };
        let results: Vec<_> = results.iter().zip(forms).map(result).collect();
        format!(" -> result<({})>", results.join(", "))
    }

    fn outcome(&self, results: &[Type<Name>], error: Option<&Type<Name>>) -> String {
        let result = self.results(results);
        match (results, error) {
            (_, Some(error)) => format!(" -> result<{result}, {}>", self.ty(error)),
            ([], None) => String::new(),
            (_, None) => format!(" -> {result}"),
        }
    }

    fn declaration(&mut self, item: &Declaration<Name>) {
        self.gap();
        let name = self.head(0, item.common());
        let kind = item.kind();
        if let Declaration::Record(record) = item
            && record.fields.is_empty()
        {
            self.line(0, &format!("{kind} {name} {{}}"));
            return;
        }
        let open = match item {
            Declaration::Enum(item) if item.open => "open ",
            _ => "",
        };
        self.line(0, &format!("{open}{kind} {name} {{"));
        match item {
            Declaration::Record(record) => record.fields.iter().for_each(|field| {
                self.notes(1, &field.docs, field.deprecated.as_deref());
                let line = self.field(field);
                self.line(1, &line);
            }),
            Declaration::Enum(item) => item.values.iter().chain(&item.aliases).for_each(|value| {
                self.notes(1, &value.docs, value.deprecated.as_deref());
                self.line(
                    1,
                    &format!("{} = {}", called(&value.name, &value.wire), value.value),
                );
            }),
            Declaration::Variant(variant) => variant.cases.iter().for_each(|case| self.case(case)),
        }
        self.line(0, "}");
    }

    fn field(&self, field: &Field<Name>) -> String {
        format!(
            "{}: {}{}{}",
            called(&field.name, &field.wire),
            self.ty(&field.ty),
            form(field.proto.as_ref()),
            default(field.default.as_ref())
        )
    }

    fn case(&mut self, case: &Case<Name>) {
        self.notes(1, &case.docs, case.deprecated.as_deref());
        let name = called(&case.name, &case.wire);
        let line = if case.fields.is_empty() {
            name
        } else if case.positional {
            let ty = |field: &Field<Name>| self.ty(&field.ty) + &form(field.proto.as_ref());
            let types: Vec<_> = case.fields.iter().map(ty).collect();
            format!("{name}({})", types.join(", "))
        } else {
            let fields: Vec<_> = case.fields.iter().map(|field| self.field(field)).collect();
            format!("{name} {{ {} }}", fields.join(", "))
        };
        self.line(1, &line);
    }

    fn constant(&mut self, constant: &Constant<Name>) {
        self.gap();
        let name = self.head(0, &constant.common);
        let (ty, value) = (self.ty(&constant.ty), &constant.value);
        self.line(0, &format!("const {name}: {ty} = {value}"));
    }

    fn foreign(&mut self, interface: &Interface) {
        if interface.foreign.is_empty() {
            return;
        }
        self.gap();
        self.line(0, "not part of the interface (declared by other crates):");
        for item in &interface.foreign {
            self.line(1, &item.path);
        }
    }
}

/// The protobuf form behind a type.
fn form(form: Option<&ProtoField>) -> String {
    form.map(ToString::to_string).unwrap_or_default()
}

fn default(default: Option<&Literal>) -> String {
    default.map_or(String::new(), |value| format!(" = {value}"))
}

/// A name, with the wire name where that is not derived from it.
fn called(name: &str, wire: &str) -> String {
    if wire == name || wire == wire_name(name) {
        name.to_owned()
    } else {
        format!("{name} ({wire:?})")
    }
}
