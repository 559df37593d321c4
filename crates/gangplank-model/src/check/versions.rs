//! One version of each crate: C names, and hosts comparing items by path, know no versions.

use std::collections::BTreeMap;

use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::model::{Common, Id, Interface};

pub(super) fn check(interface: &Interface<Id>, found: &mut Diagnostics) {
    let mut crates: BTreeMap<&str, BTreeMap<&str, &Common>> = BTreeMap::new();
    for declaration in &interface.types {
        let common = declaration.common();
        let versions = crates.entry(common.crate_name()).or_default();
        versions.entry(&common.version).or_insert(common);
    }
    for (name, versions) in crates
        .into_iter()
        .filter(|(_, versions)| versions.len() > 1)
    {
        let list: Vec<_> = versions.keys().copied().collect();
        let message = format!(
            "the interface uses versions {} of the crate `{name}`",
            list.join(" and ")
        );
        let mut diagnostic = Diagnostic::new(codes::TWO_VERSIONS, message)
            .help("make all crates depend on one version (`cargo tree --duplicates` shows who asks for which)");
        for (version, common) in versions {
            diagnostic = diagnostic.label(common, format!("of version {version}"));
        }
        found.push(diagnostic);
    }
}
