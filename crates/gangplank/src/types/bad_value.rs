//! What was wrong with a value, and where in it.
//!
//! A reader goes down a value; on the way back up from an error each level adds its own step, so that the text says
//! `request.messages[3].message` without costing anything while all is well.

use core::fmt;

use gangplank_descriptor::NESTING;

use crate::abi::Status;

/// A value that cannot be accepted.
#[derive(Debug)]
pub struct BadValue(Box<Inner>);

#[derive(Debug)]
struct Inner {
    status: Status,
    reason: String,
    /// Innermost first.
    path: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Field(&'static str),
    Index(usize),
}

impl BadValue {
    /// A value that is wrong for the reason `reason`.
    pub fn new(status: Status, reason: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            status,
            reason: reason.into(),
            path: Vec::new(),
        }))
    }

    /// A value outside its type.
    pub fn argument(reason: impl Into<String>) -> Self {
        Self::new(Status::BadArgument, reason)
    }

    /// Says in which field or parameter it was.
    pub fn at_field(mut self, name: &'static str) -> Self {
        self.0.path.push(Step::Field(name));
        self
    }

    /// Says at which index of a list it was.
    pub fn at_index(mut self, index: usize) -> Self {
        self.0.path.push(Step::Index(index));
        self
    }

    /// The status to report.
    pub fn status(&self) -> Status {
        self.0.status
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.path.iter().rev().enumerate() {
            match step {
                Step::Field(name) if position == 0 => write!(f, "{name}")?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        let separator = if self.0.path.is_empty() { "" } else { ": " };
        write!(f, "{separator}{}", self.0.reason)
    }
}

/// The state of one read: how deep it is.
#[derive(Default)]
pub struct Reader {
    depth: u32,
}

impl Reader {
    /// Runs `read` one level deeper.
    pub fn nested<R>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<R, BadValue>,
    ) -> Result<R, BadValue> {
        if self.depth == NESTING {
            let reason = format!("nested deeper than {NESTING} levels");
            return Err(BadValue::new(Status::Limit, reason));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}
