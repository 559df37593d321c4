//! Which version of a module is meant.
//!
//! Comes in: a module's path, perhaps with a version, the `go.mod` above the definition, and Go's module cache. Goes out:
//! a version, or the line that downloads one. Nothing is fetched to decide it.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::downloads;
use super::go_mod::GoMod;
use super::toolchain::GoEnv;

/// The version of `module`: the one that is named, else the one above, else the newest that was downloaded.
pub(super) fn decide(
    module: &str,
    named: Option<&str>,
    above: Option<&GoMod>,
    env: &GoEnv,
) -> Result<String, Diagnostics> {
    if let Some(version) = named.or_else(|| above?.version(module)) {
        return Ok(version.to_owned());
    }
    newest(module, &env.gomodcache).ok_or_else(|| {
        let text =
            format!("no version of the Go module `{module}` is known, and none was downloaded");
        let lines = downloads::fetch(&format!("{module}@latest"), env);
        lines
            .into_iter()
            .fold(
                Diagnostic::new(codes::MODULE_VERSION, text),
                Diagnostic::help,
            )
            .into()
    })
}

/// The downloaded module, with its newest version, that has the package `import`: that of the longest path.
pub(super) fn of_import(import: &str, cache: &Path) -> Option<(String, String)> {
    if !import.split('/').next().unwrap_or("").contains('.') {
        return None; // Go's own.
    }
    let mut path = import;
    loop {
        if let Some(version) = newest(path, cache) {
            return Some((path.to_owned(), version));
        }
        path = path.rsplit_once('/')?.0;
    }
}

/// Whether this version was downloaded.
pub(super) fn is_cached(module: &str, version: &str, cache: &Path) -> bool {
    let (folder, file) = download_folder(module, version, cache);
    folder.join(format!("{file}.zip")).is_file()
}

/// Where the module cache keeps what it has downloaded of a version, and the first part of the files' names.
pub(super) fn download_folder(module: &str, version: &str, cache: &Path) -> (PathBuf, String) {
    let folder = cache.join("cache/download").join(escape(module));
    (folder.join("@v"), escape(version))
}

fn newest(module: &str, cache: &Path) -> Option<String> {
    let (folder, _) = download_folder(module, "", cache);
    let names = std::fs::read_dir(folder).ok()?.flatten();
    names
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            Some(unescape(name.strip_suffix(".zip")?))
        })
        .max_by(|a, b| compare(a, b))
}

/// The cache's spelling: `!b` for `B`, for file systems that do not tell them apart.
fn escape(path: &str) -> String {
    let mut out = String::new();
    for letter in path.chars() {
        if letter.is_ascii_uppercase() {
            out.push('!');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

fn unescape(name: &str) -> String {
    let mut out = String::new();
    let mut letters = name.chars();
    while let Some(letter) = letters.next() {
        if letter == '!' {
            out.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        } else {
            out.push(letter);
        }
    }
    out
}

/// Semantic versions in order; one with a pre-release comes before the one without.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let split = |version: &str| {
        let version = version.split('+').next().unwrap_or(version);
        let version = version.strip_prefix('v').unwrap_or(version);
        let (numbers, pre) = version.split_once('-').unwrap_or((version, ""));
        let numbers: Vec<u64> = numbers.split('.').map(|n| n.parse().unwrap_or(0)).collect();
        (numbers, pre.is_empty(), pre.to_owned())
    };
    let ((numbers_a, plain_a, pre_a), (numbers_b, plain_b, pre_b)) = (split(a), split(b));
    let order = numbers_a.cmp(&numbers_b).then(plain_a.cmp(&plain_b));
    order.then_with(|| identifiers(&pre_a, &pre_b))
}

fn identifiers(a: &str, b: &str) -> Ordering {
    let one = |a: &str, b: &str| match (a.parse::<u64>(), b.parse::<u64>()) {
        (Ok(a), Ok(b)) => a.cmp(&b),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        _ => a.cmp(b),
    };
    let pairs = a.split('.').zip(b.split('.'));
    pairs
        .map(|(a, b)| one(a, b))
        .find(|order| order.is_ne())
        .unwrap_or_else(|| a.split('.').count().cmp(&b.split('.').count()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_their_order() {
        let sorted = [
            "v0.0.0-20200101000000-abcdef",
            "v1.0.0-alpha",
            "v1.0.0-alpha.2",
            "v1.0.0-alpha.10",
            "v1.0.0",
            "v1.9.0+incompatible",
            "v1.10.0",
        ];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
    }

    #[test]
    fn the_newest_that_is_there() {
        let cache = tempfile::tempdir().unwrap();
        let folder = cache.path().join("cache/download/example.com/!my!mod/@v");
        std::fs::create_dir_all(&folder).unwrap();
        for name in [
            "v1.2.0.zip",
            "v1.10.0.zip",
            "v1.11.0.mod",
            "v1.10.0-!r!c1.zip",
        ] {
            std::fs::write(folder.join(name), "").unwrap();
        }
        let env = GoEnv {
            gomodcache: cache.path().to_owned(),
            ..downloads::tests::env("direct")
        };
        let decide = |named| decide("example.com/MyMod", named, None, &env);
        assert_eq!(decide(None).unwrap(), "v1.10.0");
        assert_eq!(decide(Some("v1.0.0")).unwrap(), "v1.0.0");
        assert!(is_cached("example.com/MyMod", "v1.10.0-RC1", cache.path()));
        let found = of_import("example.com/MyMod/sub/pkg", cache.path());
        assert_eq!(found, Some(("example.com/MyMod".into(), "v1.10.0".into())));
        assert_eq!(of_import("encoding/json", cache.path()), None);
        let text = super::decide("example.com/other", None, None, &env)
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("help: go mod download example.com/other@latest"),
            "{text}"
        );
    }
}
