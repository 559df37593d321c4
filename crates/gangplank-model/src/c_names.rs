//! Names of the C interface: the only place that converts case, puts prefixes and escapes words of C and C++.
//!
//! Comes in: exposed names and types. Goes out: spellings. Symbols of functions are not made here: they are part of the
//! interface, exported by the library itself.

use heck::ToSnakeCase;

use crate::model::{Common, Scalar};

/// Words that cannot name a field or parameter in C11, C23 or C++20, and macros of usual headers and compilers.
const RESERVED: &[&str] = &[
    "alignas",
    "alignof",
    "and",
    "and_eq",
    "asm",
    "assert",
    "auto",
    "bitand",
    "bitor",
    "bool",
    "break",
    "case",
    "catch",
    "char",
    "char16_t",
    "char32_t",
    "char8_t",
    "class",
    "co_await",
    "co_return",
    "co_yield",
    "compl",
    "concept",
    "const",
    "const_cast",
    "consteval",
    "constexpr",
    "constinit",
    "continue",
    "decltype",
    "default",
    "delete",
    "do",
    "double",
    "dynamic_cast",
    "else",
    "enum",
    "errno",
    "explicit",
    "export",
    "extern",
    "false",
    "far",
    "float",
    "for",
    "friend",
    "goto",
    "huge",
    "i386",
    "if",
    "inline",
    "int",
    "interface",
    "linux",
    "long",
    "mutable",
    "namespace",
    "near",
    "new",
    "noexcept",
    "not",
    "not_eq",
    "nullptr",
    "offsetof",
    "operator",
    "or",
    "or_eq",
    "pascal",
    "private",
    "protected",
    "public",
    "register",
    "reinterpret_cast",
    "requires",
    "restrict",
    "return",
    "setjmp",
    "short",
    "signed",
    "sizeof",
    "small",
    "static",
    "static_assert",
    "static_cast",
    "stderr",
    "stdin",
    "stdout",
    "struct",
    "switch",
    "template",
    "this",
    "thread_local",
    "throw",
    "true",
    "try",
    "typedef",
    "typeid",
    "typename",
    "typeof",
    "typeof_unqual",
    "union",
    "unix",
    "unsigned",
    "using",
    "virtual",
    "void",
    "volatile",
    "wchar_t",
    "while",
    "xor",
    "xor_eq",
];

/// Parameters that a function has beside those of its author.
const RESERVED_PARAMS: &[&str] = &["self", "out", "call", "done", "user_data"];

/// Names of one library.
#[derive(Clone, Debug)]
pub struct CNames {
    prefix: String,
}

impl CNames {
    /// Names behind `prefix`, the crate's name.
    pub fn new(prefix: &str) -> Self {
        CNames {
            prefix: prefix.to_owned(),
        }
    }

    /// `my_timer_echo_request`; also of objects.
    pub fn item(&self, name: &str) -> String {
        format!("{}_{}", self.prefix, snake(name))
    }

    /// A type. Names from `.proto` files stay as they are (`shop_Order_Line`): their authors use case to tell names apart,
    /// and do not know what a library exports in lower case.
    pub fn declared(&self, item: &Common) -> String {
        format!("{}_{}", self.prefix, declared_token(item))
    }

    /// `MY_TIMER_COLOR_DARK_RED`, of `Color` and `DarkRed`.
    pub fn constant(&self, parts: &[&str]) -> String {
        let mut name = screaming(&self.prefix);
        for part in parts {
            name.push('_');
            name.push_str(&screaming(part));
        }
        name
    }

    /// `my_timer_list_string`, from what [`CNames::item`] would get without the prefix.
    pub fn container(&self, token: &str) -> String {
        format!("{}_{token}", self.prefix)
    }
}

/// What a type is called inside other names.
pub fn declared_token(item: &Common) -> String {
    match item.proto {
        None => snake(&item.name),
        Some(_) => item.name.clone(),
    }
}

/// A field of a struct. Positional ones, whose names are numbers, become `f0`, `f1` ….
pub fn field(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("f{name}");
    }
    escape(inner(name), &[])
}

/// A parameter of a function.
pub fn param(name: &str) -> String {
    escape(inner(name), RESERVED_PARAMS)
}

/// A member of a union.
pub fn member(name: &str) -> String {
    escape(inner(name), &[])
}

/// Appends `_` to reserved words, and to reserved words that end in `_` already, so that no two names meet.
fn escape(mut name: String, more: &[&str]) -> String {
    let word = name.trim_end_matches('_');
    if RESERVED.contains(&word) || more.contains(&word) {
        name.push('_');
    }
    name
}

/// `int64_t`.
pub fn scalar(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::I8 => "int8_t",
        Scalar::I16 => "int16_t",
        Scalar::I32 => "int32_t",
        Scalar::I64 => "int64_t",
        Scalar::U8 => "uint8_t",
        Scalar::U16 => "uint16_t",
        Scalar::U32 => "uint32_t",
        Scalar::U64 => "uint64_t",
        Scalar::F32 => "float",
        Scalar::F64 => "double",
    }
}

/// What a function in the scalar form returns; `None` for unit.
pub fn returned(value: Option<Scalar>) -> &'static str {
    match value {
        None => "gp_return_unit",
        Some(Scalar::I8) => "gp_return_i8",
        Some(Scalar::I16) => "gp_return_i16",
        Some(Scalar::I32) => "gp_return_i32",
        Some(Scalar::I64) => "gp_return_i64",
        Some(Scalar::U8) => "gp_return_u8",
        Some(Scalar::U16) => "gp_return_u16",
        Some(Scalar::U32) => "gp_return_u32",
        Some(Scalar::U64) => "gp_return_u64",
        Some(Scalar::F32) => "gp_return_f32",
        Some(Scalar::F64) => "gp_return_f64",
    }
}

/// A pointer to constant values of the type spelled `pointee`.
pub fn pointer_to(pointee: &str) -> String {
    if pointee.ends_with('*') {
        format!("{pointee}const *")
    } else {
        format!("const {pointee} *")
    }
}

/// `EchoRequest` and `echo_request` → `echo_request`; the conversion of the library's own symbols.
pub fn snake(name: &str) -> String {
    name.strip_prefix("r#").unwrap_or(name).to_snake_case()
}

/// A name inside a struct or a signature: as the author wrote it, if that is snake case.
fn inner(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if name.chars().any(char::is_uppercase) {
        return snake(name);
    }
    name.to_owned()
}

/// `EchoRequest` → `ECHO_REQUEST`.
pub fn screaming(name: &str) -> String {
    snake(name).to_uppercase()
}

/// Whether `name` is an identifier in C, Go, Python and Rust alike: ASCII letters, digits and underscores.
pub fn is_identifier(name: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(plain)
        && name.chars().any(|letter| letter != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        for (name, expected) in [
            ("EchoRequest", "echo_request"),
            ("echo_request", "echo_request"),
            ("HTTPServer2", "http_server2"),
            ("JobV2Spec", "job_v2_spec"),
            ("MAX_JOBS", "max_jobs"),
            ("r#type", "type"),
            ("delayMs", "delay_ms"),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(
            CNames::new("my_timer").constant(&["Color", "DarkRed"]),
            "MY_TIMER_COLOR_DARK_RED"
        );
    }

    #[test]
    fn words_of_c_are_escaped_without_meeting_others() {
        assert_eq!(field("new"), "new_");
        assert_eq!(field("new_"), "new__");
        assert_eq!(field("errno"), "errno_");
        assert_eq!(field("0"), "f0");
        assert_eq!(field("call"), "call");
        assert_eq!(param("call"), "call_");
        assert_eq!(param("key"), "key");
    }

    #[test]
    fn reserved_words_are_sorted() {
        assert!(RESERVED.is_sorted());
    }

    #[test]
    fn pointers() {
        assert_eq!(pointer_to("gp_string"), "const gp_string *");
        assert_eq!(pointer_to("const gp_string *"), "const gp_string *const *");
    }
}
