//! Types, defaults and literals in Python.
//!
//! Comes in: lowered types and literals. Goes out: expressions. What a name of the package hides is spelled in another way:
//! `_builtins.int` where a field is called `int`, `_class_game_score` where a field is called like its type.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use gangplank_model::lowered::{Field, Library, Literal, Scalar, Shape, TypeId, Variant};

use super::names;
use super::view::Words;
use crate::config::Options;

/// How defaults that must be made for each object begin. Names in a lambda are the file's, whatever the fields are called.
const MADE: &str = "_field(default_factory=lambda: ";

/// What types are spelled with.
pub(super) struct Spelling<'a> {
    pub(super) library: &'a Library,
    pub(super) options: &'a Options,
    state: Rc<State>,
}

/// What is known of the file's names; kept while the items pass by.
#[derive(Default)]
pub(super) struct State {
    /// Builtins that the file hides everywhere.
    hidden: BTreeSet<String>,
    /// Types that were spelled by an alias.
    aliased: RefCell<BTreeSet<String>>,
}

/// The names of a class, which hide those of the file inside it.
pub(super) type Scope = [String];

impl State {
    /// Of a library.
    pub(super) fn new(library: &Library, options: &Options) -> Rc<Self> {
        let functions = library.functions.iter().map(|function| &function.common);
        let constants = library.constants.iter().map(|constant| &constant.common);
        let items = functions.chain(constants);
        let items = items.map(|common| names::item(library, options, common));
        let objects = library.objects.iter().map(|object| &object.common);
        let types = library.types.iter().filter_map(|ty| match &ty.shape {
            Shape::Record(of) => Some(&of.common),
            Shape::Enum(of) => Some(&of.common),
            Shape::Variant(of) => Some(&of.common),
            _ => None,
        });
        let classes = objects.chain(types);
        let classes = classes.map(|common| names::class(options, common));
        let variants = library.types.iter().filter_map(|ty| match &ty.shape {
            Shape::Variant(of) => Some(of),
            _ => None,
        });
        let cases = variants.flat_map(|of| {
            let cases = of.cases.iter();
            cases.map(|case| names::case(options, of, case))
        });
        Rc::new(State {
            hidden: items
                .chain(classes)
                .chain(cases)
                .filter(|name| names::BUILTINS.contains(&name.as_str()))
                .collect(),
            aliased: RefCell::default(),
        })
    }
}

impl<'a> Spelling<'a> {
    pub(super) fn new(library: &'a Library, options: &'a Options, state: Rc<State>) -> Self {
        Self {
            library,
            options,
            state,
        }
    }

    /// The types that were spelled by an alias so far.
    pub(super) fn aliased(&self) -> Vec<String> {
        self.state.aliased.borrow().iter().cloned().collect()
    }

    /// Builtins for templates that write them themselves.
    pub(super) fn words(&self, scope: &Scope) -> Words {
        let words = names::BUILTINS.iter();
        Words(
            words
                .map(|name| (*name, self.builtin(name, scope)))
                .collect(),
        )
    }

    /// `int`, or `_builtins.int` where that means something else.
    pub(super) fn builtin(&self, name: &str, scope: &Scope) -> String {
        match self.state.hidden.contains(name) || scope.iter().any(|other| other == name) {
            true => format!("_builtins.{name}"),
            false => name.to_owned(),
        }
    }

    /// A class of the file, or the alias of one that the scope hides.
    pub(super) fn named(&self, name: String, scope: &Scope) -> String {
        if !scope.contains(&name) {
            return name;
        }
        let alias = names::alias(&name);
        self.state.aliased.borrow_mut().insert(name);
        alias
    }

    /// `list[GameScore]`
    pub(super) fn annotation(&self, id: TypeId, scope: &Scope) -> String {
        let of = |id| self.annotation(id, scope);
        match &self.library.ty(id).shape {
            Shape::Scalar(Scalar::F32 | Scalar::F64) => self.builtin("float", scope),
            Shape::Scalar(_) => self.builtin("int", scope),
            Shape::Bool => self.builtin("bool", scope),
            Shape::String => self.builtin("str", scope),
            Shape::Bytes => self.builtin("bytes", scope),
            Shape::Timestamp => self.named("Timestamp".to_owned(), scope),
            Shape::Duration => self.named("Duration".to_owned(), scope),
            Shape::Enum(item) => {
                let name = self.named(names::class(self.options, &item.common), scope);
                match item.open {
                    true => format!("{name} | {}", self.builtin("int", scope)),
                    false => name,
                }
            }
            Shape::Record(item) => self.named(names::class(self.options, &item.common), scope),
            Shape::Variant(item) => self.named(names::class(self.options, &item.common), scope),
            Shape::List(inner) => format!("{}[{}]", self.builtin("list", scope), of(*inner)),
            Shape::Option(inner) if self.is_option(*inner) => {
                format!(
                    "{}[{}] | None",
                    self.named("Some".to_owned(), scope),
                    of(*inner)
                )
            }
            Shape::Option(inner) | Shape::Nullable(inner) => format!("{} | None", of(*inner)),
            Shape::Boxed(inner) => of(*inner),
            Shape::Map { key, value, .. } => format!(
                "{}[{}, {}]",
                self.builtin("dict", scope),
                of(*key),
                of(*value)
            ),
            Shape::Object(index) => {
                let common = &self.library.objects[*index].common;
                self.named(names::class(self.options, common), scope)
            }
            // Refused where the function is.
            Shape::Stream(_) => self.builtin("object", scope),
        }
    }

    /// The results of a function: one, several in a tuple, or none.
    pub(super) fn results(&self, results: &[TypeId], scope: &Scope) -> String {
        let all: Vec<String> = results
            .iter()
            .map(|id| self.annotation(*id, scope))
            .collect();
        match all.as_slice() {
            [] => "None".to_owned(),
            [one] => one.clone(),
            _ => format!("{}[{}]", self.builtin("tuple", scope), all.join(", ")),
        }
    }

    /// Whether a value of this type can be `None`, so that an option of it needs `Some`.
    pub(super) fn is_option(&self, id: TypeId) -> bool {
        matches!(
            self.library.ty(id).shape,
            Shape::Option(_) | Shape::Nullable(_)
        )
    }

    pub(super) fn cases(&self, variant: &Variant) -> Vec<String> {
        let cases = variant.cases.iter();
        cases
            .map(|case| names::case(self.options, variant, case))
            .collect()
    }

    /// What stands behind a field: what its author says, else of a `.proto` file and after a field with a default its zero.
    /// Nothing when it has to be given; no text when Python has none for it.
    pub(super) fn default(&self, field: &Field, needs: bool, scope: &Scope) -> Option<String> {
        let (text, is_made) = match &field.default {
            // Of a definition, the zero is what stands for an absent field already.
            Some(literal) if field.proto.is_none() => self.literal(field.ty, literal)?,
            _ if field.proto.is_some() || needs => self.zero(field.ty)?,
            _ => return Some(String::new()),
        };
        let is_shared = match &self.library.ty(field.ty).shape {
            Shape::Enum(of) => !scope.contains(&names::class(self.options, &of.common)),
            _ => !is_made,
        };
        Some(match is_shared {
            true => format!(" = {text}"),
            false => format!(" = {MADE}{text})"),
        })
    }

    /// A literal, and whether each object needs a value of its own; `None` when Python has none for it.
    pub(super) fn literal(&self, ty: TypeId, literal: &Literal) -> Option<(String, bool)> {
        let shape = &self.library.ty(ty).shape;
        let text = match (literal, shape) {
            (Literal::None, _) => "None".to_owned(),
            (_, Shape::Option(inner)) if self.is_option(*inner) => {
                let (text, _) = self.literal(*inner, literal)?;
                return Some((format!("Some({text})"), true));
            }
            (_, Shape::Option(inner) | Shape::Nullable(inner) | Shape::Boxed(inner)) => {
                return self.literal(*inner, literal);
            }
            (Literal::Float(bits), _) => float(f64::from_bits(*bits)),
            (Literal::Bool(true), _) => "True".to_owned(),
            (Literal::Bool(false), _) => "False".to_owned(),
            (Literal::Int(value), Shape::Scalar(_)) => value.to_string(),
            (Literal::String(value), _) => text(value),
            (Literal::Bytes(value), _) => bytes(value),
            (Literal::EnumValue(name), Shape::Enum(of)) => {
                let class = names::class(self.options, &of.common);
                return Some((format!("{class}.{}", names::member(&of.common, name)), true));
            }
            (Literal::Empty, Shape::String) => "\"\"".to_owned(),
            (Literal::Empty, Shape::Bytes) => "b\"\"".to_owned(),
            (Literal::Empty, Shape::List(_)) => return Some(("[]".to_owned(), true)),
            (Literal::Empty, Shape::Map { .. }) => return Some(("{}".to_owned(), true)),
            (Literal::Empty, Shape::Record(_)) => return self.zero(ty),
            _ => return None,
        };
        Some((text, false))
    }

    /// What a field is when nobody says; `None` for objects, and for what holds one.
    fn zero(&self, id: TypeId) -> Option<(String, bool)> {
        let plain = |text: &str| Some((text.to_owned(), false));
        let made = |text: String| Some((text, true));
        match &self.library.ty(id).shape {
            Shape::Scalar(Scalar::F32 | Scalar::F64) => plain("0.0"),
            Shape::Scalar(_) => plain("0"),
            Shape::Bool => plain("False"),
            Shape::String => plain("\"\""),
            Shape::Bytes => plain("b\"\""),
            Shape::Timestamp => made("Timestamp(0)".to_owned()),
            Shape::Duration => made("Duration(0)".to_owned()),
            Shape::Enum(of) => match of.values.first() {
                Some(first) => made(format!(
                    "{}.{}",
                    names::class(self.options, &of.common),
                    names::member(&of.common, &first.name)
                )),
                None => plain("0"),
            },
            Shape::Record(of) => made(format!(
                "{}({})",
                names::class(self.options, &of.common),
                self.zeros(&of.fields)?
            )),
            Shape::Variant(of) => {
                let first = of.cases.first()?;
                let fields = self.zeros(&first.fields)?;
                made(format!(
                    "{}({fields})",
                    names::case(self.options, of, first)
                ))
            }
            Shape::List(_) => made("[]".to_owned()),
            Shape::Map { .. } => made("{}".to_owned()),
            Shape::Option(_) | Shape::Nullable(_) => plain("None"),
            Shape::Boxed(inner) => self.zero(*inner),
            Shape::Object(_) | Shape::Stream(_) => None,
        }
    }

    /// The arguments for the fields that have no default, which come before those that have one.
    fn zeros(&self, fields: &[Field]) -> Option<String> {
        let given = |field: &&Field| field.proto.is_none() && field.default.is_none();
        let values: Option<Vec<String>> = fields
            .iter()
            .take_while(given)
            .map(|field| Some(self.zero(field.ty)?.0))
            .collect();
        Some(values?.join(", "))
    }
}

/// A text.
pub(super) fn text(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            c if c.is_control() || is_hidden(c) => {
                literal.push_str(&format!("\\U{:08x}", u32::from(c)));
            }
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Letters that nobody sees, or that end a line for some.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{feff}' | '\u{2028}'..='\u{202e}' | '\u{200e}'..='\u{200f}' | '\u{2066}'..='\u{2069}')
}

/// Octets.
fn bytes(octets: &[u8]) -> String {
    let escaped: String = octets
        .iter()
        .map(|octet| match octet {
            b'"' | b'\\' => format!("\\{}", char::from(*octet)),
            b' '..=b'~' => char::from(*octet).to_string(),
            _ => format!("\\x{octet:02x}"),
        })
        .collect();
    format!("b\"{escaped}\"")
}

fn float(value: f64) -> String {
    match value {
        value if value.is_nan() => "_math.nan".to_owned(),
        f64::INFINITY => "_math.inf".to_owned(),
        f64::NEG_INFINITY => "-_math.inf".to_owned(),
        value => format!("{value:?}"),
    }
}

/// A tuple of names, texts or whatever else.
pub(super) fn tuple(parts: &[String]) -> String {
    match parts {
        [only] => format!("({only},)"),
        parts => format!("({})", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_what_python_reads() {
        assert_eq!(
            text("a\"\\\n\0\u{feff}é"),
            r#""a\"\\\n\U00000000\U0000feffé""#
        );
        assert_eq!(bytes(b"\0a\"\xff"), "b\"\\x00a\\\"\\xff\"");
        assert_eq!(float(-0.0), "-0.0");
        assert_eq!(float(5e-324), "5e-324");
        assert_eq!(float(f64::NAN), "_math.nan");
        assert_eq!(tuple(&["a".to_owned()]), "(a,)");
        assert_eq!(tuple(&[]), "()");
    }
}
