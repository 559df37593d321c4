//! Names that would mean two things: each is reported with the attribute that helps, and following the advice helps.

mod support;

use std::path::Path;
use std::process::Command;

use support::{crate_in, folder, gangplank, repository, run, succeed, write};

/// What stands in `/*1 … */` follows the advice for the names of the C interface, in `/*2 … */` that for Go's.
const SOURCE: &str = r#"//! Collides.
use gangplank::{Events, Host};

gangplank::library!();

#[gangplank::enumeration]
pub enum Word {
    /*1 #[gangplank(name = "JobNumber", wire = "jobNumber")] */
    JobId,
    JobID,
    /*2 #[gangplank(name = "Longer")] */
    Long,
    /*1 #[gangplank(wire = "same2")] */
    Same,
    #[gangplank(wire = "same")]
    Other,
}

#[gangplank::record]
pub struct WordLong {
    #[gangplank(default = Word::JobId)]
    pub word: Word,
    /*1 #[gangplank(name = "job", wire = "job")] */
    pub job_id: i64,
    pub jobId: i64,
    /*1 #[gangplank(name = "service", wire = "service")] */
    pub url_s: i64,
    pub urlS: String,
}

#[gangplank::variant]
pub enum Shape {
    /*1 #[gangplank(name = "Round")] */
    Circle { radius: f64 },
    Other,
}

#[gangplank::record]
pub struct ShapeCircle {
    pub shape: Shape,
}

#[gangplank::error]
pub enum FirstError {
    /// nothing there
    /*2 #[gangplank(name = "NothingFirst")] */
    Nothing,
}

#[gangplank::error]
pub enum SecondError {
    /// nothing there
    Nothing,
}

#[gangplank::events]
pub trait Told {
    /*1 #[gangplank(wire = "fired_first")] */
    /*2 #[gangplank(name = "was_fired")] */
    fn fired(&self);
    #[gangplank(wire = "fired")]
    fn again(&self);
}

#[gangplank::host]
pub trait Asked {
    /*2 #[gangplank(name = "fetch_text")] */
    async fn fetch(&self, /*2 #[gangplank(name = "kind")] */ r#type: i64, type_arg: i64) -> Result<String, String>;
}

#[gangplank::host]
pub trait AskedElsewhere {
    /*2 #[gangplank(wire = "fetch_bytes")] */
    async fn fetch(&self, key: Vec<u8>) -> Result<String, String>;
}

pub struct Teller(pub Events<dyn Told>, pub Host<dyn Asked>);

#[gangplank::object]
impl Teller {
    #[gangplank(constructor)]
    pub fn create(events: Events<dyn Told>, host: Host<dyn Asked>) -> Teller {
        Teller(events, host)
    }

    pub fn fired(&self) -> Result<(), FirstError> {
        Ok(())
    }

    pub fn set_fetch(&self, shape: ShapeCircle, word: WordLong) -> Result<(), SecondError> {
        drop((shape, word.urlS));
        Ok(())
    }

    /*1 #[gangplank(name = "finish")] */
    pub fn close(&self) {}
}

pub struct Other(pub Host<dyn AskedElsewhere>);

#[gangplank::object]
impl Other {
    /*2 #[gangplank(name = "create_other")] */
    #[gangplank(constructor)]
    pub fn create(host: Host<dyn AskedElsewhere>) -> Other {
        Other(host)
    }
}

#[gangplank::function/*2 (name = "load_all") */]
pub fn load(/*2 #[gangplank(name = "function")] */ func: i64, func_arg: i64) -> i64 {
    func + func_arg
}
"#;

/// The source with the advice up to `stage` followed: what is left are comments.
fn followed(stage: usize) -> String {
    let mut source = SOURCE.to_owned();
    for done in 1..=stage {
        let mark = format!("/*{done} ");
        let mut parts = source.split(&mark);
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (attribute, rest) = part.split_once(" */").expect("the end of a comment");
            text.push_str(attribute);
            text.push_str(rest);
        }
        source = text;
    }
    source
}

/// Builds the crate as `stage` has it and writes its package for Go; exit code and messages.
fn generate(folder: &Path, stage: usize) -> (i32, String) {
    let runtime = repository().join("crates/gangplank");
    let manifest = format!(
        "[lib]\ncrate-type = [\"cdylib\"]\n\n[dependencies]\ngangplank = {{ path = {runtime:?} }}\n"
    );
    let source = followed(stage);
    let root = crate_in(folder, "collides", &manifest, &source);
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet"]).current_dir(root);
    succeed(cargo.env("CARGO_TARGET_DIR", support::target()));
    let library = support::target().join("debug/libcollides.so");
    let mut command = gangplank(folder);
    command.args(["generate", "go"]).arg(library);
    let (code, _, messages) = run(command.arg("-o").arg(folder.join("go")));
    (code, messages)
}

#[test]
fn following_the_advice_of_each_diagnostic_helps() {
    let folder = folder("collisions");
    let expect = |stage, lines: &[&str]| {
        let (code, messages) = generate(&folder, stage);
        assert_eq!(code, 1, "{messages}");
        for line in lines {
            assert!(messages.contains(line), "no `{line}` in:\n{messages}");
        }
        let errors = messages.matches("error[GP").count();
        let is_advice = |line: &&str| line.contains("help: ") && line.contains("`#[gangplank");
        let advice = messages.lines().filter(is_advice).count();
        assert_eq!((errors, advice), (lines.len(), lines.len()), "{messages}");
    };
    expect(
        0,
        &[
            "GP0301]: the fields `job_id` and `jobId` of `collides::WordLong` are both `job_id`",
            "GP0301]: the fields `url_s` and `urlS` of `collides::WordLong` are both `url_s`",
            "GP0304]: the fields `job_id` and `jobId` of `collides::WordLong` have one wire name, `jobId`",
            "GP0304]: the fields `url_s` and `urlS` of `collides::WordLong` have one wire name, `urlS`",
            "GP0304]: the values `JobId` and `JobID` of `collides::Word` have one wire name, `jobId`",
            "GP0304]: the values `Same` and `Other` of `collides::Word` have one wire name, `same`",
            "GP0304]: the events `again` and `fired` of `collides::Teller` have one wire name, `fired`",
            "GP0303]: the function that ends `Teller` and the function `collides::Teller::close` are both",
            "GP0303]: the case `Circle` of `collides::Shape` and the record `collides::ShapeCircle` are both",
            "GP0303]: the value `JobId` of `collides::Word` and the value `JobID` of `collides::Word` are both",
        ],
    );
    expect(
        1,
        &[
            "GP0403]: `WordLong` would be two things in Go: the value `Long` of `collides::Word` and `collides::WordLong`",
            "GP0403]: `ErrNothing` would be two things in Go: the case `Nothing` of `collides::FirstError` and the case",
            "GP0403]: `Teller.Fired` would be two things in Go: `collides::Teller::fired` and `collides::Told::fired`",
            "GP0403]: `Teller.SetFetch` would be two things in Go: `collides::Teller::set_fetch` and",
            "GP0403]: the parameters `type` and `type_arg` of `collides::Asked::fetch` are both `typeArg` in Go",
            "GP0403]: two host functions with the wire name `fetch` differ",
            "GP0303]: `collides_teller_set_fetch` would be a function and a function that the header adds",
            "GP0403]: `Create` would be two things in Go: ",
            "GP0403]: `Load` would be two things in Go: a name that every package has and `collides::load`",
            "GP0403]: the parameters `func` and `func_arg` of `collides::load` are both `funcArg` in Go",
        ],
    );
    let (code, messages) = generate(&folder, 2);
    assert_eq!(code, 0, "{messages}");
}

/// A module with a function that another one has, too.
const PAINT: &str =
    "//! A colour.\n\n/// Paints.\n#[gangplank::function]\npub fn paint() -> i64 {\n    1\n}\n";

#[test]
fn functions_of_one_name_in_two_modules_are_both_named() {
    let folder = folder("one_symbol");
    let runtime = repository().join("crates/gangplank");
    let manifest = format!("[dependencies]\ngangplank = {{ path = {runtime:?} }}\n");
    let source = "//! Paints.\nmod blue;\nmod red;\n\ngangplank::library!();\n";
    let root = crate_in(&folder, "paints", &manifest, source);
    write(&root.join("src/blue.rs"), PAINT);
    write(&root.join("src/red.rs"), PAINT);
    let (code, stdout, messages) = run(gangplank(&folder).args(["build", "paints"]));
    assert_eq!((code, stdout.as_str()), (1, ""), "{messages}");
    let found = "the function `paints::blue::paint` and the function `paints::red::paint` have one symbol, `paints_paint`";
    for line in [
        &format!("error[GP0302]: {found}"),
        " --> src/blue.rs:5:1",
        " ::: src/red.rs:5:1",
        "help: ",
    ] {
        assert!(messages.contains(line), "no `{line}` in:\n{messages}");
    }

    // What was built to find it is not taken for the library.
    let renamed = PAINT.replace("function]", "function(name = \"paint_red\")]");
    write(&root.join("src/red.rs"), &renamed);
    let (code, _, messages) = run(gangplank(&folder).args(["build", "paints"]));
    assert_eq!(code, 0, "{messages}");
}
