//! Items from `.proto` files: what they carry beside the others, and what their hashes hold.

use gangplank_descriptor::owned::{
    Body, Common, Encoding, Enum, EnumValue, Field, Function, Item, Library, Literal, Occurs,
    Param, ProtoField, ProtoFunction, ProtoName, ProtoResult, ProtoService, Record, Role, Schema,
};
use gangplank_descriptor::{decode, with_abi_hash};

fn common(path: &str) -> Common {
    Common {
        name: path.rsplit("::").next().unwrap().to_owned(),
        path: path.to_owned(),
        file: "shop.proto".to_owned(),
        line: 3,
        proto: Some(ProtoName {
            package: "shop::v1".to_owned(),
            full_name: path.replace("::", "."),
        }),
        ..Common::default()
    }
}

fn form(number: u32) -> ProtoField {
    ProtoField {
        number,
        occurs: Occurs::Map,
        encoding: Encoding::ZigZag,
        key_encoding: Encoding::Fixed,
    }
}

fn record(proto: Option<ProtoField>) -> Body {
    Body::Record(Record {
        common: common("shop::v1::Order"),
        fields: vec![Field {
            name: "unit_price".to_owned(),
            wire: "unitPrice".to_owned(),
            docs: String::new(),
            deprecated: None,
            schema: Schema::Option(Box::new(Schema::I64)),
            default: Some(Literal::Int(7)),
            proto,
        }],
    })
}

fn values(names: &[&str]) -> Vec<EnumValue> {
    let value = |name: &&str| EnumValue {
        name: (*name).to_owned(),
        wire: (*name).to_owned(),
        docs: String::new(),
        deprecated: None,
        value: 1,
    };
    names.iter().map(value).collect()
}

fn enumeration(open: bool, aliases: &[&str]) -> Body {
    Body::Enum(Enum {
        common: common("shop::v1::Color"),
        values: values(&["RED"]),
        aliases: values(aliases),
        open,
    })
}

fn function() -> Function {
    Function {
        common: common("shop::v1::Shop::buy"),
        symbol: "shop_Shop_buy".to_owned(),
        owner: None,
        role: Role::Free,
        is_async: false,
        params: vec![Param {
            name: "count".to_owned(),
            wire: "count".to_owned(),
            docs: "How many.".to_owned(),
            schema: Schema::I64,
            borrowed: false,
            default: Some(Literal::Int(1)),
            proto: Some(form(1)),
        }],
        results: vec![Schema::String],
        error: None,
        untyped_error: true,
        abi_hash: 0,
        proto: Some(ProtoFunction {
            request: "shop.v1.BuyRequest".to_owned(),
            response: "shop.v1.BuyResult".to_owned(),
            results: vec![ProtoResult {
                name: "receipt".to_owned(),
                wire: "receipt".to_owned(),
                docs: "What was paid.".to_owned(),
                field: form(2),
            }],
        }),
    }
}

fn changed(change: impl FnOnce(&mut Function)) -> Item {
    let mut function = function();
    change(&mut function);
    Body::Function(function).into_item()
}

#[test]
fn everything_survives() {
    let library = Library {
        crate_name: "shop".to_owned(),
        version: String::new(),
        docs: String::new(),
        abi: 1,
        panic_abort: false,
        package: Some("shop::v1".to_owned()),
        services: vec![ProtoService {
            name: "Shop".to_owned(),
            docs: "Sells.".to_owned(),
        }],
    };
    for body in [
        Body::Library(library),
        record(Some(form(536_870_911))),
        enumeration(true, &["CRIMSON"]),
        Body::Function(function()),
    ] {
        let item = decode(&body.to_vec()).unwrap();
        assert_eq!(item.body, body);
        assert_eq!(item, body.into_item());
    }
}

#[test]
fn the_symbol_of_an_rpc_is_not_in_its_hash() {
    let first = Body::Function(function()).into_item();
    let other = changed(|function| function.symbol = "mine_Shop_buy".to_owned());
    assert_ne!(first, other);
    assert_eq!(first.hash, other.hash);
}

#[test]
fn docs_are_not_in_the_hash() {
    let first = Body::Function(function()).into_item();
    for other in [
        changed(|function| function.params[0].docs.clear()),
        changed(|function| function.proto.as_mut().unwrap().results[0].docs.clear()),
    ] {
        assert_ne!(first, other);
        assert_eq!(first.hash, other.hash);
    }
    let library = |docs: &[&str]| {
        let service = |docs: &&str| ProtoService {
            name: "Shop".to_owned(),
            docs: (*docs).to_owned(),
        };
        let library = Library {
            crate_name: "shop".to_owned(),
            version: String::new(),
            docs: String::new(),
            abi: 1,
            panic_abort: false,
            package: None,
            services: docs.iter().map(service).collect(),
        };
        Body::Library(library).into_item()
    };
    assert_ne!(library(&[]), library(&["Sells."]));
    assert_eq!(library(&[]).hash, library(&["Sells."]).hash);
}

#[test]
fn the_protobuf_form_is_in_the_hash() {
    let hashes = [
        Body::Function(function()).into_item().hash,
        changed(|function| function.untyped_error = false).hash,
        changed(|function| function.params[0].proto = Some(form(2))).hash,
        changed(|function| function.proto.as_mut().unwrap().results[0].field = form(3)).hash,
        record(None).into_item().hash,
        record(Some(form(1))).into_item().hash,
        record(Some(form(2))).into_item().hash,
        record(Some(ProtoField {
            encoding: Encoding::Fixed,
            ..form(1)
        }))
        .into_item()
        .hash,
        record(Some(ProtoField {
            key_encoding: Encoding::Default,
            ..form(1)
        }))
        .into_item()
        .hash,
        record(Some(ProtoField {
            occurs: Occurs::Packed,
            ..form(1)
        }))
        .into_item()
        .hash,
        enumeration(false, &[]).into_item().hash,
        enumeration(true, &[]).into_item().hash,
        enumeration(true, &["CRIMSON"]).into_item().hash,
    ];
    for (at, hash) in hashes.iter().enumerate() {
        assert!(!hashes[..at].contains(hash), "{at}");
    }
}

#[test]
fn the_hash_of_a_signature_is_added_later() {
    let bytes = Body::Function(function()).to_vec();
    let lowered = decode(&with_abi_hash(&bytes, 42)).unwrap();
    let expected = changed(|function| function.abi_hash = 42);
    assert_eq!(lowered, expected);
    assert_eq!(lowered.hash, decode(&bytes).unwrap().hash);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = Body::Function(function()).to_vec();
    for len in 0..bytes.len() {
        assert!(decode(&bytes[..len]).is_err());
    }
}
