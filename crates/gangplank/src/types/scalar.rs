//! Numbers and `bool`.

use gangplank_descriptor::Schema;

use super::{BadValue, ByPointer, ByValue, Reader, Scalar, Sink, Tagged, Type, checked_slice};
use crate::abi::RawList;
use crate::memory::{Arena, plain_end};

macro_rules! number {
    ($($rust:ty => $schema:ident, $list_pass:ty $(, $list:expr)?;)*) => {$(
        // SAFETY: the C type is the Rust type, without a variable part.
        unsafe impl Type for $rust {
            type Kind = Scalar;
            type Pass = ByValue<1>;
            type ListPass = $list_pass;
            type Form = Tagged;
            type Abi = $rust;
            const SCHEMA: Schema = Schema::$schema;
            $(const LIST: Schema = $list;)?

            fn visit(_: Sink<'_>) {}

            unsafe fn read(raw: &$rust, _: &mut Reader) -> Result<Self, BadValue> {
                Ok(*raw)
            }

            fn size(&self, at: usize) -> usize {
                at
            }

            fn write(self, _: &mut Arena) -> $rust {
                self
            }

            unsafe fn read_list(raw: RawList<$rust>, _: &mut Reader) -> Result<Vec<Self>, BadValue> {
                // SAFETY: the caller vouches for the pointer and length.
                unsafe { checked_slice(raw) }.map(<[$rust]>::to_vec)
            }

            fn size_list(items: &[Self], at: usize) -> usize {
                plain_end::<$rust>(at, items.len())
            }

            fn write_list(items: Vec<Self>, arena: &mut Arena) -> RawList<$rust> {
                arena.plain(items)
            }
        }
    )*};
}

number! {
    i8 => I8, ByPointer;
    i16 => I16, ByPointer;
    i32 => I32, ByPointer;
    i64 => I64, ByPointer;
    u8 => U8, ByValue<2>, Schema::Bytes;
    u16 => U16, ByPointer;
    u32 => U32, ByPointer;
    u64 => U64, ByPointer;
    f32 => F32, ByPointer;
    f64 => F64, ByPointer;
}

// SAFETY: one byte, without a variable part.
unsafe impl Type for bool {
    type Kind = Scalar;
    type Pass = ByValue<1>;
    type ListPass = ByPointer;
    type Form = Tagged;
    type Abi = u8;
    const SCHEMA: Schema = Schema::Bool;

    fn visit(_: Sink<'_>) {}

    unsafe fn read(raw: &u8, _: &mut Reader) -> Result<Self, BadValue> {
        match *raw {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(BadValue::argument(format!(
                "{other} is not a bool, only 0 and 1 are"
            ))),
        }
    }

    fn size(&self, at: usize) -> usize {
        at
    }

    fn write(self, _: &mut Arena) -> u8 {
        self.into()
    }
}
