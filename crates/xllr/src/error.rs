//! What can go wrong, as data and as text.

use std::fmt;

/// Why something did not work. The text is complete: it says what was asked for, what was tried and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: Kind,
    text: String,
}

/// What sort of failure it is, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// An argument that no function takes: text that is not UTF-8, an empty name.
    BadArgument,
    /// No such runtime, module or function.
    NotFound,
    /// A file that is no module: cut short, for another machine, of another ABI version.
    BadModule,
    /// A module that is not the one that the host was made for.
    Mismatch,
    /// The limits of a runtime forbid it.
    Refused,
    /// The called function failed; the text is its own.
    Failed,
    /// More than a limit allows.
    Limit,
    /// A helper process has died, or cannot be talked to. The call may have done its work or not; it is not repeated.
    PeerLost,
    /// A call took longer than it might. Its helper process was ended.
    Deadline,
    /// The process is a child of fork.
    Forked,
    /// A defect of XLLR itself.
    Panic,
}

impl Error {
    pub(crate) fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
        }
    }

    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What a person reads.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Error {}

/// Names for the end of a message: "there are a, b, c", at most a screenful.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 30;
    match names.len() {
        0 => "none".to_owned(),
        n if n <= SHOWN => names.join(", "),
        n => format!("{} and {} more", names[..SHOWN].join(", "), n - SHOWN),
    }
}
