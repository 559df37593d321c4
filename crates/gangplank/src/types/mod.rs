//! The types that cross: how each Rust type is described, read from its C struct and written into one.
//!
//! [`Type`] is the whole story of a value: its schema for the descriptor, its C layout, the conversion in both
//! directions. The attributes `record`, `enumeration`, `variant`, `error` implement it for user types, this module for
//! everything else. Everything that depends on a type is decided here by traits, so aliases and containers just work.

mod arg;
mod bad_value;
mod constant;
mod containers;
mod crossing;
mod in_message;
mod kind;
mod object;
mod option;
mod output;
mod results;
mod scalar;
mod scalars;
mod text;
mod time;
mod tuples;
mod untyped;

use gangplank_descriptor::Schema;

use crate::abi::RawList;
use crate::memory::{Arena, list_end};

pub use arg::{Arg, ConstructorArg, Element};
pub use bad_value::{BadValue, Reader};
pub use constant::{Constant, ConstantType, DefaultOf, NamedValues, enum_value, exposed_name};
pub use containers::MapKey;
pub use crossing::{AnswersFor, Asked, Crossing, Otherwise, StandsFor, host_returns};
pub use in_message::InMessage;
pub(crate) use kind::checked_ref;
pub use kind::{And, ByPointer, ByValue, Compound, Kind, Passing, PointerByValue, Scalar};
pub use object::ObjectType;
pub use option::{Nullable, OptionForm, Tagged};
pub use output::{Detail, ErrorType, Failure, HostReturn, NoError, Output, Return, causes, layout};
pub use results::Results;
pub use scalars::{RawScalar, ScalarResult, Scalars};
pub use time::{Duration, TimeError, Timestamp};
pub use untyped::Error;

/// Receives the items of an interface, each once; says whether the item is new, so that its types are worth visiting.
pub type Sink<'a> = &'a mut dyn FnMut(&'static [u8]) -> bool;

/// A type that can cross the border between a library and its host.
///
/// # Safety
/// - `Abi` is the C struct of `SCHEMA` as `docs/abi.md` lays it out, made of plain data: valid when all bytes are zero.
/// - `write` reserves exactly what `size` counted, in the same order.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross the library's border",
    label = "not a type of the interface",
    note = "structs cross with `#[gangplank::record]`, enums with `#[gangplank::enumeration]` (no data) or `#[gangplank::variant]` (data), objects as `Arc<T>`",
    note = "otherwise: bool, integers, f32, f64, String, Vec<T>, Option<T>, HashMap/BTreeMap<K, V>, Box<T> inside records, gangplank::Timestamp, gangplank::Duration",
    note = "`usize` and `isize` differ from machine to machine: use `u64` for `usize`, `i64` for `isize`"
)]
pub unsafe trait Type: Sized + Send + 'static {
    /// [`Scalar`] or [`Compound`]: whether a function of such values returns in registers.
    type Kind: Kind;
    /// How a parameter of this type is passed.
    type Pass: Passing<Self::Abi>;
    /// How a list of it is passed as a parameter.
    type ListPass: Passing<RawList<Self::Abi>>;
    /// What an option of this type looks like.
    type Form: OptionForm<Self>;
    /// The C struct.
    type Abi: Copy + 'static;

    /// The type's description.
    const SCHEMA: Schema;
    /// The description of a list of it: `list<T>`, except for the one type whose list has a name of its own (bytes).
    const LIST: Schema = Schema::List(&Self::SCHEMA);

    /// Reports the items of this type and of every type it reaches.
    fn visit(sink: Sink<'_>);

    /// Reads and validates a value.
    ///
    /// # Safety
    /// Every pointer in `raw` leads to what the schema says, unchanged until the call returns.
    unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue>;

    /// Where the variable part of this value ends when it starts at or after `at`.
    fn size(&self, at: usize) -> usize;

    /// Writes the value; its variable part goes into `arena`.
    fn write(self, arena: &mut Arena) -> Self::Abi;

    /// Reads a list.
    ///
    /// # Safety
    /// As for [`Type::read`].
    unsafe fn read_list(
        raw: RawList<Self::Abi>,
        reader: &mut Reader,
    ) -> Result<Vec<Self>, BadValue> {
        reader.nested(|reader| {
            // SAFETY: the caller vouches for the pointer and length.
            let items = unsafe { checked_slice(raw)? };
            let mut list = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                // SAFETY: `item` is an element of a list that the caller vouches for.
                match unsafe { Self::read(item, reader) } {
                    Ok(value) => list.push(value),
                    Err(bad) => return Err(bad.at_index(index)),
                }
            }
            Ok(list)
        })
    }

    /// The size pass of a list.
    fn size_list(items: &[Self], at: usize) -> usize {
        items
            .iter()
            .fold(list_end::<Self::Abi>(at, items.len()), |at, item| {
                item.size(at)
            })
    }

    /// The write pass of a list.
    fn write_list(items: Vec<Self>, arena: &mut Arena) -> RawList<Self::Abi> {
        arena.list(items.into_iter(), |arena, item| item.write(arena))
    }
}

/// The elements of a list, or the error that its pointer cannot be one.
///
/// # Safety
/// As for [`RawList::as_slice`].
#[inline]
pub(crate) unsafe fn checked_slice<'a, T>(raw: RawList<T>) -> Result<&'a [T], BadValue> {
    let null = raw.len > 0 && raw.ptr.is_null();
    let too_long = raw.len.saturating_mul(size_of::<T>()) > isize::MAX as usize;
    if null || too_long || !raw.ptr.is_aligned() {
        return Err(bad_list(null, too_long));
    }
    // SAFETY: the caller vouches for the memory; NULL, alignment and length were checked.
    Ok(unsafe { raw.as_slice() })
}

#[cold]
fn bad_list(null: bool, too_long: bool) -> BadValue {
    BadValue::argument(match (null, too_long) {
        (true, _) => "a NULL pointer with a length",
        (_, true) => "a length beyond the address space",
        _ => "a misaligned pointer",
    })
}
