//! A message to a C struct.
//!
//! Comes in: bytes that nobody has looked at. Goes out: the struct that `docs/abi.md` describes, in [`Memory`]; texts point
//! into the bytes. What a guest checks by itself (UTF-8, nesting) is not checked twice.

use std::collections::HashMap;

use gangplank_model::lowered::{
    Encoding, Library, Occurs, ProtoField, Scalar, Shape, TypeId, Variant,
};

use super::memory::Memory;
use super::plan::{self, Member};
use super::wire::{self, Fields, Malformed, Value, malformed};
use crate::abi::RawText;

/// Deepest nesting of messages.
const DEPTH: u32 = 100;

pub(super) struct Decoder<'l> {
    pub(super) library: &'l Library,
    pub(super) memory: Memory,
    pub(super) depth: u32,
}

type Done = Result<(), Malformed>;

impl Decoder<'_> {
    /// Reads a message into the struct at `base`.
    ///
    /// # Safety
    /// `base` is a zeroed struct with these members; `bytes` outlive it.
    pub(super) unsafe fn message(
        &mut self,
        base: *mut u8,
        members: &[Member],
        bytes: &[u8],
    ) -> Done {
        if self.depth == DEPTH {
            return malformed(format!("messages are nested deeper than {DEPTH} levels"));
        }
        self.depth += 1;
        if let [only] = members
            && only.form.occurs == Occurs::Whole
        {
            // SAFETY: the member lies in the struct.
            unsafe {
                self.value(
                    only.ty,
                    only.form,
                    &[Value::Bytes(bytes)],
                    base.add(only.offset),
                )?
            };
        } else {
            let found = wire::fields(bytes)?;
            for member in members {
                // SAFETY: as above.
                unsafe { self.member(base.add(member.offset), member, &found)? };
            }
        }
        self.depth -= 1;
        Ok(())
    }

    /// # Safety
    /// `at` is the member's zeroed place.
    unsafe fn member(&mut self, at: *mut u8, member: &Member, found: &Fields<'_>) -> Done {
        let library = self.library;
        if member.form.occurs == Occurs::Oneof {
            let Shape::Option(inner) = library.ty(member.ty).shape else {
                return malformed("a oneof is not optional");
            };
            let Shape::Variant(variant) = &library.ty(inner).shape else {
                return malformed("a oneof is not a variant");
            };
            // SAFETY: the value of an option lies behind its flag, at its own alignment.
            return unsafe { self.oneof(at, at.add(library.ty(inner).align), variant, found) };
        }
        let Some(values) = found.get(&member.form.number) else {
            return Ok(());
        };
        let values: Vec<Value<'_>> = values.iter().map(|(_, value)| *value).collect();
        // SAFETY: the place is the member's.
        unsafe {
            match (&library.ty(member.ty).shape, member.form.occurs) {
                (Shape::List(inner), Occurs::Repeated | Occurs::Packed) => {
                    self.list(*inner, member.form, &values, at)
                }
                (
                    Shape::Map {
                        key,
                        value,
                        value_offset,
                        pair_size,
                        ..
                    },
                    Occurs::Map,
                ) => {
                    let pair = Pair {
                        key: *key,
                        value: *value,
                        offset: *value_offset,
                        size: *pair_size,
                    };
                    self.map(&pair, member.form, &values, at)
                }
                _ => self.value(member.ty, member.form, &values, at),
            }
        }
    }

    /// # Safety
    /// `flag` and `at` are the places of the option's two halves.
    unsafe fn oneof(
        &mut self,
        flag: *mut u8,
        at: *mut u8,
        variant: &Variant,
        found: &Fields<'_>,
    ) -> Done {
        let of = |case: usize| {
            let form = variant
                .cases
                .get(case)
                .and_then(|case| case.fields.first()?.proto);
            form.and_then(|form| found.get(&form.number))
        };
        let last = |case: usize| of(case).and_then(|values| values.last()).map(|(at, _)| *at);
        let all = 0..variant.cases.len();
        let Some(chosen) = all
            .clone()
            .filter(|case| last(*case).is_some())
            .max_by_key(|case| last(*case))
        else {
            return Ok(());
        };
        // Another member in between takes away what came before it.
        let since = all.filter(|case| *case != chosen).filter_map(last).max();
        let values = of(chosen).into_iter().flatten();
        let values = values.filter(|(at, _)| since.is_none_or(|since| *at > since));
        let values: Vec<Value<'_>> = values.map(|(_, value)| *value).collect();
        let Some(field) = variant.cases[chosen].fields.first() else {
            return malformed("a oneof's member has no value");
        };
        let Some(form) = field.proto else {
            return malformed("a oneof's member has no number");
        };
        let union = variant.union_offset.unwrap_or(0);
        // SAFETY: tag and union lie where `lower` has put them.
        unsafe {
            *flag = 1;
            at.cast::<i32>().write(chosen as i32);
            self.value(field.ty, form, &values, at.add(union + field.offset))
        }
    }

    /// # Safety
    /// `at` is the place of a list.
    unsafe fn list(
        &mut self,
        inner: TypeId,
        form: ProtoField,
        values: &[Value<'_>],
        at: *mut u8,
    ) -> Done {
        let ty = self.library.ty(inner);
        let mut items = Vec::new();
        for value in values {
            match (value, number_kind(&ty.shape, form.encoding)) {
                (Value::Bytes(packed), Some(kind)) => {
                    let mut packed = *packed;
                    while !packed.is_empty() {
                        items.push(match kind {
                            0 => Value::Varint(wire::varint(&mut packed)?),
                            1 => Value::Eight(wire::eight(&mut packed)?),
                            _ => Value::Four(wire::four(&mut packed)?),
                        });
                    }
                }
                (value, _) => items.push(*value),
            }
        }
        if items.is_empty() {
            return Ok(());
        }
        let first = self.memory.block(items.len() * ty.size);
        for (index, item) in items.iter().enumerate() {
            // SAFETY: the block has room for as many.
            unsafe { self.value(inner, form, &[*item], first.add(index * ty.size))? };
        }
        // SAFETY: a list is pointer and length.
        unsafe {
            at.cast::<RawText>().write(RawText {
                ptr: first,
                len: items.len(),
            })
        };
        Ok(())
    }

    /// # Safety
    /// `at` is the place of a map.
    unsafe fn map(
        &mut self,
        pair: &Pair,
        form: ProtoField,
        values: &[Value<'_>],
        at: *mut u8,
    ) -> Done {
        // The last of equal keys counts.
        let mut keys: HashMap<Option<Value<'_>>, usize> = HashMap::new();
        let mut entries = Vec::new();
        for value in values {
            let Value::Bytes(entry) = value else {
                return malformed("an entry of a map is no message");
            };
            let found = wire::fields(entry)?;
            let last = |number| {
                let values: Option<&Vec<(usize, Value<'_>)>> = found.get(&number);
                values.map(|values| values.iter().map(|(_, value)| *value).collect::<Vec<_>>())
            };
            let (key, value) = (last(1), last(2));
            let zero = |value: &Value<'_>| {
                matches!(
                    value,
                    Value::Varint(0) | Value::Four(0) | Value::Eight(0) | Value::Bytes([])
                )
            };
            let name = key
                .as_ref()
                .and_then(|values| values.last().copied())
                .filter(|key| !zero(key));
            match keys.get(&name) {
                Some(index) => entries[*index] = (key, value),
                None => {
                    keys.insert(name, entries.len());
                    entries.push((key, value));
                }
            }
        }
        let first = self.memory.block(entries.len() * pair.size);
        let key_form = ProtoField {
            encoding: form.key_encoding,
            ..form
        };
        for (index, (key, value)) in entries.iter().enumerate() {
            // SAFETY: the block has room for as many pairs.
            unsafe {
                let place = first.add(index * pair.size);
                if let Some(key) = key {
                    self.value(pair.key, key_form, key, place)?;
                }
                if let Some(value) = value {
                    self.value(pair.value, form, value, place.add(pair.offset))?;
                }
            }
        }
        // SAFETY: a map is a list of pairs.
        unsafe {
            at.cast::<RawText>().write(RawText {
                ptr: first,
                len: entries.len(),
            })
        };
        Ok(())
    }

    /// One value, of which all pieces are given.
    ///
    /// # Safety
    /// `at` is the value's zeroed place.
    unsafe fn value(
        &mut self,
        id: TypeId,
        form: ProtoField,
        values: &[Value<'_>],
        at: *mut u8,
    ) -> Done {
        let library = self.library;
        let ty = library.ty(id);
        let Some(last) = values.last() else {
            return Ok(());
        };
        // SAFETY: the place has the size and alignment of the type.
        unsafe {
            match &ty.shape {
                Shape::Scalar(scalar) => number(*scalar, form.encoding, *last, at),
                Shape::Bool => {
                    at.write(u8::from(varint(*last)? != 0));
                    Ok(())
                }
                Shape::Enum(_) => {
                    at.cast::<i32>().write(varint(*last)? as i32);
                    Ok(())
                }
                Shape::String | Shape::Bytes => {
                    let Value::Bytes(text) = last else {
                        return malformed("a text is no sequence of bytes");
                    };
                    if !text.is_empty() {
                        at.cast::<RawText>().write(RawText {
                            ptr: text.as_ptr(),
                            len: text.len(),
                        });
                    }
                    Ok(())
                }
                Shape::Timestamp | Shape::Duration => time(self.joined(values)?, at),
                Shape::Record(record) => {
                    let Some(members) = plan::fields(&record.fields) else {
                        return malformed("a message without field numbers");
                    };
                    let bytes = self.joined(values)?;
                    self.message(at, &members, bytes)
                }
                Shape::Option(inner) => {
                    at.write(1);
                    self.value(*inner, form, values, at.add(library.ty(*inner).align))
                }
                Shape::Nullable(inner) | Shape::Boxed(inner) => {
                    let block = self.memory.block(library.ty(*inner).size);
                    at.cast::<*mut u8>().write(block);
                    self.value(*inner, form, values, block)
                }
                Shape::Variant(_)
                | Shape::List(_)
                | Shape::Map { .. }
                | Shape::Object(_)
                | Shape::Stream(_) => {
                    malformed(format!("`{}` is no single value in protobuf", ty.c_name))
                }
            }
        }
    }

    /// A message whose pieces protobuf merges: reading one after the other is the same as reading them as one.
    fn joined<'b>(&mut self, values: &[Value<'b>]) -> Result<&'b [u8], Malformed> {
        let mut pieces = Vec::new();
        for value in values {
            let Value::Bytes(piece) = value else {
                return malformed("a message is no sequence of bytes");
            };
            pieces.push(*piece);
        }
        Ok(match pieces.as_slice() {
            [one] => one,
            several => self.memory.keep(several.concat()),
        })
    }
}

/// Where the halves of a map's entry lie.
struct Pair {
    key: TypeId,
    value: TypeId,
    offset: usize,
    size: usize,
}

/// The wire type of a number's elements; `None` of what is no number.
pub(super) fn number_kind(shape: &Shape, encoding: Encoding) -> Option<u8> {
    let wide = |scalar: &Scalar| matches!(scalar, Scalar::I64 | Scalar::U64 | Scalar::F64);
    match (shape, encoding) {
        (Shape::Scalar(Scalar::F32), _) => Some(5),
        (Shape::Scalar(Scalar::F64), _) => Some(1),
        (Shape::Scalar(scalar), Encoding::Fixed) => Some(if wide(scalar) { 1 } else { 5 }),
        (Shape::Scalar(_) | Shape::Bool | Shape::Enum(_), _) => Some(0),
        _ => None,
    }
}

fn varint(value: Value<'_>) -> Result<u64, Malformed> {
    match value {
        Value::Varint(value) => Ok(value),
        _ => malformed("a number has another wire type than its field"),
    }
}

/// # Safety
/// `at` is the number's place.
unsafe fn number(scalar: Scalar, encoding: Encoding, value: Value<'_>, at: *mut u8) -> Done {
    let bits = match (
        number_kind(&Shape::Scalar(scalar), encoding),
        value,
        encoding,
    ) {
        (Some(0), Value::Varint(value), Encoding::ZigZag) => {
            (value >> 1) ^ (value & 1).wrapping_neg()
        }
        (Some(0), Value::Varint(value), _) => value,
        (Some(1), Value::Eight(value), _) => value,
        (Some(5), Value::Four(value), _) => u64::from(value),
        _ => return malformed("a number has another wire type than its field"),
    };
    // SAFETY: the caller promises the place.
    unsafe {
        match scalar {
            Scalar::I64 | Scalar::U64 | Scalar::F64 => at.cast::<u64>().write(bits),
            Scalar::I32 | Scalar::U32 | Scalar::F32 => at.cast::<u32>().write(bits as u32),
            Scalar::I16 | Scalar::U16 => at.cast::<u16>().write(bits as u16),
            Scalar::I8 | Scalar::U8 => at.write(bits as u8),
        }
    }
    Ok(())
}

/// # Safety
/// `at` is the place of a `gp_time`.
unsafe fn time(bytes: &[u8], at: *mut u8) -> Done {
    let found = wire::fields(bytes)?;
    let part = |number| match found.get(&number).and_then(|values| values.last()) {
        None => Ok(0),
        Some((_, value)) => varint(*value),
    };
    let (seconds, nanos) = (part(1)? as i64, part(2)? as i32);
    // A negative span has both negative in protobuf; here the rest counts upwards.
    let (seconds, nanos) = match nanos {
        -999_999_999..0 => (seconds.checked_sub(1), nanos + 1_000_000_000),
        0..=999_999_999 => (Some(seconds), nanos),
        _ => (None, 0),
    };
    let Some(seconds) = seconds else {
        return malformed("a time is out of range");
    };
    // SAFETY: the caller promises the place; a `gp_time` is seconds and nanoseconds.
    unsafe {
        at.cast::<i64>().write(seconds);
        at.add(8).cast::<u32>().write(nanos.unsigned_abs());
    }
    Ok(())
}
