//! A library grows by functions, types, objects, events and constants: the package of before goes on with it, and the new
//! package goes on with the library of before, but for what that does not have.

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use support::{crate_in, folder, gangplank, has_go, repository, run, succeed, write};

/// What each version adds stands behind a mark: `//2 ` for the second, `//3 ` for the third.
const SOURCE: &str = r#"//! Grows.
use std::sync::atomic::{AtomicI64, Ordering};

use gangplank::Events;

gangplank::library!();

/// A note.
#[gangplank::record]
pub struct Note {
    pub text: String,
}

/// What a counter tells.
#[gangplank::events]
pub trait CounterEvents {
    /// It has counted.
    fn counted(&self, total: i64);
    //3 /// It was reset.
    //3 fn reset(&self, note: Note);
}

/// A counter.
pub struct Counter(AtomicI64, Events<dyn CounterEvents>);

#[gangplank::object]
impl Counter {
    /// Starts at nothing.
    #[gangplank(constructor)]
    pub fn create(events: Events<dyn CounterEvents>) -> Counter {
        Counter(AtomicI64::new(0), events)
    }

    /// Counts.
    pub fn add(&self, amount: i64) -> i64 {
        let total = self.0.fetch_add(amount, Ordering::SeqCst) + amount;
        self.1.counted(total);
        total
    }

    //2 /// A method in the scalar form.
    //2 pub fn negative(&self) -> i64 {
    //2     -self.0.load(Ordering::SeqCst)
    //2 }

    //2 /// A method with a result of its own, in a new type.
    //2 pub fn summary(&self, note: Note) -> Summary {
    //2     Summary { note, total: self.0.load(Ordering::SeqCst) }
    //2 }

    //2 /// An async method.
    //2 pub async fn later(&self) -> i64 {
    //2     self.0.load(Ordering::SeqCst)
    //2 }
}

/// What a note says.
#[gangplank::function]
pub fn read(note: Note) -> String {
    note.text
}

/// Why something cannot be halved.
#[gangplank::error]
pub enum Whole {
    /// {number} is odd
    Odd { number: i64 },
}

/// Half of it.
#[gangplank::function]
pub fn half(number: i64) -> Result<i64, Whole> {
    if number % 2 == 0 { Ok(number / 2) } else { Err(Whole::Odd { number }) }
}

//2 /// A counter's total with a note.
//2 #[gangplank::record]
//2 pub struct Summary {
//2     pub note: Note,
//2     pub total: i64,
//2 }

//2 /// A limit.
//2 #[gangplank::constant]
//2 pub const LIMIT: i64 = 12;

//2 /// Another object.
//2 pub struct Bell;

//2 #[gangplank::object]
//2 impl Bell {
//2     /// Makes one.
//2     #[gangplank(constructor)]
//2     pub fn hang() -> Bell {
//2         Bell
//2     }
//2 }
"#;

/// Uses what all versions have, then what the second has, and prints how each call ended.
const PROGRAM: &str = r#"package main

import (
	"errors"
	"fmt"
	//2 "context"

	"example.com/growing"
)

func show(what string, value any, err error) {
	fmt.Println(what, value, errors.Is(err, growing.ErrMismatch), err)
}

func main() {
	text, err := growing.Read(growing.Note{Text: "x"})
	show("read", text, err)
	half, err := growing.Half(7)
	show("half", half, err)
	counter, err := growing.Create()
	if err != nil {
		show("create", nil, err)
		return
	}
	heard := make(chan int64, 1)
	counter.OnCounted(func(total int64) { heard <- total })
	total, err := counter.Add(5)
	show("add", total, err)
	fmt.Println("heard", <-heard)
	//2 total, err = counter.Negative()
	//2 show("negative", total, err)
	//2 summary, err := counter.Summary(growing.Note{Text: "y"})
	//2 show("summary", summary, err)
	//2 total, err = counter.Later(context.Background())
	//2 show("later", total, err)
	//2 _, err = growing.Hang()
	//2 show("hang", growing.Limit, err)
	total, err = counter.Add(1)
	show("add", total, err)
}
"#;

const OLD: &str =
    "read x false <nil>\nhalf 0 false 7 is odd\nadd 5 false <nil>\nheard 5\nadd 6 false <nil>\n";

fn of_version(text: &str, version: usize) -> String {
    let added = |text: String, version: usize| text.replace(&format!("//{version} "), "");
    (2..=version).fold(text.to_owned(), added)
}

/// Folders with the three versions, each with its package for Go, and for C with its library.
fn versions() -> &'static [PathBuf; 3] {
    static VERSIONS: OnceLock<[PathBuf; 3]> = OnceLock::new();
    VERSIONS.get_or_init(|| {
        let folder = folder("additive");
        let runtime = repository().join("crates/gangplank");
        let manifest = format!("[dependencies]\ngangplank = {{ path = {runtime:?} }}\n");
        [1, 2, 3].map(|version| {
            let source = of_version(SOURCE, version);
            let root = crate_in(
                &folder.join(format!("v{version}")),
                "growing",
                &manifest,
                &source,
            );
            for language in ["go", "c"] {
                succeed(gangplank(&folder).args(["generate", language]).arg(&root));
            }
            let program = of_version(PROGRAM, version.min(2));
            write(&root.join("go/example/main.go"), &program);
            root
        })
    })
}

/// The folder with a package's library.
fn library(package: &Path) -> PathBuf {
    package.join("internal/lib/linux_amd64")
}

/// Runs the program of `package` with the library of `other`, opened at run time.
fn opened(package: &Path, other: &Path) -> String {
    opened_file(package, &library(&other.join("go")).join("libgrowing.so"))
}

/// The same with this file.
fn opened_file(package: &Path, library: &Path) -> String {
    let mut go = Command::new("go");
    go.args(["run", "-tags", "gangplank_dynamic", "."])
        .current_dir(package.join("go/example"))
        .env("GOTOOLCHAIN", "local")
        .env("GROWING_LIBRARY", library);
    succeed(&mut go)
}

/// The library of `package` as it was before it could leave out the texts of typed errors: without that symbol.
fn without_take_payload(package: &Path) -> PathBuf {
    let of = library(&package.join("go")).join("libgrowing.so");
    let mut bytes = std::fs::read(of).expect("the library");
    let (name, other) = (b"growing_take_payload\0", b"growing_older_symbol\0");
    let places: Vec<usize> = bytes
        .windows(name.len())
        .enumerate()
        .filter_map(|(at, found)| (found == name).then_some(at))
        .collect();
    assert!(!places.is_empty(), "the symbol's name is in the file");
    for at in places {
        bytes[at..][..name.len()].copy_from_slice(other);
    }
    let older = folder("additive").join("older");
    std::fs::create_dir_all(&older).expect("a folder");
    let older = older.join("libgrowing.so");
    std::fs::write(&older, bytes).expect("a copy");
    older
}

/// Builds and runs the program of `package` in a copy that has the library of `other` linked in.
fn linked(package: &Path, other: &Path, name: &str) -> (i32, String, String) {
    let copy = folder("additive").join(name);
    let mut files = Command::new("cp");
    files.args(["-RT"]).arg(package.join("go")).arg(&copy);
    succeed(&mut files);
    let mut archive = Command::new("cp");
    archive
        .arg("-RT")
        .arg(other.join("go/internal/lib"))
        .arg(copy.join("internal/lib"));
    succeed(&mut archive);
    let mut go = Command::new("go");
    go.args(["run", "."])
        .current_dir(copy.join("example"))
        .env("GOTOOLCHAIN", "local");
    run(&mut go)
}

#[test]
fn the_old_package_goes_on_with_the_new_library() {
    if !has_go() {
        return;
    }
    let [one, _, three] = versions();
    assert_eq!(opened(one, three), OLD);
    let (code, printed, messages) = linked(one, three, "old_with_new");
    assert_eq!((code, printed.as_str()), (0, OLD), "{messages}");
}

#[test]
fn typed_errors_come_from_a_library_that_cannot_leave_their_texts_out() {
    if !has_go() {
        return;
    }
    let [one, ..] = versions();
    assert_eq!(opened_file(one, &without_take_payload(one)), OLD);
}

#[test]
fn the_new_package_names_what_the_old_library_lacks() {
    if !has_go() {
        return;
    }
    let [one, two, three] = versions();
    let printed = opened(two, one);
    let where_ = library(&one.join("go")).join("libgrowing.so");
    let lacks = |name: &str| {
        format!(
            "true growing: interface mismatch: {} has no growing_{name}: it is another library, or older than this package\n",
            where_.display()
        )
    };
    let expected = format!(
        "read x false <nil>\nhalf 0 false 7 is odd\nadd 5 false <nil>\nheard 5\nnegative 0 {}summary {{{{}} 0}} {}later 0 {}hang 12 {}add 6 false <nil>\n",
        lacks("counter_negative"),
        lacks("counter_summary"),
        lacks("counter_later"),
        lacks("bell_hang"),
    );
    assert_eq!(printed, expected);

    // Nobody calls when an event does not come, so the first call says that there is none.
    let printed = opened(three, one);
    let missing =
        "growing::CounterEvents::reset is missing\n  expected: event growing::CounterEvents::reset";
    assert!(
        printed.contains("read  true growing: interface mismatch: "),
        "{printed}"
    );
    assert!(
        printed.contains(missing) && printed.contains("create <nil> true"),
        "{printed}"
    );

    // Linked in, the program does not build.
    let (code, _, messages) = linked(two, one, "new_with_old");
    assert_ne!(code, 0);
    for name in ["counter_negative", "bell_hang"] {
        assert!(
            messages.contains(&format!("`growing_{name}'")),
            "{messages}"
        );
    }
}

/// Opens a library that it must refuse, then one that it need not, and calls what only the first has.
const TWO_LOADS: &str = r#"package main

import (
	"errors"
	"fmt"
	"os"

	"example.com/growing"
)

func main() {
	err := growing.Load(os.Args[1])
	fmt.Println("changed", errors.Is(err, growing.ErrMismatch))
	fmt.Println("older", growing.Load(os.Args[2]))
	counter, err := growing.Create()
	fmt.Println("create", err)
	_, err = counter.Negative()
	fmt.Println("negative", errors.Is(err, growing.ErrMismatch), err)
	_, err = growing.Hang()
	fmt.Println("hang", errors.Is(err, growing.ErrMismatch), err)
}
"#;

#[test]
fn nothing_of_a_library_that_was_refused_is_called() {
    if !has_go() {
        return;
    }
    let [one, two, _] = versions();
    // All that the second has, and a record that has changed.
    let source =
        of_version(SOURCE, 2).replace("pub text: String", "pub text: String, pub size: i64");
    let runtime = repository().join("crates/gangplank");
    let manifest = format!("[dependencies]\ngangplank = {{ path = {runtime:?} }}\n");
    let folder = folder("additive");
    let changed = crate_in(&folder.join("changed"), "growing", &manifest, &source);
    succeed(gangplank(&folder).args(["generate", "go"]).arg(&changed));

    let program = two.join("go/two_loads");
    write(&program.join("main.go"), TWO_LOADS);
    let module = std::fs::read_to_string(two.join("go/example/go.mod")).expect("a module");
    write(&program.join("go.mod"), &module);
    let file = |package: &Path| library(&package.join("go")).join("libgrowing.so");
    let mut go = Command::new("go");
    go.args(["run", "-tags", "gangplank_dynamic", "."])
        .args([file(&changed), file(one)])
        .current_dir(program)
        .env("GOTOOLCHAIN", "local");
    let lacks = |name: &str| {
        format!(
            "true growing: interface mismatch: {} has no growing_{name}: it is another library, or older than this package",
            file(one).display()
        )
    };
    let expected = format!(
        "changed true\nolder <nil>\ncreate <nil>\nnegative {}\nhang {}\n",
        lacks("counter_negative"),
        lacks("bell_hang")
    );
    assert_eq!(succeed(&mut go), expected);
}

#[test]
fn programs_in_c_are_told_as_well() {
    let [one, two, _] = versions();
    let folder = folder("additive");
    let source = "#include <stdio.h>\n#include \"growing.h\"\nint main(void)\n{\n    gp_call call = GP_CALL_INIT;\n    \
                  int32_t status = growing_check_header(&call);\n    \
                  printf(\"%d %.*s\\n\", (int)status, GP_ARG(call.message));\n    gp_call_reset(&call);\n    return 0;\n}\n";
    write(&folder.join("main.c"), source);
    let build = |header: &Path, other: &Path, name: &str| {
        let mut cc = Command::new("cc");
        cc.arg("-I")
            .arg(header.join("c"))
            .args(["-o", name, "main.c"]);
        cc.arg(library(&other.join("c")).join("libgrowing.a"));
        cc.args(["-lm", "-ldl", "-lpthread"]).current_dir(&folder);
        run(&mut cc)
    };
    assert_eq!(build(one, two, "old_header").0, 0);
    assert_eq!(
        succeed(&mut Command::new(folder.join("old_header"))),
        "0 \n"
    );
    let (code, _, messages) = build(two, one, "new_header");
    assert_ne!(code, 0);
    assert!(
        messages.contains("growing_counter_negative_entry"),
        "{messages}"
    );
}
