//! Lists, boxes and maps.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, Hash};

use gangplank_descriptor::Schema;

use super::kind::checked_ref;
use super::{
    BadValue, ByPointer, Compound, Nullable, PointerByValue, Reader, Sink, Tagged, Type,
    checked_slice,
};
use crate::abi::{RawList, RawPair};
use crate::memory::{Arena, align_up, list_end};

// SAFETY: pointer and length; both passes are those of the element's list.
unsafe impl<T: Type> Type for Vec<T> {
    type Kind = Compound;
    type Pass = T::ListPass;
    type ListPass = ByPointer;
    type Form = Tagged;
    type Abi = RawList<T::Abi>;
    const SCHEMA: Schema = T::LIST;

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
        // SAFETY: the caller vouches for the pointer and length.
        unsafe { T::read_list(*raw, reader) }
    }

    fn size(&self, at: usize) -> usize {
        T::size_list(self, at)
    }

    fn write(self, arena: &mut Arena) -> Self::Abi {
        T::write_list(self, arena)
    }
}

// SAFETY: a pointer to the target's struct; `one` reserves what `align_up` and the struct's size count.
unsafe impl<T: Type> Type for Box<T> {
    type Kind = Compound;
    type Pass = PointerByValue;
    type ListPass = ByPointer;
    type Form = Nullable;
    type Abi = *const T::Abi;
    const SCHEMA: Schema = Schema::Boxed(&T::SCHEMA);

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
        reader.nested(|reader| {
            // SAFETY: the caller vouches for the pointer.
            let target = unsafe { checked_ref(*raw)? };
            // SAFETY: the target is part of the value that the caller vouches for.
            unsafe { T::read(target, reader) }.map(Box::new)
        })
    }

    fn size(&self, at: usize) -> usize {
        (**self).size(align_up::<T::Abi>(at) + size_of::<T::Abi>())
    }

    fn write(self, arena: &mut Arena) -> Self::Abi {
        arena.one(|arena| (*self).write(arena))
    }
}

/// Reads the pairs of a map; a key that comes twice is an error.
///
/// # Safety
/// As for [`Type::read`].
unsafe fn read_pairs<K: Type, V: Type>(
    raw: RawList<RawPair<K::Abi, V::Abi>>,
    reader: &mut Reader,
    mut insert: impl FnMut(K, V) -> Option<V>,
) -> Result<(), BadValue> {
    reader.nested(|reader| {
        // SAFETY: the caller vouches for the pointer and length.
        for (index, pair) in unsafe { checked_slice(raw)? }.iter().enumerate() {
            // SAFETY: `pair` is part of the value that the caller vouches for.
            let key = unsafe { K::read(&pair.key, reader) }.map_err(|bad| bad.at_index(index))?;
            // SAFETY: as above.
            let value =
                unsafe { V::read(&pair.value, reader) }.map_err(|bad| bad.at_index(index))?;
            if insert(key, value).is_some() {
                return Err(BadValue::argument("the same key twice").at_index(index));
            }
        }
        Ok(())
    })
}

fn size_pairs<'a, K: Type, V: Type>(
    pairs: impl ExactSizeIterator<Item = (&'a K, &'a V)>,
    at: usize,
) -> usize {
    let at = list_end::<RawPair<K::Abi, V::Abi>>(at, pairs.len());
    pairs.fold(at, |at, (key, value)| value.size(key.size(at)))
}

fn write_pairs<K: Type, V: Type>(
    pairs: impl ExactSizeIterator<Item = (K, V)>,
    arena: &mut Arena,
) -> RawList<RawPair<K::Abi, V::Abi>> {
    arena.list(pairs, |arena, (key, value)| {
        let key = key.write(arena);
        RawPair {
            key,
            value: value.write(arena),
        }
    })
}

/// A type that a map can have as its key.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a map",
    label = "a map with other keys is no type of the interface",
    note = "keys are bool, integers and String; otherwise pass a list of records",
    note = "`usize` and `isize` differ from machine to machine: use `u64` for `usize`, `i64` for `isize`"
)]
pub trait MapKey: Type + Eq + Ord + Hash {}

macro_rules! keys {
    ($($key:ty)*) => {$(impl MapKey for $key {})*};
}
keys!(bool i8 i16 i32 i64 u8 u16 u32 u64 String);

macro_rules! map {
    ($map:ident <K, V $(, $hasher:ident: $bound:path)?>; $new:expr) => {
        // SAFETY: a list of pairs; both passes walk the pairs in the map's one order.
        unsafe impl<K: MapKey, V: Type $(, $hasher: $bound + Default + Send + 'static)?> Type for $map<K, V $(, $hasher)?> {
            type Kind = Compound;
            type Pass = ByPointer;
            type ListPass = ByPointer;
            type Form = Tagged;
            type Abi = RawList<RawPair<K::Abi, V::Abi>>;
            const SCHEMA: Schema = Schema::Map(&K::SCHEMA, &V::SCHEMA);

            fn visit(sink: Sink<'_>) {
                K::visit(sink);
                V::visit(sink);
            }

            unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
                let mut map = $new;
                // SAFETY: the caller vouches for the value.
                unsafe { read_pairs::<K, V>(*raw, reader, |key, value| map.insert(key, value))? };
                Ok(map)
            }

            fn size(&self, at: usize) -> usize {
                size_pairs(self.iter(), at)
            }

            fn write(self, arena: &mut Arena) -> Self::Abi {
                write_pairs(self.into_iter(), arena)
            }
        }
    };
}

map!(BTreeMap<K, V>; BTreeMap::new());
map!(HashMap<K, V, S: BuildHasher>; HashMap::with_hasher(S::default()));
