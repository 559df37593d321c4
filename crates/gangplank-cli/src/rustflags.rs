//! Flags for every rustc that cargo starts, on top of the user's own.
//!
//! Comes in: a cargo command and flags. Goes out: the same command with them. A layer of its own because cargo takes
//! flags from one source only (an environment variable, or the `target` tables, or `build` of its configuration): adding
//! through another source than the user's would silently drop what the user has set.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The flags that replace folders of this machine in panic locations and debug information. The last match counts.
pub(crate) fn remapping(remap: &[(PathBuf, String)]) -> Vec<String> {
    remap
        .iter()
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()))
        .collect()
}

/// Adds `flags` to `command`, which runs cargo in `folder`.
pub(crate) fn add(command: &mut Command, folder: &Path, flags: &[String]) {
    let encoded = std::env::var("CARGO_ENCODED_RUSTFLAGS").ok();
    let plain = std::env::var("RUSTFLAGS").ok();
    if let Some(all) = joined(encoded.as_deref(), plain.as_deref(), flags) {
        command.env("CARGO_ENCODED_RUSTFLAGS", all);
        return;
    }
    let key = if sets_target_flags(folder) {
        "target.'cfg(all())'.rustflags"
    } else {
        "build.rustflags"
    };
    // A list of JSON strings is a list of TOML strings.
    command
        .arg("--config")
        .arg(format!("{key}={}", serde_json::Value::from(flags)));
}

/// The value of `CARGO_ENCODED_RUSTFLAGS` when the user's flags come from the environment.
fn joined(encoded: Option<&str>, plain: Option<&str>, flags: &[String]) -> Option<String> {
    let users: Vec<&str> = match (encoded, plain) {
        (Some(encoded), _) => encoded
            .split('\x1f')
            .filter(|flag| !flag.is_empty())
            .collect(),
        (None, Some(plain)) => plain.split_whitespace().collect(),
        (None, None) => return None,
    };
    Some(
        users
            .into_iter()
            .chain(flags.iter().map(String::as_str))
            .collect::<Vec<_>>()
            .join("\x1f"),
    )
}

/// Whether the environment or a configuration file that cargo reads in `folder` has flags for a target.
fn sets_target_flags(folder: &Path) -> bool {
    let by_variable = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let mut by_variable = by_variable
        .filter(|name| name.starts_with("CARGO_TARGET_") && name.ends_with("_RUSTFLAGS"));
    by_variable.next().is_some()
        || configurations(folder)
            .iter()
            .any(|file| file_sets_target_flags(file))
}

fn file_sets_target_flags(file: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(file) else {
        return false;
    };
    let Ok(table) = text.parse::<toml::Table>() else {
        return false;
    }; // Cargo will say what is wrong with it.
    let targets = table.get("target").and_then(toml::Value::as_table);
    targets.is_some_and(|targets| {
        targets
            .values()
            .any(|target| target.get("rustflags").is_some())
    })
}

/// Where cargo looks: `.cargo` in the folder and all folders above it, then cargo's own.
fn configurations(folder: &Path) -> Vec<PathBuf> {
    let above = folder.ancestors().map(|folder| folder.join(".cargo"));
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    above
        .chain(home)
        .flat_map(|folder| [folder.join("config.toml"), folder.join("config")])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_the_environment_stay() {
        let ours = ["--remap-path-prefix=/a b=.".to_owned()];
        assert_eq!(joined(None, None, &ours), None);
        assert_eq!(
            joined(None, Some("-C debuginfo=0"), &ours).unwrap(),
            "-C\x1fdebuginfo=0\x1f--remap-path-prefix=/a b=."
        );
        assert_eq!(
            joined(Some("-Ctarget-cpu=native"), Some("x"), &ours).unwrap(),
            "-Ctarget-cpu=native\x1f--remap-path-prefix=/a b=."
        );
        assert_eq!(
            joined(Some(""), None, &ours).unwrap(),
            "--remap-path-prefix=/a b=."
        );
    }

    #[test]
    fn flags_for_a_target_are_found_in_folders_above() {
        let temp = tempfile::tempdir().unwrap();
        let inner = temp.path().join("a/b");
        std::fs::create_dir_all(&inner).unwrap();
        std::fs::create_dir_all(temp.path().join("a/.cargo")).unwrap();
        let file = temp.path().join("a/.cargo/config.toml");
        std::fs::write(&file, "[build]\nrustflags = ['-C', 'debuginfo=0']\n").unwrap();
        assert!(!file_sets_target_flags(&file));
        std::fs::write(
            &file,
            "[target.x86_64-unknown-linux-gnu]\nrustflags = ['-C', 'debuginfo=0']\n",
        )
        .unwrap();
        assert!(sets_target_flags(&inner));
    }
}
