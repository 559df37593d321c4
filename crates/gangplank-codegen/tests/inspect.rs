//! The interface as text and as JSON.

#[path = "support/files.rs"]
#[allow(dead_code, reason = "the formats are another test's")]
mod files;

use std::collections::BTreeSet;

use files::{common, library};
use gangplank_codegen::inspect;
use gangplank_descriptor::{
    Case, Common, EnumValue, Event, Field, Function, HostFunction, Item, Literal, Param, Role,
    Schema, TypeName, abi_hash, decode,
};
use gangplank_model::{Source, assemble, model::Interface};
use serde_json::Value;

const fn name(path: &'static str) -> TypeName {
    TypeName {
        path,
        version: "0.1.0",
    }
}

const fn field(name: &'static str, wire: &'static str, schema: Schema) -> Field {
    Field {
        name,
        wire,
        docs: "",
        deprecated: None,
        schema,
        default: None,
    }
}

const fn param(name: &'static str, schema: Schema) -> Param {
    Param {
        name,
        wire: name,
        schema,
        borrowed: false,
    }
}

const TIMER: TypeName = name("my_timer::Timer");
const HOST: Schema = Schema::Host(name("my_timer::Host"));
const EVENTS: Schema = Schema::Events(name("my_timer::Listeners"));
const CONFIG: Schema = Schema::Record(name("my_dep::Config"));

const ITEMS: &[Item] = &[
    library("my_timer"),
    Item::Object(
        Common {
            docs: "A timer.\n\nIt runs.",
            ..common("Timer", "my_timer::Timer", 1)
        },
        &[HOST, EVENTS],
    ),
    Item::Function(Function {
        common: common("create", "my_timer::Timer::create", 2),
        symbol: "my_timer_timer_create",
        owner: Some(TIMER),
        role: Role::Constructor,
        is_async: true,
        params: &[
            param("config", CONFIG),
            param("host", HOST),
            param("events", EVENTS),
        ],
        results: &[Schema::Object(TIMER)],
        error: Some(Schema::Error(name("my_timer::Bad"))),
        abi_hash: 0,
    }),
    Item::Function(Function {
        common: Common {
            deprecated: Some("use echo2"),
            ..common("ping", "my_timer::Timer::echo", 3)
        },
        symbol: "my_timer_timer_ping",
        owner: Some(TIMER),
        role: Role::Method,
        is_async: false,
        params: &[Param {
            borrowed: true,
            ..param("text", Schema::String)
        }],
        results: &[Schema::String, Schema::I64],
        error: None,
        abi_hash: 0,
    }),
    Item::HostFunction(HostFunction {
        common: common("fetch", "my_timer::Host::fetch", 4),
        owner: name("my_timer::Host"),
        wire: "get",
        params: &[param("key", Schema::String)],
        results: &[],
        error: Some(Schema::String),
        deadline_ms: 500,
    }),
    Item::Event(Event {
        common: common("fired", "my_timer::Listeners::fired", 5),
        owner: name("my_timer::Listeners"),
        wire: "fired",
        params: &[param("at", Schema::Timestamp)],
    }),
    Item::Record(
        common("Config", "my_dep::Config", 6),
        &[
            field("delay_ms", "delayMs", Schema::Map(&Schema::String, &CONFIG)),
            Field {
                default: Some(Literal::Int(-3)),
                deprecated: Some(""),
                ..field("tries", "attempts", Schema::Option(&Schema::I64))
            },
        ],
    ),
    Item::Record(common("Unused", "my_dep::Unused", 7), &[]),
    Item::Record(common("Empty", "my_timer::Empty", 8), &[]),
    Item::Enum(
        common("Color", "my_timer::Color", 9),
        &[EnumValue {
            name: "DarkRed",
            wire: "darkRed",
            docs: "",
            deprecated: Some("too dark"),
            value: -1,
        }],
    ),
    Item::Error(
        common("Bad", "my_timer::Bad", 10),
        &[
            Case {
                name: "Gone",
                wire: "gone",
                docs: "gone",
                deprecated: Some(""),
                positional: false,
                message: "gone",
                fields: &[],
            },
            Case {
                name: "Value",
                wire: "value",
                docs: "\u{1b}[31m",
                deprecated: None,
                positional: true,
                message: "",
                fields: &[field("0", "0", Schema::F64)],
            },
        ],
    ),
    Item::Constant(
        common("LIMIT", "my_timer::LIMIT", 11),
        Schema::F64,
        Literal::Float(f64::INFINITY.to_bits()),
    ),
    Item::Function(Function {
        common: common("helper", "my_dep::helper", 12),
        symbol: "my_dep_helper",
        owner: None,
        role: Role::Free,
        is_async: false,
        params: &[],
        results: &[],
        error: None,
        abi_hash: abi_hash(8, &[], &[], None),
    }),
];

fn interface() -> Interface {
    let items = ITEMS
        .iter()
        .map(|item| decode(&item.to_vec()).unwrap())
        .collect();
    assemble(Source { items, root: None }).unwrap()
}

const TEXT: &str = r#"library my_timer 0.1.0 (ABI 1)
    A timer.

/// A timer.
///
/// It runs.
object Timer {
    constructor async fn create(config: my_dep::Config, host: host<Host>, events: events<Listeners>) -> result<Timer, Bad>
    #[deprecated = "use echo2"]
    fn echo (named ping)(text: &string) -> (string, i64)
    host fn fetch(key: string) -> result<(), string> as "get" within 500 ms
    event fired(at: timestamp)
}

error Bad {
    /// gone
    #[deprecated]
    Gone
    /// �[31m
    Value(f64)
}

enum Color {
    #[deprecated = "too dark"]
    DarkRed = -1
}

record my_dep::Config {
    delay_ms: map<string, my_dep::Config>
    #[deprecated]
    tries ("attempts"): option<i64> = -3
}

record Empty {}

record my_dep::Unused {}

const LIMIT: f64 = inf

not part of the interface (declared by other crates):
    my_dep::helper
"#;

#[test]
fn text_is_close_to_the_source() {
    // The hashes of the lowered signatures are zero, so this interface has errors: nothing is left out.
    assert_eq!(inspect::text(&interface()), TEXT);
}

#[test]
fn json_holds_everything() {
    let json = inspect::json(&interface());
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["schema"], inspect::SCHEMA_VERSION);
    assert_eq!(value["library"]["panic"], "unwind");
    let timer = &value["objects"][0];
    assert_eq!(timer["constructors"][0]["symbol"], "my_timer_timer_create");
    assert_eq!(timer["methods"][0]["deprecated"], "use echo2");
    assert_eq!(timer["host_functions"][0]["deadline_ms"], 500);
    assert_eq!(timer["events"][0]["params"][0]["type"]["kind"], "timestamp");
    let config = &value["types"][2];
    assert_eq!(config["location"], "src/lib.rs:6");
    assert_eq!(config["fields"][0]["type"]["of"]["path"], "my_dep::Config");
    assert_eq!(config["fields"][1]["default"]["int"], -3);
    assert_eq!(value["constants"][0]["value"]["float"], "inf");
    assert_eq!(value["foreign"][0]["path"], "my_dep::helper");
    let hash = config["hash"].as_str().unwrap();
    assert_eq!(u64::from_str_radix(hash, 16).unwrap(), ITEMS[6].hash());
}

#[test]
fn every_key_is_documented() {
    let page = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/inspect-json.md"
    ))
    .unwrap();
    let mut keys = BTreeSet::new();
    collect(
        &serde_json::from_str(&inspect::json(&interface())).unwrap(),
        &mut keys,
    );
    let missing: Vec<_> = keys
        .iter()
        .filter(|key| !page.contains(&format!("`{key}`")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                keys.insert(key.clone());
                collect(value, keys);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| collect(value, keys)),
        _ => {}
    }
}
