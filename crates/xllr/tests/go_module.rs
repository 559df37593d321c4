//! A guest whose implementation is a Go module that has protobuf's own messages.

#[path = "support/messages.rs"]
mod messages;
mod support;

use std::fs;

use gangplank_codegen::backends::go::COMPILER as GO;
use gangplank_codegen::compile::Request;
use messages::{difference, filled};
use prost::Message;
use protox::prost_reflect::DynamicMessage;
use xllr::{Module, Options};

const GO_MOD: &str = "module example.com/impl

go 1.24

require google.golang.org/protobuf v1.36.12
";

#[test]
fn messages_of_another_package_there_and_back() {
    if !support::has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let from = support::root().join("crates/xllr/tests/guests/module");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("impl")).unwrap();
    fs::copy(from.join("orders.proto"), at("orders.proto")).unwrap();
    fs::copy(from.join("impl.go"), at("impl/impl.go")).unwrap();
    fs::write(at("impl/go.mod"), GO_MOD).unwrap();
    let (idl, module) = (at("orders.proto"), at("impl"));
    Request::new(&idl, &module)
        .run(GO.serialization)
        .unwrap_or_else(|found| panic!("{found}"));
    let made = Request::new(&idl, folder.path()).run(GO.to_guest);
    made.unwrap_or_else(|found| panic!("{found}"));

    let mut compiler = protox::Compiler::new([folder.path()]).unwrap();
    compiler.open_file("orders.proto").unwrap();
    let pool = compiler.descriptor_pool();
    let message = pool.get_message_by_name("orders.Box").unwrap();
    let library = at("ordersMetaFFIGuest.so").canonicalize().unwrap();
    let module = Module::open("native", library.to_str().unwrap(), &Options::default()).unwrap();
    let echo = module.function("Orders.echo").unwrap();
    for which in 0..12 {
        let sent = filled(&message, which, 4);
        let answer = echo.call_bytes(&sent.encode_to_vec()).unwrap();
        let back = DynamicMessage::decode(message.clone(), answer.as_slice()).unwrap();
        assert_eq!(difference(&sent, &back), None, "{which}");
    }
    assert_eq!(echo.call_bytes(&[]).unwrap_err().text(), "no order");
}

#[test]
fn messages_without_a_package() {
    if !support::has_go() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let from = support::root().join("crates/xllr/tests/guests/module/orders.proto");
    let text = fs::read_to_string(from).unwrap();
    let text = text.replace("example.com/impl/orderspb", "main");
    let idl = folder.path().join("orders.proto");
    fs::write(&idl, text).unwrap();
    fs::create_dir(folder.path().join("impl")).unwrap();
    let source = "package impl\n\nfunc Echo(a, b, c, d, e any) {}\n";
    fs::write(folder.path().join("impl/impl.go"), source).unwrap();
    fs::write(
        folder.path().join("impl/go.mod"),
        "module example.com/impl\n\ngo 1.24\n",
    )
    .unwrap();
    let found = Request::new(&idl, folder.path())
        .run(GO.to_guest)
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("the messages of `echo` have no Go package to come from"),
        "{found}"
    );
}
