//! What a tag says about where an implementation is.
//!
//! Comes in: the values of `module=` and `package=`. Goes out: which of the places it is, decided by the text alone and
//! before any tool sees it, or what is wrong with the text. The rules for paths are Go's own (`golang.org/x/mod/module`).

use gangplank_model::Diagnostic;
use gangplank_model::diagnostics::codes;

/// A place for an implementation.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// The files beside the definition.
    Beside,
    /// A folder, relative to that of the definition.
    Folder(&'a str),
    /// A module, and its version when the text has one.
    Module(&'a str, Option<&'a str>),
    /// A package of Go's own library.
    Library(&'a str),
}

/// Reads the value of `module=`.
pub(super) fn place(text: &str) -> Result<Place<'_>, Diagnostic> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(Place::Beside);
    }
    if text.chars().any(char::is_control) {
        return Err(refused(text, "has a control character"));
    }
    if text.starts_with(['.', '/', '$']) {
        return Ok(Place::Folder(text));
    }
    let (path, version) = match text.split_once('@') {
        Some((path, version)) => (path, Some(version)),
        None => (text, None),
    };
    check_path(path).map_err(|why| refused(text, why))?;
    if let Some(version) = version.filter(|version| !is_version(version)) {
        return Err(Diagnostic::new(
            codes::MODULE_VERSION,
            format!("`{version}` is no version of the Go module `{path}`"),
        )
        .help("versions are spelled `v1.2.3`")
        .help(format!(
            "`go list -m {path}@{version}` says which one it is"
        )));
    }
    if !path.split('/').next().unwrap_or("").contains('.') {
        return match version {
            None => Ok(Place::Library(path)),
            Some(_) => Err(refused(text, "has no dot before its first `/`")),
        };
    }
    Ok(Place::Module(path, version))
}

/// Checks the value of `package=`: a folder of the module, or the name of its package.
pub(super) fn check_package(text: &str) -> Result<(), Diagnostic> {
    check_path(text.trim_matches('/')).map_err(|why| {
        let text = format!("`package={}` {why}", text.escape_debug());
        Diagnostic::new(codes::NO_IMPLEMENTATION, text)
            .help("name a folder below the module: `package=sub/folder`")
    })
}

fn refused(text: &str, why: &str) -> Diagnostic {
    let text = format!(
        "`{}` is no place for an implementation: it {why}",
        text.escape_debug()
    );
    Diagnostic::new(codes::NO_IMPLEMENTATION, text).help(PLACES)
}

/// What may stand behind `module=`.
pub(super) const PLACES: &str = "a folder begins with `./`, `/` or `$NAME`, a module is `example.com/path` with or without `@v1.2.3`, and nothing means \
     the files beside the definition";

/// Whether Go takes this for an import path.
fn check_path(path: &str) -> Result<(), &'static str> {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._~+".contains(letter);
    if !path.chars().all(|letter| letter == '/' || plain(letter)) {
        return Err("has a letter that no path of Go has");
    }
    if path.starts_with('-') {
        return Err("begins with `-`");
    }
    if path.split('/').any(str::is_empty) {
        return Err("has an empty part");
    }
    if path
        .split('/')
        .any(|part| part.starts_with('.') || part.ends_with('.'))
    {
        return Err("has a part that begins or ends with a dot");
    }
    Ok(())
}

/// Whether this is a version in full: `v1.2.3`, `v2.0.0+incompatible`, `v0.0.0-20240101000000-abcdef012345`.
fn is_version(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('v') else {
        return false;
    };
    let (rest, build) = rest.split_once('+').unwrap_or((rest, "x"));
    let (numbers, pre) = rest.split_once('-').unwrap_or((rest, "x"));
    let words = |text: &str| {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        text.split('.')
            .all(|word| !word.is_empty() && word.chars().all(plain))
    };
    let number = |text: &str| {
        !text.is_empty()
            && text.chars().all(|digit| digit.is_ascii_digit())
            && (text == "0" || !text.starts_with('0'))
    };
    numbers.split('.').count() == 3 && numbers.split('.').all(number) && words(pre) && words(build)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_told_apart_by_their_text() {
        for (text, expected) in [
            ("", Place::Beside),
            (" ", Place::Beside),
            ("./impl", Place::Folder("./impl")),
            ("..", Place::Folder("..")),
            ("/opt/my code", Place::Folder("/opt/my code")),
            ("example.com/a", Place::Module("example.com/a", None)),
            (
                "github.com/Masterminds/goutils@v1.1.1",
                Place::Module("github.com/Masterminds/goutils", Some("v1.1.1")),
            ),
            (
                "a.b/c@v2.0.0+incompatible",
                Place::Module("a.b/c", Some("v2.0.0+incompatible")),
            ),
            (
                "a.b/c@v0.0.0-20240101000000-abcdef012345",
                Place::Module("a.b/c", Some("v0.0.0-20240101000000-abcdef012345")),
            ),
            ("strings", Place::Library("strings")),
            ("text/template", Place::Library("text/template")),
        ] {
            assert_eq!(place(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_place_is_said_before_a_tool_sees_it() {
        for (text, words) in [
            ("my impl", "has a letter that no path of Go has"),
            ("example.com/a\n=> /etc", "has a control character"),
            ("example.com/a => /etc", "has a letter"),
            ("-modfile=x", "has a letter"),
            ("-v", "begins with `-`"),
            ("example.com//a", "has an empty part"),
            ("example.com/../a", "begins or ends with a dot"),
            ("example.com/a\\b", "has a letter"),
            ("strings@v1.0.0", "no dot before its first `/`"),
            ("example.com/a@latest", "`latest` is no version"),
            ("example.com/a@", "`` is no version"),
            ("example.com/a@v1", "`v1` is no version"),
            ("example.com/a@v1.02.3", "is no version"),
            ("example.com/a@v1.2.3 // x", "is no version"),
        ] {
            let said = place(text).unwrap_err().message;
            assert!(said.contains(words), "{text}: {said}");
        }
        for text in ["../up", "a b", ""] {
            assert!(check_package(text).is_err(), "{text}");
        }
        check_package("sub/folder/").unwrap();
    }
}
