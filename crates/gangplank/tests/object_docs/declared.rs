//! An object's type, away from its block.

/// Stands in another file.
pub struct DeclaredApart;
