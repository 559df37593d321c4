//! What a type of the user's is, names looked up.
//!
//! Comes in: a type expression and the package it stands in. Goes out: what it comes down to, and the name to convert to.
//! Packages that it refers to are read when they are needed, and only then.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::signature::{self, Kind, Package, PackageFiles, Type};
use super::workspace::Workspace;

/// A type as the guest can write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoType {
    /// The package it is from; empty: predeclared, or of the guest's own package.
    pub import: String,
    /// `Level`.
    pub name: String,
}

/// What a type comes down to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resolved {
    /// Not an alias and not a name, unless it is `Resolved::well_known` or a message.
    pub(super) under: Under,
    /// The name, if it has one that is not predeclared.
    pub(super) named: Option<GoType>,
    /// The package that the parts of `under` are to be read in.
    pub(super) home: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Under {
    /// `int32`, `error`.
    Basic(String),
    Slice(Type),
    Map(Type, Type),
    Pointer(Type),
    /// Generic `iter.Seq2[T, error]`.
    Stream(Type),
    /// A message, enum or variant of the definition.
    Declared(String),
    Context,
    Time,
    Duration,
    /// `timestamppb.Timestamp`.
    TimestampMessage,
    /// `durationpb.Duration`.
    DurationMessage,
    Other,
}

/// Reads types in the packages of one implementation.
pub(super) struct Types<'a> {
    pub(super) workspace: &'a Workspace<'a>,
    /// The implementation's package, and its path (empty: the guest's own).
    pub(super) package: &'a Package,
    pub(super) home: &'a str,
    /// Where the definition's messages are, and what they are called (empty: whatever is there).
    pub(super) messages: Option<&'a str>,
    pub(super) declared: &'a [String],
    pub(super) read: RefCell<BTreeMap<String, Option<Rc<Package>>>>,
}

/// Enough for any chain of declarations that people write.
const DEEPEST: usize = 32;

impl Types<'_> {
    /// What `ty`, written in package `home`, comes down to.
    pub(super) fn resolve(&self, ty: &Type, home: &str) -> Resolved {
        self.step(ty, home, DEEPEST)
    }

    fn step(&self, ty: &Type, home: &str, depth: usize) -> Resolved {
        let plain = |under| Resolved {
            under,
            named: None,
            home: home.to_owned(),
        };
        let part = |at: usize| ty.of.get(at).cloned();
        match (ty.kind, part(0), part(1)) {
            (Kind::Basic, ..) => plain(Under::Basic(ty.name.clone())),
            (Kind::Slice, Some(element), _) => plain(Under::Slice(element)),
            (Kind::Pointer, Some(element), _) => plain(Under::Pointer(element)),
            (Kind::Map, Some(key), Some(value)) => plain(Under::Map(key, value)),
            (Kind::Generic, Some(base), Some(element)) => plain(stream(&base, element, part(2))),
            (Kind::Named, ..) if depth > 0 => self.named(ty, home, depth - 1),
            _ => plain(Under::Other),
        }
    }

    fn named(&self, ty: &Type, home: &str, depth: usize) -> Resolved {
        let import = if ty.import.is_empty() {
            home
        } else {
            &ty.import
        };
        let found = |under| Resolved {
            under,
            named: Some(GoType {
                import: import.to_owned(),
                name: ty.name.clone(),
            }),
            home: import.to_owned(),
        };
        if let Some(under) = well_known(import, &ty.name) {
            return found(under);
        }
        let is_message = self.messages == Some(import)
            && (self.declared.is_empty() || self.declared.contains(&ty.name));
        if is_message {
            return found(Under::Declared(ty.name.clone()));
        }
        let package = self.package_of(import);
        let declared = package.as_deref().unwrap_or(self.package);
        let declaration = match (&package, import == self.home) {
            (None, false) => None,
            _ => declared
                .types
                .iter()
                .find(|declared| declared.name == ty.name),
        };
        let Some(declaration) = declaration else {
            return found(Under::Other);
        };
        let under = self.step(&declaration.ty, import, depth);
        if declaration.alias {
            return under;
        }
        Resolved {
            named: found(Under::Other).named,
            ..under
        }
    }

    /// The package of an import path; nothing for the implementation's own, and for what cannot be read.
    fn package_of(&self, import: &str) -> Option<Rc<Package>> {
        if import == self.home {
            return None;
        }
        if let Some(known) = self.read.borrow().get(import) {
            return known.clone();
        }
        let package = self.load(import).map(Rc::new);
        self.read
            .borrow_mut()
            .insert(import.to_owned(), package.clone());
        package
    }

    fn load(&self, import: &str) -> Option<Package> {
        let listed = self.workspace.list(import).ok()?;
        let question = PackageFiles {
            import_path: import.to_owned(),
            files: self.workspace.files(&listed),
            messages: Vec::new(),
        };
        signature::read(self.workspace.go, &[question], &|_| ())
            .ok()?
            .pop()
    }
}

fn stream(base: &Type, element: Type, second: Option<Type>) -> Under {
    let is_error = second.is_some_and(|ty| ty.kind == Kind::Basic && ty.name == "error");
    if base.import == "iter" && base.name == "Seq2" && is_error {
        Under::Stream(element)
    } else {
        Under::Other
    }
}

fn well_known(import: &str, name: &str) -> Option<Under> {
    Some(match (import, name) {
        ("context", "Context") => Under::Context,
        ("time", "Time") => Under::Time,
        ("time", "Duration") => Under::Duration,
        ("google.golang.org/protobuf/types/known/timestamppb", "Timestamp") => {
            Under::TimestampMessage
        }
        ("google.golang.org/protobuf/types/known/durationpb", "Duration") => Under::DurationMessage,
        _ => return None,
    })
}
