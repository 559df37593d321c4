//! A C struct to a message.
//!
//! Comes in: a struct that a guest or a host has made. Goes out: its bytes, fields in order of declaration.

use gangplank_model::lowered::{
    Encoding, Library, Occurs, ProtoField, Scalar, Shape, TypeId, Variant,
};

use super::decode::number_kind;
use super::plan::{self, Member};
use super::wire::{Malformed, malformed, put_bytes, put_tag, put_varint};
use crate::abi::RawText;
use crate::buffer;

type Done = Result<(), Malformed>;

pub(super) struct Encoder<'l> {
    pub(super) library: &'l Library,
}

impl Encoder<'_> {
    /// Appends the message in the struct at `base`.
    ///
    /// # Safety
    /// `base` is a struct with these members, and what it refers to is there.
    pub(super) unsafe fn message(
        &self,
        base: *const u8,
        members: &[Member],
        out: &mut Vec<u8>,
    ) -> Done {
        for member in members {
            // SAFETY: the member lies in the struct.
            unsafe { self.member(base.add(member.offset), member, out)? };
        }
        Ok(())
    }

    /// # Safety
    /// `at` is the member's place.
    unsafe fn member(&self, at: *const u8, member: &Member, out: &mut Vec<u8>) -> Done {
        let (library, form) = (self.library, member.form);
        let shape = &library.ty(member.ty).shape;
        // SAFETY: the place is the member's, and so are those inside it.
        unsafe {
            match (shape, form.occurs) {
                (Shape::Option(inner), Occurs::Oneof) => match &library.ty(*inner).shape {
                    Shape::Variant(variant) if *at == 1 => {
                        self.oneof(at.add(library.ty(*inner).align), variant, out)
                    }
                    _ => Ok(()),
                },
                (Shape::Timestamp | Shape::Duration, Occurs::Whole) => {
                    time(shape, at, out);
                    Ok(())
                }
                (Shape::List(inner), Occurs::Packed) => self.packed(*inner, form, at, out),
                (Shape::List(inner), _) => {
                    self.each(*inner, at, |item| self.value(*inner, form, item, out))
                }
                (
                    Shape::Map {
                        key,
                        value,
                        value_offset,
                        pair_size,
                        ..
                    },
                    _,
                ) => {
                    let list = at.cast::<RawText>().read();
                    for index in 0..list.len {
                        let pair = list.ptr.add(index * pair_size);
                        let mut entry = Vec::new();
                        let key_form = ProtoField {
                            number: 1,
                            encoding: form.key_encoding,
                            ..form
                        };
                        self.value(*key, key_form, pair, &mut entry)?;
                        self.value(
                            *value,
                            ProtoField { number: 2, ..form },
                            pair.add(*value_offset),
                            &mut entry,
                        )?;
                        put_bytes(out, form.number, &entry);
                    }
                    Ok(())
                }
                (_, Occurs::Implicit) if self.is_zero(member.ty, at) => Ok(()),
                _ => self.value(member.ty, form, at, out),
            }
        }
    }

    /// # Safety
    /// `at` is the variant's place.
    unsafe fn oneof(&self, at: *const u8, variant: &Variant, out: &mut Vec<u8>) -> Done {
        // SAFETY: the tag comes first.
        let tag = unsafe { at.cast::<i32>().read() };
        let case = usize::try_from(tag)
            .ok()
            .and_then(|tag| variant.cases.get(tag));
        let Some((field, form)) = case
            .and_then(|case| case.fields.first())
            .and_then(|field| Some((field, field.proto?)))
        else {
            return malformed(format!("{tag} is not a tag of {}", variant.common.path));
        };
        let union = variant.union_offset.unwrap_or(0);
        // SAFETY: the tag says which member is there.
        unsafe { self.value(field.ty, form, at.add(union + field.offset), out) }
    }

    /// # Safety
    /// `at` is a list of these.
    unsafe fn each(
        &self,
        inner: TypeId,
        at: *const u8,
        mut item: impl FnMut(*const u8) -> Done,
    ) -> Done {
        let size = self.library.ty(inner).size;
        // SAFETY: a list is pointer and length.
        let list = unsafe { at.cast::<RawText>().read() };
        for index in 0..list.len {
            // SAFETY: the list has as many elements.
            item(unsafe { list.ptr.add(index * size) })?;
        }
        Ok(())
    }

    /// # Safety
    /// `at` is a list of numbers.
    unsafe fn packed(
        &self,
        inner: TypeId,
        form: ProtoField,
        at: *const u8,
        out: &mut Vec<u8>,
    ) -> Done {
        let shape = &self.library.ty(inner).shape;
        let mut all = Vec::new();
        // SAFETY: each element is such a number.
        unsafe {
            self.each(inner, at, |item| {
                number(shape, form.encoding, item, &mut all)
            })?
        };
        if !all.is_empty() {
            put_bytes(out, form.number, &all);
        }
        Ok(())
    }

    /// A value behind its tag; nothing when an option is absent.
    ///
    /// # Safety
    /// `at` is the value's place.
    unsafe fn value(&self, id: TypeId, form: ProtoField, at: *const u8, out: &mut Vec<u8>) -> Done {
        let library = self.library;
        let ty = library.ty(id);
        if let Some(kind) = number_kind(&ty.shape, form.encoding) {
            put_tag(out, form.number, kind);
            // SAFETY: the place is the number's.
            return unsafe { number(&ty.shape, form.encoding, at, out) };
        }
        // SAFETY: the place is the value's, and what it refers to is there.
        unsafe {
            match &ty.shape {
                Shape::String | Shape::Bytes => {
                    let text = at.cast::<RawText>().read();
                    put_bytes(out, form.number, buffer::bytes(text.ptr, text.len));
                }
                Shape::Timestamp | Shape::Duration => {
                    let mut inner = Vec::new();
                    time(&ty.shape, at, &mut inner);
                    put_bytes(out, form.number, &inner);
                }
                Shape::Record(record) => {
                    let Some(members) = plan::fields(&record.fields) else {
                        return malformed("a message without field numbers");
                    };
                    let mut inner = Vec::new();
                    self.message(at, &members, &mut inner)?;
                    put_bytes(out, form.number, &inner);
                }
                Shape::Option(inner) => {
                    if *at == 1 {
                        return self.value(*inner, form, at.add(library.ty(*inner).align), out);
                    }
                }
                Shape::Nullable(inner) | Shape::Boxed(inner) => {
                    let target = at.cast::<*const u8>().read();
                    if !target.is_null() {
                        return self.value(*inner, form, target, out);
                    }
                }
                _ => return malformed(format!("`{}` is no single value in protobuf", ty.c_name)),
            }
        }
        Ok(())
    }

    /// # Safety
    /// `at` is the value's place.
    unsafe fn is_zero(&self, id: TypeId, at: *const u8) -> bool {
        let ty = self.library.ty(id);
        // SAFETY: texts are pointer and length, numbers have no padding.
        unsafe {
            match &ty.shape {
                Shape::String | Shape::Bytes => at.cast::<RawText>().read().len == 0,
                Shape::Scalar(_) | Shape::Bool | Shape::Enum(_) => {
                    buffer::bytes(at, ty.size).iter().all(|byte| *byte == 0)
                }
                _ => false,
            }
        }
    }
}

/// A number without its tag.
///
/// # Safety
/// `at` is its place.
unsafe fn number(shape: &Shape, encoding: Encoding, at: *const u8, out: &mut Vec<u8>) -> Done {
    // SAFETY: the caller promises the place.
    let (bits, signed) = unsafe {
        match shape {
            Shape::Bool => (u64::from(at.read()), 0),
            Shape::Enum(_) => (0, i64::from(at.cast::<i32>().read())),
            Shape::Scalar(scalar) => match scalar {
                Scalar::I8 => (0, i64::from(at.cast::<i8>().read())),
                Scalar::I16 => (0, i64::from(at.cast::<i16>().read())),
                Scalar::I32 => (0, i64::from(at.cast::<i32>().read())),
                Scalar::I64 => (0, at.cast::<i64>().read()),
                Scalar::U8 => (u64::from(at.read()), 0),
                Scalar::U16 => (u64::from(at.cast::<u16>().read()), 0),
                Scalar::U32 | Scalar::F32 => (u64::from(at.cast::<u32>().read()), 0),
                Scalar::U64 | Scalar::F64 => (at.cast::<u64>().read(), 0),
            },
            _ => return malformed("a number was expected"),
        }
    };
    let value = bits | signed as u64;
    match (number_kind(shape, encoding), encoding) {
        (Some(1), _) => out.extend_from_slice(&value.to_le_bytes()),
        (Some(5), _) => out.extend_from_slice(&(value as u32).to_le_bytes()),
        (_, Encoding::ZigZag) => put_varint(out, ((signed << 1) ^ (signed >> 63)) as u64),
        _ => put_varint(out, value),
    }
    Ok(())
}

/// The inside of a `Timestamp` or `Duration`.
///
/// # Safety
/// `at` is the place of a `gp_time`.
unsafe fn time(shape: &Shape, at: *const u8, out: &mut Vec<u8>) {
    // SAFETY: a `gp_time` is seconds and nanoseconds.
    let (seconds, nanos) = unsafe { (at.cast::<i64>().read(), at.add(8).cast::<u32>().read()) };
    let negative = matches!(shape, Shape::Duration) && seconds < 0 && nanos > 0;
    let (seconds, nanos) = match negative {
        true => (seconds + 1, i64::from(nanos) - 1_000_000_000),
        false => (seconds, i64::from(nanos)),
    };
    for (number, part) in [(1, seconds), (2, nanos)] {
        if part != 0 {
            put_tag(out, number, 0);
            put_varint(out, part as u64);
        }
    }
}
