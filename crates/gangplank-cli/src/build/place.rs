//! Where a built library goes.
//!
//! Comes in: archive and shared library of a crate, or what somebody gave instead. Goes out: copies of them in the packages,
//! and the files that go with them. What goes where is decided by each language's line in the table; here it is read, checked
//! and written: nothing is written before all of it is known to be there, and each file is replaced at once or not at all.

mod wheel;

use std::io::Write;
use std::path::{Path, PathBuf};

use gangplank_codegen::backend::BACKENDS;
use gangplank_codegen::output;
use gangplank_codegen::placing::{
    self, Archive, Companion, Folder, GENERATED, Package, Placing, Plan, Shared, Source,
};
use gangplank_model::Diagnostics;
use gangplank_model::diagnostics::render;

use crate::build::{Built, Target};
use crate::cargo::Crate;
use crate::failure::{Failure, Outcome, Report};
use crate::generate::diagnostics;
use crate::{beside, lines, progress};

/// What a package is filled with when no crate was built.
pub(crate) enum Given {
    /// A library that somebody else has built, and the name that its interface has.
    Library { path: PathBuf, name: String },
    /// A definition: its guest is compiled by itself.
    Definition,
}

/// What was put in place, and what is missing there.
#[derive(Default)]
pub(crate) struct Placed {
    pub(crate) files: Vec<PathBuf>,
    lacking: Diagnostics,
}

impl Placed {
    /// The lines of these files and those before; the exit code of a missing tool when something is.
    pub(crate) fn report(self, mut written: Vec<PathBuf>) -> Report {
        written.extend(self.files);
        if self.lacking.is_empty() {
            return Report::done(lines(&written));
        }
        progress::show(&render(&self.lacking, &|_| None, progress::colour()));
        Report::incomplete(lines(&written))
    }
}

/// Copies the library into the packages that lie beside the crate: every language's folder, if it is such a package.
///
/// # Errors
/// A package is damaged, a file cannot be read or written.
pub(crate) fn beside_crate(built: &Built, source: &Crate) -> Outcome<Placed> {
    let archive = read(&built.archive)?;
    let mut jobs = Vec::new();
    for language in BACKENDS {
        let package = source.folder.join(language.name);
        let Some(placing) = &language.placing else {
            continue;
        };
        if is_package(placing, &built.lib, &package) {
            jobs.push(Job::of_crate(built, &archive, placing.plan, &package)?);
        } else if package.is_dir() {
            let text = format!(
                "{} as it is: `gangplank generate {}` has not written it",
                package.display(),
                language.name
            );
            progress::step("Leaving", &text);
        }
    }
    put(jobs)
}

/// Copies the library into a folder: as its language has it, if it is a package, else archive and shared library.
///
/// # Errors
/// As for [`beside_crate`].
pub(crate) fn in_folder(built: &Built, folder: &Path) -> Outcome<Placed> {
    let archive = read(&built.archive)?;
    let all = BACKENDS
        .iter()
        .filter_map(|language| language.placing.as_ref());
    // A Go package has the header of the package for C as well.
    let found = all
        .rev()
        .find(|placing| is_package(placing, &built.lib, folder));
    let plan = found.map_or(placing::libraries as PlanOf, |placing| placing.plan);
    let folder = output::tidy(folder);
    put(vec![Job::of_crate(built, &archive, plan, &folder)?])
}

/// Copies the library into a package that was just written.
///
/// # Errors
/// As for [`beside_crate`].
pub(crate) fn in_package(built: &Built, placing: &Placing, package: &Path) -> Outcome<Placed> {
    let archive = read(&built.archive)?;
    put(vec![Job::of_crate(built, &archive, placing.plan, package)?])
}

/// Copies what there is without a crate into a package that was just written, if packages of its language hold it.
///
/// # Errors
/// As for [`beside_crate`].
pub(crate) fn given(given: &Given, placing: &Placing, package: &Path) -> Outcome<Placed> {
    let (name, path, shared) = match given {
        Given::Definition => {
            let help = "put the guest that `gangplank compile --to-guest` makes there";
            ("", None, Shared::Lacking(help.to_owned()))
        }
        Given::Library { path, name } => (name.as_str(), Some(path), opens(path)?),
    };
    let host = Target::host();
    let plan = plan(
        placing.plan,
        package,
        &placing::Built {
            lib: name,
            archive: None,
            shared_name: "",
            shared,
            platform: host.go_platform(),
        },
    )?;
    put(vec![Job {
        package: package.to_owned(),
        archive: None,
        shared: path.map(PathBuf::as_path),
        plan,
    }])
}

/// Whether this machine can open a library.
fn opens(path: &Path) -> Outcome<Shared> {
    let file = path.display();
    Ok(match Target::of_library(&read(path)?) {
        None => Shared::Lacking(format!("{file} is no shared library")),
        Some(target) if target == Target::host() => Shared::Opens,
        Some(target) => Shared::Lacking(format!(
            "{file} is for {}, and this is {}",
            target.name(),
            Target::host().name()
        )),
    })
}

type PlanOf = fn(&Package<'_>, &placing::Built<'_>) -> Result<Plan, Diagnostics>;

/// What goes into one package.
struct Job<'a> {
    package: PathBuf,
    archive: Option<&'a [u8]>,
    shared: Option<&'a Path>,
    plan: Plan,
}

impl<'a> Job<'a> {
    fn of_crate(
        built: &'a Built,
        archive: &'a [u8],
        plan_of: PlanOf,
        package: &Path,
    ) -> Outcome<Job<'a>> {
        let name = built.shared.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        let host = Target::host();
        let is_here = (&built.target.os, &built.target.arch) == (&host.os, &host.arch);
        let shared = match is_here {
            true => Shared::Opens,
            false => Shared::Elsewhere(format!("{name} is for {}", built.target.name())),
        };
        let plan = plan(
            plan_of,
            package,
            &placing::Built {
                lib: &built.lib,
                archive: Some(Archive {
                    bytes: archive,
                    native: &built.native,
                }),
                shared_name: &name,
                shared,
                platform: built.target.go_platform(),
            },
        )?;
        Ok(Job {
            package: package.to_owned(),
            archive: Some(archive),
            shared: Some(&built.shared),
            plan,
        })
    }
}

/// A package on disk.
struct OnDisk<'a>(&'a Path);

impl Folder for OnDisk<'_> {
    fn text(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.0.join(path)).ok()
    }

    fn names(&self, path: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.join(path)).into_iter().flatten();
        let names = entries.flatten().map(|entry| entry.file_name());
        names
            .map(|name| name.to_string_lossy().into_owned())
            .collect()
    }
}

/// Whether the folder is a package of the language: it has the file that each has, and the toolkit wrote it.
fn is_package(placing: &Placing, lib: &str, package: &Path) -> bool {
    let mark = placing.mark.replace("<lib>", lib);
    let text = OnDisk(package).text(&mark).unwrap_or_default();
    text.lines().take(2).any(|line| line.contains(GENERATED))
}

fn plan(plan_of: PlanOf, package: &Path, built: &placing::Built<'_>) -> Outcome<Plan> {
    let folder = OnDisk(package);
    let package = Package {
        path: package,
        folder: &folder,
    };
    plan_of(&package, built).map_err(|found| diagnostics(&found, None))
}

/// Writes what was planned, once all of it has been read.
fn put(jobs: Vec<Job<'_>>) -> Outcome<Placed> {
    let toolkit = beside::folder();
    let mut placed = Placed::default();
    let mut contents = Vec::new();
    for job in jobs {
        for note in &job.plan.notes {
            progress::step("Note", note);
        }
        let first = contents.len();
        for (path, source) in job.plan.files {
            let path = job.package.join(path);
            let bytes = match source {
                Source::Text(text) => Some(text.into_bytes()),
                Source::Archive => job.archive.map(<[u8]>::to_vec),
                Source::Shared => job.shared.map(read).transpose()?,
                Source::Companion(companion) => {
                    find(companion, toolkit.as_deref(), &path, &mut placed.lacking)?
                }
                Source::Platform => Some(wheel::platform(&contents[first..]).into_bytes()),
            };
            contents.extend(bytes.map(|bytes| (path, bytes)));
        }
    }
    for (path, bytes) in contents {
        replace(&path, &bytes)?;
        placed.files.push(path);
    }
    Ok(placed)
}

/// A file of the toolkit's; when it is missing, that is noted, and a copy from before stays.
fn find(
    companion: &Companion,
    toolkit: Option<&Path>,
    path: &Path,
    lacking: &mut Diagnostics,
) -> Outcome<Option<Vec<u8>>> {
    match companion.find(toolkit) {
        Some(there) => read(&there).map(Some),
        None => {
            let folder = path.parent().unwrap_or(path);
            lacking.push(companion.missing(toolkit, folder));
            Ok(None)
        }
    }
}

fn read(path: &Path) -> Outcome<Vec<u8>> {
    std::fs::read(path).map_err(|error| Failure::file("read", path, &error))
}

/// Writes a file and its folders at once; leaves it alone when it holds these bytes already.
fn replace(path: &Path, bytes: &[u8]) -> Outcome<()> {
    if std::fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .map_err(|error| Failure::file("make the folder", folder, &error))?;
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
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
