//! The diff: what has become of an interface, and whether its hosts still work.
//!
//! Comes in: the interface of an older library and of a newer one. Goes out: a [`Change`] per item that is not the same
//! in both. The rules are those of the hosts, which compare every item they use with the library before the first call:
//! new items, default values and deprecations do not disturb them, everything else does. A layer of its own because people
//! and CI ask this without generating anything, also of an interface that no package could be generated from.

mod notes;

use std::collections::{BTreeMap, BTreeSet};

use crate::check::resolve;
use crate::diagnostics::Diagnostics;
use crate::model::{Common, Function, Id, Interface, Location, Role};

use notes::Note;

/// What has become of an interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Every item that is not the same, in order of paths. What concerns the library as a whole comes first.
    pub changes: Vec<Change>,
}

/// What has become of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `library`, `record`, `enum`, `variant`, `error`, `object`, `constructor`, `method`, `function`, `host function`,
    /// `event` or `constant`; of an item that has changed its kind, the new one.
    pub kind: &'static str,
    /// `my_timer::EchoRequest`; with `@` and the crate's version where a library has two versions of that crate.
    pub path: String,
    /// What happened.
    pub what: What,
    /// How it looked in the old library; absent when it was not there.
    pub old: Option<Side>,
    /// How it looks in the new library; absent when it is gone.
    pub new: Option<Side>,
}

/// An item in one of the two libraries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The part that differs, on one line.
    pub shape: String,
    /// Where it is declared.
    pub location: Location,
}

/// What can happen to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// Its shape is another one.
    Changed,
    /// It has the same shape and another name in the packages: a host that is built works on, its source does not.
    Renamed,
    /// It has the same shape, lowered another way: machine code of hosts no longer fits.
    Abi,
    /// It has the same shape, with another default value or deprecation: hosts work on, their next package says otherwise.
    Annotated,
}

/// What a diff means to those who use the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Judgement {
    /// Nothing has changed.
    Same,
    /// Hosts of the old library work with the new one.
    Additive,
    /// Some host of the old library does not.
    Breaking,
}

impl What {
    /// What it means by itself.
    pub fn judgement(self) -> Judgement {
        match self {
            What::Added | What::Annotated => Judgement::Additive,
            What::Removed | What::Changed | What::Renamed | What::Abi => Judgement::Breaking,
        }
    }
}

impl Diff {
    /// What it means in all: the worst of its changes.
    pub fn judgement(&self) -> Judgement {
        let judgements = self.changes.iter().map(|change| change.what.judgement());
        judgements.max().unwrap_or(Judgement::Same)
    }
}

/// Compares two interfaces.
///
/// # Errors
/// One of them refers to something that it does not declare.
pub fn diff(old: &Interface, new: &Interface) -> Result<Diff, Diagnostics> {
    let mut found = Diagnostics::default();
    let (old, new) = (
        resolve::resolve(old, &mut found),
        resolve::resolve(new, &mut found),
    );
    let (old_items, new_items) = (items(&old), items(&new));
    let twice: BTreeSet<Key<'_>> = twice(&old_items).chain(twice(&new_items)).collect();
    let (before, after) = (by_name(old_items, &twice), by_name(new_items, &twice));
    let names: BTreeSet<&Name<'_>> = before.keys().chain(after.keys()).collect();
    let mut changes = Vec::from_iter(library(&old, &new));
    for name in names {
        changes.extend(change(name, before.get(name), after.get(name)));
    }
    found.into_result(Diff { changes })
}

/// Items of one space cannot have the same path; those of two spaces can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Space {
    Type,
    Value,
    Host,
}

type Key<'a> = (&'a str, Space);
/// The version is empty where the path alone says which item is meant.
type Name<'a> = (Key<'a>, &'a str);

/// One item, reduced to what is compared.
struct Item<'a> {
    kind: &'static str,
    space: Space,
    common: &'a Common,
    abi: Option<u64>,
    notes: Vec<Note>,
}

impl<'a> Item<'a> {
    fn new(kind: &'static str, space: Space, common: &'a Common) -> Self {
        Item {
            kind,
            space,
            common,
            abi: None,
            notes: vec![Note::item(common)],
        }
    }

    /// The same, with the notes of its parts.
    fn with(mut self, parts: Vec<Note>) -> Self {
        self.notes.extend(parts);
        self
    }

    fn function(function: &'a Function<Id>) -> Self {
        let kind = match function.role {
            Role::Free => "function",
            Role::Constructor => "constructor",
            Role::Method => "method",
        };
        Item {
            abi: function.abi_hash,
            ..Item::new(kind, Space::Value, &function.common).with(notes::params(&function.params))
        }
    }

    fn key(&self) -> Key<'a> {
        (&self.common.path, self.space)
    }

    fn side(&self, shape: String) -> Side {
        Side {
            shape,
            location: self.common.location.clone(),
        }
    }

    fn shape(&self) -> Side {
        self.side(self.common.shape_text.clone())
    }
}

/// Everything that a host can use.
fn items(interface: &Interface<Id>) -> Vec<Item<'_>> {
    let mut all = Vec::new();
    let types = interface.types.iter();
    all.extend(
        types.map(|item| {
            Item::new(item.kind(), Space::Type, item.common()).with(notes::fields(item))
        }),
    );
    for object in &interface.objects {
        all.push(Item::new("object", Space::Type, &object.common));
        all.extend(object.constructors.iter().map(Item::function));
        all.extend(object.methods.iter().map(Item::function));
    }
    for item in &interface.traits {
        let functions = item.functions.iter();
        all.extend(functions.map(|item| {
            Item::new("host function", Space::Host, &item.common).with(notes::params(&item.params))
        }));
        let events = item.events.iter();
        all.extend(events.map(|item| {
            Item::new("event", Space::Host, &item.common).with(notes::params(&item.params))
        }));
    }
    all.extend(interface.functions.iter().map(Item::function));
    let constants = interface.constants.iter();
    all.extend(constants.map(|item| Item::new("constant", Space::Value, &item.common)));
    all
}

/// The items that a library has in two versions of their crate.
fn twice<'a>(items: &[Item<'a>]) -> impl Iterator<Item = Key<'a>> + use<'a> {
    let mut seen = BTreeSet::new();
    let again = items.iter().map(Item::key).filter(|key| !seen.insert(*key));
    again.collect::<Vec<_>>().into_iter()
}

fn by_name<'a>(items: Vec<Item<'a>>, twice: &BTreeSet<Key<'_>>) -> BTreeMap<Name<'a>, Item<'a>> {
    let named = items.into_iter().map(|item| {
        let key = item.key();
        let version = if twice.contains(&key) {
            item.common.version.as_str()
        } else {
            ""
        };
        ((key, version), item)
    });
    named.collect()
}

/// What concerns every item at once.
fn library(old: &Interface<Id>, new: &Interface<Id>) -> Option<Change> {
    let side = |interface: &Interface<Id>| {
        let library = &interface.library;
        Some(Side {
            shape: format!("library {}, ABI version {}", library.package, library.abi),
            location: Location::default(),
        })
    };
    let (before, after) = (&old.library, &new.library);
    let what = match (before.package == after.package, before.abi == after.abi) {
        (true, true) => return None,
        (true, false) => What::Abi,
        // The prefix of every symbol; of a `.proto` file what its items are named after, and no symbol is compared.
        (false, _) => What::Changed,
    };
    Some(Change {
        kind: "library",
        path: after.package.clone(),
        what,
        old: side(old),
        new: side(new),
    })
}

/// `None` when the item is the same.
fn change(name: &Name<'_>, old: Option<&Item<'_>>, new: Option<&Item<'_>>) -> Option<Change> {
    let ((path, _), version) = name;
    let (what, before, after) = match (old, new) {
        (Some(old), Some(new)) => both(old, new)?,
        (None, Some(new)) => (What::Added, None, Some(new.shape())),
        (Some(old), None) => (What::Removed, Some(old.shape()), None),
        (None, None) => return None,
    };
    Some(Change {
        kind: new.or(old)?.kind,
        path: match *version {
            "" => (*path).to_owned(),
            version => format!("{path}@{version}"),
        },
        what,
        old: before,
        new: after,
    })
}

/// An item that both libraries have.
fn both(old: &Item<'_>, new: &Item<'_>) -> Option<(What, Option<Side>, Option<Side>)> {
    let (a, b) = (old.common, new.common);
    if a.hash != b.hash || old.kind != new.kind {
        return Some((What::Changed, Some(old.shape()), Some(new.shape())));
    }
    if a.name != b.name {
        let name = |item: &Item<'_>| Some(item.side(format!("name {}", item.common.name)));
        return Some((What::Renamed, name(old), name(new)));
    }
    // What comes from a `.proto` file alone was not lowered by any compiler yet.
    if old.abi.is_some() && new.abi.is_some() && old.abi != new.abi {
        let abi = |item: &Item<'_>| {
            let hash = item.abi.map(|hash| format!("{hash:016x}"));
            Some(item.side(format!(
                "lowered as {}",
                hash.as_deref().unwrap_or("nothing")
            )))
        };
        return Some((What::Abi, abi(old), abi(new)));
    }
    let (before, after) = notes::differing(&old.notes, &new.notes)?;
    Some((
        What::Annotated,
        Some(old.side(before)),
        Some(new.side(after)),
    ))
}
