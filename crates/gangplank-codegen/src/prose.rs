//! Docs of what is no item of its own: services, parameters and results.
//!
//! Comes in: the lowered library, and names as a language spells them. Goes out: Markdown, which each backend's `docs`
//! turns into its language's manner. Only interfaces from `.proto` files have these docs.

use gangplank_model::lowered::{Function, Library, Param};

/// A parameter or result with docs: its name, and what its author says.
pub(crate) type Said<'a> = (String, &'a str);

/// The docs of the file, or what stands where there are none; those of each service below, under its name.
pub(crate) fn library(library: &Library, otherwise: &str) -> String {
    let first = match library.docs.trim() {
        "" => otherwise.to_owned(),
        docs => docs.to_owned(),
    };
    let services = library
        .services
        .iter()
        .map(|service| format!("# {}\n\n{}", service.name, service.docs));
    let parts = std::iter::once(first).chain(services);
    let parts: Vec<_> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("\n\n")
}

/// The docs of a service; empty without any.
pub(crate) fn service<'a>(library: &'a Library, name: &str) -> &'a str {
    let mut services = library.services.iter();
    services
        .find(|service| service.name == name)
        .map_or("", |service| service.docs.as_str())
}

/// The parameters that have docs, with the names that `name` gives them.
pub(crate) fn params(function: &Function, name: impl Fn(&Param) -> String) -> Vec<Said<'_>> {
    let params = function.params.iter();
    params
        .filter(|param| !param.docs.is_empty())
        .map(|param| (name(param), param.docs.as_str()))
        .collect()
}

/// The results that have docs, with the names of the response's fields.
pub(crate) fn results(function: &Function) -> Vec<Said<'_>> {
    let results = function.proto.iter().flat_map(|proto| &proto.results);
    results
        .filter(|result| !result.docs.is_empty())
        .map(|result| (result.name.clone(), result.docs.as_str()))
        .collect()
}

/// A list below `title`, an entry each; nothing without any.
pub(crate) fn list(title: &str, parts: &[Said<'_>]) -> String {
    if parts.is_empty() {
        return String::new();
    }
    let entry = |(name, docs): &Said<'_>| {
        let mut lines = docs.trim().lines();
        let first = lines.next().unwrap_or_default();
        let rest: String = lines
            .map(|line| format!("\n  {line}").trim_end().to_owned())
            .map(|line| if line.is_empty() { "\n".into() } else { line })
            .collect();
        format!("- `{name}`: {first}{rest}")
    };
    let entries: Vec<_> = parts.iter().map(entry).collect();
    format!("{title}\n{}", entries.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_keeps_the_lines_of_its_entries_together() {
        let parts = [
            ("x".to_owned(), "What is divided.\n\nAny number."),
            ("y".to_owned(), "By what."),
        ];
        assert_eq!(
            list("Parameters:", &parts),
            "Parameters:\n- `x`: What is divided.\n\n  Any number.\n- `y`: By what."
        );
        assert_eq!(list("Parameters:", &[]), "");
    }
}
