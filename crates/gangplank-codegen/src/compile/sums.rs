//! The `go.sum` of a scratch module.
//!
//! Comes in: the user's `go.sum` files, and Go's module cache. Goes out: their lines, and lines for cached modules that
//! they do not know. Without a line Go asks the checksum database, even for a module that it has verified and cached, and
//! a build without network would fail.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::module_version::download_folder;

/// The text of the file, for these modules and what they require.
pub(super) fn text(
    folders: &[PathBuf],
    required: impl Iterator<Item = (String, String)>,
    cache: &Path,
) -> String {
    let mut lines: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for folder in folders {
        let text = fs::read_to_string(folder.join("go.sum")).unwrap_or_default();
        for (key, hash) in text.lines().filter_map(|line| line.trim().rsplit_once(' ')) {
            lines
                .entry(key.to_owned())
                .or_default()
                .insert(hash.to_owned());
        }
    }
    let mut waiting: Vec<(String, String)> = required.collect();
    let mut seen = BTreeSet::new();
    while let Some((path, version)) = waiting.pop() {
        if !seen.insert((path.clone(), version.clone())) {
            continue;
        }
        let (folder, file) = download_folder(&path, &version, cache);
        let of = |ending: &str| folder.join(format!("{file}.{ending}"));
        if let Ok(go_mod) = fs::read(of("mod")) {
            add(
                &mut lines,
                format!("{path} {version}/go.mod"),
                hash(&go_mod),
            );
            waiting.extend(requires(&String::from_utf8_lossy(&go_mod)));
        }
        if let Ok(hash) = fs::read_to_string(of("ziphash")) {
            add(
                &mut lines,
                format!("{path} {version}"),
                hash.trim().to_owned(),
            );
        }
    }
    let lines = lines
        .iter()
        .flat_map(|(key, hashes)| hashes.iter().map(move |hash| (key, hash)));
    lines.map(|(key, hash)| format!("{key} {hash}\n")).collect()
}

/// What the user's files say counts.
fn add(lines: &mut BTreeMap<String, BTreeSet<String>>, key: String, hash: String) {
    lines.entry(key).or_insert_with(|| BTreeSet::from([hash]));
}

/// Go's hash of a `go.mod`: that of a folder with this one file.
fn hash(go_mod: &[u8]) -> String {
    let digest = Sha256::digest(go_mod);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let folder = Sha256::digest(format!("{hex}  go.mod\n"));
    format!("h1:{}", STANDARD.encode(folder))
}

/// The modules that a downloaded `go.mod` requires; those are written by the go command, one to a line.
fn requires(go_mod: &str) -> Vec<(String, String)> {
    let mut in_block = false;
    let mut found = Vec::new();
    for line in go_mod.lines() {
        let words: Vec<&str> = line
            .split("//")
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        match (in_block, words.as_slice()) {
            (false, ["require", "("]) => in_block = true,
            (true, [")"]) => in_block = false,
            (false, ["require", path, version]) | (true, [path, version]) => {
                let path = path.trim_matches(['"', '`']);
                found.push((path.to_owned(), (*version).to_owned()));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_cache_are_those_that_go_writes() {
        let cache = tempfile::tempdir().unwrap();
        let (folder, file) =
            download_folder("google.golang.org/protobuf", "v1.36.12", cache.path());
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{file}.ziphash")), "h1:zip=\n").unwrap();
        fs::write(
            folder.join(format!("{file}.mod")),
            "module m\n\nrequire (\n\ta.b/C v1.0.0 // indirect\n)\n",
        )
        .unwrap();
        let required = || {
            [(
                "google.golang.org/protobuf".to_owned(),
                "v1.36.12".to_owned(),
            )]
            .into_iter()
        };
        let said = text(&[], required(), cache.path());
        assert!(said.starts_with("google.golang.org/protobuf v1.36.12 h1:zip=\ngoogle.golang.org/protobuf v1.36.12/go.mod h1:"));
        let user = tempfile::tempdir().unwrap();
        fs::write(
            user.path().join("go.sum"),
            "google.golang.org/protobuf v1.36.12 h1:mine=\n",
        )
        .unwrap();
        let said = text(&[user.path().to_owned()], required(), cache.path());
        assert!(
            said.contains("h1:mine=\n") && !said.contains("h1:zip="),
            "{said}"
        );
        assert_eq!(
            requires("require x.y/z v1\n"),
            [("x.y/z".to_owned(), "v1".to_owned())]
        );
    }

    #[test]
    fn the_hash_of_a_file() {
        // As the go command writes it for github.com/Masterminds/goutils v1.1.1.
        let expected = "h1:8cTjp+g8YejhMuvIA5y2vz3BpJxksy863GQaJW2MFNU=";
        assert_eq!(hash(b"module github.com/Masterminds/goutils\n"), expected);
    }
}
