//! From the items of a library file to an interface.
//!
//! Comes in: decoded items in any order, also those of dependency crates, also repeated. Goes out: the interface of one
//! library, grouped and sorted, with types by name. Of the library's own crate come functions, objects and constants;
//! other crates lend types and traits only.

mod convert;

use std::collections::BTreeMap;

use gangplank_descriptor::owned::{self, Body, Item};

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::model::{
    Common, Constant, Declaration, Function, Interface, Library, Name, Object, Role, Trait,
};

/// What a front end has read.
#[derive(Clone, Debug)]
pub struct Source {
    /// All items, in any order.
    pub items: Vec<Item>,
    /// The crate whose library is meant; without it there must be one only.
    pub root: Option<String>,
}

/// Puts the items of a file together.
///
/// # Errors
///
/// When there is no library, more than one, or two different items of one path.
pub fn assemble(source: Source) -> Result<Interface, Diagnostics> {
    let Source { items, root } = source;
    let library = library(&items, root.as_deref())?;
    let mut found = Diagnostics::default();
    let items = unique(items, &mut found);
    let mut parts = Parts::default();
    for item in items {
        parts.add(item, &library.package);
    }
    let interface = parts.interface(library, &mut found);
    found.into_result(interface)
}

/// The library item that is meant.
fn library(items: &[Item], root: Option<&str>) -> Result<Library, Diagnostics> {
    let mut libraries: Vec<&owned::Library> = Vec::new();
    let mut bytes = Vec::new();
    for item in items {
        if let Body::Library(library) = &item.body
            && root.is_none_or(|root| root == library.crate_name)
            && !libraries.contains(&library)
        {
            libraries.push(library);
            bytes = item.body.to_vec();
        }
    }
    match libraries.as_slice() {
        [library] => Ok(Library {
            name: library.crate_name.clone(),
            version: library.version.clone(),
            docs: library.docs.clone(),
            abi: library.abi,
            panic_abort: library.panic_abort,
            package: library
                .package
                .clone()
                .unwrap_or_else(|| library.crate_name.clone()),
            services: library.services.clone(),
            item: bytes,
        }),
        [] => Err(no_library(root).into()),
        several => Err(several_libraries(several).into()),
    }
}

fn no_library(root: Option<&str>) -> Diagnostic {
    let message = match root {
        Some(root) => format!("the crate `{root}` declares no library"),
        None => "no library is declared".to_owned(),
    };
    Diagnostic::new(codes::NO_LIBRARY, message)
        .help("write `gangplank::library!();` once in the crate's `lib.rs`")
}

fn several_libraries(several: &[&owned::Library]) -> Diagnostic {
    let names: Vec<_> = several
        .iter()
        .map(|library| format!("`{}` {}", library.crate_name, library.version))
        .collect();
    let message = format!("several libraries are declared: {}", names.join(", "));
    Diagnostic::new(codes::SEVERAL_LIBRARIES, message)
        .help("keep the library's file name, `lib<crate>.so`: it says which of them is meant")
}

/// Each item once; the same item may be in a file several times.
fn unique(items: Vec<Item>, found: &mut Diagnostics) -> Vec<Item> {
    let mut by_name: BTreeMap<Name, Item> = BTreeMap::new();
    for item in items {
        let Some(common) = item.common() else {
            continue;
        };
        let name = Name {
            path: common.path.clone(),
            version: common.version.clone(),
        };
        match by_name.get(&name) {
            None => drop(by_name.insert(name, item)),
            Some(first) if *first == item => {}
            Some(first) => found.push(declared_twice(first, &item)),
        }
    }
    by_name.into_values().collect()
}

fn declared_twice(first: &Item, second: &Item) -> Diagnostic {
    let message = format!("two items are called `{}`", first.path());
    let mut diagnostic = Diagnostic::new(codes::DECLARED_TWICE, message)
        .help("declare the items of an interface in modules, not in functions, and rename one");
    for item in [first, second] {
        if let Some(common) = convert::common(item) {
            diagnostic = diagnostic.label(&common, item.to_string());
        }
    }
    diagnostic
}

/// What was seen so far.
#[derive(Default)]
struct Parts {
    types: Vec<Declaration<Name>>,
    objects: Vec<Object<Name>>,
    functions: Vec<Function<Name>>,
    /// Constructors and methods, whose object may come later.
    members: Vec<(Name, Function<Name>)>,
    traits: BTreeMap<Name, Trait<Name>>,
    constants: Vec<Constant<Name>>,
    foreign: Vec<Common>,
}

impl Parts {
    fn add(&mut self, item: Item, root: &str) {
        let Some(common) = convert::common(&item) else {
            return;
        };
        let own = common.crate_name() == root;
        match item.body {
            Body::Library(_) => {}
            Body::Record(record) => self.types.push(convert::record(common, record)),
            Body::Enum(item) => self.types.push(convert::enumeration(common, item)),
            Body::Variant(variant) => self.types.push(convert::variant(common, variant, false)),
            Body::Error(variant) => self.types.push(convert::variant(common, variant, true)),
            Body::HostFunction(function) => {
                let (owner, function) = convert::host_function(common, function);
                self.trait_of(owner).functions.push(function);
            }
            Body::Event(event) => {
                let (owner, event) = convert::event(common, event);
                self.trait_of(owner).events.push(event);
            }
            Body::Object(object) if own => self.objects.push(convert::object(common, object)),
            Body::Constant(item) if own => self.constants.push(convert::constant(common, item)),
            Body::Function(function) if own => match convert::function(common, function) {
                (None, function) => self.functions.push(function),
                (Some(owner), function) => self.members.push((owner, function)),
            },
            Body::Object(_) | Body::Constant(_) | Body::Function(_) => self.foreign.push(common),
        }
    }

    fn trait_of(&mut self, owner: Name) -> &mut Trait<Name> {
        self.traits.entry(owner.clone()).or_insert_with(|| Trait {
            path: owner.path,
            version: owner.version,
            functions: Vec::new(),
            events: Vec::new(),
        })
    }

    fn interface(mut self, library: Library, found: &mut Diagnostics) -> Interface {
        for (owner, function) in self.members {
            let mut objects = self.objects.iter_mut();
            match objects.find(|object| object.common.path == owner.path) {
                None => found.push(no_object(&owner, &function.common)),
                Some(object) if function.role == Role::Constructor => {
                    object.constructors.push(function);
                }
                Some(object) => object.methods.push(function),
            }
        }
        for object in &mut self.objects {
            sort(&mut object.constructors, |item| &item.common);
            sort(&mut object.methods, |item| &item.common);
        }
        sort(&mut self.types, Declaration::common);
        sort(&mut self.objects, |item| &item.common);
        sort(&mut self.functions, |item| &item.common);
        sort(&mut self.constants, |item| &item.common);
        sort(&mut self.foreign, |item| item);
        let mut traits: Vec<_> = self.traits.into_values().collect();
        for item in &mut traits {
            item.functions.sort_by(|a, b| a.wire.cmp(&b.wire));
            item.events.sort_by(|a, b| a.wire.cmp(&b.wire));
        }
        Interface {
            library,
            types: self.types,
            objects: self.objects,
            traits,
            functions: self.functions,
            constants: self.constants,
            foreign: self.foreign,
        }
    }
}

/// By exposed name, then by path and version, which are unique together.
fn sort<T>(items: &mut [T], common: impl Fn(&T) -> &Common) {
    let key = |item: &T| {
        let common = common(item);
        (
            common.name.clone(),
            common.path.clone(),
            common.version.clone(),
        )
    };
    items.sort_by_cached_key(key);
}

fn no_object(owner: &Name, function: &Common) -> Diagnostic {
    let message = format!(
        "`{}` belongs to `{owner}`, which is not an object",
        function.path
    );
    Diagnostic::new(codes::UNKNOWN_TYPE, message)
        .label(function, "declared here")
        .help("the library's file is incomplete: build it again")
}
