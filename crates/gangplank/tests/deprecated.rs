//! What others should not use any more crosses all the same, and its author's crate hears nothing of it.

#![deny(deprecated)]

use gangplank::Type;
use gangplank::descriptor::decode;
use gangplank::descriptor::owned::Body;

/// An enumeration.
#[gangplank::enumeration]
pub enum Tone {
    /// Is used.
    High,
    /// Was used.
    #[deprecated(note = "go high")]
    Low,
}

/// A record.
#[gangplank::record]
pub struct Sound {
    /// Is used.
    pub tone: Tone,
    /// Was used.
    #[deprecated]
    pub length: u8,
}

/// A variant.
#[gangplank::variant]
pub enum Noise {
    /// Is used.
    Of(Sound),
    /// Was used.
    #[deprecated = "be quiet"]
    White,
    /// Is used.
    Pink {
        /// Was used.
        #[deprecated]
        level: f64,
    },
}

/// An error.
#[gangplank::error]
pub enum Deaf {
    /// nothing is heard
    Fully,
    /// {percent} percent are heard
    #[deprecated(note = "say nothing")]
    Partly {
        /// Of all.
        percent: u8,
    },
}

/// Was used.
#[gangplank::constant]
#[deprecated]
pub const LOUDEST: u8 = 200;

/// Hears.
#[gangplank::function]
pub fn hear(noise: Noise) -> Result<Noise, Deaf> {
    Ok(noise)
}

gangplank::library!();

fn body<T: Type>() -> Body {
    let mut bodies = Vec::new();
    T::visit(&mut |bytes| {
        bodies.push(decode(bytes).expect("an item").body);
        true
    });
    bodies.swap_remove(0)
}

fn notes<T>(all: &[T], note: impl Fn(&T) -> &Option<String>) -> Vec<Option<&str>> {
    all.iter().map(|one| note(one).as_deref()).collect()
}

#[test]
fn values_and_cases_say_it() {
    let Body::Enum(tone) = body::<Tone>() else {
        panic!("an enum")
    };
    let Body::Variant(noise) = body::<Noise>() else {
        panic!("a variant")
    };
    let Body::Error(deaf) = body::<Deaf>() else {
        panic!("an error")
    };
    let values = notes(&tone.values, |value| &value.deprecated);
    assert_eq!(values, [None, Some("go high")]);
    let cases = notes(&noise.cases, |case| &case.deprecated);
    assert_eq!(cases, [None, Some("be quiet"), None]);
    assert_eq!(noise.cases[2].fields[0].deprecated.as_deref(), Some(""));
    let cases = notes(&deaf.cases, |case| &case.deprecated);
    assert_eq!(cases, [None, Some("say nothing")]);
}
