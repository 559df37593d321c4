//! Objects: values that stay in the library and are named by handles.

use std::sync::Arc;

use gangplank_descriptor::TypeName;

use super::Sink;
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

/// What a constructor of `T` may return.
#[diagnostic::on_unimplemented(
    message = "a constructor of `{T}` returns `{T}`, `Arc<{T}>` or a `Result` of one of them, not `{Self}`",
    label = "not the object"
)]
pub trait IntoObject<T> {
    /// The object, shared.
    fn into_object(self) -> Arc<T>;
}

impl<T: ObjectType> IntoObject<T> for T {
    fn into_object(self) -> Arc<T> {
        Arc::new(self)
    }
}

impl<T: ObjectType> IntoObject<T> for Arc<T> {
    fn into_object(self) -> Arc<T> {
        self
    }
}
