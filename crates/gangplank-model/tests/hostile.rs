//! Interfaces that nobody's macros wrote: the whole line answers with diagnostics, never with a panic.

mod support;

use gangplank_model::{Source, assemble, check, lower};
use proptest::prelude::*;
use support::*;

fn library() -> Vec<Vec<u8>> {
    const TREE: Schema = Schema::Record(TypeName {
        path: "my_timer::Tree",
        version: "0.1.0",
    });
    let demo = name("my_timer::Demo");
    let case = Case {
        name: "Bad",
        wire: "bad",
        docs: "",
        deprecated: None,
        positional: false,
        message: "bad",
        fields: leak(vec![field("tree", TREE)]),
    };
    let items = [
        LIBRARY,
        Item::Object(
            common("my_timer::Demo", 4),
            leak(vec![Schema::Host(name("my_timer::Host"))]),
        ),
        record(
            "my_timer::Tree",
            1,
            vec![
                field("next", Schema::Option(&Schema::Boxed(&TREE))),
                field("map", Schema::Map(&Schema::String, &TREE)),
            ],
        ),
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
        Item::Error(common("my_timer::Wrong", 2), leak(vec![case])),
        Item::Function(Function {
            owner: Some(demo),
            role: Role::Constructor,
            params: leak(vec![
                param("host", Schema::Host(name("my_timer::Host"))),
                param("tree", TREE),
            ]),
            results: leak(vec![Schema::Object(demo)]),
            error: Some(Schema::Error(name("my_timer::Wrong"))),
            ..function("my_timer::Demo::create", "my_timer_demo_create", 5)
        }),
        Item::HostFunction(HostFunction {
            common: common("my_timer::Host::ask", 6),
            owner: name("my_timer::Host"),
            wire: "ask",
            params: leak(vec![param("color", Schema::Enum(name("my_timer::Color")))]),
            results: &[],
            error: Some(Schema::String),
            deadline_ms: 0,
        }),
        Item::Constant(common("my_timer::MAX", 7), Schema::I64, Literal::Int(3)),
    ];
    items.iter().map(Item::to_vec).collect()
}

/// 4 000 cases, or as many as the environment says: a number given in code would hide that.
fn cases() -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(4000),
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn changed_bytes(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut items = library();
        for (item, at, byte) in changes {
            let item = item.index(items.len());
            let bytes = &mut items[item];
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let items = items.iter().filter_map(|bytes| decode(bytes).ok()).collect();
        let checked = assemble(Source { items, root: None }).and_then(check);
        match checked {
            Ok(checked) => drop(lower(&checked)),
            Err(found) => prop_assert!(!found.to_string().is_empty()),
        }
    }
}
