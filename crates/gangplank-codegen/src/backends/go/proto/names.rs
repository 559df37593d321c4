//! Names as protoc-gen-go makes them: the only place that knows its rules.
//!
//! Comes in: names of a `.proto` file. Goes out: Go identifiers that code written against protoc-gen-go's output already
//! uses. Its rules are in `google.golang.org/protobuf/compiler/protogen`.

use std::collections::HashSet;

use gangplank_model::lowered::{Common, Library, Shape, Type};

use super::super::names as plain;

/// What messages have as methods, so that no field is called so.
const METHODS: [&str; 8] = [
    "Reset",
    "String",
    "ProtoMessage",
    "Marshal",
    "Unmarshal",
    "ExtensionRangeArray",
    "ExtensionMap",
    "Descriptor",
];

/// `ItemName` of `item_name`, `Order_Line` of `Order.Line`, `XSecret` of `_secret`.
pub(super) fn camel(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let is_lower = |at: usize| letters.get(at).is_some_and(char::is_ascii_lowercase);
    let mut text = String::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        match letter {
            '.' | '_' if is_lower(at + 1) && (letter == '.' || !starts(&letters, at)) => {}
            '.' => text.push('_'),
            '_' if starts(&letters, at) => text.push('X'),
            letter if letter.is_ascii_digit() => text.push(letter),
            letter => {
                text.push(letter.to_ascii_uppercase());
                while is_lower(at + 1) {
                    at += 1;
                    text.push(letters[at]);
                }
            }
        }
        at += 1;
    }
    text
}

/// Whether a part of the path starts here.
fn starts(letters: &[char], at: usize) -> bool {
    at == 0 || letters[at - 1] == '.'
}

/// A message's, enum's or oneof's path without its package: `Order.Line`.
fn local(common: &Common) -> String {
    common.local_path().replace("::", ".")
}

/// Name of a message or enum.
pub(super) fn item(common: &Common) -> String {
    camel(&local(common))
}

/// Name of the message that an item is declared in; empty at the top.
pub(super) fn parent(common: &Common) -> String {
    local(common)
        .rsplit_once('.')
        .map_or_else(String::new, |(parent, _)| camel(parent))
}

/// An enum's value: `Color_RED`, of an enum inside a message `Shirt_RED`.
pub(super) fn value(common: &Common, value: &str) -> String {
    let parent = parent(common);
    let scope = if parent.is_empty() {
        item(common)
    } else {
        parent
    };
    format!("{scope}_{value}")
}

/// An enum's tables: names by number, numbers by name.
pub(super) fn tables(common: &Common) -> [String; 2] {
    let of = item(common);
    [format!("{of}_name"), format!("{of}_value")]
}

/// What the body of a generated function means something by: its own variables, what Go declares before everybody else,
/// and packages. A parameter of that name would hide it.
const USED: &[&str] = &[
    "any",
    "append",
    "atomic",
    "bool",
    "byte",
    "bytes",
    "cap",
    "clear",
    "close",
    "cmp",
    "comparable",
    "complex",
    "complex128",
    "complex64",
    "context",
    "copy",
    "ctx",
    "delete",
    "err",
    "error",
    "errors",
    "false",
    "filepath",
    "float32",
    "float64",
    "fmt",
    "imag",
    "in",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "iota",
    "len",
    "make",
    "math",
    "max",
    "min",
    "new",
    "nil",
    "os",
    "out",
    "panic",
    "print",
    "println",
    "protowire",
    "ready",
    "real",
    "recover",
    "ret",
    "rune",
    "runtime",
    "string",
    "strings",
    "sync",
    "time",
    "true",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintptr",
    "unsafe",
    "utf8",
];

/// A parameter's name, `gameData` of `game_data`, that hides nothing of the function's body.
pub(crate) fn param(name: &str) -> String {
    let exported = plain::exported(name);
    let words = exported
        .chars()
        .take_while(char::is_ascii_uppercase)
        .count();
    let lower = if words == exported.len() {
        words
    } else {
        words.saturating_sub(1).max(1)
    };
    let name = format!("{}{}", exported[..lower].to_lowercase(), &exported[lower..]);
    if plain::is_word(&name) || USED.contains(&name.as_str()) {
        format!("{name}Arg")
    } else {
        name
    }
}

/// The names in one message, given out in order of declaration.
pub(super) struct Members {
    used: HashSet<String>,
}

impl Members {
    pub(super) fn new() -> Members {
        Members {
            used: METHODS.map(str::to_owned).into(),
        }
    }

    /// A field, which brings a getter as well.
    pub(super) fn field(&mut self, name: &str) -> String {
        self.unique(name, true)
    }

    /// A oneof.
    pub(super) fn oneof(&mut self, name: &str) -> String {
        self.unique(name, false)
    }

    fn unique(&mut self, name: &str, getter: bool) -> String {
        let mut name = camel(name);
        while self.used.contains(&name) || (getter && self.used.contains(&format!("Get{name}"))) {
            name.push('_');
        }
        self.used.insert(name.clone());
        let get = format!("Get{name}");
        if getter {
            self.used.insert(get);
        } else {
            self.used.remove(&get);
        }
        name
    }
}

/// What stands for the interface's name in the runtime's exported identifiers.
pub(super) const EXPORTED: &str = "Idl";

/// The interface's name in exported identifiers of its file: `Calc` of `LoadCalc`.
pub(super) fn exported(prefix: &str) -> String {
    plain::exported(prefix)
}

/// The errors that a host exports.
pub(super) fn errors(prefix: &str) -> impl Iterator<Item = String> {
    let own = exported(prefix);
    ERRORS.iter().map(move |name| name.replace(EXPORTED, &own))
}

/// What `runtime/idl/errors.go` declares for programs.
const ERRORS: [&str; 10] = [
    "ErrIdlBadArgument",
    "ErrIdlClosed",
    "ErrIdlForked",
    "ErrIdlLimit",
    "ErrIdlLoad",
    "ErrIdlMismatch",
    "ErrIdlPeerLost",
    "ErrIdlResult",
    "IdlGuestError",
    "IdlPanicError",
];

/// The struct around a member of a oneof: `Order_Named`, unless a declaration inside the message is called so.
pub(super) fn wrapper(library: &Library, message: &str, field: &str) -> String {
    let mut name = format!("{message}_{field}");
    while library.types.iter().any(|ty| declares(ty, &name)) {
        name.push('_');
    }
    name
}

/// The exported name of a oneof's interface: `OrderKind` of `isOrder_Kind`, unless a declaration is called so.
pub(super) fn choice(library: &Library, interface: &str) -> String {
    let name = interface.strip_prefix("is").unwrap_or(interface);
    let mut name = name.replace('_', "");
    while library.types.iter().any(|ty| declares(ty, &name)) {
        name.push('_');
    }
    name
}

fn declares(ty: &Type, name: &str) -> bool {
    match &ty.shape {
        Shape::Record(record) => item(&record.common) == name,
        Shape::Enum(item) => self::item(&item.common) == name,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_protoc_gen_go() {
        for (name, expected) in [
            ("item_name", "ItemName"),
            ("Order.Line", "Order_Line"),
            ("order.line", "OrderLine"),
            ("_secret", "XSecret"),
            ("a_1b", "A_1B"),
            ("a__b", "A_B"),
            ("HTTPServer", "HTTPServer"),
            ("x_Y", "X_Y"),
            ("f_int32", "FInt32"),
            ("trailing_", "Trailing_"),
            ("a1b", "A1B"),
            ("Outer._inner", "Outer_XInner"),
        ] {
            assert_eq!(camel(name), expected, "{name}");
        }
    }

    #[test]
    fn fields_make_way_for_methods_and_getters() {
        let mut members = Members::new();
        assert_eq!(members.field("string"), "String_");
        assert_eq!(members.field("name"), "Name");
        assert_eq!(members.field("get_name"), "GetName_");
        assert_eq!(members.oneof("kind"), "Kind");
        assert_eq!(members.field("kind"), "Kind_");
    }
}
