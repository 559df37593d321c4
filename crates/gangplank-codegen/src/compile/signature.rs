//! What an implementation's packages declare.
//!
//! Comes in: Go files. Goes out: [`Package`]s, read by a small Go program with Go's own parser, because the definition
//! cannot tell `int` from `int32` or `T` from `(T, error)`. Nothing is built for it, so packages that use code which is
//! still to be generated can be read.

use std::path::PathBuf;
use std::process::Command;

use gangplank_model::diagnostics::{self, codes};
use gangplank_model::model::Location;
use gangplank_model::{Diagnostic, Diagnostics};
use serde::{Deserialize, Serialize};

use super::go_tool::Tool;
use super::run::{Listener, run, words};
use super::toolchain::Go;

const TOOL: Tool = Tool {
    name: "gangplank-signatures",
    files: &[
        ("go.mod", include_str!("tools/signatures/go.mod")),
        ("main.go", include_str!("tools/signatures/main.go")),
        ("read.go", include_str!("tools/signatures/read.go")),
        ("types.go", include_str!("tools/signatures/types.go")),
        (
            "reflection.go",
            include_str!("tools/signatures/reflection.go"),
        ),
    ],
    package: ".",
    code: codes::WORK_FOLDER,
};

/// The files of one package, as the go command chose them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PackageFiles {
    pub(super) import_path: String,
    pub(super) files: Vec<PathBuf>,
    /// Types that will be generated into the package.
    pub(super) messages: Vec<String>,
}

/// What one package declares.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Package {
    /// Where it is imported from.
    pub import_path: String,
    /// Its name.
    pub name: String,
    /// Functions without a receiver.
    pub functions: Vec<Function>,
    /// Declared types.
    pub types: Vec<TypeDecl>,
    /// Constants and variables.
    pub values: Vec<Named>,
    /// What its files import, sorted.
    pub imports: Vec<String>,
    /// Calls that hand a plain message to protobuf.
    pub uses: Vec<Use>,
    /// Syntax errors.
    pub errors: Vec<Fault>,
}

impl Package {
    /// The function called `name`.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// Whether it has a `main()` of its own.
    pub fn has_main(&self) -> bool {
        self.function("main").is_some()
    }

    /// Whatever it declares by a name of the package, and where.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Place)> {
        let functions = self.functions.iter().map(|one| (&*one.name, &one.place));
        let types = self.types.iter().map(|one| (&*one.name, &one.place));
        let values = self.values.iter().map(|one| (&*one.name, &one.place));
        functions.chain(types).chain(values)
    }

    /// Fails for what no guest can be made of: text that is not Go, and protobuf's reflection on plain structs.
    pub(super) fn check(&self) -> Result<(), Diagnostics> {
        let mut found = Diagnostics::default();
        for fault in &self.errors {
            found.push(Diagnostic::new(codes::GO_SYNTAX, &*fault.message).label(&fault.place, ""));
        }
        for used in &self.uses {
            let text = format!("`{}` needs protobuf's own type of the message", used.what);
            found.push(Diagnostic::new(codes::REFLECTION, text)
                .label(&used.place, "")
                .help("messages of a guest are plain structs; use the types that `compile_serialization` writes"));
        }
        found.into_result(())
    }
}

/// A function without a receiver.
#[derive(Clone, Debug, Deserialize)]
pub struct Function {
    /// As declared.
    pub name: String,
    /// Where.
    pub place: Place,
    /// `func F(x int) error`.
    pub text: String,
    /// Whether it has type parameters.
    pub generic: bool,
    /// Whether the last parameter is `...T`; its type is `[]T` here.
    pub variadic: bool,
    /// In order.
    pub params: Vec<Value>,
    /// In order.
    pub results: Vec<Value>,
}

/// A parameter or result.
#[derive(Clone, Debug, Deserialize)]
pub struct Value {
    /// Empty when it has none.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
}

/// A constant or variable of the package.
#[derive(Clone, Debug, Deserialize)]
pub struct Named {
    /// As declared.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// A declared type.
#[derive(Clone, Debug, Deserialize)]
pub struct TypeDecl {
    /// As declared.
    pub name: String,
    /// Where.
    pub place: Place,
    /// Whether it is another name of the same type.
    pub alias: bool,
    /// What it is declared as.
    #[serde(rename = "type")]
    pub ty: Type,
}

/// A type expression.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Type {
    /// What it is.
    pub kind: Kind,
    /// Of a basic or named type.
    #[serde(default)]
    pub name: String,
    /// The package of a named type; empty: the one that is read.
    #[serde(default)]
    pub import: String,
    /// What it is made of: element; key and value; base and arguments.
    #[serde(default)]
    pub of: Vec<Type>,
    /// As it was written.
    pub text: String,
}

/// What a type expression is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "Go's own words")]
pub enum Kind {
    Basic,
    Named,
    Pointer,
    Slice,
    Array,
    Map,
    Chan,
    Func,
    Struct,
    Interface,
    Generic,
    Other,
}

/// A call that hands a plain message to protobuf.
#[derive(Clone, Debug, Deserialize)]
pub struct Use {
    /// `proto.Marshal`.
    pub what: String,
    /// Where.
    pub place: Place,
}

/// A syntax error.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    /// In the parser's words.
    pub message: String,
    /// Where.
    pub place: Place,
}

/// A line of the user's.
#[derive(Clone, Debug, Deserialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// From 1.
    pub line: u32,
}

impl diagnostics::Place for Place {
    fn path(&self) -> &str {
        ""
    }

    fn location(&self) -> Location {
        Location {
            file: self.file.clone(),
            line: self.line,
        }
    }
}

#[derive(Serialize)]
struct Question<'a> {
    packages: &'a [PackageFiles],
}

/// Reads packages, in their order.
pub(super) fn read(
    go: &Go,
    packages: &[PackageFiles],
    progress: Listener<'_>,
) -> Result<Vec<Package>, Diagnostics> {
    let broken = |text: String| {
        let text = format!("`{}` gives no answer: {text}", TOOL.name);
        Diagnostics::from(Diagnostic::new(codes::WORK_FOLDER, text))
    };
    let program = TOOL.program(go, progress)?;
    let question =
        serde_json::to_vec(&Question { packages }).map_err(|error| broken(error.to_string()))?;
    let output = run(&mut Command::new(&program), question, progress)
        .map_err(|error| broken(error.to_string()))?;
    serde_json::from_slice(&output.stdout)
        .map_err(|error| broken(format!("{}{error}", words(&output))))
}
