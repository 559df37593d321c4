//! `.proto` files through the passes.

use std::fs;
use std::path::{Path, PathBuf};

use gangplank_codegen::config::{Config, Options};
use gangplank_codegen::proto::{self, Tag};
use gangplank_codegen::{Input, generate, inspect};
use gangplank_descriptor::owned::Body;
use gangplank_descriptor::{decode, items};
use gangplank_model::{Source, assemble, check, lower, lowered};

fn lowered(name: &str) -> lowered::Library {
    let source = proto::interface(&folder().join(name), &[]).unwrap();
    lower(&check(assemble(source).unwrap()).unwrap())
}

#[test]
fn calc_is_lowered() {
    let library = lowered("calc.proto");
    let shape = |function: &lowered::Function| {
        let local = function.common.local_path().replace("::", ".");
        format!(
            "{} {local}: {}",
            function.symbol, function.common.shape_text
        )
    };
    assert_eq!(
        library.functions.iter().map(shape).collect::<Vec<_>>(),
        [
            "calc_Calc_calculate_score Calc.calculate_score: fn calc::Calc::calculate_score(game_data: option<calc::GameData> #1 explicit) -> result<(game_score: calc::GameScore #1 explicit)>",
            "calc_Calc_concat_strings Calc.concat_strings: fn calc::Calc::concat_strings(parts: list<string> #1 repeated) -> result<(joined: string #1)>",
            "calc_Calc_div Calc.div: fn calc::Calc::div(x: i32 #1, y: i32 #2) -> result<(z: f32 #1)>",
            "calc_Calc_gen_scores Calc.gen_scores: fn calc::Calc::gen_scores() -> result<(scores: list<calc::GameScore> #1 repeated, total: i32 #2)>",
            "calc_Calc_hello_world Calc.hello_world: fn calc::Calc::hello_world() -> result<()>",
        ]
    );
    let div = &library.functions[2];
    assert_eq!(div.common.docs, "Divides x by y; y = 0 is an error.");
    assert!(div.untyped_error && div.error.is_none());
    assert_eq!(div.return_c_name, "gp_return_f32");
    assert_eq!(div.common.location, "calc.proto:10");
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/proto/corpus")
}

#[test]
fn everything_that_protobuf_has() {
    let source = proto::interface(&folder().join("shop.proto"), &[]).unwrap();
    let interface = assemble(source).unwrap();
    insta::assert_snapshot!("shop", inspect::text(&interface));
    let json: serde_json::Value = serde_json::from_str(&inspect::json(&interface)).unwrap();
    let buy = &json["functions"][1];
    assert_eq!(buy["proto_name"], "shop.v1.Shop.Buy");
    assert_eq!(buy["proto"]["request"], "shop.v1.BuyRequest");
    assert_eq!(buy["proto"]["results"][1]["proto"]["number"], 2);
    assert_eq!(buy["params"][1]["proto"]["occurs"], "oneof");
    assert_eq!(buy["untyped_error"], true);
    check(interface).unwrap();
}

#[test]
fn tags_are_found() {
    let path = folder().join("shop.proto");
    let environment = |name: &str| (name == "SHOP").then(|| "/src/shop".to_owned());
    let front = proto::read_with(&path, &[], &environment).unwrap();
    let value = |tag: &Option<Tag>| tag.as_ref().map(|tag| tag.value.clone());
    let of = |function: &str| {
        let tags = &front.tags[function];
        [
            &tags.target_language,
            &tags.module,
            &tags.package,
            &tags.function,
        ]
        .map(value)
    };
    let go = Some("go".to_owned());
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        of("shop::v1::Shop::Buy"),
        [go.clone(), text("/src/shop"), None, text("DoBuy")]
    );
    assert_eq!(
        of("shop::v1::Shop::Numbers"),
        [go.clone(), text("./numbers"), None, None]
    );
    assert_eq!(of("shop::v1::Shop::Watch"), [go, None, None, None]);
    assert_eq!(of("shop::v1::Depot::Buy"), [None, None, None, None]);
    let module = front.tags["shop::v1::Shop::Buy"].module.as_ref().unwrap();
    assert_eq!(module.written, "$SHOP");
    assert_eq!(module.location.to_string(), "shop.proto:19");
    assert_eq!(front.file, "shop.proto");
}

#[test]
fn options_say_the_same_as_comments() {
    let written = |body: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.proto");
        let head = "syntax = \"proto3\"; import \"gangplank/options.proto\"; message A {}";
        fs::write(&path, format!("{head}\n{body}")).unwrap();
        let mut tags = proto::read(&path, &[]).unwrap().tags;
        let tags = tags.remove("a::S::f").unwrap();
        [
            tags.target_language,
            tags.module,
            tags.package,
            tags.function,
        ]
        .map(|tag| tag.map(|tag| tag.value))
    };
    let options = written(
        "option (gangplank.file) = { target_language: 'go' module: 'x' };
         service S {
           option (gangplank.service).module = 'y';
           rpc f(A) returns (A) { option (gangplank.rpc) = { package: 'p' function: 'g' }; }
         }",
    );
    let comments = written(
        "// metaffi_target_language: \"go\", metaffi_module: \"x\"

         service S {
           // openffi_module: \"y\"

           // openffi_function_path: \"package=p,function=g\"
           rpc f(A) returns (A);
         }",
    );
    assert_eq!(options, comments);
    assert_eq!(options.map(Option::unwrap), ["go", "y", "p", "g"]);
}

/// What a host compares does not know which library implements it.
#[test]
fn hashes_do_not_depend_on_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(self::folder().join("calc.proto")).unwrap();
    let text = text.replacen(";\n", ";\npackage calc;\n", 1);
    let library = |name: &str| {
        let path = folder.path().join(name);
        fs::write(&path, &text).unwrap();
        lower(&check(assemble(proto::interface(&path, &[]).unwrap()).unwrap()).unwrap())
    };
    let (first, second) = (library("calc.proto"), library("Other-Name.proto"));
    assert_eq!(
        (first.prefix.as_str(), second.prefix.as_str()),
        ("calc", "other_name")
    );
    for (first, second) in first.functions.iter().zip(&second.functions) {
        assert_eq!(first.depends, second.depends);
        assert_ne!(first.symbol, second.symbol);
    }
    assert_eq!(second.functions[2].symbol, "other_name_Calc_div");
}

/// A guest in any language embeds these bytes.
#[test]
fn items_are_there_to_embed() {
    let library = lowered("shop.proto");
    for function in &library.functions {
        let item = decode(&function.common.item).unwrap();
        assert_eq!(item.hash, function.common.hash);
        let Body::Function(item) = item.body else {
            panic!("{item:?}")
        };
        assert_eq!(item.abi_hash, function.abi_hash);
        assert_eq!(item.symbol, function.symbol);
    }
    let mut section = library.item.clone();
    for ty in &library.types {
        let common = match &ty.shape {
            lowered::Shape::Record(item) => &item.common,
            lowered::Shape::Enum(item) => &item.common,
            lowered::Shape::Variant(item) => &item.common,
            _ => continue,
        };
        section.extend(&common.item);
    }
    for function in &library.functions {
        section.extend(&function.common.item);
    }
    let items = items(&section).map(|bytes| decode(bytes.unwrap()).unwrap());
    let source = Source {
        items: items.collect(),
        root: None,
    };
    let read = lower(&check(assemble(source).unwrap()).unwrap());
    assert_eq!(
        format!("{:?}", read.functions),
        format!("{:?}", library.functions)
    );
}

#[test]
fn languages_without_streams_say_so() {
    let path = folder().join("shop.proto");
    for language in gangplank_codegen::backend::BACKENDS {
        let input = Input::ProtoFile {
            path: &path,
            includes: &[],
        };
        let mut config = Config::default();
        if language.name == "go" {
            let options = Options {
                module: Some("example.com/shop".to_owned()),
                ..Options::default()
            };
            config.languages.insert("go".to_owned(), options);
        }
        let found = generate(input, language, &config).unwrap_err().to_string();
        assert!(
            found.contains("error[GP0404]: `shop::v1::Shop::Watch` is a streaming call"),
            "{found}"
        );
    }
}

#[test]
fn c_and_go_have_the_rest() {
    let path = folder().join("calc.proto");
    for (name, expected) in [
        ("c", "gp_return_f32 calc_Calc_div(int32_t x, int32_t y);"),
        ("go", "func Div(x, y int32) (float32, error)"),
    ] {
        let language = gangplank_codegen::backend::find(name).unwrap();
        let input = Input::ProtoFile {
            path: &path,
            includes: &[],
        };
        let mut config = Config::default();
        if name == "go" {
            let options = Options {
                module: Some("example.com/calc".to_owned()),
                ..Options::default()
            };
            config.languages.insert(name.to_owned(), options);
        }
        let files = generate(input, language, &config).unwrap();
        let found = files.iter().find(|file| file.contents.contains(expected));
        assert!(found.is_some(), "{name}");
    }
}

/// Messages with the names of what every library exports, and a oneof beside an enum of its name.
#[test]
fn usual_names_do_not_meet_those_of_the_runtime() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.proto");
    let text = "syntax = \"proto3\";
        message Item { oneof type { Stats stats = 1; Type named = 2; } enum Type { STATS = 0; } }
        message Stats { Version version = 1; } message Version {}
        service Shop { rpc Close(Item) returns (Item); rpc Free(Stats) returns (Version); }";
    fs::write(&path, text).unwrap();
    let library = lower(&check(assemble(proto::interface(&path, &[]).unwrap()).unwrap()).unwrap());
    let names: Vec<_> = library.types.iter().map(|ty| ty.c_name.as_str()).collect();
    assert!(
        names.contains(&"shop_Item_type") && names.contains(&"shop_Item_Type"),
        "{names:?}"
    );
}
