//! What the check finds, word for word.

mod support;

use support::*;

const DEMO: TypeName = TypeName {
    path: "my_timer::Demo",
    version: "0.1.0",
};

fn constructor(path: &'static str, symbol: &'static str, line: u32) -> Function {
    Function {
        owner: Some(DEMO),
        role: Role::Constructor,
        results: leak(vec![Schema::Object(DEMO)]),
        abi_hash: abi_hash(2, &[], &[HANDLE], None),
        ..function(path, symbol, line)
    }
}

fn method(path: &'static str, symbol: &'static str, line: u32) -> Function {
    Function {
        owner: Some(DEMO),
        role: Role::Method,
        abi_hash: abi_hash(12, &[], &[], None),
        ..function(path, symbol, line)
    }
}

fn takes(params: Vec<Param>) -> Item {
    Item::Function(Function {
        params: leak(params),
        ..function("my_timer::take", "my_timer_take", 9)
    })
}

#[test]
fn libraries() {
    assert_eq!(found(&[]), ["GP0101 no library is declared"]);
    let other = Library {
        crate_name: "other",
        version: "0.2.0",
        docs: "",
        abi: 1,
        panic_abort: false,
    };
    assert_eq!(
        found(&[LIBRARY, Item::Library(other)]),
        ["GP0102 several libraries are declared: `my_timer` 0.1.0, `other` 0.2.0"]
    );
    let newer = Library { abi: 9, ..other };
    assert_eq!(
        found(&[Item::Library(newer)]),
        ["GP0103 the library `other` has ABI version 9, this toolkit knows version 1"]
    );
    let reserved = Library {
        crate_name: "gp",
        ..other
    };
    assert_eq!(
        found(&[Item::Library(reserved)]),
        ["GP0306 a library cannot be called `gp`: its C names would be those of gangplank.h"]
    );
}

#[test]
fn one_item_may_be_there_twice_but_not_in_two_shapes() {
    let one = record("my_timer::Config", 3, vec![]);
    let other = record("my_timer::Config", 8, vec![field("name", Schema::String)]);
    let _ = lowered(&[LIBRARY, LIBRARY, one, one]);
    assert_eq!(
        found(&[LIBRARY, one, other]),
        ["GP0105 two items are called `my_timer::Config` \
          [src/lib.rs:3 Config: record my_timer::Config { }] \
          [src/lib.rs:8 Config: record my_timer::Config { name: string }]"]
    );
}

#[test]
fn unknown_types() {
    let gone = Schema::Record(name("my_timer::Gone"));
    let items = [
        LIBRARY,
        record(
            "my_timer::Config",
            3,
            vec![field(
                "gone",
                Schema::List(&Schema::Record(TypeName {
                    path: "my_timer::Gone",
                    version: "0.1.0",
                })),
            )],
        ),
        takes(vec![
            param("config", Schema::Record(name("my_timer::Config"))),
            param("gone", gone),
        ]),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0201 unknown type `my_timer::Gone` [src/lib.rs:9 take: the parameter `gone` has this type]",
            "GP0201 unknown type `my_timer::Gone` [src/lib.rs:3 Config: the field `gone` has this type]",
        ]
    );
    let foreign = TypeName {
        path: "my_dep::Engine",
        version: "0.1.0",
    };
    let items = [
        LIBRARY,
        object("my_dep::Engine", 1),
        takes(vec![param("engine", Schema::Object(foreign))]),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0201 unknown type `my_dep::Engine` [src/lib.rs:9 take: the parameter `engine` has this type]"
        ]
    );
    assert!(
        diagnostics(&items)
            .to_string()
            .contains("objects of other crates are not part of the interface of `my_timer`")
    );
}

#[test]
fn a_member_without_its_object() {
    let items = [
        LIBRARY,
        Item::Function(method("my_timer::Demo::run", "my_timer_demo_run", 4)),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0201 `my_timer::Demo::run` belongs to `my_timer::Demo`, which is not an object [src/lib.rs:4 Demo::run: declared here]"
        ]
    );
}

#[test]
fn two_versions_of_a_crate() {
    let old = TypeName {
        path: "my_dep::Config",
        version: "0.1.0",
    };
    let new = TypeName {
        path: "my_dep::Config",
        version: "2.0.0",
    };
    let items = [
        LIBRARY,
        record("my_dep::Config", 1, vec![]),
        Item::Record(
            Common {
                version: "2.0.0",
                ..common("my_dep::Config", 2)
            },
            &[],
        ),
        takes(vec![
            param("old", Schema::Record(old)),
            param("new", Schema::Record(new)),
        ]),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0106 the interface uses versions 0.1.0 and 2.0.0 of the crate `my_dep` \
          [src/lib.rs:1 Config: of version 0.1.0] [src/lib.rs:2 Config: of version 2.0.0]"
        ]
    );
    let missing = [
        LIBRARY,
        record("my_dep::Config", 1, vec![]),
        takes(vec![param("new", Schema::Record(new))]),
    ];
    assert!(
        diagnostics(&missing)
            .to_string()
            .contains("version 2.0.0 is meant, the library holds version 0.1.0")
    );
}

#[test]
fn types_that_contain_themselves() {
    let a = Schema::Record(name("my_timer::A"));
    const B: Schema = Schema::Record(TypeName {
        path: "my_timer::B",
        version: "0.1.0",
    });
    let items = [
        LIBRARY,
        record("my_timer::A", 1, vec![field("b", Schema::Option(&B))]),
        record("my_timer::B", 2, vec![field("a", a)]),
        takes(vec![param("a", a)]),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0202 the record `A` contains itself [src/lib.rs:1 A: through the field `b`] [src/lib.rs:2 B: through the field `a`]"
        ]
    );
}

#[test]
fn types_that_are_too_large() {
    let path = |at: usize| -> &'static str { format!("my_timer::T{at}").leak() };
    let double = |at: usize| {
        let inner = Schema::Record(name(path(at + 1)));
        record(
            path(at),
            1,
            vec![field("left", inner), field("right", inner)],
        )
    };
    let mut items = vec![
        LIBRARY,
        takes(vec![param("value", Schema::Record(name(path(0))))]),
    ];
    items.extend((0..40).map(double));
    items.push(record(path(40), 1, vec![]));
    assert_eq!(
        found(&items),
        ["GP0211 the record `T20` is larger than 1048576 fields [src/lib.rs:1 T20: declared here]"]
    );
    let chain = |at: usize| {
        record(
            path(at),
            1,
            vec![field("inner", Schema::Record(name(path(at + 1))))],
        )
    };
    let mut items = vec![
        LIBRARY,
        takes(vec![param("value", Schema::Record(name(path(0))))]),
    ];
    items.extend((0..5000).map(chain));
    items.push(record(path(5000), 1, vec![]));
    assert_eq!(
        found(&items)[0],
        "GP0211 the record `T128` is nested deeper than 128 types [src/lib.rs:1 T128: declared here]"
    );
}

#[test]
fn kinds_of_types_that_cannot_stand_somewhere() {
    let events = Schema::Events(name("my_timer::Listeners"));
    let items = [
        LIBRARY,
        object("my_timer::Demo", 1),
        Item::Function(constructor(
            "my_timer::Demo::create",
            "my_timer_demo_create",
            2,
        )),
        record(
            "my_timer::Holder",
            3,
            vec![field("map", Schema::Map(&Schema::F64, &Schema::Bool))],
        ),
        Item::Function(Function {
            params: leak(vec![
                param("stream", Schema::List(&Schema::Stream(&Schema::I64))),
                param("callback", Schema::Callback(name("my_timer::Back"))),
                param("events", events),
                param("boxed", Schema::Boxed(&Schema::I64)),
                param("holder", Schema::Record(name("my_timer::Holder"))),
            ]),
            results: leak(vec![Schema::Object(DEMO)]),
            error: Some(Schema::I64),
            ..function("my_timer::take", "my_timer_take", 9)
        }),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0204 the field `map` of `my_timer::Holder` has a map key that is not a bool, an integer or a string [src/lib.rs:3 Holder: declared here]",
            "GP0203 the parameter `stream` of `my_timer::take` is or holds a stream, which only parameters and results of functions are [src/lib.rs:9 take: declared here]",
            "GP0203 the parameter `callback` of `my_timer::take` is a callback, and callbacks cannot be passed yet [src/lib.rs:9 take: declared here]",
            "GP0205 the parameter `events` of `my_timer::take` is injected, which only parameters of constructors are [src/lib.rs:9 take: declared here]",
            "GP0207 the parameter `boxed` of `my_timer::take` is a box [src/lib.rs:9 take: declared here]",
            "GP0208 the error of `my_timer::take` is neither a declared error nor a string [src/lib.rs:9 take: declared here]",
        ]
    );
}

#[test]
fn functions_of_the_wrong_form() {
    let items = [
        LIBRARY,
        Item::Object(
            common("my_timer::Demo", 1),
            leak(vec![Schema::Host(name("my_timer::Host"))]),
        ),
        Item::Function(Function {
            results: &[Schema::I64],
            ..constructor("my_timer::Demo::create", "my_timer_demo_create", 2)
        }),
        Item::Function(Function {
            is_async: true,
            params: leak(vec![Param {
                borrowed: true,
                ..param("text", Schema::String)
            }]),
            ..method("my_timer::Demo::run", "my_timer_demo_run", 4)
        }),
        Item::HostFunction(HostFunction {
            common: common("my_timer::Host::ask", 6),
            owner: name("my_timer::Host"),
            wire: "ask",
            params: &[],
            results: &[],
            error: None,
            deadline_ms: 0,
        }),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0212 the async function `my_timer::Demo::run` borrows its parameter `text` [src/lib.rs:4 Demo::run: declared here]",
            "GP0209 the constructor `my_timer::Demo::create` does not return its object [src/lib.rs:2 Demo::create: declared here]",
            "GP0209 the host function `my_timer::Host::ask` does not return `Result<T, E>` of one value [src/lib.rs:6 Host::ask: declared here]",
        ]
    );
}

#[test]
fn symbols_that_coincide() {
    let items = [
        LIBRARY,
        object("my_timer::Demo", 1),
        Item::Function(method("my_timer::Demo::echo", "my_timer_demo_echo", 4)),
        Item::Function(function("my_timer::demo_echo", "my_timer_demo_echo", 7)),
        Item::Function(function("my_timer::free", "my_timer_free", 8)),
        Item::Function(method("my_timer::Demo::close", "my_timer_demo_close", 5)),
        Item::Function(function(
            "my_timer::demo_echo_entry",
            "my_timer_demo_echo_entry",
            10,
        )),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0303 the function that ends `Demo` and the function `my_timer::Demo::close` are both `my_timer_demo_close` in C \
             [src/lib.rs:1 Demo: declared here] [src/lib.rs:5 Demo::close: declared here]",
            "GP0302 the function `my_timer::Demo::echo` and the function `my_timer::demo_echo` have one symbol, `my_timer_demo_echo` \
             [src/lib.rs:4 Demo::echo: declared here] [src/lib.rs:7 demo_echo: declared here]",
            "GP0302 the entry of `my_timer::Demo::echo` and the function `my_timer::demo_echo_entry` have one symbol, `my_timer_demo_echo_entry` \
             [src/lib.rs:4 Demo::echo: declared here] [src/lib.rs:10 demo_echo_entry: declared here]",
            "GP0302 a function of every library and the function `my_timer::free` have one symbol, `my_timer_free` \
             [src/lib.rs:8 free: declared here]",
        ]
    );
}

#[test]
fn names_of_types_that_coincide() {
    let items = [
        LIBRARY,
        record("my_dep::Config", 1, vec![]),
        record("my_timer::Config", 2, vec![]),
        record("my_timer::ListI64", 3, vec![]),
        takes(vec![
            param("a", Schema::Record(name("my_dep::Config"))),
            param("b", Schema::Record(name("my_timer::Config"))),
            param("c", Schema::Record(name("my_timer::ListI64"))),
            param("d", Schema::List(&Schema::I64)),
        ]),
    ];
    let found = found(&items);
    assert_eq!(
        found[..2],
        [
            "GP0301 the record `my_dep::Config` and the record `my_timer::Config` have one name, `my_timer_config` in C \
             [src/lib.rs:1 Config: declared here] [src/lib.rs:2 Config: declared here]",
            "GP0303 the record `my_timer::ListI64` and the list type are both `my_timer_list_i64` in C [src/lib.rs:3 ListI64: declared here]",
        ]
    );
}

#[test]
fn names_inside_an_item() {
    let value = |name, wire, value| EnumValue {
        name,
        wire,
        docs: "",
        deprecated: None,
        value,
    };
    let items = [
        LIBRARY,
        Item::Record(
            common("my_timer::Config", 2),
            leak(vec![
                Field {
                    wire: "one",
                    ..field("first", Schema::I64)
                },
                Field {
                    wire: "one",
                    ..field("second", Schema::I64)
                },
                Field {
                    wire: "b",
                    ..field("größe", Schema::I64)
                },
                Field {
                    wire: "c",
                    ..field("first", Schema::I64)
                },
            ]),
        ),
        Item::Enum(
            common("my_timer::Color", 3),
            leak(vec![value("Red", "red", 1), value("Blue", "blue", 1)]),
        ),
        Item::Function(Function {
            params: leak(vec![
                param("a b", Schema::Record(name("my_timer::Config"))),
                param("color", Schema::Enum(name("my_timer::Color"))),
            ]),
            ..function("my_timer::take", "my_timer_take;", 9)
        }),
    ];
    let found: Vec<_> = found(&items)
        .into_iter()
        .filter(|text| !text.starts_with("GP0104"))
        .collect();
    assert_eq!(
        found,
        [
            "GP0305 the field `größe` is not a name in every language [src/lib.rs:2 Config: declared here]",
            "GP0301 `my_timer::Config` has two fields `first` [src/lib.rs:2 Config: declared here]",
            "GP0304 the fields `first` and `second` of `my_timer::Config` have one wire name, `one` [src/lib.rs:2 Config: declared here]",
            "GP0301 the values `Red` and `Blue` of `my_timer::Color` have one number, `1` [src/lib.rs:3 Color: declared here]",
            "GP0305 the symbol `my_timer_take;` is not a name in every language [src/lib.rs:9 take: declared here]",
            "GP0305 the parameter `a b` is not a name in every language [src/lib.rs:9 take: declared here]",
        ]
    );
}

#[test]
fn constants_and_defaults() {
    let constant = |path, line, schema, value| Item::Constant(common(path, line), schema, value);
    let defaults = vec![
        Field {
            default: Some(Literal::Int(300)),
            ..field("small", Schema::U8)
        },
        Field {
            default: Some(Literal::Int(3)),
            ..field("fine", Schema::Option(&Schema::I64))
        },
        Field {
            default: Some(Literal::EnumValue("Green")),
            ..field("color", Schema::Enum(name("my_timer::Color")))
        },
    ];
    let items = [
        LIBRARY,
        Item::Enum(
            common("my_timer::Color", 1),
            &[EnumValue {
                name: "Red",
                wire: "red",
                docs: "",
                deprecated: None,
                value: 0,
            }],
        ),
        Item::Record(common("my_timer::Config", 2), leak(defaults)),
        constant(
            "my_timer::CONFIG",
            3,
            Schema::Record(name("my_timer::Config")),
            Literal::Empty,
        ),
        constant(
            "my_timer::MAX",
            4,
            Schema::U64,
            Literal::Int(u64::MAX as i128),
        ),
        constant("my_timer::BAD", 5, Schema::I64, Literal::Bool(true)),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0210 the value of the constant `my_timer::BAD` does not fit its type [src/lib.rs:5 BAD: declared here]",
            "GP0210 the value of the constant `my_timer::CONFIG` does not fit its type [src/lib.rs:3 CONFIG: declared here]",
            "GP0210 the default of the field `small` of `my_timer::Config` does not fit its type [src/lib.rs:2 Config: declared here]",
            "GP0210 the default of the field `color` of `my_timer::Config` does not fit its type [src/lib.rs:2 Config: declared here]",
        ]
    );
}

#[test]
fn another_lowering() {
    let items = [
        LIBRARY,
        Item::Function(Function {
            abi_hash: 1,
            ..function("my_timer::run", "my_timer_run", 4)
        }),
    ];
    assert_eq!(
        found(&items),
        [
            "GP0104 the library passes the parameters or results of `my_timer::run` in another way than this toolkit would \
          [src/lib.rs:4 run: declared here]"
        ]
    );
}
