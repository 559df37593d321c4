//! The words of the command line.
//!
//! Comes in: what was typed. Goes out: one of the commands with its options. Help texts and examples live here and
//! nowhere else; the list of languages comes from the table of backends.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand, ValueEnum};
use gangplank_codegen::backend::BACKENDS;

use crate::new::STARTERS;

/// Makes native packages for other languages of a Rust library.
#[derive(Debug, Parser)]
#[command(name = "gangplank", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  gangplank new hello --guest rust start a crate and a Go program that calls it, in ./hello
  gangplank generate go .          build the crate here, write ./go and put the library into it
  gangplank build                  build the library anew for the packages that are there
  gangplank compile --idl calc.proto --to-guest --from-host go
                                   build what calc.proto declares, and write the package that calls it
  gangplank inspect libmy_timer.so show the interface of a built library, without running it
  gangplank diff old.so new.so     say whether programs that use the old library work with the new one
  gangplank doctor                 say which tools are there and what is missing

Exit codes: 0 done, 1 the input has faults, 2 wrong usage, 3 a tool is missing; of diff also 4 additive, 5 breaking.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a library in Rust, Go or Python, and a program in another language that calls it
    #[command(after_help = NEW_EXAMPLES)]
    New(NewArgs),
    /// Build a crate: one small static archive and a shared library
    #[command(after_help = BUILD_EXAMPLES)]
    Build(BuildArgs),
    /// Write the package of a language for a library
    #[command(after_help = GENERATE_EXAMPLES)]
    Generate(GenerateArgs),
    /// Compile a .proto file: the guest library of its implementation, and host packages that call it
    #[command(after_help = COMPILE_EXAMPLES)]
    Compile(CompileArgs),
    /// Show the interface of a built library, read from the file without running it, or of a .proto file
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArgs),
    /// Say what has changed between two libraries, and whether programs that use the old one work with the new one
    #[command(after_help = DIFF_EXAMPLES)]
    Diff(DiffArgs),
    /// Say which tools are there, what is missing, and which package has it
    #[command(after_help = DOCTOR_EXAMPLES)]
    Doctor(DoctorArgs),
}

const NEW_EXAMPLES: &str = "\
Examples:
  gangplank new hello --guest rust
  cd hello
  gangplank generate go .       build the crate, write the Go package
  go run -C go/example .        run the Go program

  gangplank new hello --guest go       hello.proto, Go that implements it, a Rust program
  gangplank new hello --guest python   hello.proto, Python that implements it, a Go program

The command says which two commands lead to the program's output. A crate depends on the toolkit's own source where this
command was built from a checkout that is still there, otherwise on the version in the registry; the command says which.";

/// Options of `new`.
#[derive(Debug, clap::Args)]
pub(crate) struct NewArgs {
    /// The crate's name; the folder of that name must not be there
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The language that the library is written in
    #[arg(long, value_name = "LANGUAGE", value_parser = starters())]
    pub(crate) guest: String,
    /// Depend on the crate `gangplank` in this folder, and on the toolkit's others beside it
    #[arg(long, value_name = "PATH")]
    pub(crate) gangplank_path: Option<PathBuf>,
}

const BUILD_EXAMPLES: &str = "\
Examples:
  gangplank build                       the crate in this folder; the library goes into ./go, ./c … if they are there
  gangplank build examples/timer        another crate
  gangplank build -o ../service/timer   put the library into the package in that folder
  gangplank build --debug-info          keep line tables, and the stack of each panic for the host
  gangplank build --target aarch64-unknown-linux-gnu
                                        for another machine; the package keeps the libraries of all platforms side by
                                        side, and Go chooses among them";

/// Options of `build`.
#[derive(Debug, clap::Args)]
pub(crate) struct BuildArgs {
    /// The crate's folder
    #[arg(value_name = "CRATE_DIR", default_value = ".")]
    pub(crate) source: PathBuf,
    /// The folder of the package that gets the library, instead of the packages beside the crate
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Keep line tables in the library, and the stack of each panic for the host
    #[arg(long)]
    pub(crate) debug_info: bool,
    /// Build for this target of Rust's instead of this machine
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
}

const GENERATE_EXAMPLES: &str = "\
Examples:
  gangplank generate go .                             build the crate here, then write ./go
  gangplank generate c target/release/libmy_timer.so  write ./c for a library that is built already
  gangplank generate python .                         the same as ./python, ready for `pip wheel ./python`
  gangplank generate go . --check                     say whether ./go is up to date, write nothing

The package's names come from the crate's Cargo.toml ([package.metadata.gangplank.go]: module, package, renames) or
from a gangplank.toml beside the input ([go]).";

/// Options of `generate`.
#[derive(Debug, clap::Args)]
pub(crate) struct GenerateArgs {
    /// The language
    #[arg(value_name = "LANGUAGE", value_parser = languages())]
    pub(crate) language: String,
    /// A library file, the folder of a crate, which is built first, or a .proto file
    #[arg(value_name = "INPUT")]
    pub(crate) input: PathBuf,
    /// Where the package goes [default: the language's name beside the crate, or in this folder for a library file]
    #[arg(short, long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// Look up the imports of a .proto file in this folder, before its own; may be given several times
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) includes: Vec<PathBuf>,
    /// Write nothing; fail and list the files if the package is not up to date
    #[arg(long)]
    pub(crate) check: bool,
    /// Keep line tables in the library that is built, and the stack of each panic for the host
    #[arg(long)]
    pub(crate) debug_info: bool,
    /// Read the settings from this file instead of the gangplank.toml beside the input
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

const COMPILE_EXAMPLES: &str = "\
Examples:
  gangplank compile --idl calc.proto --to-guest                 calcMetaFFIGuest.so, of the Go files beside calc.proto
                                                               (calcMetaFFIGuest.py where its tags say python3)
  gangplank compile --idl calc.proto --to-guest --from-host go  and the package calcMetaFFIHost.go that calls it
  gangplank compile --idl calc.proto --from-host python         the module calcMetaFFIHost.py that calls it
  gangplank compile --idl calc.proto -o out                     only protobuf's own Go code, out/calcpb/calc.pb.go
  gangplank compile --idl shop/v1/shop.proto -I . -t  imports start in this folder, as in shop/v1/money.proto
  gangplank compile --idl calc.proto -t --plugin ./libgangplank_compiler_go.so
                                                                by a compiler that is a library of its own
  gangplank -c --idl calc.proto -t -f go rust                   the older spelling

Where the implementation lives is said in calc.proto: `metaffi_module: \"\"` (beside it), a folder, or the path of a Go
module. Modules that are downloaded already need no network.

A language that is not built in is compiled by the plugin libgangplank_compiler_<language>.so beside this command, if it is
there. Plugins export the functions of compiler_plugin_interface.h; the files that they make are not listed.";

/// Options of `compile`.
#[derive(Debug, clap::Args)]
pub(crate) struct CompileArgs {
    /// The interface definition
    #[arg(long, value_name = "FILE")]
    pub(crate) idl: PathBuf,
    /// Build the guest: the library of the implementation
    #[arg(short = 't', long)]
    pub(crate) to_guest: bool,
    /// Write the packages that call the guest, for these languages
    #[arg(short = 'f', long, value_name = "LANGUAGE", num_args = 1.., value_delimiter = ',')]
    pub(crate) from_host: Vec<String>,
    /// The package of Go hosts, refused without any; by default the last element of go_package, or main
    #[arg(long, value_name = "NAME")]
    pub(crate) host_package: Option<String>,
    /// Leave out protobuf's own code for the messages
    #[arg(long)]
    pub(crate) skip_compile_serialization: bool,
    /// Look up imports in this folder, before that of the definition; may be given several times
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) includes: Vec<PathBuf>,
    /// Where the results go
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub(crate) output: PathBuf,
    /// Compile by this plugin instead of the compilers that are built in, whatever the languages
    #[arg(long, value_name = "PATH", conflicts_with_all = ["protoc_gen_go", "python", "host_package", "includes"])]
    pub(crate) plugin: Option<PathBuf>,
    /// The protoc-gen-go to run, instead of the one on the PATH or the one that is built once
    #[arg(long, value_name = "PATH")]
    pub(crate) protoc_gen_go: Option<PathBuf>,
    /// The Python whose grpcio-tools write protobuf's Python code, instead of the one that would run guests
    #[arg(long, value_name = "PATH")]
    pub(crate) python: Option<PathBuf>,
}

/// The command line with the older spelling of `compile`, which was an option, put right.
pub(crate) fn as_typed() -> Vec<std::ffi::OsString> {
    let mut words: Vec<_> = std::env::args_os().collect();
    if words
        .get(1)
        .is_some_and(|word| word == "-c" || word == "--compile")
    {
        words[1] = "compile".into();
    }
    words
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  gangplank inspect libmy_timer.so
  gangplank inspect libmy_timer.a --format json | jq .functions
  gangplank inspect calc.proto -I protos     the interface of a .proto file; its imports are looked up in ./protos";

/// Options of `inspect`.
#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// A library file (ELF, Mach-O or PE, shared or static) or a .proto file
    #[arg(value_name = "LIB")]
    pub(crate) library: PathBuf,
    /// Look up the imports of a .proto file in this folder, before its own; may be given several times
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) includes: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

const DIFF_EXAMPLES: &str = "\
Examples:
  gangplank diff released/libmy_timer.so target/gangplank/libmy_timer.so
  gangplank diff old.a new.a --format json | jq '.changes[] | select(.judgement == \"breaking\")'

New functions, types, objects, events, constants and host functions are additive. Whatever else happens to an item that
was there is breaking. The libraries are read, not run.

Exit codes: 0 same, 4 additive, 5 breaking; 1 a library cannot be read, 2 wrong usage.";

/// Options of `diff`.
#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// The older library or .proto file
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// The newer library or .proto file
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// Look up the imports of .proto files in this folder, before their own; may be given several times
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    pub(crate) includes: Vec<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

const DOCTOR_EXAMPLES: &str = "\
Examples:
  gangplank doctor
  gangplank doctor --format json | jq -r '.tools[] | select(.state != \"ok\") | .package'

Exit codes: 0 everything needed is there, 3 something is missing or too old.";

/// Options of `doctor`.
#[derive(Debug, clap::Args)]
pub(crate) struct DoctorArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// Who reads the result.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The languages of guests to start with, with a line about each.
fn starters() -> PossibleValuesParser {
    let each = STARTERS.iter();
    PossibleValuesParser::new(
        each.map(|starter| clap::builder::PossibleValue::new(starter.name).help(starter.doc)),
    )
}

/// The languages, with a line about each.
fn languages() -> PossibleValuesParser {
    PossibleValuesParser::new(
        BACKENDS
            .iter()
            .map(|language| clap::builder::PossibleValue::new(language.name).help(language.doc)),
    )
}
