//! What becomes of an interface from one library to the next, and what that means to its hosts.

mod support;

use gangplank_model::diff::{Diff, Judgement, What};
use gangplank_model::{assemble, diff};
use support::*;

fn compare(old: &[Item], new: &[Item]) -> Diff {
    let [old, new] = [old, new].map(|items| assemble(source(items)).unwrap());
    diff(&old, &new).unwrap()
}

/// `what kind path` per change.
fn lines(diff: &Diff) -> Vec<String> {
    let line = |change: &gangplank_model::diff::Change| {
        format!("{:?} {} {}", change.what, change.kind, change.path)
    };
    diff.changes.iter().map(line).collect()
}

/// A timer whose request has `fields`, and further items.
fn timer(fields: Vec<Field>, more: &[Item]) -> Vec<Item> {
    let mut items = vec![
        LIBRARY,
        record("my_timer::Request", 3, fields),
        taker(
            "my_timer::take",
            "my_timer_take",
            Schema::Record(name("my_timer::Request")),
            pointer(16, 8),
        ),
    ];
    items.extend(more);
    items
}

fn plain() -> Vec<Field> {
    vec![field("message", Schema::String)]
}

#[test]
fn the_same_interface_is_the_same_whatever_docs_lines_and_versions_say() {
    let mut other = timer(plain(), &[]);
    other[0] = Item::Library(Library {
        version: "9.0.0",
        docs: "Another text.",
        ..match LIBRARY {
            Item::Library(library) => library,
            _ => unreachable!("it is one"),
        }
    });
    other[1] = Item::Record(
        Common {
            docs: "New docs.",
            line: 77,
            ..common("my_timer::Request", 3)
        },
        leak(plain()),
    );
    let found = compare(&timer(plain(), &[]), &other);
    assert_eq!(found.judgement(), Judgement::Same);
    assert!(found.changes.is_empty());
}

#[test]
fn another_default_or_deprecation_is_additive_and_both_are_shown() {
    let request = |default: Option<Literal>, field_note, item_note| {
        let mut items = timer(plain(), &[]);
        items[1] = Item::Record(
            Common {
                deprecated: item_note,
                ..common("my_timer::Request", 3)
            },
            leak(vec![Field {
                default,
                deprecated: field_note,
                ..field("message", Schema::String)
            }]),
        );
        items
    };
    let shapes = |old: &[Item], new: &[Item]| {
        let found = compare(old, new);
        assert_eq!(found.judgement(), Judgement::Additive);
        assert_eq!(lines(&found), ["Annotated record my_timer::Request"]);
        let change = found.changes[0].clone();
        (change.old.unwrap().shape, change.new.unwrap().shape)
    };
    let (hi, none) = (Some(Literal::String("hi")), request(None, None, None));
    assert_eq!(
        shapes(&none, &request(hi, None, None)),
        (
            "message: no default".to_owned(),
            "message: default \"hi\"".to_owned()
        )
    );
    assert_eq!(
        shapes(
            &request(hi, None, Some("")),
            &request(Some(Literal::String("ho")), Some("use text"), None)
        ),
        (
            "deprecated, message: default \"hi\", message: not deprecated".to_owned(),
            "not deprecated, message: default \"ho\", message: deprecated \"use text\"".to_owned()
        )
    );
    let same = compare(&none, &none);
    assert_eq!(same.judgement(), Judgement::Same);
}

#[test]
fn a_deprecated_value_or_case_is_additive() {
    let items = |note| {
        let color = Item::Enum(
            common("my_timer::Color", 3),
            leak(vec![EnumValue {
                name: "Red",
                wire: "red",
                docs: "",
                deprecated: note,
                value: 0,
            }]),
        );
        let case = Case {
            name: "Gone",
            wire: "gone",
            docs: "",
            deprecated: note,
            positional: false,
            message: "",
            fields: &[],
        };
        let shape = Item::Variant(common("my_timer::Shape", 4), leak(vec![case]));
        let record = Item::Record(
            common("my_timer::Request", 5),
            leak(vec![
                field("color", Schema::Enum(name("my_timer::Color"))),
                field("shape", Schema::Variant(name("my_timer::Shape"))),
            ]),
        );
        let mut items = timer(plain(), &[color, shape]);
        items[1] = record;
        items
    };
    let found = compare(&items(None), &items(Some("see blue")));
    assert_eq!(found.judgement(), Judgement::Additive);
    let shapes = found.changes.iter().map(|change| {
        let (old, new) = (change.old.clone().unwrap(), change.new.clone().unwrap());
        format!("{}: {} -> {}", change.path, old.shape, new.shape)
    });
    assert_eq!(
        shapes.collect::<Vec<_>>(),
        [
            "my_timer::Color: Red: not deprecated -> Red: deprecated \"see blue\"",
            "my_timer::Shape: Gone: not deprecated -> Gone: deprecated \"see blue\""
        ]
    );
}

#[test]
fn a_deprecated_function_is_additive() {
    let stop = function("my_timer::stop", "my_timer_stop", 30);
    let other = Function {
        common: Common {
            deprecated: Some("let it run"),
            ..stop.common
        },
        ..stop
    };
    let found = compare(
        &timer(plain(), &[Item::Function(stop)]),
        &timer(plain(), &[Item::Function(other)]),
    );
    assert_eq!(found.judgement(), Judgement::Additive);
    assert_eq!(lines(&found), ["Annotated function my_timer::stop"]);
}

#[test]
fn new_items_are_additive() {
    let events = Schema::Events(name("my_timer::Listener"));
    let create = Function {
        owner: Some(name("my_timer::Timer")),
        role: Role::Constructor,
        params: leak(vec![param("events", events)]),
        results: leak(vec![Schema::Object(name("my_timer::Timer"))]),
        abi_hash: abi_hash(0, &[], &[HANDLE], None),
        ..function("my_timer::Timer::create", "my_timer_timer_create", 21)
    };
    let more = [
        Item::Function(function("my_timer::stop", "my_timer_stop", 30)),
        Item::Constant(common("my_timer::LIMIT", 31), Schema::I64, Literal::Int(3)),
        Item::Object(common("my_timer::Timer", 20), leak(vec![events])),
        Item::Function(create),
    ];
    let found = compare(&timer(plain(), &[]), &timer(plain(), &more));
    assert_eq!(found.judgement(), Judgement::Additive);
    assert_eq!(
        lines(&found),
        [
            "Added constant my_timer::LIMIT",
            "Added object my_timer::Timer",
            "Added constructor my_timer::Timer::create",
            "Added function my_timer::stop"
        ]
    );
    let back = compare(&timer(plain(), &more), &timer(plain(), &[]));
    assert_eq!(back.judgement(), Judgement::Breaking);
    assert!(
        back.changes
            .iter()
            .all(|change| change.what == What::Removed
                && change.old.is_some()
                && change.new.is_none())
    );
}

#[test]
fn a_changed_record_is_breaking_and_shows_both_shapes() {
    let mut fields = plain();
    fields.push(field("delay", Schema::I64));
    let found = compare(&timer(plain(), &[]), &timer(fields, &[]));
    assert_eq!(found.judgement(), Judgement::Breaking);
    assert_eq!(lines(&found), ["Changed record my_timer::Request"]);
    let shape = |side: &Option<gangplank_model::diff::Side>| side.clone().unwrap().shape;
    assert_eq!(
        shape(&found.changes[0].old),
        "record my_timer::Request { message: string }"
    );
    assert_eq!(
        shape(&found.changes[0].new),
        "record my_timer::Request { message: string, delay: i64 }"
    );
}

#[test]
fn a_type_that_nobody_can_reach_does_not_count() {
    let lost = record("my_timer::Lost", 40, plain());
    assert!(
        compare(&timer(plain(), &[]), &timer(plain(), &[lost]))
            .changes
            .is_empty()
    );
}

#[test]
fn another_lowering_of_the_same_signature_is_breaking() {
    let stop = function("my_timer::stop", "my_timer_stop", 30);
    let other = Function {
        abi_hash: stop.abi_hash ^ 1,
        ..stop
    };
    let found = compare(
        &timer(plain(), &[Item::Function(stop)]),
        &timer(plain(), &[Item::Function(other)]),
    );
    assert_eq!(found.judgement(), Judgement::Breaking);
    assert_eq!(lines(&found), ["Abi function my_timer::stop"]);
}

#[test]
fn another_name_in_the_packages_is_breaking() {
    let stop = function("my_timer::stop", "my_timer_stop", 30);
    let other = Function {
        common: Common {
            name: "halt",
            ..stop.common
        },
        ..stop
    };
    let found = compare(
        &timer(plain(), &[Item::Function(stop)]),
        &timer(plain(), &[Item::Function(other)]),
    );
    assert_eq!(lines(&found), ["Renamed function my_timer::stop"]);
    assert_eq!(found.judgement(), Judgement::Breaking);
}

#[test]
fn another_abi_version_is_said_once_and_needs_no_knowledge_of_it() {
    let mut other = timer(plain(), &[]);
    other[0] = Item::Library(Library {
        crate_name: "my_timer",
        version: "0.1.0",
        docs: "",
        abi: 999,
        panic_abort: false,
    });
    let found = compare(&timer(plain(), &[]), &other);
    assert_eq!(lines(&found), ["Abi library my_timer"]);
    assert_eq!(found.judgement(), Judgement::Breaking);
}

#[test]
fn an_event_more_is_additive_and_the_first_trait_of_an_object_is_not() {
    let listener = Schema::Events(name("my_timer::Listener"));
    let object = |injected: Vec<Schema>| {
        timer(
            plain(),
            &[Item::Object(common("my_timer::Timer", 20), leak(injected))],
        )
    };
    let event = |path| {
        Item::Event(Event {
            common: common(path, 40),
            owner: name("my_timer::Listener"),
            wire: path,
            params: &[],
        })
    };
    let mut old = object(vec![listener]);
    old.push(event("my_timer::Listener::fired"));
    let mut new = old.clone();
    new.push(event("my_timer::Listener::stopped"));
    let found = compare(&old, &new);
    assert_eq!(lines(&found), ["Added event my_timer::Listener::stopped"]);
    assert_eq!(found.judgement(), Judgement::Additive);

    let found = compare(&object(vec![]), &old);
    assert_eq!(
        lines(&found),
        [
            "Added event my_timer::Listener::fired",
            "Changed object my_timer::Timer"
        ]
    );
    assert_eq!(found.judgement(), Judgement::Breaking);
}
