//! Why a value does not cross.

use gangplank_descriptor::NESTING;

/// Why.
#[derive(Debug)]
pub enum Fault {
    /// Python has an exception set on this thread.
    Raised,
    /// A value is not what the interface says.
    Wrong(Box<Wrong>),
}

/// What is wrong with a value, and where.
#[derive(Debug)]
pub struct Wrong {
    /// What kind of mistake.
    pub why: Why,
    /// In words.
    pub text: String,
}

/// What kind of mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// An object of Python has another type.
    Type,
    /// A number of Python does not fit.
    Range,
    /// A value of Python has the right type, but cannot be.
    Value,
    /// What has come from the other side cannot be.
    Foreign,
    /// A text from the other side is not UTF-8.
    Utf8,
    /// Values are nested too deep.
    Depth,
    /// The time of a call is up.
    Late,
}

impl Fault {
    /// A value that is not what the interface says.
    #[cold]
    pub fn wrong(why: Why, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Wrong(Box::new(Wrong { why, text }))
    }

    /// Values that contain each other too often.
    #[cold]
    fn too_deep() -> Self {
        let text = format!("values are nested deeper than {NESTING} levels");
        Self::wrong(Why::Depth, text)
    }

    /// The depth inside a list, a map or a box at `depth`.
    #[inline]
    pub(crate) fn deeper(depth: u32) -> Result<u32, Self> {
        match depth {
            NESTING.. => Err(Self::too_deep()),
            _ => Ok(depth + 1),
        }
    }

    /// Says where, before what.
    #[cold]
    #[must_use]
    pub fn at(self, place: impl FnOnce() -> String) -> Self {
        match self {
            Self::Wrong(mut wrong) => {
                wrong.text = format!("{}: {}", place(), wrong.text);
                Self::Wrong(wrong)
            }
            Self::Raised => Self::Raised,
        }
    }
}
