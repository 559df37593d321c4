//! A lowered library with one item of each kind, made by hand: what the C backend must be able to spell, without a
//! library file.

use gangplank_model::lowered::*;

/// Everything that the header has a form for.
pub(crate) fn library() -> Library {
    let mut types = Types::default();
    let i64 = types.plain(Shape::Scalar(Scalar::I64), "int64_t", 8);
    let f32 = types.plain(Shape::Scalar(Scalar::F32), "float", 4);
    let bool = types.plain(Shape::Bool, "uint8_t", 1);
    let string = types.heap(Shape::String, "gp_string", 16);
    let bytes = types.heap(Shape::Bytes, "gp_bytes", 16);
    let time = types.plain(Shape::Timestamp, "gp_time", 16);
    let color = types.plain(Shape::Enum(color()), "kit_color", 4);
    let option = types.plain(Shape::Option(i64), "kit_option_i64", 16);
    let node_id = TypeId(types.0.len() + 3);
    let list = types.heap(Shape::List(node_id), "kit_list_node", 16);
    let nullable = types.heap(Shape::Nullable(node_id), "const kit_node *", 8);
    let map = types.heap(
        Shape::Map {
            key: string,
            value: node_id,
            pair_c_name: "kit_pair_string_node".into(),
            value_offset: 16,
            pair_size: 128,
        },
        "kit_list_pair_string_node",
        16,
    );
    let fields = vec![
        field("name", string, 0, Some(Literal::String("né\"w?".into()))),
        field("next", nullable, 16, None),
        field("nodes", list, 24, None),
        field("by_name", map, 40, None),
        field("count", option, 56, Some(Literal::Int(i64::MIN.into()))),
        field("at", time, 72, None),
        field("color", color, 88, Some(Literal::EnumValue("Green".into()))),
        field("data", bytes, 96, Some(Literal::Bytes(vec![0, 1, 255]))),
    ];
    let node = types.heap(
        Shape::Record(Record {
            common: common("Node"),
            fields,
            default_c_name: Some("KIT_NODE_DEFAULT".into()),
        }),
        "kit_node",
        112,
    );
    assert_eq!(node, node_id);
    let empty = types.plain(
        Shape::Record(Record {
            common: common("Empty"),
            fields: vec![],
            default_c_name: None,
        }),
        "kit_empty",
        1,
    );
    let figure = types.plain(Shape::Variant(figure(f32, bool)), "kit_figure", 12);
    let error = types.heap(Shape::Variant(failure(string)), "kit_failure", 24);
    Library {
        prefix: "kit".into(),
        version: "1.2.3".into(),
        abi: 1,
        docs: "Holds */ everything /* there is.".into(),
        objects: vec![object(string, node, error, i64, figure, empty)],
        functions: vec![two(i64, string)],
        constants: vec![
            constant("LIMIT", i64, Literal::Int(i64::MIN.into())),
            constant("GREETING", string, Literal::String("hello".into())),
            constant("RATIO", f32, Literal::Float(f64::NEG_INFINITY.to_bits())),
            constant("MARK", bytes, Literal::Bytes(vec![7, 0, 48])),
            constant("FAVOURITE", color, Literal::EnumValue("Red".into())),
            constant("ENABLED", bool, Literal::Bool(true)),
        ],
        types: types.0,
        package: String::new(),
        services: Vec::new(),
        item: Vec::new(),
    }
}

/// The same, where the name of a node is empty text unless somebody says otherwise.
#[allow(dead_code, reason = "not every language has defaults")]
pub(crate) fn with_empty_name() -> Library {
    let mut library = library();
    let nodes = library
        .types
        .iter_mut()
        .filter_map(|ty| match &mut ty.shape {
            Shape::Record(record) if record.common.name == "Node" => Some(record),
            _ => None,
        });
    for node in nodes {
        node.fields[0].default = Some(Literal::Empty);
        node.default_c_name = Some("KIT_NODE_DEFAULT".into());
    }
    library
}

#[derive(Default)]
struct Types(Vec<Type>);

impl Types {
    fn push(&mut self, shape: Shape, c_name: &str, size: usize, heap: bool) -> TypeId {
        self.0.push(Type {
            shape,
            c_name: c_name.into(),
            size,
            align: size.min(8),
            heap,
        });
        TypeId(self.0.len() - 1)
    }

    fn plain(&mut self, shape: Shape, c_name: &str, size: usize) -> TypeId {
        self.push(shape, c_name, size, false)
    }

    fn heap(&mut self, shape: Shape, c_name: &str, size: usize) -> TypeId {
        self.push(shape, c_name, size, true)
    }
}

pub(crate) fn common(name: &str) -> Common {
    Common {
        name: name.into(),
        path: format!("kit::{name}"),
        docs: format!("What {name} is. */ #error"),
        deprecated: (name == "old").then(|| "use `new`".into()),
        location: "src/lib.rs:7".into(),
        ..Common::default()
    }
}

pub(crate) fn field(name: &str, ty: TypeId, offset: usize, default: Option<Literal>) -> Field {
    Field {
        name: name.into(),
        wire: name.into(),
        c_name: name.into(),
        docs: format!("The {name}."),
        deprecated: None,
        ty,
        offset,
        default,
        proto: None,
    }
}

fn color() -> Enum {
    let value = |name: &str, value| EnumValue {
        name: name.into(),
        wire: name.to_lowercase(),
        docs: String::new(),
        deprecated: (name == "Red").then(|| "use `Green`".into()),
        value,
        c_name: format!("KIT_COLOR_{}", name.to_uppercase()),
    };
    Enum {
        common: common("Color"),
        values: vec![value("Red", i32::MIN), value("Green", 5)],
        aliases: Vec::new(),
        open: false,
    }
}

fn case(prefix: &str, name: &str, fields: Vec<Field>, size: usize) -> Case {
    Case {
        name: name.into(),
        wire: name.into(),
        docs: format!("It is {name}."),
        deprecated: None,
        c_tag: format!("KIT_{}_{}", prefix.to_uppercase(), name.to_uppercase()),
        c_member: name.to_lowercase(),
        c_struct: format!("kit_{prefix}_{}", name.to_lowercase()),
        fields,
        positional: false,
        message: String::new(),
        size,
    }
}

fn figure(f32: TypeId, bool: TypeId) -> Variant {
    let cases = vec![
        case("figure", "Nothing", vec![], 0),
        case("figure", "Circle", vec![field("radius", f32, 0, None)], 4),
        case(
            "figure",
            "Square",
            vec![field("side", f32, 0, None), field("filled", bool, 4, None)],
            8,
        ),
    ];
    Variant {
        common: common("Figure"),
        is_error: false,
        cases,
        union_offset: Some(4),
    }
}

fn failure(string: TypeId) -> Variant {
    let cases = vec![
        case("failure", "Gone", vec![], 0),
        case("failure", "Bad", vec![field("why", string, 0, None)], 16),
    ];
    Variant {
        common: common("Failure"),
        is_error: true,
        cases,
        union_offset: Some(8),
    }
}

pub(crate) fn param(name: &str, ty: TypeId, pass: Pass, offset: usize) -> Param {
    Param {
        name: name.into(),
        wire: name.into(),
        c_name: name.into(),
        docs: String::new(),
        ty,
        pass,
        borrowed: false,
        offset,
        default: None,
        proto: None,
    }
}

pub(crate) fn function(
    symbol: &str,
    mode: Mode,
    ret: Return,
    params: Vec<Param>,
    results: Vec<TypeId>,
) -> Function {
    Function {
        common: common(symbol),
        symbol: symbol.into(),
        entry_symbol: format!("{symbol}_entry"),
        mode,
        ret,
        return_c_name: match ret {
            Return::Scalar(None) => "gp_return_unit",
            Return::Scalar(Some(_)) => "gp_return_i64",
            Return::Out => "int32_t",
        },
        abi_hash: 9,
        params,
        results,
        results_struct: None,
        error: None,
        deadline_ms: None,
        depends: vec![ItemHash {
            path: format!("kit::{symbol}"),
            hash: 7,
            abi_hash: 9,
            shape_text: String::new(),
        }],
        untyped_error: false,
        proto: None,
    }
}

fn two(i64: TypeId, string: TypeId) -> Function {
    let mut two = function(
        "kit_two",
        Mode::Sync,
        Return::Out,
        vec![],
        vec![i64, string],
    );
    two.results_struct = Some(ResultsStruct {
        c_name: "kit_two_results".into(),
        offsets: vec![0, 8],
        size: 24,
    });
    two
}

fn object(
    string: TypeId,
    node: TypeId,
    error: TypeId,
    i64: TypeId,
    figure: TypeId,
    empty: TypeId,
) -> Object {
    let scalar = Return::Scalar(Some(i64));
    let mut old = function(
        "kit_store_old",
        Mode::Sync,
        scalar,
        vec![param("by", i64, Pass::Scalar, 0)],
        vec![i64],
    );
    old.error = Some(error);
    old.common = common("old");
    let puts = vec![
        param("key", string, Pass::Text, 0),
        param("node", node, Pass::Pointer, 16),
        param("figure", figure, Pass::Pointer, 128),
        param("call_", empty, Pass::Pointer, 140),
    ];
    let mut put = function("kit_store_put", Mode::Async, Return::Out, puts, vec![node]);
    put.error = Some(string);
    let ask = HostFunction {
        common: common("ask"),
        wire: "ask".into(),
        params: vec![param("key", string, Pass::Text, 0)],
        request: ParamsStruct {
            c_name: "kit_ask_request".into(),
            size: 16,
            align: 8,
        },
        result: Some(node),
        error: string,
        deadline_ms: Some(500),
    };
    let poke = HostFunction {
        common: common("poke"),
        wire: "poke".into(),
        params: vec![],
        request: ParamsStruct {
            c_name: "kit_poke_request".into(),
            size: 0,
            align: 1,
        },
        result: None,
        error,
        deadline_ms: None,
    };
    let changed = Event {
        common: common("Changed"),
        wire: "changed".into(),
        params: vec![param("node", node, Pass::Pointer, 0)],
        payload: ParamsStruct {
            c_name: "kit_changed_event".into(),
            size: 112,
            align: 8,
        },
    };
    Object {
        common: common("Store"),
        c_name: "kit_store".into(),
        constructors: vec![function(
            "kit_store_open",
            Mode::Sync,
            Return::Out,
            vec![],
            vec![i64],
        )],
        methods: vec![old, put],
        host_functions: vec![ask, poke],
        events: vec![changed],
    }
}

fn constant(name: &str, ty: TypeId, value: Literal) -> Constant {
    Constant {
        common: common(name),
        ty,
        value,
        c_name: format!("KIT_{name}"),
    }
}
