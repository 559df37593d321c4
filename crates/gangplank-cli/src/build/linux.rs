//! Linux: GNU binutils and the C compiler.
//!
//! Comes in: cargo's archive, 20 MB and more, with every symbol of the standard library visible. Goes out: an archive
//! of one object of about one megabyte in which only the library's own symbols are. Why each flag is there stands in
//! `docs/decisions/0010-static-archive.md`.

use std::ffi::OsString;
use std::path::Path;

use object::{Object, ObjectSymbol};

use crate::build::platform::{Job, Platform};
use crate::failure::{Failure, Outcome};

/// ELF with GNU tools.
pub(super) struct Linux;

/// What becomes of sections. The compiler gives each function a section of its own, whose name, header and relocation
/// header take a third of the file. The interface section is for readers of files: nothing refers to all of it, so the
/// linker must be told to keep it. What is not named here goes by the linker's own rules.
const LAYOUT: &str = "\
SECTIONS
{
  .text 0 : { *(.text .text.*) }
  .rodata 0 : { *(.rodata .rodata.*) }
  .data.rel.ro 0 : { *(.data.rel.ro .data.rel.ro.*) }
  .data 0 : { *(.data .data.*) }
  .tdata 0 : { *(.tdata .tdata.*) }
  .tbss 0 : { *(.tbss .tbss.*) }
  .bss 0 : { *(.bss .bss.*) }
  .gcc_except_table 0 : { *(.gcc_except_table .gcc_except_table.*) }
  gp_iface 0 : { KEEP(*(gp_iface)) }
}
INSERT AFTER .comment;
";

/// Bitcode for link-time optimization that has happened already, and the names of compilers.
const USELESS: [&str; 3] = [".llvmbc", ".llvmcmd", ".comment"];

impl Platform for Linux {
    fn tested(&self, arch: &str) -> bool {
        arch == "x86_64"
    }

    fn shared_name(&self, lib: &str) -> String {
        format!("lib{lib}.so")
    }

    fn localize(&self, job: &Job, archive: &Path) -> Outcome<()> {
        let whole = job.work.join("whole.o");
        let object = job.work.join(format!("{}.o", job.lib));
        job.tools.ld.run(&job.work, link_one_object(job, &whole)?)?;
        let keep = job.scratch("exports.txt", &(job.exports.join("\n") + "\n"))?;
        let mut hide: Vec<OsString> = USELESS
            .map(|name| format!("--remove-section={name}").into())
            .into();
        let unused = unused(&whole)?;
        if !unused.is_empty() {
            // objcopy takes an empty file for an error.
            let unused = job.scratch("unused.txt", &unused)?;
            hide.extend(["--strip-unneeded-symbols".into(), unused.into()]);
        }
        hide.extend([
            "--keep-global-symbols".into(),
            keep.into(),
            whole.into(),
            object.clone().into(),
        ]);
        job.tools.objcopy.run(&job.work, hide)?;
        let fresh = job.work.join("fresh.a");
        remove(&fresh)?; // `ar` adds to what is there.
        job.tools.ar.run(
            &job.work,
            ["rcsD".into(), OsString::from(&fresh), object.into()],
        )?;
        publish(&fresh, archive)
    }

    fn link_shared(&self, job: &Job, archive: &Path, shared: &Path) -> Outcome<()> {
        let fresh = job.work.join("fresh.so");
        let mut args: Vec<OsString> = vec!["-shared".into(), "-o".into(), fresh.clone().into()];
        args.push(format!("-Wl,-soname,lib{}.so", job.lib).into());
        // A program that has the same library linked statically must not lend its symbols to this one.
        args.push("-Wl,-Bsymbolic".into());
        args.extend([
            "-Wl,-z,relro,-z,now".into(),
            "-Wl,--build-id=sha1".into(),
            "-Wl,--whole-archive".into(),
        ]);
        args.extend([archive.into(), "-Wl,--no-whole-archive".into()]);
        args.extend(job.native.iter().map(OsString::from));
        job.tools.cc.run(&job.work, args)?;
        publish(&fresh, shared)
    }
}

/// The arguments that make one relocatable object of everything the exports reach.
fn link_one_object(job: &Job, whole: &Path) -> Outcome<Vec<OsString>> {
    let script = job.scratch("layout.ld", LAYOUT)?;
    // Symbols are identifiers, so they need no quotes in the file of options.
    let roots: String = job
        .exports
        .iter()
        .map(|symbol| format!("-u {symbol}\n"))
        .collect();
    let roots = job.scratch("roots.txt", &roots)?;
    let mut args: Vec<OsString> = vec!["-r".into(), "--gc-sections".into()];
    if !job.debug_info {
        args.push("--strip-debug".into());
    }
    // Without it, groups stay groups: the final link discards those it has seen in another library, and unwinding
    // runs into tables that are gone.
    args.push("--force-group-allocation".into());
    args.extend(["-T".into(), script.into()]);
    let mut response = OsString::from("@");
    response.push(&roots);
    args.push(response);
    args.extend([
        "--whole-archive".into(),
        job.raw.clone().into(),
        "-o".into(),
        whole.into(),
    ]);
    Ok(args)
}

/// Symbols that only discarded code refers to, one per line. The linker leaves them behind as local undefined symbols,
/// and objcopy would make global ones of them: a shared library would then want functions that no system has.
fn unused(whole: &Path) -> Outcome<String> {
    let data = std::fs::read(whole).map_err(|error| Failure::file("read", whole, &error))?;
    let object = object::File::parse(&*data).map_err(|error| {
        Failure::Diagnostics(format!("error: cannot read {}: {error}", whole.display()))
    })?;
    let left = object
        .symbols()
        .filter(|symbol| symbol.is_undefined() && symbol.is_local());
    let names = left.filter_map(|symbol| symbol.name().ok());
    Ok(names
        .filter(|name| !name.is_empty())
        .map(|name| format!("{name}\n"))
        .collect())
}

fn remove(path: &Path) -> Outcome<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::file("replace", path, &error))
        }
        _ => Ok(()),
    }
}

/// Puts a finished file where it belongs, at once.
pub(super) fn publish(fresh: &Path, path: &Path) -> Outcome<()> {
    std::fs::rename(fresh, path).map_err(|error| Failure::file("write", path, &error))
}
