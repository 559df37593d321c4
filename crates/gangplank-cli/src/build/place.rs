//! Where a built library goes.
//!
//! Comes in: the archive and the shared library. Goes out: copies of them in the packages that link them, each platform
//! in a folder of its own, and for Go the source files that choose among the platforms and link the archive; for Python
//! what a wheel holds. Each file is replaced at once or not at all.

mod python;

use std::io::Write;
use std::path::{Path, PathBuf};

use gangplank_codegen::backend::BACKENDS;
use sha2::{Digest, Sha256};

use crate::build::{Built, Target};
use crate::cargo::Crate;
use crate::failure::{Failure, Outcome};

/// Copies the library into the packages that lie beside the crate: every language's folder that is there.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn beside_crate(built: &Built, source: &Crate) -> Outcome<Vec<PathBuf>> {
    let mut written = Vec::new();
    for language in BACKENDS {
        let package = source.folder.join(language.name);
        if package.is_dir() {
            written.extend(in_package(built, &package)?);
        }
    }
    Ok(written)
}

/// Copies the library into the package in `package`: to `internal/lib/<os>_<arch>/`, with the words that Go has for
/// them. A Go package (it has a `go.mod`) also gets the files that choose the platform's folder and link the archive;
/// folders of other platforms stay, so that one package serves all that it was built for. A Python package (it has a
/// `pyproject.toml`) gets the shared library inside.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn in_package(built: &Built, package: &Path) -> Outcome<Vec<PathBuf>> {
    if let Some(module) = python::module(package)? {
        return python::fill(&module, &built.shared, &built.target);
    }
    let (os, arch) = built.target.go_platform();
    let all = package.join("internal").join("lib");
    let folder = all.join(format!("{os}_{arch}"));
    std::fs::create_dir_all(&folder)
        .map_err(|error| Failure::file("make the folder", &folder, &error))?;
    let mut written = Vec::new();
    for file in [&built.archive, &built.shared] {
        let bytes = std::fs::read(file).map_err(|error| Failure::file("read", file, &error))?;
        let to = folder.join(file.file_name().unwrap_or_default());
        if *file == built.archive && package.join("go.mod").is_file() {
            let source = folder.join("lib.go");
            replace(&source, go_source(built, os, arch, &bytes).as_bytes())?;
            written.push(source);
        }
        replace(&to, &bytes)?;
        written.push(to);
    }
    if let Some(module) = go_module(package)? {
        let link = all.join(format!("link_{os}_{arch}.go"));
        replace(&link, link_source(built, os, arch, &module).as_bytes())?;
        let missing = all.join("missing.go");
        replace(
            &missing,
            missing_source(built, &platforms(&all)?).as_bytes(),
        )?;
        written.extend([link, missing]);
    }
    Ok(written)
}

/// Copies a library that somebody else has built into the package in `package`, if packages of its language hold one.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn with_library(library: &Path, package: &Path) -> Outcome<Vec<PathBuf>> {
    match python::module(package)? {
        Some(module) => python::fill(&module, library, &Target::host()),
        None => Ok(Vec::new()),
    }
}

/// The module path of the package in `package`; `None` when it is not Go's.
fn go_module(package: &Path) -> Outcome<Option<String>> {
    let file = package.join("go.mod");
    if !file.is_file() {
        return Ok(None);
    }
    let text =
        std::fs::read_to_string(&file).map_err(|error| Failure::file("read", &file, &error))?;
    let module = text.lines().find_map(|line| line.strip_prefix("module "));
    match module {
        Some(module) => Ok(Some(module.trim().trim_matches('"').to_owned())),
        None => Err(Failure::Diagnostics(format!(
            "error: {} has no line `module …`\n  help: generate the package again: `gangplank generate go`",
            file.display()
        ))),
    }
}

/// The platforms whose libraries lie in `folder`, in Go's words: a folder with a Go file for each.
fn platforms(folder: &Path) -> Outcome<Vec<(String, String)>> {
    let failed = |error| Failure::file("read the folder", folder, &error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if !entry.path().join("lib.go").is_file() {
            continue;
        }
        if let Some((os, arch)) = entry.file_name().to_string_lossy().split_once('_') {
            found.push((os.to_owned(), arch.to_owned()));
        }
    }
    found.sort();
    Ok(found)
}

/// Writes a file at once; leaves it alone when it holds these bytes already.
///
/// # Errors
/// It cannot be written.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Outcome<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
        file.write_all(bytes)?;
        open_to_all(file.as_file())?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| Failure::file("write", path, &error))
}

/// Temporary files start private; what is shipped is not.
#[cfg(unix)]
fn open_to_all(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_all(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

/// The Go file that links the archive.
fn go_source(built: &Built, os: &str, arch: &str, archive: &[u8]) -> String {
    let lib = &built.lib;
    let native = linker_flags(&built.native);
    let sum: String = Sha256::digest(archive)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!(
        "// Code generated by gangplank. DO NOT EDIT.\n\n\
         //go:build {os} && {arch}\n\n\
         // Package lib links lib{lib}.a into the program.\n\
         //\n\
         // The go command does not look into archives. This file carries the archive's checksum, so a library that has\n\
         // been built anew changes this file and with it the program.\n\
         package lib\n\n\
         // #cgo LDFLAGS: ${{SRCDIR}}/lib{lib}.a {native}\n\
         import \"C\"\n\n\
         // SHA256 is the checksum of lib{lib}.a.\n\
         const SHA256 = \"{sum}\"\n"
    )
}

/// The Go file that takes one platform's library into the program.
fn link_source(built: &Built, os: &str, arch: &str, module: &str) -> String {
    let lib = &built.lib;
    format!(
        "// Code generated by gangplank. DO NOT EDIT.\n\n\
         //go:build cgo && {os} && {arch}\n\n\
         // Package lib links {lib} into the program: the library of the platform that the program is built for.\n\
         package lib\n\n\
         import _ \"{module}/internal/lib/{os}_{arch}\"\n"
    )
}

/// The Go file that does not compile on platforms without a library, and says so.
fn missing_source(built: &Built, platforms: &[(String, String)]) -> String {
    let lib = &built.lib;
    let not: Vec<String> = platforms
        .iter()
        .map(|(os, arch)| format!("!({os} && {arch})"))
        .collect();
    let names: Vec<String> = platforms
        .iter()
        .map(|(os, arch)| format!("{os}/{arch}"))
        .collect();
    format!(
        "// Code generated by gangplank. DO NOT EDIT.\n\n\
         //go:build {}\n\n\
         package lib\n\n\
         // This package has {lib} for {} only. `gangplank build --target …` in the folder of the crate\n\
         // adds a platform. Until then the next line does not compile.\n\
         var _ = no_library_{lib}_for_this_platform_run_gangplank_build_with_its_target\n",
        not.join(" && "),
        names.join(", ")
    )
}

/// What rustc says the archive needs, in its order, without what the C compiler adds by itself.
fn linker_flags(native: &[String]) -> String {
    let mut flags = vec!["-lm", "-ldl", "-lpthread"];
    for flag in native {
        if !flags.contains(&flag.as_str()) && flag != "-lc" && flag != "-lgcc_s" {
            flags.push(flag);
        }
    }
    flags.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(native: &[&str]) -> Built {
        Built {
            lib: "my_timer".to_owned(),
            archive: PathBuf::from("/t/libmy_timer.a"),
            shared: PathBuf::from("/t/libmy_timer.so"),
            native: native.iter().map(ToString::to_string).collect(),
            target: Target::host(),
        }
    }

    #[test]
    fn each_platform_is_chosen_by_build_tags_and_the_rest_is_told() {
        let built = built(&[]);
        let link = link_source(&built, "linux", "arm64", "example.com/mytimer");
        assert!(
            link.contains("//go:build cgo && linux && arm64\n"),
            "{link}"
        );
        assert!(link.ends_with("import _ \"example.com/mytimer/internal/lib/linux_arm64\"\n"));
        let folder = tempfile::tempdir().unwrap();
        for platform in ["linux_arm64", "linux_amd64", "other"] {
            std::fs::create_dir(folder.path().join(platform)).unwrap();
        }
        for platform in ["linux_arm64", "linux_amd64"] {
            std::fs::write(folder.path().join(platform).join("lib.go"), "").unwrap();
        }
        let missing = missing_source(&built, &platforms(folder.path()).unwrap());
        assert!(
            missing.contains("//go:build !(linux && amd64) && !(linux && arm64)\n"),
            "{missing}"
        );
        assert!(missing.contains("for linux/amd64, linux/arm64 only"));
    }

    #[test]
    fn the_go_file_names_archive_checksum_and_system_libraries() {
        let text = go_source(
            &built(&["-lgcc_s", "-lutil", "-lz", "-lm", "-lc"]),
            "linux",
            "amd64",
            b"abc",
        );
        assert!(text.contains("//go:build linux && amd64\n"));
        assert!(text.contains(
            "// #cgo LDFLAGS: ${SRCDIR}/libmy_timer.a -lm -ldl -lpthread -lutil -lz\nimport \"C\"\n"
        ));
        assert!(
            text.contains("\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
            "{text}"
        );
    }
}
