//! What a new library consists of, by the language of its guest.
//!
//! Comes in: nothing. Goes out: the table. A line is the files, with holes (`@NAME@` …) that [`super`] fills, and the
//! commands that lead from them to a program's output.

/// A kind of library.
pub(crate) struct Starter {
    /// The word after `--guest`.
    pub(crate) name: &'static str,
    /// One line for `--help`.
    pub(crate) doc: &'static str,
    /// Path and contents.
    pub(super) files: &'static [(&'static str, &'static str)],
    /// What to type in the folder.
    pub(super) next: &'static [&'static str],
    /// Whether a crate among the files depends on the toolkit's.
    pub(super) has_crate: bool,
    /// The libraries that the program opens when it runs.
    pub(super) libraries: &'static [&'static str],
}

/// Every kind.
pub(crate) const STARTERS: &[Starter] = &[
    Starter {
        name: "rust",
        doc: "A crate with annotated functions, and a Go program that calls it",
        files: &[
            ("Cargo.toml", include_str!("rust/Cargo.toml.txt")),
            ("src/lib.rs", include_str!("rust/lib.rs.txt")),
            ("go/example/main.go", include_str!("rust/main.go.txt")),
            (".gitignore", "/target\n"),
        ],
        next: &["gangplank generate go .", "go run -C go/example ."],
        has_crate: true,
        libraries: &[],
    },
    Starter {
        name: "go",
        doc: "A .proto file, functions in Go that implement it, and a Rust program that calls them",
        files: &[
            ("@LIB@.proto", include_str!("go/idl.proto.txt")),
            ("guest.go", include_str!("go/guest.go.txt")),
            ("host/Cargo.toml", include_str!("go/host.toml.txt")),
            ("host/build.rs", include_str!("go/build.rs.txt")),
            ("host/src/main.rs", include_str!("go/main.rs.txt")),
            (".gitignore", "/host/target\n/@LIB@MetaFFIGuest.*\n"),
        ],
        next: &[
            "gangplank compile --idl @LIB@.proto --to-guest --skip-compile-serialization",
            "cargo run --manifest-path host/Cargo.toml",
        ],
        has_crate: true,
        libraries: &[],
    },
    Starter {
        name: "python",
        doc: "A .proto file, functions in Python that implement it, and a Go program that calls them",
        files: &[
            ("@LIB@.proto", include_str!("python/idl.proto.txt")),
            ("guest.py", include_str!("python/guest.py.txt")),
            ("main.go", include_str!("python/main.go.txt")),
            ("go.mod", include_str!("python/go.mod.txt")),
            ("go.sum", "@PROTOBUF_SUMS@"),
            (
                ".gitignore",
                "/@LIB@MetaFFIGuest.py\n/@LIB@MetaFFIHost.go\n__pycache__/\n",
            ),
        ],
        next: &[
            "gangplank compile --idl @LIB@.proto --to-guest --from-host go --skip-compile-serialization",
            "@LIBRARIES@go run .",
        ],
        has_crate: false,
        libraries: &["xllr", "xllr_python3"],
    },
];
