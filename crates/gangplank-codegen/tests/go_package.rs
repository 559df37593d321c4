//! The Go package of a library with one item of each kind: it is formatted, `go vet` has nothing to say, and what cannot
//! be told apart in Go is reported.

#[path = "support/everything.rs"]
mod everything;
#[path = "support/sample.rs"]
mod sample;

use std::path::Path;
use std::process::Command;

use gangplank_codegen::backend::{self, File};
use gangplank_codegen::config::Options;
use gangplank_model::Diagnostics;
use gangplank_model::lowered::{
    Constant, Event, Function, Library, Literal, Mode, Object, Param, ParamsStruct, Shape,
};

fn package(library: &Library, options: &Options) -> Result<Vec<File>, Diagnostics> {
    let language = backend::find("go").expect("Go is in the table");
    (language.run)(library, options)
}

/// What was reported, as text.
fn report(library: &Library, options: &Options) -> String {
    match package(library, options) {
        Ok(_) => panic!("nothing was reported"),
        Err(found) => found.to_string(),
    }
}

fn file<'a>(files: &'a [File], path: &str) -> &'a str {
    let file = files.iter().find(|file| file.path == path);
    &file.unwrap_or_else(|| panic!("no {path}")).contents
}

/// Runs a tool of Go; it succeeds and prints nothing. Without Go: a loud skip, and in CI a failure.
fn go(folder: &Path, tool: &str, args: &[&str]) {
    let result = Command::new(tool).args(args).current_dir(folder).output();
    match result {
        Ok(output) => {
            let text = [output.stdout, output.stderr].concat();
            let text = String::from_utf8_lossy(&text);
            assert!(
                output.status.success() && text.is_empty(),
                "{tool} {args:?}\n{text}"
            );
        }
        Err(error) if std::env::var_os("CI").is_none() => eprintln!("SKIPPED: {tool}: {error}"),
        Err(error) => panic!("{tool}: {error}"),
    }
}

/// Docs with everything that `gofmt` rewrites when it is spelled otherwise.
const DOCS: &str = "Docs.

# Heading
Text:
- one
  more
* two

  further

1. first

```
let code;

let more;
```
Text.
```
let code;
```
1. one
2. two
```
code in a list
```

Text.

    indented
[a]: http://b
+build linux
//go:build linux
\u{0}\u{202e}tail
   - nested
\tcode
";

#[test]
fn empty_text_is_a_default() {
    let files = package(&sample::with_empty_name(), &Options::default()).unwrap();
    let code = file(&files, "kit.go");
    assert!(code.contains("\tv.Name = \"\"\n"), "{code}");
}

#[test]
fn every_kind_of_item_compiles() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut library = everything::library();
    library.docs = DOCS.into();
    for file in package(&library, &Options::default()).expect("Go can express everything") {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, file.contents).expect("a file");
    }
    go(folder.path(), "gofmt", &["-d", "."]);
    go(
        folder.path(),
        "go",
        &["vet", "-tags=gangplank_dynamic", "."],
    );
}

/// What the package calls its own functions is never what an item or the runtime is called.
#[test]
fn internal_names_do_not_meet() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut library = everything::library();
    let mut header = function("header");
    header.results = Vec::new();
    header.results_struct = None;
    library.functions.push(header);
    library.objects.push(object("Library"));
    for (owner, name) in [("Pool", "list_fetch"), ("PoolList", "fetch")] {
        let mut host = sample::library().objects[0].host_functions[1].clone();
        host.common = sample::common(name);
        host.wire = name.into();
        let mut object = object(owner);
        object.host_functions.push(host);
        library.objects.push(object);
    }
    for file in package(&library, &Options::default()).expect("Go can express everything") {
        let path = folder.path().join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, file.contents).expect("a file");
    }
    go(
        folder.path(),
        "go",
        &["vet", "-tags=gangplank_dynamic", "."],
    );
}

#[test]
fn imports_do_not_come_from_texts() {
    let mut library = sample::library();
    let text = library
        .constants
        .iter()
        .find(|constant| matches!(constant.value, Literal::String(_)))
        .expect("a text");
    let text = Constant {
        value: Literal::String("use (math.Pi)".into()),
        ..text.clone()
    };
    library.constants = vec![text];
    for ty in &mut library.types {
        match &mut ty.shape {
            Shape::Record(record) => record
                .fields
                .iter_mut()
                .for_each(|field| field.default = None),
            Shape::Variant(variant) => {
                for case in &mut variant.cases {
                    case.message = "see strconv.ParseInt".into();
                }
            }
            _ => {}
        }
    }
    let files = package(&library, &Options::default()).expect("a package");
    let public = file(&files, "kit.go");
    assert!(public.contains("use (math.Pi)") && public.contains("see strconv.ParseInt"));
    assert!(!public.contains("\t\"math\"\n") && !public.contains("\t\"strconv\"\n"));
}

#[test]
fn output_is_the_same_each_time() {
    let library = sample::library();
    let options = Options::default();
    assert_eq!(
        package(&library, &options).ok(),
        package(&library, &options).ok()
    );
}

#[test]
fn names_come_from_the_configuration() {
    let options = Options {
        module: Some("example.com/tools/kit".into()),
        package: Some("toolkit".into()),
        renames: [("Node".into(), "Knot".into())].into(),
        ..Options::default()
    };
    let files = package(&sample::library(), &options).expect("a package");
    assert!(file(&files, "go.mod").starts_with("module example.com/tools/kit\n"));
    assert!(file(&files, "kit.go").contains("\npackage toolkit\n"));
    assert!(file(&files, "kit.go").contains("\ntype Knot struct {\n"));
    assert!(file(&files, "gangplank_queue.go").contains("\npackage toolkit\n"));
    for package in ["func", "main", "Kit", "my-kit"] {
        let options = Options {
            package: Some(package.into()),
            ..Options::default()
        };
        assert!(report(&sample::library(), &options).contains(&format!(
            "error[GP0408]: `{package}` cannot name a Go package"
        )));
    }
    let options = Options {
        renames: [("Node".into(), "knot".into())].into(),
        ..Options::default()
    };
    let text = report(&sample::library(), &options);
    assert!(
        text.contains(
            "error[GP0408]: `kit::Node` would be `knot`, which is not an exported name in Go"
        ),
        "{text}"
    );
}

fn function(name: &str) -> Function {
    let mut function = sample::library().functions.remove(0);
    function.common = sample::common(name);
    function.symbol = format!("kit_{name}_x");
    function.entry_symbol = format!("kit_{name}_x_entry");
    function.params = Vec::new();
    function
}

fn object(name: &str) -> Object {
    Object {
        common: sample::common(name),
        c_name: format!("kit_{}", name.to_lowercase()),
        constructors: Vec::new(),
        methods: Vec::new(),
        host_functions: Vec::new(),
        events: Vec::new(),
    }
}

fn event(name: &str) -> Event {
    Event {
        common: sample::common(name),
        wire: name.into(),
        params: Vec::new(),
        payload: ParamsStruct {
            c_name: String::new(),
            size: 0,
            align: 1,
        },
    }
}

/// The report about a library with these functions, and an object with these methods and events.
fn coinciding(functions: &[&str], methods: &[&str], events: &[&str]) -> String {
    let mut library = sample::library();
    library
        .functions
        .extend(functions.iter().map(|name| function(name)));
    let mut timer = object("Timer");
    timer
        .methods
        .extend(methods.iter().map(|name| function(name)));
    timer.events.extend(events.iter().map(|name| event(name)));
    library.objects.push(timer);
    report(&library, &Options::default())
}

#[test]
fn names_that_the_package_has_are_reported() {
    for name in [
        "load",
        "set_logger",
        "stats",
        "Subscription",
        "WithDeadline",
        "err_closed",
        "panic_error",
    ] {
        let text = coinciding(&[name], &[], &[]);
        assert!(
            text.contains("a name that every package has"),
            "{name}: {text}"
        );
        assert!(
            text.contains("GP0403")
                && text.contains("`#[gangplank::record(name = \"…\")]` or alike, or `renames`"),
            "{text}"
        );
    }
    let text = coinciding(&[], &["close"], &[]);
    assert!(
        text.contains("`Timer.Close` would be two things in Go"),
        "{text}"
    );
    // What stands inside an item has no attribute of its own.
    let help = "help: give one of them another name: `#[gangplank(name = \"…\")]` in front of it, or `renames`";
    assert!(text.contains(help), "{text}");
    let text = coinciding(&[], &["on_events_dropped"], &["fired"]);
    assert!(
        text.contains("`Timer.OnEventsDropped` would be two things in Go"),
        "{text}"
    );
}

#[test]
fn names_that_meet_in_go_are_reported() {
    let text = coinciding(&["get_url", "getUrl"], &[], &[]);
    assert!(
        text.contains("`GetURL` would be two things in Go: `kit::get_url` and `kit::getUrl`"),
        "{text}"
    );
    let text = coinciding(&[], &["fired"], &["fired"]);
    assert!(text.contains("`Timer.Fired` would be two things"), "{text}");
    let text = coinciding(&[], &["on_fired"], &["fired"]);
    assert!(
        text.contains("`Timer.OnFired` would be two things"),
        "{text}"
    );
    let text = coinciding(&["node"], &[], &[]);
    assert!(text.contains("`Node` would be two things"), "{text}");
}

#[test]
fn two_constructors_with_one_name_are_reported() {
    let mut library = sample::library();
    for name in ["Timer", "Clock"] {
        let mut object = object(name);
        let mut create = function("create");
        create.common.path = format!("kit::{name}::create");
        create.symbol = format!("kit_{}_create", name.to_lowercase());
        create.mode = Mode::Sync;
        object.constructors.push(create);
        library.objects.push(object);
    }
    let text = report(&library, &Options::default());
    let expected =
        "`Create` would be two things in Go: `kit::Timer::create` and `kit::Clock::create`";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn fields_that_meet_in_go_are_reported() {
    let mut library = sample::library();
    for ty in &mut library.types {
        if let Shape::Record(record) = &mut ty.shape
            && let [first, second, ..] = record.fields.as_mut_slice()
        {
            first.name = "job_id".into();
            second.name = "jobId".into();
        }
    }
    let text = report(&library, &Options::default());
    assert!(
        text.contains("`Node.JobID` would be two things in Go"),
        "{text}"
    );
}

#[test]
fn parameters_that_meet_in_go_are_reported() {
    let mut library = sample::library();
    let param = library
        .objects
        .iter()
        .flat_map(|object| &object.methods)
        .find_map(|method| method.params.first())
        .expect("a parameter")
        .clone();
    let mut choose = function("choose");
    choose.params = ["type", "type_arg"]
        .map(|name| {
            let mut param = param.clone();
            param.name = name.into();
            param
        })
        .into();
    library.functions.push(choose);
    let text = report(&library, &Options::default());
    assert!(
        text.contains(
            "the parameters `type` and `type_arg` of `kit::choose` are both `typeArg` in Go"
        ),
        "{text}"
    );
}

/// A parameter's only letter gives way to the receiver of its own function, and to nothing else.
#[test]
fn parameters_of_one_letter_keep_it_unless_it_is_the_receiver() {
    let mut library = sample::library();
    let scalar = library
        .objects
        .iter()
        .flat_map(|object| &object.methods)
        .find_map(|method| method.params.first())
        .expect("a parameter")
        .clone();
    let named = |name: &str| {
        let mut function = function(name);
        function.params = ["n", "s", "x"]
            .map(|letter| Param {
                name: letter.into(),
                ..scalar.clone()
            })
            .into();
        function
    };
    library.functions.push(named("choose"));
    let store = library
        .objects
        .iter_mut()
        .find(|object| object.common.name == "Store")
        .expect("the object whose receiver is `s`");
    store.methods.push(named("pick"));
    let files = package(&library, &Options::default()).expect("a package");
    let text = file(&files, "kit.go");
    assert!(text.contains("\nfunc Choose(n, s, x "), "{text}");
    assert!(
        text.contains("\nfunc (s *Store) Pick(n, sArg, x "),
        "{text}"
    );
}
