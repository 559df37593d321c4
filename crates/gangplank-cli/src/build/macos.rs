//! macOS: the linker of the command line tools. Untested until it has run there.
//!
//! Comes in and goes out: as on Linux. Mach-O has no section groups, and `ld -r` itself makes every symbol private that
//! is not in the list of exports, so one tool does the work of two.

use std::ffi::OsString;
use std::path::Path;

use crate::build::linux::publish;
use crate::build::platform::{Job, Platform};
use crate::failure::{Failure, Outcome};

/// Mach-O with Apple's tools.
pub(super) struct MacOs;

impl Platform for MacOs {
    fn tested(&self, _: &str) -> bool {
        false
    }

    fn shared_name(&self, lib: &str) -> String {
        format!("lib{lib}.dylib")
    }

    fn localize(&self, job: &Job, archive: &Path) -> Outcome<()> {
        let object = job.work.join(format!("{}.o", job.lib));
        let mut args: Vec<OsString> = vec![
            "-r".into(),
            "-x".into(),
            "-all_load".into(),
            job.raw.clone().into(),
        ];
        args.extend(["-exported_symbols_list".into(), exports(job)?.into()]);
        if !job.debug_info {
            args.push("-S".into());
        }
        args.extend(["-o".into(), object.clone().into()]);
        job.tools.ld.run(&job.work, args)?;
        let fresh = job.work.join("fresh.a");
        match std::fs::remove_file(&fresh) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Failure::file("replace", &fresh, &error));
            }
            _ => {}
        }
        job.tools.ar.run(
            &job.work,
            ["rcs".into(), OsString::from(&fresh), object.into()],
        )?;
        publish(&fresh, archive)
    }

    fn link_shared(&self, job: &Job, archive: &Path, shared: &Path) -> Outcome<()> {
        let fresh = job.work.join("fresh.dylib");
        let mut load = OsString::from("-Wl,-force_load,");
        load.push(archive);
        let mut args: Vec<OsString> = vec![
            "-dynamiclib".into(),
            "-o".into(),
            fresh.clone().into(),
            load,
        ];
        args.push(format!("-Wl,-install_name,@rpath/lib{}.dylib", job.lib).into());
        args.extend([
            "-Wl,-dead_strip".into(),
            "-Wl,-exported_symbols_list".into(),
            "-Xlinker".into(),
        ]);
        args.push(exports(job)?.into());
        args.extend(job.native.iter().map(OsString::from));
        job.tools.cc.run(&job.work, args)?;
        publish(&fresh, shared)
    }
}

/// The list of exports as the linker reads it: C symbols have an underscore in front.
fn exports(job: &Job) -> Outcome<std::path::PathBuf> {
    let list: String = job
        .exports
        .iter()
        .map(|symbol| format!("_{symbol}\n"))
        .collect();
    job.scratch("exports.txt", &list)
}
