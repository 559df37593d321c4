//! The codes of all diagnostics: once given, a code keeps its meaning.
//!
//! 01 the library as a whole · 02 types · 03 names · 04 what a backend cannot express · 05 files that are read · 06 `.proto`
//! files · 07 tools that are run for a `.proto` file, and what they find.

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
        $($(#[doc = $doc])* pub const $name: &str = $code;)*

        /// Every code with its meaning, for documentation.
        pub const ALL: &[(&str, &str)] = &[$(($code, concat!($($doc),*).trim_ascii())),*];
    };
}

codes! {
    /// The file or crate declares no library.
    NO_LIBRARY = "GP0101";
    /// Several libraries in one file, and nothing says which is meant.
    SEVERAL_LIBRARIES = "GP0102";
    /// Built for another ABI version.
    OTHER_ABI = "GP0103";
    /// The library was lowered in another way than this toolkit lowers it.
    LOWERED_DIFFERENTLY = "GP0104";
    /// Two items of one path.
    DECLARED_TWICE = "GP0105";
    /// The interface uses types of two versions of one crate.
    TWO_VERSIONS = "GP0106";
    /// A type that no item declares.
    UNKNOWN_TYPE = "GP0201";
    /// A type that contains itself without a list, map or box.
    INFINITE_TYPE = "GP0202";
    /// A kind of type that cannot cross yet.
    UNSUPPORTED_TYPE = "GP0203";
    /// A map key that is not a bool, integer or string.
    MAP_KEY = "GP0204";
    /// An injected parameter outside a constructor.
    INJECTED_OUTSIDE_CONSTRUCTOR = "GP0205";
    /// A box that is a parameter or result by itself.
    BARE_BOX = "GP0207";
    /// An error that is neither a declared error nor a string.
    NOT_AN_ERROR = "GP0208";
    /// Results that the function's kind cannot have.
    RESULTS = "GP0209";
    /// A constant or default that is not a value of its type.
    LITERAL = "GP0210";
    /// A type that is too large or nested too deeply.
    TOO_LARGE = "GP0211";
    /// A borrowed argument of an async function.
    BORROWED_ASYNC = "GP0212";
    /// One name used twice.
    NAME_TWICE = "GP0301";
    /// Two exported symbols coincide.
    SYMBOL_TWICE = "GP0302";
    /// Two names of the C interface coincide.
    C_NAME_TWICE = "GP0303";
    /// One wire name used twice.
    WIRE_NAME_TWICE = "GP0304";
    /// A name that is not an identifier.
    NOT_AN_IDENTIFIER = "GP0305";
    /// A name that the toolkit keeps for itself.
    RESERVED_NAME = "GP0306";
    /// A key of the configuration that the language does not read.
    UNREAD_OPTION = "GP0401";
    /// A constant or default that the language has no literal for.
    NO_LITERAL = "GP0402";
    /// A streaming call, and the language has no streams.
    NO_STREAM = "GP0404";
    /// Something that packages for Rust do not have: what is not from a `.proto` file, too many values.
    RUST_LIMIT = "GP0405";
    /// A version that packages of the language cannot have.
    TARGET_VERSION = "GP0406";
    /// A folder that should hold a generated package does not.
    NO_PACKAGE = "GP0407";
    /// Two names of the generated package coincide, or one with a name that the package has of its own.
    TARGET_NAME_TWICE = "GP0403";
    /// A name that an item or a package cannot have in the language.
    TARGET_NAME = "GP0408";
    /// A template of this toolkit is wrong: a fault of the toolkit, not of the interface.
    TEMPLATE = "GP0499";
    /// A file that cannot be read.
    UNREADABLE_FILE = "GP0501";
    /// A file that is not a library.
    NOT_A_LIBRARY = "GP0502";
    /// A library that is truncated or damaged.
    DAMAGED_FILE = "GP0503";
    /// A library without an interface.
    NO_INTERFACE = "GP0504";
    /// An interface that cannot be decoded.
    MALFORMED_INTERFACE = "GP0505";
    /// An interface written by a newer toolkit.
    NEWER_INTERFACE = "GP0506";
    /// A library for a kind of machine that the ABI does not cover.
    OTHER_TARGET = "GP0507";
    /// A `.proto` file that cannot be read.
    PROTO_UNREADABLE = "GP0601";
    /// A syntax error in a `.proto` file.
    PROTO_SYNTAX = "GP0602";
    /// A `.proto` file that says something impossible: an unknown type, a number used twice.
    PROTO_INVALID = "GP0603";
    /// An imported file that is in no include folder.
    PROTO_IMPORT = "GP0604";
    /// A path in a `.proto` file that leaves its folder.
    PROTO_PATH = "GP0605";
    /// Files that import each other in a circle.
    PROTO_IMPORT_CYCLE = "GP0606";
    /// A `.proto` file without a service.
    PROTO_NO_SERVICE = "GP0607";
    /// A part of protobuf that interfaces do not have: editions, groups, required fields, extensions.
    PROTO_UNSUPPORTED = "GP0608";
    /// Two items of a `.proto` file with one name in the interface.
    PROTO_NAME_TWICE = "GP0609";
    /// A tag in a comment that cannot be read.
    PROTO_TAG = "GP0610";
    /// A tag twice with different values.
    PROTO_TAG_TWICE = "GP0611";
    /// Go is not there, or does not start.
    GO_MISSING = "GP0701";
    /// Go is older than what generated code needs.
    GO_TOO_OLD = "GP0702";
    /// Go is set up to build without C.
    CGO_OFF = "GP0703";
    /// The C compiler that Go would use is not there.
    C_COMPILER_MISSING = "GP0704";
    /// A C library that Go's shared libraries do not work with.
    MUSL = "GP0705";
    /// No version of a Go module is known, or it is not on this machine.
    MODULE_VERSION = "GP0706";
    /// The place that is said to hold the implementation holds none.
    NO_IMPLEMENTATION = "GP0707";
    /// The implementation has no function of that name.
    FUNCTION_MISSING = "GP0708";
    /// The implementation's function has another shape than the interface.
    FUNCTION_SHAPE = "GP0709";
    /// The guest does not build.
    GO_BUILD = "GP0710";
    /// `protoc-gen-go` cannot be had, or refuses the interface.
    PROTOC_GEN_GO = "GP0711";
    /// The result cannot be written.
    OUTPUT = "GP0712";
    /// The toolkit has no templates for this direction.
    NO_TEMPLATES = "GP0715";
    /// The implementation uses protobuf's reflection on plain structs.
    REFLECTION = "GP0716";
    /// A path that is empty or not text.
    PATH = "GP0717";
    /// A folder of the toolkit's own (cache, scratch) cannot be used.
    WORK_FOLDER = "GP0718";
    /// The implementation is not Go.
    GO_SYNTAX = "GP0719";
    /// A message in a signature has no Go package to come from.
    MESSAGE_HOME = "GP0720";
    /// Go is set up to build for another machine.
    OTHER_MACHINE = "GP0721";
    /// Go has no folders for what it builds and downloads.
    GO_CACHES = "GP0722";
    /// The implementation declares what the guest declares as well.
    NAME_TAKEN = "GP0723";
    /// There is no Python with `grpcio-tools`, which writes protobuf's Python code.
    GRPC_TOOLS_MISSING = "GP0730";
    /// `grpcio-tools` refuses the interface.
    GRPC_TOOLS = "GP0731";
    /// A file of the toolkit's that generated code opens is not beside the command.
    TOOLKIT_FILE_MISSING = "GP0732";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn codes_are_unique_and_have_a_meaning() {
        for (at, (code, meaning)) in ALL.iter().enumerate() {
            assert!(!meaning.is_empty(), "{code}");
            assert!(ALL[..at].iter().all(|(other, _)| other != code), "{code}");
        }
    }
}
