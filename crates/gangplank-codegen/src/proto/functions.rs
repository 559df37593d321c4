//! Services: each rpc is a function whose parameters and results are the fields of its messages.

use gangplank_descriptor::ABI_VERSION;
use gangplank_descriptor::owned::{
    Body, Function, Library, Occurs, Param, ProtoFunction, ProtoResult, ProtoService, Role, Schema,
};
use protox::prost_reflect::{FileDescriptor, Kind, MessageDescriptor, MethodDescriptor};

use super::messages::{Items, Member};
use super::{fields, names};

/// Adds the library of a file and its rpcs.
pub(super) fn add(items: &mut Items, file: &FileDescriptor) {
    let library = names::library(file.name());
    let docs = items.docs(file);
    let services = file.services().map(|service| ProtoService {
        name: service.name().to_owned(),
        docs: docs.at(service.path()).docs,
    });
    let services = services
        .filter(|service| !service.docs.is_empty())
        .collect();
    let docs = docs.file();
    items.bodies.push(Body::Library(Library {
        crate_name: library.clone(),
        version: String::new(),
        docs,
        abi: ABI_VERSION,
        panic_abort: false,
        package: Some(names::package(file)),
        services,
    }));
    for service in file.services() {
        for rpc in service.methods() {
            let function = function(items, &library, &rpc);
            items.bodies.push(Body::Function(function));
        }
    }
}

fn function(items: &mut Items, library: &str, rpc: &MethodDescriptor) -> Function {
    let service = rpc.parent_service();
    let file = service.parent_file();
    let options = [
        rpc.method_descriptor_proto()
            .options
            .as_ref()
            .map(|options| options.deprecated()),
        service
            .service_descriptor_proto()
            .options
            .as_ref()
            .map(|options| options.deprecated()),
    ];
    let deprecated = options.contains(&Some(true));
    let full_name = rpc.full_name();
    let mut common = names::common(&file, full_name, items.docs(&file), rpc.path(), deprecated);
    common.name = rpc.name().to_owned();
    let params = params(items, rpc);
    let results = results(items, rpc);
    let (results, forms) = results
        .into_iter()
        .map(|part| {
            let form = ProtoResult {
                name: part.name,
                wire: part.wire,
                docs: part.docs,
                field: part.form,
            };
            (part.schema, form)
        })
        .unzip();
    Function {
        common,
        symbol: format!("{library}_{}_{}", service.name(), rpc.name()),
        owner: None,
        role: Role::Free,
        is_async: false,
        params,
        results,
        error: None,
        untyped_error: true,
        abi_hash: 0,
        proto: Some(ProtoFunction {
            request: rpc.input().full_name().to_owned(),
            response: rpc.output().full_name().to_owned(),
            results: forms,
        }),
    }
}

/// A parameter or result.
struct Part {
    name: String,
    wire: String,
    docs: String,
    schema: Schema,
    form: gangplank_descriptor::owned::ProtoField,
    default: Option<gangplank_descriptor::owned::Literal>,
}

fn params(items: &mut Items, rpc: &MethodDescriptor) -> Vec<Param> {
    let parts = match whole(items, &rpc.input(), rpc.is_client_streaming(), "request") {
        Some(whole) => vec![whole],
        None => parts(items, &rpc.input()),
    };
    let param = |part: Part| Param {
        name: part.name,
        wire: part.wire,
        docs: part.docs,
        schema: part.schema,
        borrowed: false,
        default: part.default,
        proto: Some(part.form),
    };
    parts.into_iter().map(param).collect()
}

fn results(items: &mut Items, rpc: &MethodDescriptor) -> Vec<Part> {
    let output = rpc.output();
    if let Some(whole) = whole(items, &output, rpc.is_server_streaming(), "response") {
        return vec![whole];
    }
    let mut parts = parts(items, &output);
    // A response that is only a wrapper around a message returns that message, empty when it is absent.
    let mut fields = output.fields();
    if let (Some(field), None) = (fields.next(), fields.next())
        && let Kind::Message(message) = field.kind()
        && !field.is_list()
        && !field.is_map()
        && !fields::is_member(&field)
        && let [part] = parts.as_mut_slice()
    {
        part.schema = fields::message(&message);
    }
    parts
}

/// The message itself, where it does not stand for its fields: in a stream, and when the model has a type for it.
fn whole(
    items: &mut Items,
    message: &MessageDescriptor,
    streaming: bool,
    name: &str,
) -> Option<Part> {
    let (name, schema) = if streaming {
        items.uses_message(message);
        let element = Box::new(fields::message(message));
        (format!("{name}s"), Schema::Stream(element))
    } else {
        ("value".to_owned(), fields::well_known(message)?)
    };
    Some(Part {
        wire: name.clone(),
        name,
        docs: String::new(),
        schema,
        form: fields::unnumbered(Occurs::Whole),
        default: None,
    })
}

/// One part per field or oneof.
fn parts(items: &mut Items, message: &MessageDescriptor) -> Vec<Part> {
    let members = items.members(message);
    let part = |member: &Member| match member {
        Member::Field(field) => {
            items.uses(field);
            Part {
                name: field.name().to_owned(),
                wire: field.json_name().to_owned(),
                docs: items.docs(&message.parent_file()).at(field.path()).docs,
                schema: fields::schema(field, None),
                form: fields::form(field),
                default: fields::default(field),
            }
        }
        Member::Oneof(oneof) => Part {
            name: oneof.name().to_owned(),
            wire: gangplank_descriptor::wire_name(oneof.name()),
            docs: items.docs(&message.parent_file()).at(oneof.path()).docs,
            schema: Schema::Option(Box::new(items.oneof(oneof))),
            form: fields::unnumbered(Occurs::Oneof),
            default: None,
        },
    };
    members.iter().map(part).collect()
}
