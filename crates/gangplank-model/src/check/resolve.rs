//! Finds what every name refers to, once.
//!
//! Comes in: the interface by name. Goes out: the interface by index, with the types and traits that its own functions,
//! objects and constants reach. An unknown name is a finding; `bool` stands in for it so that the rest can be checked.

use std::collections::HashMap;

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::model::{
    Case, Common, Constant, Declaration, Event, Field, Function, HostFunction, Id, Interface, Name,
    Object, Param, Record, Trait, Type, Variant,
};

pub(crate) fn resolve(raw: &Interface, found: &mut Diagnostics) -> Interface<Id> {
    let mut resolver = Resolver {
        raw,
        types: Picked::new(raw.types.iter().map(|item| {
            let common = item.common();
            (&common.path, &common.version)
        })),
        traits: Picked::new(raw.traits.iter().map(|item| (&item.path, &item.version))),
        found,
    };
    let objects = raw
        .objects
        .iter()
        .map(|object| resolver.object(object))
        .collect();
    let functions = raw
        .functions
        .iter()
        .map(|function| resolver.function(function))
        .collect();
    let constants = raw
        .constants
        .iter()
        .map(|constant| resolver.constant(constant))
        .collect();
    let traits = resolver.reached_traits();
    let types = resolver.reached_types();
    Interface {
        library: raw.library.clone(),
        types,
        objects,
        traits,
        functions,
        constants,
        foreign: raw.foreign.clone(),
    }
}

/// The declarations of one list that were referred to, in the order in which that happened.
struct Picked<'a> {
    by_name: HashMap<(&'a str, &'a str), usize>,
    ids: HashMap<usize, Id>,
    order: Vec<usize>,
}

impl<'a> Picked<'a> {
    fn new(names: impl Iterator<Item = (&'a String, &'a String)>) -> Self {
        let names = names.enumerate();
        Picked {
            by_name: names
                .map(|(at, (path, version))| ((path.as_str(), version.as_str()), at))
                .collect(),
            ids: HashMap::new(),
            order: Vec::new(),
        }
    }

    fn find(&mut self, name: &Name) -> Option<Id> {
        let at = *self
            .by_name
            .get(&(name.path.as_str(), name.version.as_str()))?;
        Some(*self.ids.entry(at).or_insert_with(|| {
            self.order.push(at);
            Id(self.order.len() - 1)
        }))
    }

    /// Another version of what has this name.
    fn other_version(&self, name: &Name) -> Option<&'a str> {
        let other = self.by_name.keys().find(|(path, _)| *path == name.path)?;
        Some(other.1)
    }
}

struct Resolver<'a> {
    raw: &'a Interface,
    types: Picked<'a>,
    traits: Picked<'a>,
    found: &'a mut Diagnostics,
}

impl<'a> Resolver<'a> {
    /// The traits that objects have injected. They refer to types, so they come first.
    fn reached_traits(&mut self) -> Vec<Trait<Id>> {
        let mut traits = Vec::new();
        while let Some(at) = self.traits.order.get(traits.len()) {
            let raw = &self.raw.traits[*at];
            traits.push(Trait {
                path: raw.path.clone(),
                version: raw.version.clone(),
                functions: raw
                    .functions
                    .iter()
                    .map(|item| self.host_function(item))
                    .collect(),
                events: raw.events.iter().map(|item| self.event(item)).collect(),
            });
        }
        traits
    }

    fn reached_types(&mut self) -> Vec<Declaration<Id>> {
        let mut types = Vec::new();
        while let Some(at) = self.types.order.get(types.len()) {
            let raw = &self.raw.types[*at];
            types.push(self.declaration(raw));
        }
        types
    }

    fn declaration(&mut self, raw: &Declaration<Name>) -> Declaration<Id> {
        match raw {
            Declaration::Enum(item) => Declaration::Enum(item.clone()),
            Declaration::Record(record) => Declaration::Record(Record {
                common: record.common.clone(),
                fields: self.fields(&record.fields, &record.common),
            }),
            Declaration::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| Case {
                    name: case.name.clone(),
                    wire: case.wire.clone(),
                    docs: case.docs.clone(),
                    deprecated: case.deprecated.clone(),
                    positional: case.positional,
                    message: case.message.clone(),
                    fields: self.fields(&case.fields, &variant.common),
                });
                Declaration::Variant(Variant {
                    cases: cases.collect(),
                    common: variant.common.clone(),
                    is_error: variant.is_error,
                })
            }
        }
    }

    fn fields(&mut self, raw: &[Field<Name>], item: &Common) -> Vec<Field<Id>> {
        let field = |field: &Field<Name>| Field {
            name: field.name.clone(),
            wire: field.wire.clone(),
            docs: field.docs.clone(),
            deprecated: field.deprecated.clone(),
            ty: self.ty(&field.ty, item, &|| format!("the field `{}`", field.name)),
            default: field.default.clone(),
            proto: field.proto,
        };
        raw.iter().map(field).collect()
    }

    fn object(&mut self, raw: &Object<Name>) -> Object<Id> {
        let common = &raw.common;
        let injected = raw.injected.iter();
        Object {
            common: common.clone(),
            injected: injected
                .map(|ty| self.ty(ty, common, &|| "injected".to_owned()))
                .collect(),
            constructors: raw
                .constructors
                .iter()
                .map(|item| self.function(item))
                .collect(),
            methods: raw.methods.iter().map(|item| self.function(item)).collect(),
        }
    }

    fn function(&mut self, raw: &Function<Name>) -> Function<Id> {
        Function {
            common: raw.common.clone(),
            symbol: raw.symbol.clone(),
            role: raw.role,
            is_async: raw.is_async,
            params: self.params(&raw.params, &raw.common),
            results: self.results(&raw.results, &raw.common),
            error: self.error(raw.error.as_ref(), &raw.common),
            untyped_error: raw.untyped_error,
            proto: raw.proto.clone(),
            abi_hash: raw.abi_hash,
        }
    }

    fn host_function(&mut self, raw: &HostFunction<Name>) -> HostFunction<Id> {
        HostFunction {
            common: raw.common.clone(),
            wire: raw.wire.clone(),
            params: self.params(&raw.params, &raw.common),
            results: self.results(&raw.results, &raw.common),
            error: self.error(raw.error.as_ref(), &raw.common),
            deadline_ms: raw.deadline_ms,
        }
    }

    fn event(&mut self, raw: &Event<Name>) -> Event<Id> {
        Event {
            common: raw.common.clone(),
            wire: raw.wire.clone(),
            params: self.params(&raw.params, &raw.common),
        }
    }

    fn constant(&mut self, raw: &Constant<Name>) -> Constant<Id> {
        Constant {
            common: raw.common.clone(),
            ty: self.ty(&raw.ty, &raw.common, &|| "its type".to_owned()),
            value: raw.value.clone(),
        }
    }

    fn params(&mut self, raw: &[Param<Name>], item: &Common) -> Vec<Param<Id>> {
        let param = |param: &Param<Name>| Param {
            name: param.name.clone(),
            wire: param.wire.clone(),
            docs: param.docs.clone(),
            ty: self.ty(&param.ty, item, &|| {
                format!("the parameter `{}`", param.name)
            }),
            borrowed: param.borrowed,
            default: param.default.clone(),
            proto: param.proto,
        };
        raw.iter().map(param).collect()
    }

    fn results(&mut self, raw: &[Type<Name>], item: &Common) -> Vec<Type<Id>> {
        raw.iter()
            .map(|ty| self.ty(ty, item, &|| "its result".to_owned()))
            .collect()
    }

    fn error(&mut self, raw: Option<&Type<Name>>, item: &Common) -> Option<Type<Id>> {
        raw.map(|ty| self.ty(ty, item, &|| "its error".to_owned()))
    }

    fn ty(&mut self, raw: &Type<Name>, item: &Common, role: &dyn Fn() -> String) -> Type<Id> {
        let resolved = match raw {
            Type::Bool => Some(Type::Bool),
            Type::Number(scalar) => Some(Type::Number(*scalar)),
            Type::String => Some(Type::String),
            Type::Bytes => Some(Type::Bytes),
            Type::Timestamp => Some(Type::Timestamp),
            Type::Duration => Some(Type::Duration),
            Type::List(element) => Some(Type::List(Box::new(self.ty(element, item, role)))),
            Type::Option(element) => Some(Type::Option(Box::new(self.ty(element, item, role)))),
            Type::Boxed(element) => Some(Type::Boxed(Box::new(self.ty(element, item, role)))),
            Type::Stream(element) => Some(Type::Stream(Box::new(self.ty(element, item, role)))),
            Type::Map(key, value) => {
                let key = Box::new(self.ty(key, item, role));
                Some(Type::Map(key, Box::new(self.ty(value, item, role))))
            }
            Type::Declared(name) => self.types.find(name).map(Type::Declared),
            Type::Object(name) => self.object_id(name).map(Type::Object),
            // A trait without functions has no items; it is as good as one that declares nothing.
            Type::Host(name) => Some(Type::Host(self.traits.find(name).unwrap_or(NO_TRAIT))),
            Type::Events(name) => Some(Type::Events(self.traits.find(name).unwrap_or(NO_TRAIT))),
            Type::Callback(name) => {
                Some(Type::Callback(self.traits.find(name).unwrap_or(NO_TRAIT)))
            }
        };
        resolved.unwrap_or_else(|| {
            let diagnostic = self.unknown(raw, item, &role());
            self.found.push(diagnostic);
            Type::Bool
        })
    }

    fn object_id(&self, name: &Name) -> Option<Id> {
        let mut objects = self.raw.objects.iter();
        objects
            .position(|object| object.common.path == name.path)
            .map(Id)
    }

    fn unknown(&self, ty: &Type<Name>, item: &Common, role: &str) -> Diagnostic {
        let (Type::Declared(name) | Type::Object(name)) = ty else {
            return Diagnostic::new(codes::UNKNOWN_TYPE, format!("unknown type `{ty}`"));
        };
        let diagnostic = Diagnostic::new(codes::UNKNOWN_TYPE, format!("unknown type `{ty}`"));
        let diagnostic = diagnostic.label(item, format!("{role} has this type"));
        if self
            .raw
            .foreign
            .iter()
            .any(|foreign| foreign.path == name.path)
        {
            return diagnostic.help(format!(
                "objects of other crates are not part of the interface of `{}`: wrap the object in one of its own",
                self.raw.library.name
            ));
        }
        match self.types.other_version(name) {
            Some(other) => diagnostic.help(format!(
                "version {} is meant, the library holds version {other}: build it again with one version",
                name.version
            )),
            None => diagnostic.help(
                "the library's file does not hold the item of this type: build it again, and keep the section `gp_iface` in custom link steps",
            ),
        }
    }
}

/// The id of a trait that declares nothing: no index.
const NO_TRAIT: Id = Id(usize::MAX);
