//! Names in Go: the only place that converts case, escapes words and knows which names the package keeps for itself.
//!
//! Comes in: exposed names. Goes out: identifiers, and a diagnostic for each one that would mean two things. Nothing is
//! ever renamed to make room: adding an item must not change the name of another.

use std::collections::BTreeMap;

use gangplank_model::c_names::snake;
use gangplank_model::diagnostics::{Named, another_name, codes};
use gangplank_model::lowered::{Common, Library};

use crate::backend::Context;

/// Words that Go writes in capitals, as its linters list them.
const INITIALISMS: &[&str] = &[
    "acl", "amqp", "api", "ascii", "cpu", "css", "db", "dns", "eof", "gid", "guid", "html", "http",
    "https", "id", "ip", "json", "qps", "ram", "rpc", "rtp", "sip", "sla", "smtp", "sql", "ssh",
    "tcp", "tls", "ts", "ttl", "udp", "ui", "uid", "uri", "url", "utf8", "uuid", "vm", "xml",
    "xmpp", "xsrf", "xss",
];

const KEYWORDS: &[&str] = &[
    "break",
    "case",
    "chan",
    "const",
    "continue",
    "default",
    "defer",
    "else",
    "fallthrough",
    "for",
    "func",
    "go",
    "goto",
    "if",
    "import",
    "interface",
    "map",
    "package",
    "range",
    "return",
    "select",
    "struct",
    "switch",
    "type",
    "var",
];

/// Words behind an underscore that make a file belong to one platform only.
const PLATFORMS: &[&str] = &[
    "386",
    "aix",
    "amd64",
    "amd64p32",
    "android",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "solaris",
    "sparc",
    "sparc64",
    "unix",
    "wasip1",
    "wasm",
    "windows",
    "zos",
];

/// What every package offers.
const PACKAGE: &[&str] = &[
    "ErrBadArgument",
    "ErrCancelled",
    "ErrClosed",
    "ErrDeadline",
    "ErrForked",
    "ErrHost",
    "ErrLimit",
    "ErrLoad",
    "ErrMismatch",
    "ErrPeerLost",
    "ErrStuck",
    "HostOption",
    "LibraryStats",
    "Load",
    "PanicError",
    "SetLogger",
    "Stats",
    "Subscription",
    "WithDeadline",
];

/// `JobID` of `job_id`, `HTTPServer` of `HttpServer`; `DelayMs` stays.
pub(crate) fn exported(name: &str) -> String {
    snake(name).split('_').map(capitalized).collect()
}

/// `ConcatStrings` of `concat_strings`, `GetUrl` of `get_url`: words joined, each with a capital, the rest as it is.
pub(crate) fn joined(name: &str) -> String {
    let words = name.split('_').filter(|word| !word.is_empty());
    words.map(capitalized).collect()
}

/// `jobID` of `job_id`; for parameters of a function with this receiver, which is empty where there is none.
pub(super) fn param(name: &str, receiver: &str) -> String {
    let words = snake(name);
    let mut words = words.split('_').filter(|word| !word.is_empty());
    let mut text = words.next().unwrap_or("value").to_owned();
    text.extend(words.map(capitalized));
    if KEYWORDS.contains(&text.as_str()) || text == "ctx" || text == receiver {
        text.push_str("Arg");
    }
    text
}

/// Whether Go has the word for itself.
pub(super) fn is_word(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

fn capitalized(word: &str) -> String {
    if INITIALISMS.contains(&word) {
        return word.to_uppercase();
    }
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A field of a struct. Positional ones are named by their place, a single one is the value.
pub(super) fn field(name: &str, of: usize) -> String {
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        return if of == 1 {
            "Value".to_owned()
        } else {
            format!("Value{name}")
        };
    }
    exported(name)
}

/// An item's name in Go: by the configuration, else from its exposed name.
pub(super) fn item(cx: &Context<'_>, common: &Common) -> String {
    renamed(cx, common).unwrap_or_else(|| exported(&common.name))
}

fn renamed(cx: &Context<'_>, common: &Common) -> Option<String> {
    let (_, local) = common.path.split_once("::")?;
    cx.options.renames.get(local).cloned()
}

/// A member of C as cgo spells it.
pub(super) fn c_member(name: &str) -> String {
    if KEYWORDS.contains(&name) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// What the conversions of a type are called after: `ListString` of `my_timer_list_string`; of a type that all
/// libraries share its name in C: `gp_string`. Two names in C never become one: a word that has no capital, such as a
/// number, keeps its underscore.
pub(super) fn suffix(library: &Library, c_name: &str) -> String {
    let local = c_name
        .strip_prefix(&library.prefix)
        .and_then(|rest| rest.strip_prefix('_'));
    let Some(local) = local else {
        return c_name.to_owned();
    };
    let mut text = String::new();
    for (index, word) in local.split('_').enumerate() {
        if index > 0 && !word.starts_with(|first: char| first.is_ascii_lowercase()) {
            text.push('_');
        }
        let mut letters = word.chars();
        text.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        text.push_str(letters.as_str());
    }
    text
}

/// A function or method of the package itself: `call_Echo`, `serve_Timer_FetchToken`. The runtime's names have no
/// underscore, so that none of them is ever one of these; an underscore in a part is doubled, so that the parts can be
/// told apart.
pub(super) fn internal(verb: &str, parts: &[&str]) -> String {
    let mut text = verb.to_owned();
    for part in parts {
        text.push('_');
        text.push_str(&part.replace('_', "__"));
    }
    text
}

/// The receiver of a type's methods: `t` of `Timer`.
pub(super) fn receiver(name: &str) -> String {
    name.chars()
        .next()
        .map_or("x".to_owned(), |first| first.to_lowercase().collect())
}

/// The error without fields of a case: `ErrEmptyJobName`.
pub(super) fn sentinel(case: &str) -> String {
    let name = exported(case);
    format!(
        "Err{}",
        name.strip_suffix("Error")
            .filter(|rest| !rest.is_empty())
            .unwrap_or(&name)
    )
}

/// The error type of a case with fields: `BadMaxAttemptsError`.
pub(super) fn error_type(case: &str) -> String {
    let name = exported(case);
    if name.ends_with("Error") {
        name
    } else {
        format!("{name}Error")
    }
}

/// `mytimer` of `my_timer`.
pub(super) fn package(prefix: &str) -> String {
    prefix.replace('_', "").to_lowercase()
}

/// Whether `name` can be the name of a package that others import.
pub(super) fn is_package(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
        && name != "main"
        && !name.ends_with("_test")
        && !KEYWORDS.contains(&name)
}

/// Whether `name` is an exported identifier.
pub(super) fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
        && name
            .chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// The file of the public interface, without `.go`: `<lib>`, unless Go or this package reads that name otherwise.
pub(super) fn public_file(prefix: &str) -> String {
    let last = prefix.rsplit('_').next().unwrap_or(prefix);
    let constrained = prefix.contains('_') && (PLATFORMS.contains(&last) || last == "test");
    if constrained || prefix == "doc" || prefix.starts_with("gangplank_") {
        format!("{prefix}_lib")
    } else {
        prefix.to_owned()
    }
}

/// The first part of the names of files that come of an interface definition: `stem`, with `_idl` where Go would read
/// that name as a constraint, as a test, or not at all.
pub(crate) fn idl_stem(stem: &str) -> String {
    let last = stem.rsplit('_').next().unwrap_or(stem);
    let constrained = stem.contains('_') && (PLATFORMS.contains(&last) || last == "test");
    let ignored = stem.starts_with(['_', '.']);
    match (ignored, constrained) {
        (true, _) => format!("idl{stem}_idl"),
        (false, true) => format!("{stem}_idl"),
        (false, false) => stem.to_owned(),
    }
}

/// The identifiers in use, each with what brought it. The scope is empty for the package, else a type with its dot.
#[derive(Default)]
pub(super) struct Names {
    taken: BTreeMap<String, String>,
}

impl Names {
    /// `item` brings `name` in `scope`; a second item with the same name is reported.
    pub(super) fn claim(
        &mut self,
        cx: &mut Context<'_>,
        (named, item): (Named, &Common),
        scope: &str,
        name: &str,
    ) {
        let what = format!("`{}`", item.path);
        let help = format!(
            "{}, or `renames` in the configuration",
            another_name(named, item.proto.is_some())
        );
        self.claimed(cx, item, what, format!("{scope}{name}"), &help);
    }

    /// The same for a field, value or case of `item`, which the configuration cannot rename.
    pub(super) fn claim_part(
        &mut self,
        cx: &mut Context<'_>,
        (item, kind, part): (&Common, &str, &str),
        scope: &str,
        name: &str,
    ) {
        let what = format!("the {kind} `{part}` of `{}`", item.path);
        self.claimed(cx, item, what, format!("{scope}{name}"), part_help(item));
    }

    fn claimed(
        &mut self,
        cx: &mut Context<'_>,
        item: &Common,
        what: String,
        name: String,
        help: &str,
    ) {
        let other = if PACKAGE.contains(&name.as_str()) {
            Some("a name that every package has".to_owned())
        } else {
            self.taken.insert(name.clone(), what.clone())
        };
        if let Some(other) = other {
            let message = format!("`{name}` would be two things in Go: {other} and {what}");
            cx.error(codes::TARGET_NAME_TWICE, item, message, help);
        }
        if !is_exported(name.rsplit('.').next().unwrap_or(&name)) {
            let message = format!("{what} would be `{name}`, which is not an exported name in Go");
            let help = "give it one that begins with a capital letter: `#[gangplank(name = \"…\")]` in the source, or `renames` in \
                        the configuration";
            cx.error(codes::TARGET_NAME, item, message, help);
        }
    }

    /// The package itself brings `name` in `scope`.
    pub(super) fn reserve(&mut self, scope: &str, name: &str) {
        self.taken.insert(
            format!("{scope}{name}"),
            "a name that the package itself needs".to_owned(),
        );
    }
}

/// What helps against two parts of an item with one name.
pub(super) fn part_help(item: &Common) -> &'static str {
    another_name(Named::Part, item.proto.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exported_names_have_go_initialisms() {
        for (name, expected) in [
            ("job_id", "JobID"),
            ("JobId", "JobID"),
            ("delay_ms", "DelayMs"),
            ("HttpUrl", "HTTPURL"),
            ("utf8_text", "UTF8Text"),
            ("fetch_token", "FetchToken"),
            ("HTTPServer2", "HTTPServer2"),
        ] {
            assert_eq!(exported(name), expected);
        }
    }

    #[test]
    fn parameters_are_never_words_of_go() {
        for (name, expected) in [
            ("job_id", "jobID"),
            ("type", "typeArg"),
            ("ctx", "ctxArg"),
            ("url", "url"),
        ] {
            assert_eq!(param(name, "t"), expected);
        }
    }

    #[test]
    fn parameters_keep_one_letter_unless_it_is_the_receiver() {
        assert_eq!(param("t", ""), "t");
        assert_eq!(param("t", "x"), "t");
        assert_eq!(param("t", "t"), "tArg");
    }

    #[test]
    fn files_are_not_read_as_constraints() {
        assert_eq!(public_file("my_timer"), "my_timer");
        assert_eq!(public_file("my_linux"), "my_linux_lib");
        assert_eq!(public_file("my_test"), "my_test_lib");
        assert_eq!(public_file("linux"), "linux");
        assert_eq!(public_file("gangplank_host"), "gangplank_host_lib");
    }

    #[test]
    fn files_of_definitions_are_never_ignored() {
        assert_eq!(idl_stem("calc"), "calc");
        assert_eq!(idl_stem("calc_linux"), "calc_linux_idl");
        assert_eq!(idl_stem("calc_test"), "calc_test_idl");
        assert_eq!(idl_stem("_calc"), "idl_calc_idl");
    }

    #[test]
    fn internal_names_never_meet() {
        assert_eq!(internal("call", &["Header"]), "call_Header");
        assert_eq!(
            internal("serve", &["Node", "PoolFetch"]),
            "serve_Node_PoolFetch"
        );
        assert_eq!(
            internal("serve", &["NodePool", "Fetch"]),
            "serve_NodePool_Fetch"
        );
        assert_ne!(
            internal("serve", &["A_B", "C"]),
            internal("serve", &["A", "B_C"])
        );
    }

    #[test]
    fn errors_do_not_stutter() {
        assert_eq!(
            (sentinel("ParseError"), error_type("ParseError")),
            ("ErrParse".to_owned(), "ParseError".to_owned())
        );
        assert_eq!(
            (sentinel("EmptyJobName"), error_type("BadValue")),
            ("ErrEmptyJobName".to_owned(), "BadValueError".to_owned())
        );
        assert_eq!(sentinel("Error"), "ErrError");
    }

    #[test]
    fn lists_are_sorted() {
        assert!(
            INITIALISMS.is_sorted()
                && KEYWORDS.is_sorted()
                && PLATFORMS.is_sorted()
                && PACKAGE.is_sorted()
        );
    }
}
