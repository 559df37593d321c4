//! What protobuf allows and an interface cannot have.

use std::collections::HashMap;

use gangplank_descriptor::owned::{Body, Common};
use gangplank_model::diagnostics::{Named, another_name, codes};
use gangplank_model::{Diagnostic, Diagnostics};
use protox::prost_reflect::MessageDescriptor;

use super::compile::Compiled;
use super::docs::Docs;
use super::errors::Spot;
use super::files::{path_trick, strange};

/// Checks the file as a whole.
pub(super) fn check(compiled: &Compiled, found: &mut Diagnostics) {
    let file = &compiled.main;
    let docs = Docs::of(file);
    if file.services().all(|service| service.methods().len() == 0) {
        let message = match file.services().len() {
            0 => format!("`{}` has no service", file.name()),
            _ => format!("the services of `{}` have no rpc", file.name()),
        };
        found.push(
            Diagnostic::new(codes::PROTO_NO_SERVICE, message)
                .label(&Spot::file(file.name()), "")
                .help("write `service Name { rpc name (Request) returns (Response); }`: rpcs are the functions"),
        );
    }
    if let Some(package) = compiled.go_package() {
        // `./pb` is usual; what follows the semicolon is a name.
        let path = package.split(';').next().unwrap_or_default();
        let path = path.strip_prefix("./").unwrap_or(path);
        if let Some(why) = strange(path).filter(|_| !path.is_empty()) {
            let options = 8;
            let go_package = 11;
            let spot = Spot::line(file.name(), docs.at(&[options, go_package]).line);
            let help = "write an import path, as Go programs would name the package: `example.com/shop/pb`";
            found.push(path_trick("go_package", &package, why, &spot).help(help));
        }
    }
    for extension in file.extensions() {
        let extended = extension.containing_message();
        let is_option = extended.full_name().starts_with("google.protobuf.")
            && extended.full_name().ends_with("Options");
        if !is_option {
            let line = docs.at(extension.path()).line;
            found.push(unsupported(
                format!("`{}` extends a message", extension.full_name()),
                &Spot::line(file.name(), line),
                "only options can be extended: write the field into the message",
            ));
        }
    }
}

/// Checks a message that an rpc uses.
pub(super) fn message(message: &MessageDescriptor, docs: &Docs, found: &mut Diagnostics) {
    let file = message.parent_file();
    let spot = |path: &[i32]| Spot::line(file.name(), docs.at(path).line);
    for field in message.fields() {
        if field.is_group() {
            found.push(unsupported(
                format!("the field `{}` is a group", field.full_name()),
                &spot(field.path()),
                "declare a message and a field of its type",
            ));
        } else if field.is_required() {
            found.push(unsupported(
                format!("the field `{}` is required", field.full_name()),
                &spot(field.path()),
                "write `optional`: whoever reads a message has to check it anyway",
            ));
        }
    }
    if message.extension_ranges().len() > 0 {
        found.push(unsupported(
            format!("the message `{}` can be extended", message.full_name()),
            &spot(message.path()),
            "write the fields of its extensions into the message",
        ));
    }
}

fn unsupported(message: String, spot: &Spot, help: &str) -> Diagnostic {
    let diagnostic = Diagnostic::new(codes::PROTO_UNSUPPORTED, message);
    diagnostic.label(spot, "declared here").help(help)
}

/// Types that would have one name, and rpcs that would have one symbol.
pub(super) fn names(bodies: &[Body], found: &mut Diagnostics) {
    let mut types: HashMap<&str, &Common> = HashMap::new();
    let mut symbols: HashMap<&str, &Common> = HashMap::new();
    for body in bodies {
        match body {
            Body::Record(item) => once(&mut types, &item.common.name, &item.common, found),
            Body::Enum(item) => once(&mut types, &item.common.name, &item.common, found),
            Body::Variant(item) => once(&mut types, &item.common.name, &item.common, found),
            Body::Function(item) => once(&mut symbols, &item.symbol, &item.common, found),
            _ => {}
        }
    }
}

fn once<'b>(
    seen: &mut HashMap<&'b str, &'b Common>,
    name: &'b str,
    item: &'b Common,
    found: &mut Diagnostics,
) {
    let Some(first) = seen.insert(name, item) else {
        return;
    };
    let full_name = |item: &Common| match &item.proto {
        Some(proto) => proto.full_name.clone(),
        None => item.path.clone(),
    };
    let message = format!(
        "`{}` and `{}` are both called `{name}` in a package",
        full_name(first),
        full_name(item)
    );
    let mut diagnostic = Diagnostic::new(codes::PROTO_NAME_TWICE, message);
    for item in [first, item] {
        diagnostic = diagnostic.label(&Spot::line(&item.file, item.line), "declared here");
    }
    found.push(diagnostic.help(another_name(Named::Either, true)));
}
