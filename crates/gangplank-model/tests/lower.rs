//! What the lowering decides: layouts, names, forms, what a function depends on.

mod support;

use gangplank_model::lowered::{self, Mode, Pass, Return, Shape};
use support::*;

fn by_name<'a>(library: &'a lowered::Library, c_name: &str) -> &'a lowered::Type {
    let found = library.types.iter().find(|ty| ty.c_name == c_name);
    found.unwrap_or_else(|| {
        let names: Vec<_> = library.types.iter().map(|ty| &ty.c_name).collect();
        panic!("no {c_name} in {names:?}")
    })
}

fn fields(ty: &lowered::Type) -> &[lowered::Field] {
    match &ty.shape {
        Shape::Record(record) => &record.fields,
        other => panic!("{other:?}"),
    }
}

#[test]
fn records_are_laid_out_as_in_c() {
    let color = Item::Enum(
        common("my_timer::Color", 1),
        &[EnumValue {
            name: "DarkRed",
            wire: "darkRed",
            docs: "",
            deprecated: None,
            value: 7,
        }],
    );
    let fields_of = vec![
        field("flag", Schema::Bool),
        field("count", Schema::I64),
        field("color", Schema::Enum(name("my_timer::Color"))),
        field("note", Schema::Option(&Schema::String)),
        field("tags", Schema::List(&Schema::String)),
        field("little", Schema::Option(&Schema::U16)),
        field("at", Schema::Timestamp),
        field("by_key", Schema::Map(&Schema::U8, &Schema::F64)),
        field("new", Schema::F32),
    ];
    let library = lowered(&[
        LIBRARY,
        color,
        record("my_timer::Kitchen", 3, fields_of),
        taker(
            "my_timer::take",
            "my_timer_take",
            Schema::Record(name("my_timer::Kitchen")),
            pointer(112, 8),
        ),
    ]);
    let kitchen = by_name(&library, "my_timer_kitchen");
    assert_eq!((kitchen.size, kitchen.align, kitchen.heap), (112, 8, true));
    let places: Vec<_> = fields(kitchen)
        .iter()
        .map(|field| (field.c_name.as_str(), field.offset))
        .collect();
    let expected = [
        ("flag", 0),
        ("count", 8),
        ("color", 16),
        ("note", 24),
        ("tags", 48),
        ("little", 64),
        ("at", 72),
        ("by_key", 88),
        ("new_", 104),
    ];
    assert_eq!(places, expected);
    assert_eq!(by_name(&library, "my_timer_option_string").size, 24);
    assert_eq!(by_name(&library, "my_timer_option_u16").size, 4);
    let map = by_name(&library, "my_timer_list_pair_u8_f64");
    let Shape::Map {
        pair_c_name,
        value_offset,
        pair_size,
        ..
    } = &map.shape
    else {
        panic!("{map:?}")
    };
    assert_eq!(
        (pair_c_name.as_str(), *value_offset, *pair_size),
        ("my_timer_pair_u8_f64", 8, 16)
    );
    let Shape::Enum(color) = &by_name(&library, "my_timer_color").shape else {
        panic!()
    };
    assert_eq!(color.values[0].c_name, "MY_TIMER_COLOR_DARK_RED");
}

#[test]
fn variants_have_a_tag_and_a_union() {
    let cases = vec![
        Case {
            name: "Empty",
            wire: "empty",
            docs: "",
            deprecated: None,
            positional: false,
            message: "",
            fields: &[],
        },
        Case {
            name: "Circle",
            wire: "circle",
            docs: "",
            deprecated: None,
            positional: true,
            message: "",
            fields: leak(vec![field("0", Schema::F64)]),
        },
        Case {
            name: "Named",
            wire: "named",
            docs: "",
            deprecated: None,
            positional: false,
            message: "",
            fields: leak(vec![field("a", Schema::U8), field("b", Schema::String)]),
        },
    ];
    let library = lowered(&[
        LIBRARY,
        Item::Variant(common("my_timer::Shape", 1), leak(cases)),
        taker(
            "my_timer::draw",
            "my_timer_draw",
            Schema::Variant(name("my_timer::Shape")),
            pointer(32, 8),
        ),
    ]);
    let shape = by_name(&library, "my_timer_shape");
    let Shape::Variant(variant) = &shape.shape else {
        panic!("{shape:?}")
    };
    assert_eq!((shape.size, variant.union_offset), (32, Some(8)));
    let circle = &variant.cases[1];
    assert_eq!(circle.c_tag, "MY_TIMER_SHAPE_CIRCLE");
    assert_eq!(
        (
            circle.c_member.as_str(),
            circle.c_struct.as_str(),
            circle.size
        ),
        ("circle", "my_timer_shape_circle", 8)
    );
    assert_eq!(circle.fields[0].c_name, "f0");
}

#[test]
fn an_empty_record_has_one_byte_and_a_variant_without_data_is_its_tag() {
    let case = Case {
        name: "Gone",
        wire: "gone",
        docs: "",
        deprecated: None,
        positional: false,
        message: "gone",
        fields: &[],
    };
    let library = lowered(&[
        LIBRARY,
        record("my_timer::Nothing", 1, vec![]),
        Item::Error(common("my_timer::Lost", 2), leak(vec![case])),
        Item::Function(Function {
            params: leak(vec![param(
                "value",
                Schema::Record(name("my_timer::Nothing")),
            )]),
            error: Some(Schema::Error(name("my_timer::Lost"))),
            abi_hash: abi_hash(0, &[pointer(1, 1)], &[], Some(pointer(4, 4))),
            ..function("my_timer::take", "my_timer_take", 3)
        }),
    ]);
    let nothing = by_name(&library, "my_timer_nothing");
    assert_eq!((nothing.size, nothing.align), (1, 1));
    let lost = by_name(&library, "my_timer_lost");
    assert_eq!((lost.size, lost.align), (4, 4));
}

#[test]
fn recursion_goes_through_pointers_and_types_come_after_what_they_hold() {
    const TREE: Schema = Schema::Record(TypeName {
        path: "my_timer::Tree",
        version: "0.1.0",
    });
    let library = lowered(&[
        LIBRARY,
        record("my_timer::Leaf", 1, vec![field("value", Schema::I64)]),
        record(
            "my_timer::Tree",
            2,
            vec![
                field("next", Schema::Option(&Schema::Boxed(&TREE))),
                field("boxed", Schema::List(&Schema::Boxed(&TREE))),
                field("children", Schema::List(&TREE)),
                field("named", Schema::Map(&Schema::String, &TREE)),
                field("leaf", Schema::Record(name("my_timer::Leaf"))),
            ],
        ),
        taker("my_timer::grow", "my_timer_grow", TREE, pointer(64, 8)),
    ]);
    let tree = by_name(&library, "my_timer_tree");
    let next = library.ty(fields(tree)[0].ty);
    assert!(
        matches!(next.shape, Shape::Nullable(target) if library.ty(target).c_name == "my_timer_tree")
    );
    assert_eq!(next.c_name, "const my_timer_tree *");
    assert_eq!(by_name(&library, "my_timer_list_box_tree").size, 16);
    let map = by_name(&library, "my_timer_list_pair_string_tree");
    assert!(
        matches!(
            map.shape,
            Shape::Map {
                pair_size: 80,
                value_offset: 16,
                ..
            }
        ),
        "{map:?}"
    );
    let position = |c_name: &str| library.types.iter().position(|ty| ty.c_name == c_name);
    assert!(position("my_timer_leaf") < position("my_timer_tree"));
    let function = &library.functions[0];
    let paths: Vec<_> = function
        .depends
        .iter()
        .map(|item| item.path.as_str())
        .collect();
    assert_eq!(
        paths,
        ["my_timer::Leaf", "my_timer::Tree", "my_timer::grow"]
    );
}

#[test]
fn functions_have_their_form() {
    let sync = |path, symbol, params: Vec<Param>, results: Vec<Schema>, hash| {
        Item::Function(Function {
            params: leak(params),
            results: leak(results),
            abi_hash: hash,
            ..function(path, symbol, 1)
        })
    };
    let library = lowered(&[
        LIBRARY,
        sync(
            "my_timer::a_add",
            "my_timer_a_add",
            vec![param("left", Schema::I64), param("call", Schema::I64)],
            vec![Schema::I64],
            abi_hash(8, &[I64, I64], &[I64], None),
        ),
        sync(
            "my_timer::b_text",
            "my_timer_b_text",
            vec![param("text", Schema::String)],
            vec![Schema::I64],
            abi_hash(0, &[STRING], &[I64], None),
        ),
        sync(
            "my_timer::c_two",
            "my_timer_c_two",
            vec![],
            vec![Schema::U8, Schema::String],
            abi_hash(
                0,
                &[],
                &[
                    Layout {
                        class: 1,
                        size: 1,
                        align: 1,
                    },
                    STRING,
                ],
                None,
            ),
        ),
        Item::Function(Function {
            is_async: true,
            abi_hash: abi_hash(1, &[], &[], None),
            ..function("my_timer::d_later", "my_timer_d_later", 4)
        }),
        Item::Function(function("my_timer::e_unit", "my_timer_e_unit", 5)),
    ]);
    let [add, text, two, later, unit] = library.functions.as_slice() else {
        panic!()
    };
    assert!(matches!(add.ret, Return::Scalar(Some(_))));
    assert_eq!(
        (add.params[1].c_name.as_str(), add.params[1].offset),
        ("call_", 8)
    );
    assert_eq!((text.ret, text.params[0].pass), (Return::Out, Pass::Text));
    let results = two.results_struct.as_ref().unwrap();
    assert_eq!(
        (
            results.c_name.as_str(),
            results.offsets.as_slice(),
            results.size
        ),
        ("my_timer_c_two_results", [0, 8].as_slice(), 24)
    );
    assert_eq!((later.mode, later.ret), (Mode::Async, Return::Out));
    assert_eq!(unit.ret, Return::Scalar(None));
    assert_eq!(unit.entry_symbol, "my_timer_e_unit_entry");
}

#[test]
fn objects_bring_their_host_functions_and_events() {
    let demo = name("my_timer::Demo");
    let host = Schema::Host(name("my_timer::DemoHost"));
    let events = Schema::Events(name("my_timer::DemoEvents"));
    let create = Function {
        owner: Some(demo),
        role: Role::Constructor,
        params: leak(vec![param("host", host), param("events", events)]),
        results: leak(vec![Schema::Object(demo)]),
        abi_hash: abi_hash(2, &[], &[HANDLE], None),
        ..function("my_timer::Demo::create", "my_timer_demo_create", 5)
    };
    let join = Function {
        owner: Some(demo),
        role: Role::Method,
        params: leak(vec![param("other", Schema::Object(demo))]),
        abi_hash: abi_hash(4, &[HANDLE], &[], None),
        ..function("my_timer::Demo::join", "my_timer_demo_join", 6)
    };
    let library = lowered(&[
        LIBRARY,
        Item::Object(
            common("my_timer::Demo", 4),
            leak(vec![host, events, Schema::I64]),
        ),
        Item::Function(create),
        Item::Function(join),
        Item::HostFunction(HostFunction {
            common: common("my_timer::DemoHost::fetch_token", 1),
            owner: name("my_timer::DemoHost"),
            wire: "fetch_token",
            params: leak(vec![
                param("urgent", Schema::Bool),
                param("key", Schema::String),
            ]),
            results: &[Schema::String],
            error: Some(Schema::String),
            deadline_ms: 500,
        }),
        Item::Event(Event {
            common: common("my_timer::DemoEvents::fired", 2),
            owner: name("my_timer::DemoEvents"),
            wire: "fired",
            params: leak(vec![param(
                "event",
                Schema::Record(name("my_timer::Fired")),
            )]),
        }),
        record("my_timer::Fired", 3, vec![field("count", Schema::I64)]),
    ]);
    let object = &library.objects[0];
    assert_eq!(object.c_name, "my_timer_demo");
    let fetch = &object.host_functions[0];
    assert_eq!(
        (fetch.request.c_name.as_str(), fetch.request.size),
        ("my_timer_demo_fetch_token_request", 24)
    );
    assert_eq!((fetch.params[1].offset, fetch.deadline_ms), (8, Some(500)));
    assert_eq!(object.events[0].payload.c_name, "my_timer_demo_fired_event");
    let create = &object.constructors[0];
    assert!(create.params.is_empty(), "injected parameters do not cross");
    assert!(matches!(
        library.ty(create.results[0]).shape,
        Shape::Object(0)
    ));
    let paths: Vec<_> = create
        .depends
        .iter()
        .map(|item| item.path.as_str())
        .collect();
    assert_eq!(
        paths,
        [
            "my_timer::Demo",
            "my_timer::Demo::create",
            "my_timer::DemoEvents::fired",
            "my_timer::DemoHost::fetch_token",
            "my_timer::Fired"
        ]
    );
    let join = &object.methods[0];
    assert_eq!((join.ret, join.params[0].pass), (Return::Out, Pass::Handle));
}

#[test]
fn other_crates_lend_types_only() {
    let library = lowered(&[
        LIBRARY,
        record("my_dep::Config", 1, vec![field("name", Schema::String)]),
        record("my_dep::Unused", 2, vec![]),
        taker(
            "my_timer::take",
            "my_timer_take",
            Schema::Record(name("my_dep::Config")),
            pointer(16, 8),
        ),
        Item::Function(function("my_dep::helper", "my_dep_helper", 3)),
    ]);
    assert_eq!(library.functions.len(), 1);
    let names: Vec<_> = library.types.iter().map(|ty| ty.c_name.as_str()).collect();
    assert_eq!(names, ["gp_string", "my_timer_config"]);
}
