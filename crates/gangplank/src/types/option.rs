//! `Option<T>`: a flag and a value, or a nullable pointer when `T` is a box.

use core::mem::MaybeUninit;

use gangplank_descriptor::Schema;

use super::{BadValue, ByPointer, Compound, Passing, PointerByValue, Reader, Sink, Type};
use crate::abi::RawOption;
use crate::memory::Arena;

/// The C form of `Option<T>`.
///
/// # Safety
/// As for [`Type`]: `write` reserves what `size` counted, `Abi` is plain data.
pub unsafe trait OptionForm<T: Type> {
    /// The C struct.
    type Abi: Copy + 'static;
    /// How a parameter is passed.
    type Pass: Passing<Self::Abi>;
    /// The present value's struct.
    fn present(raw: &Self::Abi) -> Result<Option<&T::Abi>, BadValue>;
    /// Writes a present value.
    fn some(value: T::Abi) -> Self::Abi;
    /// The absent value.
    fn none() -> Self::Abi;
}

/// `{has, value}`.
pub struct Tagged;
/// NULL when absent.
pub struct Nullable;

// SAFETY: the flag and the value's own struct; nothing of its own is variable.
unsafe impl<T: Type> OptionForm<T> for Tagged {
    type Abi = RawOption<T::Abi>;
    type Pass = ByPointer;

    fn present(raw: &Self::Abi) -> Result<Option<&T::Abi>, BadValue> {
        match raw.has {
            0 => Ok(None),
            // SAFETY: `has` says that the value is there.
            1 => Ok(Some(unsafe { raw.value.assume_init_ref() })),
            other => Err(BadValue::argument(format!(
                "option flag {other}, only 0 and 1 are"
            ))),
        }
    }

    fn some(value: T::Abi) -> Self::Abi {
        RawOption {
            has: 1,
            value: MaybeUninit::new(value),
        }
    }

    fn none() -> Self::Abi {
        RawOption {
            has: 0,
            value: MaybeUninit::zeroed(),
        }
    }
}

// SAFETY: the box's own pointer, which is never NULL when present.
unsafe impl<T: Type> OptionForm<Box<T>> for Nullable {
    type Abi = *const T::Abi;
    type Pass = PointerByValue;

    fn present(raw: &Self::Abi) -> Result<Option<&*const T::Abi>, BadValue> {
        Ok((!raw.is_null()).then_some(raw))
    }

    fn some(value: *const T::Abi) -> Self::Abi {
        value
    }

    fn none() -> Self::Abi {
        core::ptr::null()
    }
}

type Form<T> = <T as Type>::Form;

// SAFETY: the form's struct; the variable part is the value's own.
unsafe impl<T: Type> Type for Option<T> {
    type Kind = Compound;
    type Pass = <Form<T> as OptionForm<T>>::Pass;
    type ListPass = ByPointer;
    type Form = Tagged;
    type Abi = <Form<T> as OptionForm<T>>::Abi;
    const SCHEMA: Schema = Schema::Option(&T::SCHEMA);

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    unsafe fn read(raw: &Self::Abi, reader: &mut Reader) -> Result<Self, BadValue> {
        match Form::<T>::present(raw)? {
            None => Ok(None),
            // SAFETY: the present value is part of the value that the caller vouches for.
            Some(value) => unsafe { T::read(value, reader) }.map(Some),
        }
    }

    fn size(&self, at: usize) -> usize {
        self.as_ref().map_or(at, |value| value.size(at))
    }

    fn write(self, arena: &mut Arena) -> Self::Abi {
        match self {
            None => Form::<T>::none(),
            Some(value) => Form::<T>::some(value.write(arena)),
        }
    }
}
