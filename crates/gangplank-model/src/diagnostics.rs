//! Diagnostics as data: what is wrong, where, and what to do.
//!
//! Comes in: every pass pushes what it finds and goes on. Goes out: all of it at once, to a renderer or as `Err`.

pub mod codes;
mod render;

use std::fmt;

use crate::lowered;
use crate::model::{Common, Location};
pub use render::render;

/// What a name belongs to: an author gives it another in different places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// What has an attribute of its own: a type, a constant, an object, a function.
    Item,
    /// What stands inside one: a method, constructor, host function or event, a field, parameter, value or case.
    Part,
    /// One of these.
    Either,
}

/// What an author can do about two things with one name, the one at hand being `named`; `in_definition` when it comes from
/// a `.proto` file.
pub fn another_name(named: Named, in_definition: bool) -> &'static str {
    match (in_definition, named) {
        (true, _) => "give one of them another name in the definition",
        (false, Named::Item) => {
            "give one of them another name: `#[gangplank::record(name = \"…\")]` or alike"
        }
        (false, Named::Part) => {
            "give one of them another name: `#[gangplank(name = \"…\")]` in front of it"
        }
        (false, Named::Either) => {
            "give one of them another name: `#[gangplank::record(name = \"…\")]` or alike for an item, `#[gangplank(name = \"…\")]` \
             in front of a part of one"
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, from [`codes`].
    pub code: &'static str,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where, the place to change first.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A finding without places yet.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            message: message.into(),
            labels: Vec::new(),
            help: Vec::new(),
        }
    }

    /// Adds a place.
    #[must_use]
    pub fn label(mut self, item: &impl Place, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            item: item.path().to_owned(),
            location: item.location(),
            text: text.into(),
        });
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Path of the item there: `my_timer::Timer::echo`.
    pub item: String,
    /// File and line, as far as known.
    pub location: Location,
    /// What about it.
    pub text: String,
}

impl Label {
    /// The crate that `location` is relative to.
    pub fn crate_name(&self) -> &str {
        self.item.split("::").next().unwrap_or(&self.item)
    }

    /// The item without its crate: `Timer::echo`.
    pub fn local_item(&self) -> &str {
        match self.item.split_once("::") {
            Some((_, local)) => local,
            None => &self.item,
        }
    }
}

/// Something that a label can point to.
pub trait Place {
    /// The item's path.
    fn path(&self) -> &str;
    /// Where it was declared.
    fn location(&self) -> Location;
}

impl Place for Common {
    fn path(&self) -> &str {
        &self.path
    }

    fn location(&self) -> Location {
        self.location.clone()
    }
}

/// A place by itself.
impl Place for Location {
    fn path(&self) -> &str {
        ""
    }

    fn location(&self) -> Location {
        self.clone()
    }
}

impl Place for lowered::Common {
    fn path(&self) -> &str {
        &self.path
    }

    fn location(&self) -> Location {
        let (file, line) = match self.location.rsplit_once(':') {
            Some((file, line)) => (file, line.parse().unwrap_or(0)),
            None => (self.location.as_str(), 0),
        };
        Location {
            file: file.to_owned(),
            line,
        }
    }
}

/// Everything that was found, in the order in which it was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds the findings of another pass.
    pub fn append(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// The same findings; those with one of the `codes` and without a place get this one.
    #[must_use]
    pub fn at(self, codes: &[&str], item: &impl Place, text: &str) -> Self {
        let placed =
            |found: Diagnostic| match found.labels.is_empty() && codes.contains(&found.code) {
                true => found.label(item, text),
                false => found,
            };
        Diagnostics(self.0.into_iter().map(placed).collect())
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many findings there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The findings.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// `value`, unless something was found.
    ///
    /// # Errors
    ///
    /// With all findings.
    pub fn into_result<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self)
        }
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Diagnostics(vec![diagnostic])
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&render(self, &|_| None, false))
    }
}

impl std::error::Error for Diagnostics {}
