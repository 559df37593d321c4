//! The text of tags: keys, values, paths, variables.

use super::super::scan::Comment;
use super::{Environment, Key};

/// Beginnings of keys; what comes with them and is unknown is a mistake, not prose.
const PREFIXES: [&str; 2] = ["metaffi_", "openffi_"];

/// Calls `each` with the line, key and quoted value of every tag in a comment.
pub(super) fn comment<'s>(
    source: &'s str,
    comment: &Comment,
    each: &mut dyn FnMut(u32, &'s str, Option<&'s str>),
) {
    let before = source[..comment.range.start].matches('\n').count();
    for (at, line) in source[comment.range.clone()].split('\n').enumerate() {
        let number = u32::try_from(before + at + 1).unwrap_or(u32::MAX);
        let mut rest = line.trim_start_matches(['/', '*', '!', ' ', '\t']);
        while let Some((key, value, after)) = tag(rest) {
            each(number, key, value);
            rest = after.trim_start_matches([' ', '\t', ',', ';']);
        }
    }
}

/// The tag that a text begins with: key, value if there is one in quotes, and what comes after.
fn tag(text: &str) -> Option<(&str, Option<&str>, &str)> {
    if !PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
        return None;
    }
    let (key, value) = text.split_once(':')?;
    let key = key.trim_end();
    if !key
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    {
        return None;
    }
    let quoted = value.trim_start().strip_prefix('"');
    match quoted.and_then(|value| value.split_once('"')) {
        Some((value, after)) => Some((key, Some(value), after)),
        None => Some((key, None, "")),
    }
}

/// Whether a line of a comment, without its slashes, is a tag.
pub(in super::super) fn is_tag(line: &str) -> bool {
    tag(line.trim_start_matches(['/', '*', '!', ' ', '\t'])).is_some()
}

/// What a tag says.
pub(super) fn values<'s>(key: &str, value: &'s str) -> Result<Vec<(Key, &'s str)>, String> {
    match key {
        "metaffi_target_language" | "openffi_target_language" | "openffi_target_lang" => {
            Ok(vec![(Key::TargetLanguage, value)])
        }
        "metaffi_module" | "openffi_module" => Ok(vec![(Key::Module, value)]),
        "metaffi_function_path" | "openffi_function_path" => path(value),
        _ => Err(format!("there is no tag `{key}`")),
    }
}

/// `module=…,package=…,function=…`, in any order.
fn path(value: &str) -> Result<Vec<(Key, &str)>, String> {
    let mut values: Vec<(Key, &str)> = Vec::new();
    for part in value.split(',').filter(|part| !part.trim().is_empty()) {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| format!("`{}` in a function path has no `=`", part.escape_debug()))?;
        let key = match name.trim() {
            "module" => Key::Module,
            "package" => Key::Package,
            "function" => Key::Function,
            other => {
                return Err(format!("a function path has no `{}`", other.escape_debug()));
            }
        };
        if values.iter().any(|(other, _)| *other == key) {
            return Err(format!(
                "a function path has two values for `{}`",
                key.name()
            ));
        }
        values.push((key, value.trim()));
    }
    Ok(values)
}

/// Fills in `$NAME` and `${NAME}`; the error is the variable that is not set.
pub(super) fn expand(text: &str, environment: Environment<'_>) -> Result<String, String> {
    let mut expanded = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        let (name, tail) = match after
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
        {
            Some(braced) => braced,
            None => {
                let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let end = after.find(|letter| !is_name(letter)).unwrap_or(after.len());
                after.split_at(end)
            }
        };
        if name.is_empty() {
            expanded.push('$');
            rest = after;
            continue;
        }
        expanded.push_str(&environment(name).ok_or_else(|| name.to_owned())?);
        rest = tail;
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in() {
        let environment = |name: &str| (name == "HOME").then(|| "/home/me".to_owned());
        let expand = |text| expand(text, &environment);
        assert_eq!(expand("$HOME/a").as_deref(), Ok("/home/me/a"));
        assert_eq!(expand("a${HOME}b$").as_deref(), Ok("a/home/meb$"));
        assert_eq!(expand("$ $$"), Ok("$ $$".to_owned()));
        assert_eq!(expand("${NONE}"), Err("NONE".to_owned()));
        assert_eq!(expand("${HOME"), Ok("${HOME".to_owned()));
    }

    #[test]
    fn paths_have_parts() {
        assert_eq!(
            values(
                "openffi_function_path",
                "module=$HOME/x, function = f,package="
            ),
            Ok(vec![
                (Key::Module, "$HOME/x"),
                (Key::Function, "f"),
                (Key::Package, "")
            ])
        );
        for wrong in ["x", "file=x", "module=a,module=a"] {
            assert!(path(wrong).is_err());
        }
        assert_eq!(
            values("openffi_target_lang", "go"),
            Ok(vec![(Key::TargetLanguage, "go")])
        );
        assert!(values("metaffi_target", "go").is_err());
    }

    #[test]
    fn tags_are_told_from_prose() {
        assert!(is_tag(" * metaffi_module: \"x\""));
        assert!(is_tag("/// metaffi_module : x"));
        assert!(!is_tag(" metaffi_module is a tag: see the docs"));
        assert!(!is_tag(" the tag metaffi_module: \"x\""));
        let source = "// metaffi_target_language: \"go\", metaffi_module: \"\" and more\n";
        let mut found = Vec::new();
        let range = 0..source.len() - 1;
        comment(source, &Comment { range }, &mut |line, key, value| {
            found.push((line, key, value));
        });
        assert_eq!(
            found,
            [
                (1, "metaffi_target_language", Some("go")),
                (1, "metaffi_module", Some(""))
            ]
        );
    }
}
