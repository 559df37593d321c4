//! Objects: values that stay in the library and are named by handles.

use std::sync::Arc;

use gangplank_descriptor::{Schema, TypeName};

use super::{BadValue, ByPointer, ByValue, Compound, Reader, Sink, Tagged, Type};
use crate::memory::Arena;
use crate::rt;

/// A type with `#[gangplank::object]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an object of the interface",
    label = "not an object",
    note = "add `#[gangplank::object]` to an `impl` block of the type"
)]
pub trait ObjectType: rt::Object {
    /// The type's name in the interface.
    const TYPE: TypeName;
    /// Reports the object's item.
    fn visit(sink: Sink<'_>);
}

// SAFETY: a handle, without a variable part.
unsafe impl<T: ObjectType> Type for Arc<T> {
    type Kind = Compound;
    type Pass = ByValue<4>;
    type ListPass = ByPointer;
    type Form = Tagged;
    type Abi = u64;
    const SCHEMA: Schema = Schema::Object(T::TYPE);

    fn visit(sink: Sink<'_>) {
        T::visit(sink);
    }

    unsafe fn read(raw: &u64, _: &mut Reader) -> Result<Self, BadValue> {
        rt::object(*raw).map_err(|fault| BadValue::new(fault.status, fault.message.as_str()))
    }

    fn size(&self, at: usize) -> usize {
        at
    }

    fn write(self, arena: &mut Arena) -> u64 {
        match rt::hand_out(self) {
            Ok(handle) => {
                arena.lend(handle, rt::release);
                handle
            }
            Err(fault) => {
                arena.fail(fault.status, fault.message.clone());
                0
            }
        }
    }
}
