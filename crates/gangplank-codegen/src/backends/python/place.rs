//! What a Python package holds besides text: the shared library, and the extension that opens it.
//!
//! Comes in: what was built, and the package. Goes out: copies in the module's folder, from which wheels are made. A wheel is
//! for one platform, so a package holds the library of one: the one that it is built on.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};

use gangplank_model::diagnostics::codes;
use gangplank_model::{Diagnostic, Diagnostics};

use super::EXTENSION;
use crate::placing::{Built, Package, Placing, Plan, Shared, Source};

/// This language's.
pub(super) const PLACING: Placing = Placing {
    mark: "pyproject.toml",
    plan,
};

fn plan(package: &Package<'_>, built: &Built<'_>) -> Result<Plan, Diagnostics> {
    let module = module(package)?;
    let mut plan = Plan::default();
    let folder = package.path.join(&module);
    if let Shared::Elsewhere(why) = &built.shared {
        plan.notes.push(format!(
            "{} stays as it is: {why}, and a Python package holds the library of the machine that its wheel is made on",
            folder.display()
        ));
        return Ok(plan);
    }
    let extension = format!("{module}/{}", EXTENSION.file);
    plan.files.push((extension, Source::Companion(&EXTENSION)));
    match &built.shared {
        // Under the name that the module asks for, whatever the file was called.
        Shared::Opens => {
            let name = format!("{module}/{DLL_PREFIX}{}{DLL_SUFFIX}", built.lib);
            plan.files.push((name, Source::Shared));
            // `setup.py` reads it.
            let platform = format!("{module}/platform.txt");
            plan.files.push((platform, Source::Platform));
        }
        Shared::Lacking(why) | Shared::Elsewhere(why) => {
            plan.notes
                .push(format!("{} has no library: {why}", folder.display()));
        }
    }
    Ok(plan)
}

/// The module that the wheel holds.
fn module(package: &Package<'_>) -> Result<String, Diagnostics> {
    let text = package.folder.text("pyproject.toml").unwrap_or_default();
    match named(&text) {
        Some(name) => Ok(name.to_owned()),
        None => {
            let file = package.path.join("pyproject.toml");
            let text = format!("{} has no line `packages = [\"…\"]`", file.display());
            let finding = Diagnostic::new(codes::NO_PACKAGE, text);
            Err(finding
                .help("generate the package again: `gangplank generate python`")
                .into())
        }
    }
}

fn named(text: &str) -> Option<&str> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("packages = [\""))?;
    line.strip_suffix("\"]")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::*;

    fn planned(project: &str, shared: Shared) -> Result<Plan, Diagnostics> {
        let folder: BTreeMap<String, String> =
            [("pyproject.toml".to_owned(), project.to_owned())].into();
        let package = Package {
            path: Path::new("python"),
            folder: &folder,
        };
        let built = Built {
            lib: "kit",
            archive: None,
            shared_name: "kit-1.2.so",
            shared,
            platform: ("linux", "amd64"),
        };
        plan(&package, &built)
    }

    const PROJECT: &str = "[tool.setuptools]\npackages = [\"toolbox\"]\n";

    fn paths(plan: &Plan) -> Vec<&str> {
        plan.files.iter().map(|(path, _)| path.as_str()).collect()
    }

    #[test]
    fn the_library_gets_the_name_that_the_module_asks_for() {
        let plan = planned(PROJECT, Shared::Opens).unwrap();
        let library = format!("toolbox/{DLL_PREFIX}kit{DLL_SUFFIX}");
        let all = [
            "toolbox/_gangplank.abi3.so",
            &library,
            "toolbox/platform.txt",
        ];
        assert_eq!(paths(&plan), all);
        assert!(plan.notes.is_empty());
    }

    #[test]
    fn a_package_keeps_the_library_of_this_machine() {
        let plan = planned(PROJECT, Shared::Elsewhere("kit is for riscv64".into())).unwrap();
        assert!(paths(&plan).is_empty());
        assert!(
            plan.notes[0].starts_with("python/toolbox stays as it is: kit is for riscv64, and")
        );
    }

    #[test]
    fn a_package_without_a_library_says_so() {
        let plan = planned(PROJECT, Shared::Lacking("it is an archive".into())).unwrap();
        assert_eq!(paths(&plan), ["toolbox/_gangplank.abi3.so"]);
        assert_eq!(
            plan.notes,
            ["python/toolbox has no library: it is an archive"]
        );
    }

    #[test]
    fn a_project_that_names_no_module_is_reported() {
        let said = planned("[project]\nname = \"x\"\n", Shared::Opens)
            .err()
            .unwrap();
        assert!(
            said.to_string().contains("has no line `packages = "),
            "{said}"
        );
    }
}
