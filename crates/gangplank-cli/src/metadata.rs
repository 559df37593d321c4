//! What `cargo metadata` says, reduced to what is used here.
//!
//! Comes in: its JSON. Goes out: the package in question, and the list of folders whose names must not end up in a
//! library that people ship.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::failure::{Failure, Outcome};

/// The whole answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
    pub(crate) target_directory: PathBuf,
    /// Where cargo keeps what is no result, by itself or as it is set; cargo before 1.91 has it in the target folder.
    build_directory: Option<PathBuf>,
    pub(crate) workspace_root: PathBuf,
    workspace_members: Vec<String>,
}

/// One package: the crate, or a dependency.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Where it comes from; absent for a folder on this machine.
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Metadata {
    /// Reads cargo's answer.
    ///
    /// # Errors
    /// Cargo said something else than it has said since its version 1.
    pub(crate) fn parse(json: &[u8]) -> Outcome<Metadata> {
        serde_json::from_slice(json).map_err(|error| {
            Failure::Diagnostics(format!(
                "error: cannot understand `cargo metadata`: {error}"
            ))
        })
    }

    /// The package that `manifest` (absolute) describes.
    ///
    /// # Errors
    /// It describes a workspace only; the text names the crates in it.
    pub(crate) fn package(&self, manifest: &Path) -> Outcome<&Package> {
        let is_it = |package: &&Package| {
            package
                .manifest_path
                .canonicalize()
                .is_ok_and(|path| path == manifest)
        };
        self.packages.iter().find(is_it).ok_or_else(|| {
            let is_member = |package: &&Package| self.workspace_members.contains(&package.id);
            let folders = self.packages.iter().filter(is_member).filter_map(|package| package.manifest_path.parent());
            let list: Vec<String> = folders.map(|folder| format!("\n    {}", folder.display())).collect();
            Failure::Diagnostics(format!(
                "error: {} is a workspace, not a crate\n  help: name the folder of one of its crates:{}",
                manifest.display(),
                list.concat()
            ))
        })
    }

    /// Every library crate by the name that Rust code has for it, and its folder.
    pub(crate) fn folders(&self) -> Vec<(String, PathBuf)> {
        let folder = |package: &Package| {
            Some((
                package.library_name()?,
                package.manifest_path.parent()?.to_owned(),
            ))
        };
        self.packages.iter().filter_map(folder).collect()
    }
}

impl Package {
    /// The name of the library target as Rust code spells it; `None` when there is none.
    pub(crate) fn library_name(&self) -> Option<String> {
        let is_library = |kind: &String| {
            matches!(
                kind.as_str(),
                "lib" | "rlib" | "cdylib" | "staticlib" | "dylib"
            )
        };
        let target = self
            .targets
            .iter()
            .find(|target| target.kind.iter().any(is_library))?;
        Some(target.name.replace('-', "_"))
    }
}

/// What to write instead of folders, the last match counting.
#[derive(Clone, Debug)]
pub(crate) struct Remap {
    /// For every crate of the build. Crates with the same dependencies have the same here, and share what is built of those
    /// in a target folder that they share.
    pub(crate) all: Vec<(PathBuf, String)>,
    /// For the crate itself, before those.
    pub(crate) own: Vec<(PathBuf, String)>,
}

/// What to write instead of the folders that the sources of a package come from: the workspace becomes `.`, a package from a
/// registry or from elsewhere on this machine `<name>-<version>`, what build scripts made `target`.
pub(crate) fn remap(metadata: &Metadata, id: &str) -> Remap {
    let mut remap = BTreeSet::new();
    let mut alone = true;
    for package in &metadata.packages {
        let Some(folder) = package.manifest_path.parent() else {
            continue;
        };
        match (&package.source, folder.parent()) {
            // Registries unpack each package into a folder that is already called <name>-<version>.
            (Some(source), Some(above))
                if source.starts_with("registry+") || source.starts_with("sparse+") =>
            {
                remap.insert((above.to_owned(), String::new()));
            }
            _ if folder.starts_with(&metadata.workspace_root) => alone &= package.id == id,
            _ => {
                remap.insert((
                    folder.to_owned(),
                    format!("{}-{}", package.name, package.version),
                ));
            }
        }
    }
    let workspace = (metadata.workspace_root.clone(), ".".to_owned());
    let target = metadata
        .build_directory
        .iter()
        .chain([&metadata.target_directory]);
    let target = target.map(|folder| (folder.clone(), "target".to_owned()));
    let all = remap.into_iter().chain(target);
    match alone {
        true => Remap {
            all: all.collect(),
            own: vec![workspace],
        },
        false => Remap {
            all: std::iter::once(workspace).chain(all).collect(),
            own: Vec::new(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = r#"{
        "packages": [
            {"id": "a", "name": "my-lib", "version": "1.2.3", "source": null, "manifest_path": "/w/my/Cargo.toml",
             "targets": [{"name": "build-script-build", "kind": ["custom-build"]}, {"name": "my-lib", "kind": ["cdylib", "staticlib"]}]},
            {"id": "b", "name": "near", "version": "0.1.0", "source": null, "manifest_path": "/else/near/Cargo.toml", "targets": []},
            {"id": "c", "name": "far", "version": "2.0.0", "source": "registry+https://example.com/index",
             "manifest_path": "/home/x/.cargo/registry/src/index/far-2.0.0/Cargo.toml", "targets": []}
        ],
        "target_directory": "/w/target", "build_directory": "/w/build", "workspace_root": "/w", "workspace_members": ["a"]
    }"#;

    #[test]
    fn the_library_is_the_target_that_makes_one() {
        let metadata = Metadata::parse(SAMPLE.as_bytes()).unwrap();
        assert_eq!(
            metadata.packages[0].library_name().as_deref(),
            Some("my_lib")
        );
        assert_eq!(metadata.packages[1].library_name(), None);
    }

    #[test]
    fn a_workspace_without_a_package_lists_its_crates() {
        let metadata = Metadata::parse(SAMPLE.as_bytes()).unwrap();
        let error = metadata
            .package(Path::new("/w/Cargo.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("is a workspace, not a crate") && error.ends_with("\n    /w/my"),
            "{error}"
        );
    }

    #[test]
    fn no_folder_of_this_machine_is_left() {
        let text = |remap: Vec<(PathBuf, String)>| -> Vec<String> {
            let lines = remap.iter();
            let lines = lines.map(|(from, to)| format!("{}={to}", from.display()));
            lines.collect()
        };
        let sample = Metadata::parse(SAMPLE.as_bytes()).unwrap();
        let everywhere = [
            "/else/near=near-0.1.0",
            "/home/x/.cargo/registry/src/index=",
            "/w/build=target",
            "/w/target=target",
        ];
        let alone = remap(&sample, "a");
        assert_eq!(text(alone.all), everywhere);
        assert_eq!(text(alone.own), ["/w=."]);
        // A dependency in the same workspace names its folder too.
        let with_others = remap(&sample, "another of /w");
        let all = text(with_others.all);
        assert_eq!(
            (all[0].as_str(), &all[1..]),
            ("/w=.", &everywhere.map(str::to_owned)[..])
        );
        assert!(with_others.own.is_empty());
    }
}
