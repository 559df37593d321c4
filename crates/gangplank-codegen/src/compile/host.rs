//! A definition to a host in Go.
//!
//! Comes in: a definition. Goes out: the text of the host. No tool runs; only the language of the implementation is read
//! from the tags, not where it is, so their variables need not be set.

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::idl::{Idl, IdlFile};
use super::run::Progress;
use super::{Request, Results, one_folder};
use crate::backend::File;
use crate::backends::go;

/// Writes the host package.
pub(crate) fn results(request: &Request<'_>) -> Result<Results, Diagnostics> {
    let idl = request.read_without_code()?;
    let package = package(&idl, request.host_package)?;
    let host = file(&idl, &package)?;
    if let Some(note) = one_folder::note(request.output, &host, &package) {
        (request.progress)(Progress::Note(&note));
    }
    Ok(Results::of(vec![host]))
}

/// The name that the user gives the host's package, else that of `go_package`.
fn package(idl: &Idl, named: Option<&str>) -> Result<String, Diagnostics> {
    match named {
        Some(name) if name == "main" || go::is_package_name(name) => Ok(name.to_owned()),
        Some(name) => {
            let text = format!("`{name}` is no name for the host's package");
            Err(Diagnostic::new(codes::PATH, text)
                .help("small letters, digits and underscores, or `main`")
                .into())
        }
        None => Ok(package_of(idl.main().map_or("", IdlFile::go_package))),
    }
}

/// The host's file in this package.
fn file(idl: &Idl, package: &str) -> Result<File, Diagnostics> {
    let host = go::proto::Host {
        stem: &idl.stem,
        package,
        guest: &idl.guest_module()?,
    };
    go::proto::host(&idl.library, &host)
}

/// The last element of `go_package`, or what stands behind its `;`.
fn package_of(go_package: &str) -> String {
    let (path, name) = go_package.split_once(';').unwrap_or((go_package, ""));
    let last = path.rsplit('/').next().unwrap_or_default();
    let name = if name.is_empty() { last } else { name };
    let name: String = name
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    if go::is_package_name(&name) {
        name
    } else {
        "main".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::package_of;

    #[test]
    fn packages_are_the_end_of_go_package() {
        for (go_package, expected) in [
            ("", "main"),
            ("main", "main"),
            ("example.com/shop/v1", "v1"),
            ("example.com/shop/v1;shoppb", "shoppb"),
            ("example.com/my-shop", "my_shop"),
            ("example.com/3d", "main"),
        ] {
            assert_eq!(package_of(go_package), expected, "{go_package}");
        }
    }
}
