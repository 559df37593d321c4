//! Types: which there are, in which order, with their names and places in memory.
//!
//! Comes in: every type that stands somewhere in the interface. Goes out: the list of lowered types, each once, after
//! the types that it holds by value; what stands behind a pointer may come later, or recursion could not be told.

mod order;

use std::collections::HashMap;

use super::layout::{self, Layout};
use crate::c_names::{self, CNames};
use crate::lowered::{Case, Enum, EnumValue, Field, Record, Shape, Type, TypeId, Variant};
use crate::model::{self, Declaration, Id, Interface, Scalar};

/// The lowered types and how to find them.
pub(super) struct Types {
    pub(super) lowered: Vec<Type>,
    ids: HashMap<model::Type<Id>, TypeId>,
}

impl Types {
    /// The type's id; every type of the interface has one.
    pub(super) fn id(&self, ty: &model::Type<Id>) -> TypeId {
        self.ids[ty]
    }

    pub(super) fn layout(&self, id: TypeId) -> Layout {
        let ty = &self.lowered[id.0];
        Layout {
            size: ty.size,
            align: ty.align,
        }
    }
}

pub(super) fn lower_types(interface: &Interface<Id>, names: &CNames) -> Types {
    let order = order::order(interface);
    let ids = order
        .iter()
        .enumerate()
        .map(|(at, ty)| (ty.clone(), TypeId(at)));
    let types = Types {
        lowered: Vec::with_capacity(order.len()),
        ids: ids.collect(),
    };
    let mut lowering = TypeLowering {
        interface,
        names,
        types,
    };
    for ty in &order {
        let lowered = lowering.ty(ty);
        lowering.types.lowered.push(lowered);
    }
    lowering.place_pairs();
    lowering.types
}

struct TypeLowering<'a> {
    interface: &'a Interface<Id>,
    names: &'a CNames,
    types: Types,
}

impl TypeLowering<'_> {
    fn ty(&self, ty: &model::Type<Id>) -> Type {
        let (shape, layout) = self.shape(ty);
        Type {
            heap: self.heap(&shape),
            shape,
            c_name: self.c_name(ty),
            size: layout.size,
            align: layout.align,
        }
    }

    fn shape(&self, ty: &model::Type<Id>) -> (Shape, Layout) {
        use model::Type as T;
        let id = |ty: &model::Type<Id>| self.types.id(ty);
        match ty {
            T::Bool => (Shape::Bool, Layout::plain(1)),
            T::Number(scalar) => (Shape::Scalar(*scalar), scalar_layout(*scalar)),
            T::String => (Shape::String, Layout::TWO_WORDS),
            T::Bytes => (Shape::Bytes, Layout::TWO_WORDS),
            T::Timestamp => (Shape::Timestamp, Layout::TWO_WORDS),
            T::Duration => (Shape::Duration, Layout::TWO_WORDS),
            T::List(element) => (Shape::List(id(element)), Layout::TWO_WORDS),
            T::Map(key, value) => (self.map(key, value), Layout::TWO_WORDS),
            T::Boxed(target) => (Shape::Boxed(id(target)), Layout::WORD),
            T::Option(inner) => match &**inner {
                T::Boxed(target) => (Shape::Nullable(id(target)), Layout::WORD),
                inner => {
                    let value = self.types.layout(id(inner));
                    (
                        Shape::Option(id(inner)),
                        layout::structure([Layout::plain(1), value]).1,
                    )
                }
            },
            T::Object(object) => (Shape::Object(object.0), Layout::WORD),
            T::Declared(declared) => self.declared(*declared),
            T::Stream(element) => (Shape::Stream(id(element)), Layout::WORD),
            // Refused by the check; a handle in every future.
            T::Host(_) | T::Events(_) | T::Callback(_) => {
                (Shape::Scalar(Scalar::U64), Layout::WORD)
            }
        }
    }

    /// Places of the pair are filled in by [`TypeLowering::place_pairs`]: the value may come later in the list.
    fn map(&self, key: &model::Type<Id>, value: &model::Type<Id>) -> Shape {
        Shape::Map {
            key: self.types.id(key),
            value: self.types.id(value),
            pair_c_name: self.names.container(&self.pair_token(key, value)),
            value_offset: 0,
            pair_size: 0,
        }
    }

    fn place_pairs(&mut self) {
        for at in 0..self.types.lowered.len() {
            let Shape::Map { key, value, .. } = self.types.lowered[at].shape else {
                continue;
            };
            let members = [self.types.layout(key), self.types.layout(value)];
            let (offsets, whole) = layout::structure(members);
            if let Shape::Map {
                value_offset,
                pair_size,
                ..
            } = &mut self.types.lowered[at].shape
            {
                *value_offset = offsets[1];
                *pair_size = whole.size;
            }
        }
    }

    /// Whether values have memory elsewhere. What a type holds by value is lowered already.
    fn heap(&self, shape: &Shape) -> bool {
        let heap = |id: TypeId| self.types.lowered[id.0].heap;
        let fields = |fields: &[Field]| fields.iter().any(|field| heap(field.ty));
        match shape {
            Shape::String | Shape::Bytes | Shape::List(_) | Shape::Map { .. } => true,
            Shape::Nullable(_) | Shape::Boxed(_) => true,
            Shape::Option(inner) => heap(*inner),
            Shape::Record(record) => fields(&record.fields),
            Shape::Variant(variant) => variant.cases.iter().any(|case| fields(&case.fields)),
            _ => false,
        }
    }

    fn declared(&self, id: Id) -> (Shape, Layout) {
        match &self.interface.types[id.0] {
            Declaration::Record(record) => self.record(record),
            Declaration::Enum(item) => (Shape::Enum(self.enumeration(item)), Layout::plain(4)),
            Declaration::Variant(variant) => self.variant(variant),
        }
    }

    fn record(&self, record: &model::Record<Id>) -> (Shape, Layout) {
        let (fields, mut layout) = self.fields(&record.fields);
        layout.size = layout.size.max(1);
        let defaults = fields.iter().any(|field| field.default.is_some());
        let shape = Shape::Record(Record {
            common: super::common(&record.common),
            fields,
            default_c_name: defaults
                .then(|| self.names.constant(&[&record.common.name, "default"])),
        });
        (shape, layout)
    }

    fn enumeration(&self, item: &model::Enum) -> Enum {
        let value = |value: &model::EnumValue| EnumValue {
            name: value.name.clone(),
            wire: value.wire.clone(),
            docs: value.docs.clone(),
            deprecated: value.deprecated.clone(),
            value: value.value,
            c_name: self.names.constant(&[&item.common.name, &value.name]),
        };
        Enum {
            common: super::common(&item.common),
            values: item.values.iter().map(value).collect(),
            aliases: item.aliases.iter().map(value).collect(),
            open: item.open,
        }
    }

    fn variant(&self, variant: &model::Variant<Id>) -> (Shape, Layout) {
        let (cases, payloads): (Vec<_>, Vec<_>) = variant
            .cases
            .iter()
            .map(|case| self.case(&variant.common, case))
            .unzip();
        let payloads: Vec<Layout> = payloads.into_iter().flatten().collect();
        let tag = Layout::plain(4);
        let (offsets, layout) = if payloads.is_empty() {
            layout::structure([tag])
        } else {
            layout::structure([tag, layout::union(payloads)])
        };
        let shape = Shape::Variant(Variant {
            common: super::common(&variant.common),
            is_error: variant.is_error,
            cases,
            union_offset: offsets.get(1).copied(),
        });
        (shape, layout)
    }

    /// A case, and the layout of its payload if it has one.
    fn case(&self, variant: &model::Common, case: &model::Case<Id>) -> (Case, Option<Layout>) {
        let (fields, layout) = self.fields(&case.fields);
        let case = Case {
            name: case.name.clone(),
            wire: case.wire.clone(),
            docs: case.docs.clone(),
            deprecated: case.deprecated.clone(),
            c_tag: match variant.proto {
                None => self.names.constant(&[&variant.name, &case.name]),
                // A message often has an enum that differs from its oneof by case only.
                Some(_) => self.names.constant(&[&variant.name, "case", &case.name]),
            },
            c_member: c_names::member(&case.name),
            c_struct: format!(
                "{}_{}",
                self.names.declared(variant),
                c_names::snake(&case.name)
            ),
            positional: case.positional,
            message: case.message.clone(),
            size: layout.size,
            fields,
        };
        let payload = (!case.fields.is_empty()).then_some(layout);
        (case, payload)
    }

    fn fields(&self, fields: &[model::Field<Id>]) -> (Vec<Field>, Layout) {
        let ids: Vec<TypeId> = fields
            .iter()
            .map(|field| self.types.id(&field.ty))
            .collect();
        let members = ids.iter().map(|id| self.types.layout(*id));
        let (offsets, layout) = layout::structure(members);
        let places = ids.into_iter().zip(offsets);
        let fields = fields
            .iter()
            .zip(places)
            .map(|(field, (ty, offset))| Field {
                name: field.name.clone(),
                wire: field.wire.clone(),
                c_name: c_names::field(&field.name),
                docs: field.docs.clone(),
                deprecated: field.deprecated.clone(),
                ty,
                offset,
                default: field.default.clone(),
                proto: field.proto,
            });
        (fields.collect(), layout)
    }

    fn c_name(&self, ty: &model::Type<Id>) -> String {
        use model::Type as T;
        match ty {
            T::Bool => "uint8_t".to_owned(),
            T::Number(scalar) => c_names::scalar(*scalar).to_owned(),
            T::String => "gp_string".to_owned(),
            T::Bytes => "gp_bytes".to_owned(),
            T::Timestamp | T::Duration => "gp_time".to_owned(),
            T::Boxed(target) => c_names::pointer_to(&self.c_name(target)),
            T::Option(inner) => match &**inner {
                T::Boxed(target) => c_names::pointer_to(&self.c_name(target)),
                _ => self.names.container(&self.token(ty)),
            },
            T::List(_) | T::Map(..) => self.names.container(&self.token(ty)),
            T::Declared(id) => self.names.declared(self.interface.types[id.0].common()),
            T::Object(_) | T::Stream(_) | T::Host(_) | T::Events(_) | T::Callback(_) => {
                "uint64_t".to_owned()
            }
        }
    }

    /// What a type is called inside the name of a container.
    fn token(&self, ty: &model::Type<Id>) -> String {
        use model::Type as T;
        match ty {
            T::Bool => "bool".to_owned(),
            T::Number(scalar) => scalar.name().to_owned(),
            T::String => "string".to_owned(),
            T::Bytes => "bytes".to_owned(),
            T::Timestamp => "timestamp".to_owned(),
            T::Duration => "duration".to_owned(),
            T::List(element) => format!("list_{}", self.token(element)),
            T::Option(inner) => format!("option_{}", self.token(inner)),
            T::Boxed(target) => format!("box_{}", self.token(target)),
            T::Map(key, value) => format!("list_{}", self.pair_token(key, value)),
            T::Declared(id) => c_names::declared_token(self.interface.types[id.0].common()),
            T::Object(id) => c_names::snake(&self.interface.objects[id.0].common.name),
            T::Stream(element) => format!("stream_{}", self.token(element)),
            T::Host(_) | T::Events(_) | T::Callback(_) => "handle".to_owned(),
        }
    }

    fn pair_token(&self, key: &model::Type<Id>, value: &model::Type<Id>) -> String {
        format!("pair_{}_{}", self.token(key), self.token(value))
    }
}

fn scalar_layout(scalar: Scalar) -> Layout {
    Layout::plain(match scalar {
        Scalar::I8 | Scalar::U8 => 1,
        Scalar::I16 | Scalar::U16 => 2,
        Scalar::I32 | Scalar::U32 | Scalar::F32 => 4,
        Scalar::I64 | Scalar::U64 | Scalar::F64 => 8,
    })
}
