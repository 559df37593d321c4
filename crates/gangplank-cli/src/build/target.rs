//! What a library is built for.
//!
//! Comes in: a target triple of Rust's, or nothing, which means this machine. Goes out: the system and the processor in
//! the words of Rust and of Go, and the tools. A layer of its own because three worlds have three names for the same
//! machine, and only this file knows all of them.

use std::path::Path;

use object::{Architecture, BinaryFormat, Object, ObjectKind};

use crate::failure::{Failure, Outcome};
use crate::tools::{self, Tool, Toolchain};

/// A machine that libraries are built for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// What cargo is told; `None` for this machine, where cargo is told nothing.
    pub(crate) triple: Option<String>,
    /// In Rust's words: `linux`, `macos`.
    pub(crate) os: String,
    /// In Rust's words: `x86_64`, `aarch64`.
    pub(crate) arch: String,
}

impl Target {
    /// This machine.
    pub(crate) fn host() -> Target {
        Target {
            triple: None,
            os: std::env::consts::OS.to_owned(),
            arch: std::env::consts::ARCH.to_owned(),
        }
    }

    /// The machine that `triple` names, for a crate in `folder`.
    ///
    /// # Errors
    /// Rust knows no such target (that is wrong usage), or what building for it takes is not there.
    pub(crate) fn named(triple: &str, folder: &Path) -> Outcome<Target> {
        if host_triple(folder)?.as_deref() == Some(triple) {
            return Ok(Target::host());
        }
        let output = tools::RUSTC
            .command()
            .args(["--print", "target-libdir", "--target", triple])
            .current_dir(folder)
            .output()
            .map_err(|error| tools::RUSTC.not_started(&error))?;
        if !output.status.success() {
            return Err(Failure::Usage(format!(
                "Rust knows no target `{triple}`\n  help: `rustc --print target-list` lists them"
            )));
        }
        let target = Target::parse(triple);
        let libraries = String::from_utf8_lossy(&output.stdout);
        target.check(triple, Path::new(libraries.trim()))?;
        Ok(target)
    }

    /// Whether Rust's library and the tools for the target are there; better said now than after cargo's work.
    fn check(&self, triple: &str, libraries: &Path) -> Outcome<()> {
        match self.faults(triple, libraries).into_iter().next() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// What is not there of what building for it in `folder` takes, in a few words each.
    pub(crate) fn lacks(&self, triple: &str, folder: &Path) -> Vec<String> {
        let output = tools::RUSTC.run(folder, ["--print", "target-libdir", "--target", triple]);
        let libraries = output.map_or(String::new(), |output| {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        });
        let words = |failure| match failure {
            Failure::MissingTool { tool, package, .. } => format!("{tool} (package {package})"),
            Failure::MissingTarget { what, help } => format!("{what} ({help})"),
            other => other.to_string(),
        };
        let faults = self.faults(triple, Path::new(&libraries));
        faults.into_iter().map(words).collect()
    }

    fn faults(&self, triple: &str, libraries: &Path) -> Vec<Failure> {
        let mut faults = Vec::new();
        if self.os == "macos" && std::env::consts::OS != "macos" {
            faults.push(Failure::MissingTarget {
                what: format!("Apple's linker for {triple}"),
                help: "run `gangplank build` on a Mac".to_owned(),
            });
            return faults;
        }
        if !libraries.is_dir() {
            faults.push(Failure::MissingTarget {
                what: format!("Rust's standard library for {triple}"),
                help: format!("rustup target add {triple}"),
            });
        }
        let tools = self.toolchain();
        let missing = |tool: &&Tool| tool.command().arg("--version").output().is_err();
        faults.extend(tools.all().into_iter().filter(missing).map(Tool::missing));
        faults
    }

    /// What a triple says by itself.
    pub(crate) fn parse(triple: &str) -> Target {
        let parts: Vec<&str> = triple.split('-').collect();
        let os = parts.iter().skip(1).find_map(|part| match *part {
            "darwin" => Some("macos"),
            known @ ("linux" | "windows" | "freebsd" | "netbsd" | "openbsd" | "android") => {
                Some(known)
            }
            _ => None,
        });
        let arch = match parts[0] {
            "i586" | "i686" => "x86",
            "riscv64gc" => "riscv64",
            arm if arm.starts_with("arm") => "arm",
            other => other,
        };
        Target {
            triple: Some(triple.to_owned()),
            os: os.unwrap_or("unknown").to_owned(),
            arch: arch.to_owned(),
        }
    }

    /// The machine that a shared library is for, by its file; nothing when it is none, or for a machine nobody has.
    pub(crate) fn of_library(data: &[u8]) -> Option<Target> {
        let file = object::File::parse(data).ok()?;
        if file.kind() != ObjectKind::Dynamic {
            return None;
        }
        let os = match file.format() {
            BinaryFormat::MachO => "macos",
            BinaryFormat::Pe => "windows",
            // Files of all other systems look alike.
            _ if matches!(std::env::consts::OS, "macos" | "windows") => "linux",
            _ => std::env::consts::OS,
        };
        let arch = match file.architecture() {
            Architecture::X86_64 => "x86_64",
            Architecture::I386 => "x86",
            Architecture::Aarch64 => "aarch64",
            Architecture::Arm => "arm",
            Architecture::Riscv64 => "riscv64",
            Architecture::PowerPc64 => "powerpc64",
            Architecture::S390x => "s390x",
            Architecture::LoongArch64 => "loongarch64",
            _ => return None,
        };
        Some(Target {
            triple: None,
            os: os.to_owned(),
            arch: arch.to_owned(),
        })
    }

    /// The words that Go has for it: `linux`, `amd64`.
    pub(crate) fn go_platform(&self) -> (&str, &str) {
        let os = match self.os.as_str() {
            "macos" => "darwin",
            other => other,
        };
        let arch = match self.arch.as_str() {
            "x86_64" => "amd64",
            "x86" => "386",
            "aarch64" => "arm64",
            "powerpc64" => "ppc64",
            "powerpc64le" => "ppc64le",
            "loongarch64" => "loong64",
            other => other, // riscv64, s390x, arm …: the same word in both worlds.
        };
        (os, arch)
    }

    /// The tools that make libraries for it.
    pub(crate) fn toolchain(&self) -> Toolchain {
        match &self.triple {
            Some(triple) if self.os == "linux" => Toolchain::cross(triple, &gnu_prefix(triple)),
            _ => Toolchain::native(),
        }
    }

    /// What people call it: the triple, or system and processor of this machine.
    pub(crate) fn name(&self) -> String {
        match &self.triple {
            Some(triple) => triple.clone(),
            None => format!("{} on {}", self.os, self.arch),
        }
    }
}

/// What GNU tools and Debian call a Linux: `aarch64-linux-gnu`.
fn gnu_prefix(triple: &str) -> String {
    let (arch, rest) = triple.split_once('-').unwrap_or((triple, ""));
    let system = rest.split_once("linux").map_or(rest, |(_, system)| system);
    let arch = match arch {
        "riscv64gc" => "riscv64",
        arm if arm.starts_with("arm") => "arm",
        other => other,
    };
    format!("{arch}-linux{system}")
}

/// What Rust calls this machine.
pub(crate) fn host_triple(folder: &Path) -> Outcome<Option<String>> {
    let output = tools::RUSTC.run(folder, ["-vV"])?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_machine_has_many_names() {
        for (triple, go, prefix) in [
            (
                "aarch64-unknown-linux-gnu",
                ("linux", "arm64"),
                "aarch64-linux-gnu",
            ),
            (
                "armv7-unknown-linux-gnueabihf",
                ("linux", "arm"),
                "arm-linux-gnueabihf",
            ),
            (
                "riscv64gc-unknown-linux-gnu",
                ("linux", "riscv64"),
                "riscv64-linux-gnu",
            ),
            ("i686-unknown-linux-gnu", ("linux", "386"), "i686-linux-gnu"),
            ("aarch64-apple-darwin", ("darwin", "arm64"), ""),
        ] {
            let target = Target::parse(triple);
            assert_eq!(target.go_platform(), go);
            if target.os == "linux" {
                assert_eq!(gnu_prefix(triple), prefix);
                assert_eq!(target.toolchain().ld.name, format!("{prefix}-ld"));
            }
        }
    }

    #[test]
    fn cross_tools_have_variables_and_packages_of_their_own() {
        let tools = Target::parse("aarch64-unknown-linux-gnu").toolchain();
        assert_eq!(tools.cc.name, "aarch64-linux-gnu-gcc");
        assert_eq!(tools.cc.variable, "CC_aarch64_unknown_linux_gnu");
        assert_eq!(tools.cc.package, "gcc-aarch64-linux-gnu");
        assert_eq!(tools.ar.package, "binutils-aarch64-linux-gnu");
    }
}
