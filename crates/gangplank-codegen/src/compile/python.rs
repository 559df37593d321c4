//! Python behind the doors of the command `compile`.
//!
//! Comes in: a request. Goes out: the guest's or the host's file. Nothing is built: XLLR's runtime `python3`, or the extension
//! of hosts, interprets what the file says of the interface. Where the implementation is, the tags say: a file beside the definition, another file, or a module
//! that can be imported.

use std::path::{Component, Path, PathBuf};

use gangplank_model::diagnostics::codes;
use gangplank_model::lowered::Common;
use gangplank_model::{Diagnostic, Diagnostics};

use super::idl::Idl;
use super::{Request, Results, grpc_tools};
use crate::backends::python::{self, EXTENSION, HostFile, Place};

/// Writes `<idl>MetaFFIGuest.py`.
pub(crate) fn to_guest(request: &Request<'_>) -> Result<Results, Diagnostics> {
    let idl = request.read()?;
    let file = idl.guest_of(&python::COMPILER)?.file();
    let place = |function: &Common| place(&idl, request.output, function);
    let guest = python::guest(&idl.library, &idl.name, &file, &place)?;
    Ok(Results::of(vec![guest]))
}

/// The same without what it writes: nothing is built.
pub(crate) fn check_guest(request: &Request<'_>) -> Result<(), Diagnostics> {
    to_guest(request).map(|_| ())
}

/// Where a function is: `module=`, then `package=` and `function=` in it.
fn place(idl: &Idl, output: &Path, function: &Common) -> Result<Place, Diagnostic> {
    let tags = idl.tags.get(&function.path).cloned().unwrap_or_default();
    let value =
        |tag: Option<crate::proto::Tag>| tag.map(|tag| tag.value).filter(|value| !value.is_empty());
    let rpc = function.local_path().rsplit("::").next();
    let name = value(tags.function).unwrap_or_else(|| rpc.unwrap_or_default().to_owned());
    let path = match value(tags.package) {
        Some(package) => format!("{package}.{name}"),
        None => name,
    };
    let said = tags.module.as_ref().map(|tag| tag.location.clone());
    let module = value(tags.module).unwrap_or_else(|| format!("{}.py", idl.stem));
    let is_file = module.ends_with(".py") || module.contains('/') || module.starts_with('.');
    if !is_file {
        return Ok(Place { module, path });
    }
    let Some(file) = file(&idl.folder, &module) else {
        let text = format!("`{module}` is a folder, and no module of Python");
        let fault = Diagnostic::new(codes::NO_IMPLEMENTATION, text);
        let fault = match said {
            Some(tag) => fault.label(&tag, "said here"),
            None => fault,
        };
        return Err(fault.help(
            "name a file: `metaffi_module: \"./impl.py\"`, or a folder with an `__init__.py`",
        ));
    };
    let module = relative(&file, output);
    Ok(Place { module, path })
}

/// The file that a tag means: the one that it names, with or without `.py`, or that of a package. Nothing: a folder.
fn file(folder: &Path, module: &str) -> Option<PathBuf> {
    let path = folder.join(module);
    let package = path.join("__init__.py");
    let last = module.rsplit('/').next().unwrap_or_default();
    match last {
        _ if last.ends_with(".py") => Some(path),
        _ if package.is_file() => Some(package),
        "" | "." | ".." => None,
        // What stands behind another dot is part of the name.
        _ => Some(path.with_file_name(format!("{last}.py"))),
    }
}

/// From the output folder; both may be moved together.
fn relative(path: &Path, output: &Path) -> String {
    let name = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| name(path));
    let folder = real(path.parent().unwrap_or(Path::new(".")));
    let path = folder.join(path.file_name().unwrap_or_default());
    let output = real(output);
    let (path, output): (Vec<_>, Vec<_>) =
        (path.components().collect(), output.components().collect());
    let same = path.iter().zip(&output).take_while(|(a, b)| a == b).count();
    let up = std::iter::repeat_n(Component::ParentDir, output.len() - same);
    let relative: PathBuf = up.chain(path[same..].iter().copied()).collect();
    relative.to_string_lossy().into_owned()
}

/// Writes `<idl>MetaFFIHost.py` and its outline, beside the extension that they open.
pub(crate) fn from_host(request: &Request<'_>) -> Result<Results, Diagnostics> {
    let idl = request.read_without_code()?;
    let guest = idl.guest_module()?;
    let file = HostFile {
        idl: &idl.name,
        name: &idl.library.prefix,
        file: &python::host_file(&idl.stem),
        guest: &guest,
    };
    let results = python::host(&idl.library, &file).map(Results::of)?;
    Ok(results.with_companion(request, &EXTENSION))
}

/// Writes protobuf's own code, `<idl>_pb2.py`. Neither guests nor hosts need it, so that its tool is missing keeps nothing else
/// from being written.
pub(crate) fn serialization(request: &Request<'_>) -> Result<Results, Diagnostics> {
    let idl = request.read_without_code()?;
    match grpc_tools::files(&idl, request.python, request.progress) {
        Err(found)
            if found
                .iter()
                .any(|one| one.code == codes::GRPC_TOOLS_MISSING) =>
        {
            Ok(Results::lacking(found))
        }
        files => files.map(Results::of),
    }
}
