//! Where the implementation lives.
//!
//! Comes in: what the definition says about it: a folder, a module's path, or nothing. Goes out: a workspace in which it
//! can be read and built, and the package of each module. The tag's text alone decides which of the three it is.

use std::fs;
use std::path::{Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::beside;
use super::cache::absolute;
use super::downloads;
use super::go_mod::{GoMod, Scratch};
use super::module_text;
use super::module_version;
use super::run::Listener;
use super::signature::{self, Package, PackageFiles};
use super::sums;
use super::templates::Import;
use super::toolchain::Go;
use super::wanted::Module;
use super::workspace::Workspace;

/// A workspace with the packages of the modules, in their order.
pub(super) struct Implementation<'a> {
    pub(super) workspace: Workspace<'a>,
    /// Each with how it is imported; nothing: it is the guest's own package.
    pub(super) packages: Vec<(Option<Import>, Package)>,
}

/// What a module's text turned out to be.
enum Place {
    Beside,
    /// A module's path, and its version when it has one.
    Import(String, Option<String>),
    /// A package of Go's own.
    Library(String),
}

/// Finds and reads the implementation of every module of the definition in `folder`.
///
/// # Errors
/// Nothing is there, or what is there cannot be read.
pub(super) fn find<'a>(
    go: &'a Go,
    folder: &Path,
    modules: &[Module],
    progress: Listener<'a>,
) -> Result<Implementation<'a>, Diagnostics> {
    let folder = absolute(folder)?;
    let above = GoMod::above(go, &folder)?;
    let mut workspace = Workspace::new(go, progress)?;
    let mut scratch = Scratch::default();
    let mut sums = Vec::new();
    let mut places = Vec::new();
    for module in modules {
        let place = place(go, module, &folder, above.as_ref(), &mut scratch, &mut sums);
        places.push(place.map_err(|found| placed(found, module))?);
    }
    if let Some(module) = beside(modules, &places) {
        beside::map(&folder, &mut workspace).map_err(|found| placed(found, module))?;
    }
    scratch.codec();
    write_module(&workspace, &scratch, &sums)?;
    let mut packages = Vec::new();
    for (module, place) in modules.iter().zip(&places) {
        let package = read(&workspace, module, place, progress);
        packages.push(package.map_err(|found| placed(found, module))?);
    }
    if above.is_none() {
        // Nobody says which versions the files beside the definition want; what is downloaded is there.
        let imports = packages.iter().filter(|(import, _)| import.is_none());
        for import in imports.flat_map(|(_, package)| &package.imports) {
            if let Some((path, version)) = module_version::of_import(import, &go.env.gomodcache) {
                scratch.require(&path, &version);
            }
        }
        write_module(&workspace, &scratch, &sums)?;
    }
    Ok(Implementation {
        workspace,
        packages,
    })
}

/// What is wrong with a place, at the tag that names it.
fn placed(found: Diagnostics, module: &Module) -> Diagnostics {
    let of_places = [codes::NO_IMPLEMENTATION, codes::MODULE_VERSION];
    found.at(&of_places, &module.said, "its implementation is looked for")
}

/// The module whose files lie beside the definition.
fn beside<'m>(modules: &'m [Module], places: &[Place]) -> Option<&'m Module> {
    let mut all = modules.iter().zip(places);
    all.find_map(|(module, place)| matches!(place, Place::Beside).then_some(module))
}

/// The scratch module's `go.mod` and `go.sum`.
fn write_module(
    workspace: &Workspace<'_>,
    scratch: &Scratch,
    sums: &[PathBuf],
) -> Result<(), Diagnostics> {
    let sums = sums::text(sums, scratch.required(), &workspace.go.env.gomodcache);
    workspace.write("go.mod", &scratch.text())?;
    workspace.write("go.sum", &sums)
}

/// Decides by the text, and notes in `scratch` what the build needs for it.
fn place(
    go: &Go,
    module: &Module,
    folder: &Path,
    above: Option<&GoMod>,
    scratch: &mut Scratch,
    sums: &mut Vec<PathBuf>,
) -> Result<Place, Diagnostics> {
    if let Some(above) = above {
        sums.push(above.folder.clone());
    }
    if let Some(package) = module.package.as_deref().filter(|text| !text.is_empty()) {
        module_text::check_package(package)?;
    }
    match module_text::place(&module.module)? {
        module_text::Place::Beside => {
            // The user's files may import other packages of the module they are in.
            above.map_or(Ok(()), |above| scratch.stand_in(above))?;
            Ok(Place::Beside)
        }
        module_text::Place::Folder(text) => {
            let found = in_folder(go, &folder.join(text))?;
            scratch.stand_in(&found.module)?;
            sums.push(found.module.folder);
            Ok(Place::Import(found.path, None))
        }
        module_text::Place::Module(path, named) => {
            above.map_or(Ok(()), |above| scratch.lines(above))?;
            let version = module_version::decide(path, named, above, &go.env)?;
            scratch.require(path, &version);
            Ok(Place::Import(path.to_owned(), Some(version)))
        }
        module_text::Place::Library(path) => Ok(Place::Library(path.to_owned())),
    }
}

/// A package in a folder of the user's.
struct InFolder {
    module: GoMod,
    /// Its import path.
    path: String,
}

fn in_folder(go: &Go, folder: &Path) -> Result<InFolder, Diagnostics> {
    let canonical = fs::canonicalize(folder).map_err(|error| {
        let text = format!("cannot open the module {}: {error}", folder.display());
        Diagnostic::new(codes::NO_IMPLEMENTATION, text)
            .help("a folder is looked up from that of the definition")
    })?;
    let module = GoMod::above(go, &canonical)?.ok_or_else(|| {
        let text = format!("there is no go.mod in {} or above it", canonical.display());
        Diagnostic::new(codes::NO_IMPLEMENTATION, text).help(
            "go mod init example.com/name, or leave `module=` empty for files beside the definition",
        )
    })?;
    let below = canonical.strip_prefix(&module.folder);
    let below = below.unwrap_or(Path::new(""));
    let mut path = module.module.path.clone();
    for part in below.iter() {
        path = format!("{path}/{}", part.to_string_lossy());
    }
    Ok(InFolder { module, path })
}

/// Reads the package that a module's functions are in.
fn read(
    workspace: &Workspace<'_>,
    module: &Module,
    place: &Place,
    progress: Listener<'_>,
) -> Result<(Option<Import>, Package), Diagnostics> {
    let (listed, messages) = match place {
        Place::Beside => (workspace.list("."), module.declared.clone()),
        Place::Import(path, _) | Place::Library(path) => {
            (list_package(workspace, path, module), Vec::new())
        }
    };
    let listed = listed.map_err(|said| not_listed(workspace.go, place, &said))?;
    let question = PackageFiles {
        import_path: listed.import_path.clone(),
        files: workspace.files(&listed),
        messages,
    };
    let package = signature::read(workspace.go, &[question], progress)?
        .pop()
        .unwrap_or_default();
    package.check()?;
    if matches!(place, Place::Beside) {
        return Ok((None, package));
    }
    if listed.name == "main" {
        let text = format!(
            "the package in `{}` is `main`, which nothing can import",
            module.module
        );
        return Err(Diagnostic::new(codes::NO_IMPLEMENTATION, text)
            .help("name the package otherwise, or put its files beside the definition and leave `module=` empty")
            .into());
    }
    let import = Import {
        path: listed.import_path,
        name: listed.name,
    };
    Ok((Some(import), package))
}

/// The folder that `package=` names below the module, else the module's own package when that is its name.
fn list_package(
    workspace: &Workspace<'_>,
    path: &str,
    module: &Module,
) -> Result<super::workspace::Listed, String> {
    let Some(package) = module
        .package
        .as_deref()
        .filter(|package| !package.is_empty())
    else {
        return workspace.list(path);
    };
    let below = workspace.list(&format!("{path}/{}", package.trim_matches('/')));
    below.or_else(|said| match workspace.list(path) {
        Ok(listed) if listed.name == package => Ok(listed),
        _ => Err(said),
    })
}

fn not_listed(go: &Go, place: &Place, said: &str) -> Diagnostics {
    let mut diagnostic = match place {
        Place::Import(path, Some(version))
            if !module_version::is_cached(path, version, &go.env.gomodcache) =>
        {
            let text = format!("the Go module `{path}` {version} cannot be had: {said}");
            let lines = downloads::fetch(&format!("{path}@{version}"), &go.env);
            lines.into_iter().fold(
                Diagnostic::new(codes::MODULE_VERSION, text),
                Diagnostic::help,
            )
        }
        Place::Library(path) => {
            let text = format!("`{path}` is no package of Go's own library");
            Diagnostic::new(codes::NO_IMPLEMENTATION, text).help(module_text::PLACES)
        }
        // Go makes the folder when it first needs it.
        _ if said.contains("build cache") => {
            let text = format!("Go cannot use the folder for what it builds: {said}");
            Diagnostic::new(codes::GO_CACHES, text).help("set GOCACHE to a folder of yours")
        }
        _ => Diagnostic::new(
            codes::NO_IMPLEMENTATION,
            format!("the implementation cannot be read: {said}"),
        ),
    };
    for line in downloads::of(said, &go.env) {
        if !diagnostic.help.contains(&line) {
            diagnostic = diagnostic.help(line);
        }
    }
    diagnostic.into()
}
