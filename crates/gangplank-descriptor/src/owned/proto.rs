//! What an interface from a `.proto` file says beside what every interface says: names and the protobuf form.
//!
//! Plain data without names of types, so that the item, the model and its lowered form share it. Annotated items have
//! none of it, and readers that do not know it skip it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// How protobuf calls an item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ProtoName {
    /// What the item's path starts with: the proto package with `::` for `.`, else the file's stem in snake case.
    pub package: String,
    /// `shop.v1.Order.Line`, without a leading dot; of a oneof its message's, a dot and its own.
    pub full_name: String,
}

/// The protobuf form of a field, parameter or result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProtoField {
    /// Field number; 0 of [`Occurs::Oneof`] and [`Occurs::Whole`], which are no fields.
    pub number: u32,
    /// How often it stands in a message.
    pub occurs: Occurs,
    /// How its numbers are written; of a repeated field those of its elements, of a map those of its values.
    pub encoding: Encoding,
    /// How the keys of a map are written.
    pub key_encoding: Encoding,
}

/// How often a field stands in a message, and when it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Occurs {
    /// At most once; the zero value is left out.
    Implicit,
    /// At most once; left out when absent only.
    Explicit,
    /// Any number of times, each with its own tag.
    Repeated,
    /// Any number of times, all numbers behind one tag.
    Packed,
    /// Any number of entries, each a message of key 1 and value 2.
    Map,
    /// A member of a oneof: written whenever it is the one that is chosen, also with the zero value.
    Member,
    /// A oneof as a whole: the members are the cases of its variant.
    Oneof,
    /// Not a field: the message itself, an element of a stream or a well-known type.
    Whole,
}

/// How protobuf writes a number. Texts, messages and the like have one form only, the default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Varint for integers, 4 or 8 octets for floats.
    #[default]
    Default,
    /// `sint32`, `sint64`.
    ZigZag,
    /// `fixed32`, `fixed64`, `sfixed32`, `sfixed64`.
    Fixed,
}

/// An rpc.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProtoFunction {
    /// Full name of the request message, whose fields are the parameters.
    pub request: String,
    /// Full name of the response message, whose fields are the results.
    pub response: String,
    /// One per result, in order.
    pub results: Vec<ProtoResult>,
}

/// A result of an rpc.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProtoResult {
    /// Name of the response's field.
    pub name: String,
    /// Its JSON name.
    pub wire: String,
    /// What its author says of it.
    pub docs: String,
    /// Its form.
    pub field: ProtoField,
}

/// A service with docs. It is no item: its rpcs are functions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProtoService {
    /// Its name, as before the dot in `Calc.div`.
    pub name: String,
    /// What its author says of it.
    pub docs: String,
}

impl Occurs {
    /// The number in the item.
    pub(crate) const fn code(self) -> u32 {
        self as u32 + 1
    }

    pub(crate) fn from_code(code: u32) -> Option<Occurs> {
        use Occurs::{Explicit, Implicit, Map, Member, Oneof, Packed, Repeated, Whole};
        let all = [
            Implicit, Explicit, Repeated, Packed, Map, Member, Oneof, Whole,
        ];
        all.into_iter().find(|occurs| occurs.code() == code)
    }
}

impl Encoding {
    /// The number in the item; the default is left out.
    pub(crate) const fn code(self) -> u32 {
        self as u32
    }

    pub(crate) fn from_code(code: u32) -> Option<Encoding> {
        let all = [Encoding::Default, Encoding::ZigZag, Encoding::Fixed];
        all.into_iter().find(|encoding| encoding.code() == code)
    }
}

/// ` #3 packed zigzag`, for behind a type.
impl fmt::Display for ProtoField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.number != 0 {
            write!(f, " #{}", self.number)?;
        }
        f.write_str(match self.occurs {
            Occurs::Implicit | Occurs::Oneof | Occurs::Member => "",
            Occurs::Explicit => " explicit",
            Occurs::Repeated => " repeated",
            Occurs::Packed => " packed",
            Occurs::Map => " map",
            Occurs::Whole => " whole",
        })?;
        match self.key_encoding {
            Encoding::Default => {}
            Encoding::ZigZag => f.write_str(" key-zigzag")?,
            Encoding::Fixed => f.write_str(" key-fixed")?,
        }
        f.write_str(match self.encoding {
            Encoding::Default => "",
            Encoding::ZigZag => " zigzag",
            Encoding::Fixed => " fixed",
        })
    }
}
