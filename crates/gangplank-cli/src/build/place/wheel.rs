//! Which platform a Python package's wheel is for.
//!
//! Comes in: the shared libraries in the package. Goes out: `manylinux_2_34_x86_64`, when they need nothing but what every Linux
//! with that glibc has: a line that the package's `setup.py` reads, and package indexes take such wheels. Otherwise nothing, and
//! the wheel is for machines like this one.

use std::path::PathBuf;

use object::elf::{DT_NEEDED, FileHeader64};
use object::read::elf::{Dyn as _, ElfFile};
use object::{Endianness, FileKind};

use crate::progress;

/// The oldest glibc that there is a name for.
const OLDEST: u32 = 17;

/// What is on every Linux of people who install wheels: names without their versions.
const EVERYWHERE: &[&str] = &[
    "libc",
    "libm",
    "libdl",
    "librt",
    "libpthread",
    "libutil",
    "libgcc_s",
    "ld-linux-x86-64",
    "ld-linux-aarch64",
];

/// The line for files that go into one package.
pub(super) fn platform(libraries: &[(PathBuf, Vec<u8>)]) -> String {
    let mut newest = OLDEST;
    for (path, data) in libraries {
        match needs(data) {
            Ok(Some(minor)) => newest = newest.max(minor),
            Ok(None) => return String::new(),
            Err(text) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let text = format!(
                    "no wheel for package indexes: {name} needs {text}; `auditwheel repair` takes it along"
                );
                progress::step("Note", &text);
                return String::new();
            }
        }
    }
    format!("manylinux_2_{newest}_{}\n", std::env::consts::ARCH)
}

/// The minor version of the glibc that a library needs; `None` when it is not one of Linux with 64 bits. An error is the
/// library that not every Linux has.
fn needs(data: &[u8]) -> Result<Option<u32>, String> {
    if !matches!(FileKind::parse(data), Ok(FileKind::Elf64)) {
        return Ok(None);
    }
    match read(data) {
        Ok(Needs {
            foreign: Some(name),
            ..
        }) => Err(format!("`{name}`, which not every Linux has")),
        Ok(found) => Ok(Some(found.glibc)),
        Err(_) => Ok(None),
    }
}

/// What a library asks of the system.
struct Needs {
    glibc: u32,
    foreign: Option<String>,
}

fn read(data: &[u8]) -> object::Result<Needs> {
    let file = ElfFile::<FileHeader64<Endianness>>::parse(data)?;
    let (endian, sections) = (file.endian(), file.elf_section_table());
    let mut found = Needs {
        glibc: OLDEST,
        foreign: None,
    };
    if let Some((entries, link)) = sections.dynamic(endian, data)? {
        let strings = sections.strings(endian, data, link)?;
        for entry in entries {
            if entry.d_tag(endian) == DT_NEEDED {
                let name = String::from_utf8_lossy(entry.string(endian, strings)?).into_owned();
                let known = name
                    .split_once(".so")
                    .is_some_and(|(stem, _)| EVERYWHERE.contains(&stem));
                if !known {
                    found.foreign.get_or_insert(name);
                }
            }
        }
    }
    if let Some((mut files, link)) = sections.gnu_verneed(endian, data)? {
        let strings = sections.strings(endian, data, link)?;
        while let Some((_, mut versions)) = files.next()? {
            while let Some(version) = versions.next()? {
                let name = version.name(endian, strings)?;
                let minor = name.strip_prefix(b"GLIBC_2.").and_then(minor);
                found.glibc = found.glibc.max(minor.unwrap_or(0));
            }
        }
    }
    Ok(found)
}

/// The 2 of `2.5`.
fn minor(version: &[u8]) -> Option<u32> {
    let text = str::from_utf8(version).ok()?;
    text.split('.').next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

    use super::*;

    /// A shared library of this text in C, linked with these flags.
    fn library(folder: &Path, name: &str, source: &str, flags: &[&str]) -> PathBuf {
        let (code, path) = (folder.join(format!("{name}.c")), folder.join(name));
        std::fs::write(&code, source).unwrap();
        let mut cc = std::process::Command::new("cc");
        cc.args(["-shared", "-fPIC", "-nostdlib", "-o"])
            .arg(&path)
            .arg(&code);
        assert!(cc.args(flags).status().unwrap().success());
        path
    }

    fn line(libraries: &[&PathBuf]) -> String {
        let read = |path: &&PathBuf| ((*path).clone(), std::fs::read(path).unwrap());
        let all: Vec<_> = libraries.iter().map(read).collect();
        platform(&all)
    }

    const PLAIN: &str = "int one(void) { return 1; }";

    #[test]
    fn a_wheel_is_for_the_newest_glibc_that_one_of_its_libraries_needs() {
        let folder = tempfile::tempdir().unwrap();
        let name = |minor: u32| format!("manylinux_2_{minor}_{}\n", std::env::consts::ARCH);
        let old = library(folder.path(), "libold.so", PLAIN, &[]);
        let source = "extern int getentropy(void *, unsigned long); int any(void *to) { return getentropy(to, 8); }";
        let new = library(folder.path(), "libnew.so", source, &["-lc"]);
        assert_eq!(line(&[&old]), name(OLDEST));
        // getentropy came with 2.25.
        assert_eq!(line(&[&new, &old]), name(25));
    }

    #[test]
    fn what_not_every_linux_has_makes_no_wheel_for_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let old = library(folder.path(), "libold.so", PLAIN, &[]);
        let name = ["-Wl,-soname,librare.so.7"];
        library(
            folder.path(),
            "librare.so",
            "int two(void) { return 2; }",
            &name,
        );
        let place = format!("-L{}", folder.path().display());
        let source = "extern int two(void); int four(void) { return 2 * two(); }";
        let foreign = library(folder.path(), "libforeign.so", source, &[&place, "-lrare"]);
        let data = std::fs::read(&foreign).unwrap();
        let said = "`librare.so.7`, which not every Linux has";
        assert_eq!(needs(&data), Err(said.into()));
        assert_eq!(line(&[&old, &foreign]), "");
        let text = folder.path().join("text.so");
        std::fs::write(&text, "no library").unwrap();
        assert_eq!(line(&[&text]), "");
    }
}
