//! Every identifier of Python that this backend makes: case, keywords, names that mean something already.
//!
//! Comes in: exposed names. Goes out: identifiers, and a diagnostic for each that would mean two things. Nothing is ever
//! renamed to make room: adding an item must not change the name of another.

use std::collections::BTreeMap;

use gangplank_model::c_names::snake;
use gangplank_model::diagnostics::{Named, another_name, codes};
use gangplank_model::lowered::{Case, Common, Library, Variant};
use gangplank_model::{Diagnostic, Diagnostics};

use crate::compile;
use crate::config::Options;

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

/// What an enum's members cannot be called: what enums and integers have of their own.
const NOT_MEMBERS: &[&str] = &[
    "as_integer_ratio",
    "bit_count",
    "bit_length",
    "conjugate",
    "denominator",
    "from_bytes",
    "imag",
    "is_integer",
    "mro",
    "name",
    "numerator",
    "real",
    "to_bytes",
    "value",
];

/// What every file has of its own. Fields of these names would hide them from the fields after them.
const OURS: &[&str] = &[
    "_T",
    "_abc",
    "_base64",
    "_builtins",
    "_dataclass",
    "_datetime",
    "_decimal",
    "_deprecated",
    "_enum",
    "_field",
    "_gangplank",
    "_lib",
    "_math",
    "_os",
    "_struct",
    "_text",
    "_typing",
];

/// What guests have besides.
const GUEST: &[&str] = &["FUNCTIONS", "INTERFACE", "TYPES"];

/// What every package has besides; those that end in `Error` are the toolkit's exceptions.
pub(super) const PACKAGE: &[&str] = &[
    "BadArgumentError",
    "ClosedError",
    "DeadlineError",
    "ForkedError",
    "GangplankError",
    "HostFunctionError",
    "LimitError",
    "LoadError",
    "MismatchError",
    "PanicError",
    "PeerLostError",
    "StuckError",
    "Subscription",
    "library_stats",
    "load_library",
    "set_library_log",
];

/// What annotations and templates call of Python's own, unless something of the file hides it.
pub(super) const BUILTINS: &[&str] = &[
    "Exception",
    "ImportError",
    "TimeoutError",
    "ValueError",
    "bool",
    "bytes",
    "classmethod",
    "dict",
    "float",
    "int",
    "list",
    "object",
    "property",
    "staticmethod",
    "str",
    "tuple",
];

fn escaped(name: &str) -> String {
    match KEYWORDS.contains(&name) {
        true => format!("{name}_"),
        false => name.to_owned(),
    }
}

/// What the author calls an item: by the configuration, else its exposed name; of a `.proto` file with the names of the
/// messages around it, `Outer_Inner`.
fn exposed(options: &Options, common: &Common) -> String {
    let local = common.local_path();
    if let Some(name) = options.renames.get(local) {
        return name.clone();
    }
    match common.proto {
        Some(_) => local.replace("::", "_"),
        None => common.name.clone(),
    }
}

/// A class: the name as it is.
pub(super) fn class(options: &Options, common: &Common) -> String {
    escaped(&exposed(options, common))
}

/// The class of a case: `ShapeCircle`; of an error `EmptyJobNameError`; of a member of a oneof `Shape_kind_circle`.
pub(super) fn case(options: &Options, variant: &Variant, case: &Case) -> String {
    let of = class(options, &variant.common);
    if variant.is_error {
        return match case.name.ends_with("Error") {
            true => case.name.clone(),
            false => format!("{}Error", case.name),
        };
    }
    match variant.common.proto {
        Some(_) => format!("{of}_{}", case.name),
        None => format!("{of}{}", case.name),
    }
}

/// A function, method, constant, host function or event. An rpc gets small letters, `HelloWorld` → `hello_world`; where
/// two services share its name, that of the service comes first.
pub(super) fn item(library: &Library, options: &Options, common: &Common) -> String {
    let local = common.local_path();
    let renamed = options.renames.contains_key(local);
    let Some((service, rpc)) = local.rsplit_once("::").filter(|_| common.proto.is_some()) else {
        return escaped(&exposed(options, common));
    };
    if renamed {
        return class(options, common);
    }
    let rpc_of = |path: &str| snake(path.rsplit("::").next().unwrap_or(path));
    let all = library.functions.iter();
    let same = all.filter(|other| rpc_of(other.common.local_path()) == snake(rpc));
    match same.count() > 1 {
        true => format!("{}_{}", snake(&service.replace("::", "_")), snake(rpc)),
        false => escaped(&snake(rpc)),
    }
}

/// A field or parameter, of so many. Positional ones are named by their place, a single one is the value. Two leading
/// underscores would be mangled.
pub(super) fn field(name: &str, of: usize) -> String {
    match name {
        _ if name.starts_with(|c: char| c.is_ascii_digit()) && of == 1 => "value".to_owned(),
        _ if name.starts_with(|c: char| c.is_ascii_digit()) => format!("value{name}"),
        _ if name.starts_with("__") => format!("x{name}"),
        _ if OURS.contains(&name) => format!("{name}_"),
        _ => escaped(name),
    }
}

/// A member of an enum: `DARK_RED` of `DarkRed`; of a `.proto` file as it is.
pub(super) fn member(common: &Common, name: &str) -> String {
    let name = match common.proto {
        Some(_) => name.to_owned(),
        None => snake(name).to_uppercase(),
    };
    match NOT_MEMBERS.contains(&name.as_str()) || name.starts_with('_') {
        true => format!("{}_", name.trim_start_matches('_')),
        false => escaped(&name),
    }
}

/// What else a class is called, where a field or method has its name.
pub(super) fn alias(class: &str) -> String {
    format!("_class_{class}")
}

/// Whether a package can have the name.
pub(super) fn is_package(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(plain)
        && !KEYWORDS.contains(&name)
}

/// The package of the library `prefix`.
pub(super) fn package(prefix: &str) -> String {
    escaped(&prefix.to_lowercase())
}

/// The file of a host, without its ending: what `import` takes.
pub(crate) fn host_file(stem: &str) -> String {
    format!("{}MetaFFIHost", compile::identifier(stem))
}

/// What wheels call a version of Cargo's: `1.2.0-rc.1+build.5` → `1.2.0rc1+build.5`; nothing where Python has no word for it.
pub(super) fn version(cargo: &str) -> Option<String> {
    let (rest, build) = cargo.split_once('+').unwrap_or((cargo, ""));
    let (release, pre) = rest.split_once('-').unwrap_or((rest, ""));
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let mut version = match release.split('.').all(is_number) {
        true => release.to_owned(),
        false => return None,
    };
    if !pre.is_empty() {
        let word = pre.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = match &pre[word.len()..] {
            "" => "0",
            number => number,
        };
        let kind = match word.trim_end_matches('.').to_lowercase().as_str() {
            "a" | "alpha" => "a",
            "b" | "beta" => "b",
            "c" | "pre" | "preview" | "rc" => "rc",
            "dev" | "nightly" | "snapshot" => ".dev",
            _ => return None,
        };
        version.push_str(&format!("{kind}{number}"));
    }
    let local: Vec<&str> = build.split(['.', '-']).filter(|s| !s.is_empty()).collect();
    let is_word = |part: &&str| part.chars().all(|c| c.is_ascii_alphanumeric());
    match local.iter().all(is_word) {
        true if local.is_empty() => Some(version),
        true => Some(format!("{version}+{}", local.join(".").to_lowercase())),
        false => None,
    }
}

/// What the package index calls a package.
pub(super) fn distribution(package: &str) -> String {
    package.trim_matches('_').replace('_', "-")
}

/// The names in use, each with what brought it. The scope is empty for the module, else a class with its dot.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: BTreeMap<String, String>,
    pub(super) found: Diagnostics,
}

impl Names {
    /// Of a guest's file.
    pub(super) fn guest() -> Self {
        Self::with(&[OURS, GUEST])
    }

    /// Of a package.
    pub(super) fn package() -> Self {
        Self::with(&[OURS, PACKAGE])
    }

    fn with(lists: &[&[&str]]) -> Self {
        let names = lists.iter().flat_map(|list| list.iter());
        let ours = names.map(|name| ((*name).to_owned(), "the generated file".to_owned()));
        Self {
            taken: ours.collect(),
            found: Diagnostics::default(),
        }
    }

    /// The file itself brings `name` in `scope`.
    pub(super) fn reserve(&mut self, scope: &str, name: &str) {
        let name = format!("{scope}{name}");
        self.taken.insert(name, "the generated file".to_owned());
    }

    /// The same for a name that is known after everybody else's; reports who has it.
    pub(super) fn own(&mut self, name: &str, in_definition: bool) {
        if let Some(other) = self.taken.get(name) {
            let text =
                format!("`{name}` would be two things in Python: {other} and the generated file");
            let finding = Diagnostic::new(codes::TARGET_NAME_TWICE, text);
            self.found
                .push(finding.help(another_name(Named::Either, in_definition)));
        }
    }

    /// Takes a name for `item`, or reports who has it.
    pub(super) fn claim(&mut self, (named, item): (Named, &Common), scope: &str, name: &str) {
        let what = format!("`{}`", item.path);
        let mut help = another_name(named, item.proto.is_some()).to_owned();
        if item.proto.is_none() {
            help += ", or `renames` in the configuration";
        }
        self.claimed(item, what, format!("{scope}{name}"), help);
    }

    /// The same for a field, value, case or parameter of `item`, which the configuration cannot rename.
    pub(super) fn claim_part(
        &mut self,
        (item, kind, part): (&Common, &str, &str),
        scope: &str,
        name: &str,
    ) {
        let what = format!("the {kind} `{part}` of `{}`", item.path);
        let help = another_name(Named::Part, item.proto.is_some());
        self.claimed(item, what, format!("{scope}{name}"), help.to_owned());
    }

    fn claimed(&mut self, item: &Common, what: String, name: String, help: String) {
        let last = name.rsplit(['.', '(']).next().unwrap_or_default();
        let plain = |c: char| c.is_alphanumeric() || c == '_';
        let other = self.taken.insert(name.clone(), what.clone());
        let (code, text) = match other {
            Some(other) => (
                codes::TARGET_NAME_TWICE,
                format!("`{last}` would be two things in Python: {other} and {what}"),
            ),
            None if KEYWORDS.contains(&last) || !last.chars().all(plain) => (
                codes::TARGET_NAME,
                format!("{what} would be `{last}`, which is not a name in Python"),
            ),
            None => return,
        };
        let finding = Diagnostic::new(code, text);
        self.found
            .push(finding.label(item, "declared here").help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted() {
        for list in [KEYWORDS, NOT_MEMBERS, OURS, PACKAGE, BUILTINS] {
            assert!(list.is_sorted(), "{list:?}");
        }
    }

    #[test]
    fn fields_are_never_words_of_python() {
        for (name, of, expected) in [
            ("class", 2, "class_"),
            ("match", 2, "match"),
            ("int", 2, "int"),
            ("0", 1, "value"),
            ("1", 2, "value1"),
            ("__private", 1, "x__private"),
            ("_field", 1, "_field_"),
            ("_mine", 1, "_mine"),
        ] {
            assert_eq!(field(name, of), expected);
        }
    }

    #[test]
    fn members_are_in_capitals_unless_a_definition_says_otherwise() {
        let mut common = Common::default();
        assert_eq!(member(&common, "DarkRed"), "DARK_RED");
        assert_eq!(member(&common, "None"), "NONE");
        common.proto = Some(gangplank_model::lowered::ProtoName {
            full_name: "kit.Color".into(),
            ..Default::default()
        });
        assert_eq!(member(&common, "dark_red"), "dark_red");
        assert_eq!(member(&common, "real"), "real_");
        assert_eq!(member(&common, "None"), "None_");
        assert_eq!(member(&common, "name"), "name_");
        assert_eq!(member(&common, "_x"), "x_");
    }

    #[test]
    fn versions_are_those_of_wheels() {
        for (cargo, expected) in [
            ("0.1.0", "0.1.0"),
            ("1.0.0-alpha", "1.0.0a0"),
            ("1.0.0-beta.11", "1.0.0b11"),
            ("1.0.0-rc1+Build-5.sha", "1.0.0rc1+build.5.sha"),
            ("0.1.0-nightly.3", "0.1.0.dev3"),
            ("0.1.0+-", "0.1.0"),
        ] {
            assert_eq!(version(cargo).as_deref(), Some(expected), "{cargo}");
        }
        for cargo in [
            "",
            "1.0.0-x.7",
            "1.0.0-alpha.1.2",
            "1.0.0-3",
            "1.0\"",
            "1.0.0+a_b",
        ] {
            assert_eq!(version(cargo), None, "{cargo}");
        }
    }

    #[test]
    fn packages_are_names() {
        assert!(is_package("my_timer") && !is_package("My") && !is_package("class"));
        assert_eq!(package("import"), "import_");
        assert_eq!(distribution("my_timer"), "my-timer");
    }
}
