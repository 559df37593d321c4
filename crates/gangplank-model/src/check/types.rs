//! Where each kind of type may stand.

use super::walk::{self, Use};
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::model::{Common, Declaration, Function, Id, Interface, Object, Role, Scalar, Type};

pub(super) fn check(interface: &Interface<Id>, found: &mut Diagnostics) {
    walk::types(interface, &mut |item, place, ty| {
        let mut spot = Spot {
            interface,
            item,
            place,
            found,
        };
        match place {
            Use::Error => spot.error(ty),
            _ => spot.whole(ty),
        }
    });
    for function in walk::functions(interface) {
        borrowed(function, found);
    }
    for (at, object) in interface.objects.iter().enumerate() {
        constructor_results(Id(at), object, found);
    }
    for function in interface.traits.iter().flat_map(|item| &item.functions) {
        if function.error.is_none() || function.results.len() > 1 {
            found.push(
                Diagnostic::new(
                    codes::RESULTS,
                    format!(
                        "the host function `{}` does not return `Result<T, E>` of one value",
                        function.common.path
                    ),
                )
                .label(&function.common, "declared here")
                .help("return `Result<T, E>`; several values go into a record"),
            );
        }
    }
}

/// One place of the interface.
struct Spot<'a, 'b> {
    interface: &'a Interface<Id>,
    item: &'a Common,
    place: Use<'a>,
    found: &'b mut Diagnostics,
}

impl Spot<'_, '_> {
    /// A type as a parameter, result, field or constant is declared with it.
    fn whole(&mut self, ty: &Type<Id>) {
        match ty {
            Type::Host(_) | Type::Events(_) if matches!(self.place, Use::ConstructorParam(_)) => {}
            // Whether a language has them is for its backend to say.
            Type::Stream(element)
                if matches!(self.place, Use::Param(_) | Use::Result)
                    && !matches!(**element, Type::Stream(_)) =>
            {
                self.part(element);
            }
            Type::Boxed(_) if !matches!(self.place, Use::Field(_)) => self.push(
                codes::BARE_BOX,
                "is a box",
                "write the type itself: boxes are for fields of recursive records",
            ),
            _ => self.part(ty),
        }
    }

    /// A type somewhere inside another.
    fn part(&mut self, ty: &Type<Id>) {
        match ty {
            Type::List(inner) | Type::Option(inner) | Type::Boxed(inner) => self.part(inner),
            Type::Map(key, value) => {
                self.key(key);
                self.part(value);
            }
            Type::Stream(_) => self.push(
                codes::UNSUPPORTED_TYPE,
                "is or holds a stream, which only parameters and results of functions are",
                "return a list, or publish the values as events",
            ),
            Type::Callback(_) => self.push(
                codes::UNSUPPORTED_TYPE,
                "is a callback, and callbacks cannot be passed yet",
                "have a `Host<dyn Trait>` injected into the object's constructor",
            ),
            Type::Host(_) | Type::Events(_) => self.push(
                codes::INJECTED_OUTSIDE_CONSTRUCTOR,
                "is injected, which only parameters of constructors are",
                "move it to the constructor and keep it in the object",
            ),
            _ => {}
        }
    }

    fn key(&mut self, key: &Type<Id>) {
        let allowed = match key {
            Type::Bool | Type::String => true,
            Type::Number(scalar) => !matches!(scalar, Scalar::F32 | Scalar::F64),
            _ => false,
        };
        if !allowed {
            self.push(
                codes::MAP_KEY,
                "has a map key that is not a bool, an integer or a string",
                "use a list of records with a field for the key",
            );
        }
    }

    fn error(&mut self, ty: &Type<Id>) {
        let allowed = match ty {
            Type::String => true,
            Type::Declared(id) => {
                matches!(&self.interface.types[id.0], Declaration::Variant(variant) if variant.is_error)
            }
            _ => false,
        };
        if !allowed {
            self.push(
                codes::NOT_AN_ERROR,
                "is neither a declared error nor a string",
                "declare the error with `#[gangplank::error]` on an enum, or use `String`",
            );
        }
    }

    fn push(&mut self, code: &'static str, what: &str, help: &str) {
        let place = self.place.text();
        let message = match self.place {
            Use::Constant => format!("{place} `{}` {what}", self.item.path),
            _ => format!("{place} of `{}` {what}", self.item.path),
        };
        let diagnostic = Diagnostic::new(code, message).label(self.item, "declared here");
        self.found.push(diagnostic.help(help));
    }
}

fn borrowed(function: &Function<Id>, found: &mut Diagnostics) {
    for param in function
        .params
        .iter()
        .filter(|param| param.borrowed && function.is_async)
    {
        let message = format!(
            "the async function `{}` borrows its parameter `{}`",
            function.common.path, param.name
        );
        found.push(
            Diagnostic::new(codes::BORROWED_ASYNC, message)
                .label(&function.common, "declared here")
                .help("take an owned value: it must outlive the call"),
        );
    }
}

fn constructor_results(id: Id, object: &Object<Id>, found: &mut Diagnostics) {
    for function in &object.constructors {
        debug_assert_eq!(function.role, Role::Constructor);
        if function.results != [Type::Object(id)] {
            let message = format!(
                "the constructor `{}` does not return its object",
                function.common.path
            );
            found.push(
                Diagnostic::new(codes::RESULTS, message)
                    .label(&function.common, "declared here")
                    .help(format!(
                        "return `{}` or `Result<{0}, E>`",
                        object.common.name
                    )),
            );
        }
    }
}
