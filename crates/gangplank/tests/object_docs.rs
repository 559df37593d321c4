//! Where the docs and the deprecation of an object come from.

#![allow(deprecated, reason = "an object here is deprecated")]

use gangplank::descriptor::{decode, owned::Common};
use gangplank::types::ObjectType;

#[path = "object_docs/declared.rs"]
/// Has the type of an object.
pub mod declared;

/// Says what it is where it is declared.
///
/// At length.
#[deprecated(note = "ask another")]
pub struct Plain;

#[gangplank::object]
impl Plain {
    /// Makes one.
    #[gangplank(constructor)]
    pub fn make_plain() -> Plain {
        Plain
    }
}

/// For those who read Rust.
pub struct Both;

/// For hosts.
#[gangplank::object]
impl Both {
    /// Makes one.
    #[gangplank(constructor)]
    pub fn make_both() -> Both {
        Both
    }
}

use declared::DeclaredApart;

#[gangplank::object]
impl DeclaredApart {
    /// Makes one.
    #[gangplank(constructor)]
    pub fn make_apart() -> DeclaredApart {
        DeclaredApart
    }
}

gangplank::library!();

fn common_of<T: ObjectType>() -> Common {
    let mut items = Vec::new();
    T::visit(&mut |bytes| {
        items.push(decode(bytes).expect("an item"));
        true
    });
    items[0].common().expect("an object").clone()
}

#[test]
fn docs_and_deprecation_of_an_object_are_those_of_its_type() {
    let plain = common_of::<Plain>();
    assert_eq!(
        plain.docs,
        "Says what it is where it is declared.\n\nAt length."
    );
    assert_eq!(plain.deprecated.as_deref(), Some("ask another"));
}

#[test]
fn docs_on_the_block_go_before_those_of_the_type() {
    assert_eq!(common_of::<Both>().docs, "For hosts.");
}

#[test]
fn a_type_in_another_file_is_found() {
    assert_eq!(common_of::<DeclaredApart>().docs, "Stands in another file.");
}
