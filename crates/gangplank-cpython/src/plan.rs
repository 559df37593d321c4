//! The plan: how each type of an interface converts, with everything looked up once.
//!
//! Comes in: the lowered library, and a table of the Python classes that stand for its types. Goes out: a list of nodes,
//! one for each type, which [`crate::Reader`] and [`crate::Writer`] walk without asking for a name.

mod dataclass;

use std::ffi::CString;

use gangplank_model::lowered::{Enum, Field, Library, Scalar, Shape, Type, TypeId, Variant};
use gangplank_model::{Diagnostics, Source, assemble, check, lower};
use pyo3_ffi as ffi;

use crate::fault::{Fault, Why};
use crate::object::{Object, call, take_back};
pub use dataclass::Dataclass;

/// How the types of an interface convert.
#[derive(Debug)]
pub struct Plan {
    nodes: Vec<Node>,
}

/// How one type converts.
#[derive(Debug)]
pub struct Node {
    pub(crate) kind: Kind,
    /// Bytes of a value.
    pub size: usize,
    /// Its alignment.
    pub align: usize,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Bool,
    Scalar(Scalar),
    String,
    Bytes,
    Enum(Members),
    Time(Dataclass),
    Record(Struct),
    Variant {
        name: String,
        union: usize,
        cases: Vec<Struct>,
    },
    List(TypeId),
    /// With the class that says "there" where the value itself may be `None`.
    Option {
        inner: TypeId,
        offset: usize,
        some: Option<Dataclass>,
    },
    Nullable {
        inner: TypeId,
        some: Option<Dataclass>,
    },
    Boxed(TypeId),
    Map {
        key: TypeId,
        value: TypeId,
        offset: usize,
        size: usize,
    },
    /// The index is that of the lowered library's object.
    Object(usize),
    /// What no function can have yet.
    Unsupported(String),
}

/// The members of an `IntEnum`, sorted by number.
#[derive(Debug)]
pub(crate) struct Members {
    pub(crate) class: Object,
    pub(crate) name: String,
    pub(crate) open: bool,
    members: Vec<(i32, Object)>,
}

impl Members {
    pub(crate) fn get(&self, number: i32) -> Option<&Object> {
        let found = self.members.binary_search_by_key(&number, |(at, _)| *at);
        found.ok().map(|at| &self.members[at].1)
    }
}

/// A class and where its fields lie in C.
#[derive(Debug)]
pub struct Struct {
    pub(crate) class: Dataclass,
    pub(crate) fields: Vec<Place>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) ty: TypeId,
    pub(crate) offset: usize,
}

/// Why a plan cannot be made: the table does not fit the interface, or Python has an exception set.
#[derive(Debug)]
pub struct Unusable(pub Fault);

fn unusable(text: String) -> Fault {
    Fault::wrong(Why::Value, format!("the interface cannot be used: {text}"))
}

/// The items in the bytes of an interface.
///
/// # Errors
/// In words: what is no item.
pub fn items(bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let items = gangplank_descriptor::items(bytes);
    items
        .map(|item| item.map_err(|error| error.to_string()))
        .collect()
}

/// The lowered library of an interface's bytes.
///
/// # Errors
/// In words.
pub fn lowered(bytes: &[u8]) -> Result<Library, String> {
    let decode = |item| gangplank_descriptor::decode(item).map_err(|error| error.to_string());
    let items = items(bytes)?
        .into_iter()
        .map(decode)
        .collect::<Result<_, _>>()?;
    let in_words = |found: Diagnostics| {
        let texts: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
        texts.join("; ")
    };
    let source = Source { items, root: None };
    let checked = assemble(source).and_then(check).map_err(in_words)?;
    Ok(lower(&checked))
}

impl Plan {
    /// Finds the classes in the table.
    ///
    /// # Errors
    /// A class is missing, or has other fields than its type.
    ///
    /// # Safety
    /// The thread holds Python's lock; `table` is a mapping.
    pub unsafe fn new(library: &Library, table: &Object) -> Result<Self, Fault> {
        let table = Table { library, table };
        // SAFETY: the caller's promise.
        let node = |ty: &Type| unsafe {
            Ok(Node {
                kind: table.kind(ty)?,
                size: ty.size,
                align: ty.align,
            })
        };
        let nodes = library.types.iter().map(node);
        Ok(Self {
            nodes: nodes.collect::<Result<_, _>>()?,
        })
    }

    /// How a type converts.
    #[inline]
    #[must_use]
    pub fn node(&self, id: TypeId) -> &Node {
        &self.nodes[id.0]
    }

    /// The class of an error's case.
    #[must_use]
    pub fn cases(&self, id: TypeId) -> &[Struct] {
        match &self.nodes[id.0].kind {
            Kind::Variant { cases, .. } => cases,
            _ => &[],
        }
    }
}

impl Struct {
    /// The class.
    #[must_use]
    pub fn class(&self) -> &Object {
        &self.class.class
    }
}

struct Table<'a> {
    library: &'a Library,
    table: &'a Object,
}

impl Table<'_> {
    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn kind(&self, ty: &Type) -> Result<Kind, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            Ok(match &ty.shape {
                Shape::Bool => Kind::Bool,
                Shape::Scalar(scalar) => Kind::Scalar(*scalar),
                Shape::String => Kind::String,
                Shape::Bytes => Kind::Bytes,
                Shape::Timestamp => Kind::Time(Dataclass::new(self.entry("timestamp")?, 2)?),
                Shape::Duration => Kind::Time(Dataclass::new(self.entry("duration")?, 2)?),
                Shape::Enum(of) => Kind::Enum(self.members(of)?),
                Shape::Record(of) => {
                    Kind::Record(structure(self.entry(&of.common.path)?, &of.fields)?)
                }
                Shape::Variant(of) => self.variant(of)?,
                Shape::List(inner) => Kind::List(*inner),
                Shape::Option(inner) => Kind::Option {
                    inner: *inner,
                    offset: self.library.ty(*inner).align,
                    some: self.some(*inner)?,
                },
                Shape::Nullable(inner) => Kind::Nullable {
                    inner: *inner,
                    some: self.some(*inner)?,
                },
                Shape::Boxed(inner) => Kind::Boxed(*inner),
                Shape::Map {
                    key,
                    value,
                    value_offset,
                    pair_size,
                    ..
                } => Kind::Map {
                    key: *key,
                    value: *value,
                    offset: *value_offset,
                    size: *pair_size,
                },
                Shape::Object(index) => Kind::Object(*index),
                Shape::Stream(_) => Kind::Unsupported(ty.c_name.clone()),
            })
        }
    }

    /// The class that stands around a value which may itself be `None`.
    ///
    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn some(&self, inner: TypeId) -> Result<Option<Dataclass>, Fault> {
        match self.library.ty(inner).shape {
            // SAFETY: the caller's promise.
            Shape::Option(_) | Shape::Nullable(_) => unsafe {
                Dataclass::new(self.entry("some")?, 1).map(Some)
            },
            _ => Ok(None),
        }
    }

    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn members(&self, of: &Enum) -> Result<Members, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let class = self.entry(&of.common.path)?;
            let mut members = Vec::with_capacity(of.values.len());
            for value in &of.values {
                let number = Object::new(ffi::PyLong_FromLong(value.value.into()))?;
                let arguments = &mut [std::ptr::null_mut(), number.raw()];
                members.push((value.value, call(class.raw(), arguments)?));
            }
            members.sort_by_key(|(number, _)| *number);
            Ok(Members {
                class,
                name: of.common.name.clone(),
                open: of.open,
                members,
            })
        }
    }

    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn variant(&self, of: &Variant) -> Result<Kind, Fault> {
        // SAFETY: the caller's promise.
        unsafe {
            let classes = self.entry(&of.common.path)?;
            let mut cases = Vec::new();
            for (index, case) in of.cases.iter().enumerate() {
                let class = ffi::PySequence_GetItem(classes.raw(), index as ffi::Py_ssize_t);
                cases.push(structure(Object::new(class)?, &case.fields)?);
            }
            Ok(Kind::Variant {
                name: of.common.name.clone(),
                union: of.union_offset.unwrap_or(0),
                cases,
            })
        }
    }

    /// # Safety
    /// The thread holds Python's lock.
    unsafe fn entry(&self, path: &str) -> Result<Object, Fault> {
        let key = CString::new(path).map_err(|_| unusable(format!("{path:?} is no path")))?;
        // SAFETY: a terminated text, and the caller's promise.
        unsafe {
            let found = ffi::PyMapping_GetItemString(self.table.raw(), key.as_ptr());
            Object::new(found).map_err(|fault| {
                if !take_back(&[ffi::PyExc_KeyError]) {
                    return fault;
                }
                unusable(format!(
                    "the table of its types has no {path}; write the file that has it again"
                ))
            })
        }
    }
}

/// # Safety
/// The thread holds Python's lock.
unsafe fn structure(class: Object, fields: &[Field]) -> Result<Struct, Fault> {
    let place = |field: &Field| Place {
        ty: field.ty,
        offset: field.offset,
    };
    Ok(Struct {
        // SAFETY: the caller's promise.
        class: unsafe { Dataclass::new(class, fields.len())? },
        fields: fields.iter().map(place).collect(),
    })
}
