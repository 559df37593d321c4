//! Every value has a size, and a sane one.
//!
//! A type that contains itself is legal only through a list, a map or a box, whose memory is elsewhere.

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::model::{Declaration, Field, Id, Interface, Type};

/// Deepest nesting of types by value. What lies below keeps every pass after this one off the end of its stack.
const MAX_DEPTH: usize = 128;
/// Most fields that a type has by value, those of its fields included.
const MAX_FIELDS: u64 = 1 << 20;

/// Whether all types are finite.
pub(super) fn check(interface: &Interface<Id>, found: &mut Diagnostics) -> bool {
    let before = found.len();
    let mut sizes = Sizes {
        interface,
        states: vec![State::Unseen; interface.types.len()],
        path: Vec::new(),
        found,
    };
    for at in 0..interface.types.len() {
        sizes.visit(Id(at));
    }
    found.len() == before
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unseen,
    Open,
    /// Number of fields by value.
    Done(u64),
}

struct Sizes<'a> {
    interface: &'a Interface<Id>,
    states: Vec<State>,
    /// The types being visited, each with the field that leads on.
    path: Vec<(Id, &'a str)>,
    found: &'a mut Diagnostics,
}

impl<'a> Sizes<'a> {
    fn visit(&mut self, id: Id) -> u64 {
        match self.states[id.0] {
            State::Done(fields) => return fields,
            State::Open => {
                self.infinite(id);
                return 0;
            }
            State::Unseen if self.path.len() == MAX_DEPTH => {
                self.too_large(id, &format!("nested deeper than {MAX_DEPTH} types"));
                self.states[id.0] = State::Done(0);
                return 0;
            }
            State::Unseen => self.states[id.0] = State::Open,
        }
        let interface = self.interface;
        let declaration = &interface.types[id.0];
        let mut count: u64 = 1;
        for field in declaration.fields() {
            count = count.saturating_add(self.field(id, field));
        }
        if count > MAX_FIELDS {
            self.too_large(id, &format!("larger than {MAX_FIELDS} fields"));
            count = 0;
        }
        self.states[id.0] = State::Done(count);
        count
    }

    fn field(&mut self, id: Id, field: &'a Field<Id>) -> u64 {
        let mut ty = &field.ty;
        while let Type::Option(inner) = ty {
            ty = inner;
        }
        let Type::Declared(inner) = ty else {
            return 1;
        };
        self.path.push((id, &field.name));
        let count = self.visit(*inner);
        self.path.pop();
        count
    }

    fn declaration(&self, id: Id) -> &'a Declaration<Id> {
        &self.interface.types[id.0]
    }

    fn infinite(&mut self, id: Id) {
        let start = self
            .path
            .iter()
            .position(|(step, _)| *step == id)
            .unwrap_or(0);
        let name = &self.declaration(id).common().name;
        let message = format!(
            "the {} `{name}` contains itself",
            self.declaration(id).kind()
        );
        let mut diagnostic = Diagnostic::new(codes::INFINITE_TYPE, message)
            .help("put a `Box`, a list or a map in between: `Option<Box<T>>` or `Vec<T>` instead of `Option<T>`");
        for (step, field) in &self.path[start..] {
            let common = self.declaration(*step).common();
            diagnostic = diagnostic.label(common, format!("through the field `{field}`"));
        }
        self.found.push(diagnostic);
    }

    fn too_large(&mut self, id: Id, what: &str) {
        let declaration = self.declaration(id);
        let message = format!(
            "the {} `{}` is {what}",
            declaration.kind(),
            declaration.common().name
        );
        self.found.push(
            Diagnostic::new(codes::TOO_LARGE, message)
                .label(declaration.common(), "declared here")
                .help("put a `Box` or a list in between"),
        );
    }
}
