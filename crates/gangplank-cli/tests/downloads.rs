//! What building a guest in Go downloads: what Go's own settings let it, and no version that was made up.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{gangplank, has_go, run, succeed, write};

/// Modules as the module cache spells them, and their versions: what the guest's files import, and what the generated code
/// does.
const MODULES: [(&str, &str); 2] = [
    ("github.com/!masterminds/goutils", "v1.1.1"),
    ("google.golang.org/protobuf", "v1.36.12"),
];

/// A definition, its implementation, a module cache with nothing in it, and a proxy that has [`MODULES`].
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    fn new(tag: &str, go_mod: Option<&str>) -> Machine {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join("user").join(name);
        write(
            &at("words.proto"),
            &format!(
                "syntax = \"proto3\";\nmessage T {{ string s = 1; }}\n// metaffi_target_language: \"go\"\n{tag}\n\
                 service S {{ rpc initials (T) returns (T); }}\n"
            ),
        );
        write(
            &at("words.go"),
            "package main\n\nimport \"github.com/Masterminds/goutils\"\n\n\
             func Initials(s string) string { return goutils.Initials(s) }\n",
        );
        if let Some(text) = go_mod {
            write(&at("go.mod"), text);
        }
        fill(&folder.path().join("proxy"));
        Machine { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command with this proxy: exit code, and what it says.
    fn compile(&self, proxy: &str) -> (i32, String) {
        let mut command = gangplank(&self.at("user"));
        command
            .args(["compile", "--idl", "words.proto", "--to-guest"])
            .args(["--skip-compile-serialization", "-o", "../out"])
            .env("GOMODCACHE", self.at("cache"))
            .env("GOFLAGS", "-modcacherw")
            .env("GOSUMDB", "off")
            .env("GOPROXY", proxy);
        let (code, stdout, stderr) = run(&mut command);
        (code, stdout + &stderr)
    }

    fn with_proxy(&self) -> (i32, String) {
        self.compile(&format!("file://{}", self.at("proxy").display()))
    }

    /// Whether anything of a module is in the cache.
    fn has(&self, module: usize) -> bool {
        let (path, version) = MODULES[module];
        let zip = format!("cache/cache/download/{path}/@v/{version}.zip");
        self.at(&zip).is_file()
    }
}

/// Makes a proxy of what this machine's Go has.
fn fill(proxy: &Path) {
    let mut go = Command::new("go");
    go.args(["mod", "download", "github.com/Masterminds/goutils@v1.1.1"])
        .arg("google.golang.org/protobuf@v1.36.12")
        .current_dir(std::env::temp_dir());
    succeed(&mut go);
    let cache = succeed(Command::new("go").args(["env", "GOMODCACHE"]));
    for (path, version) in MODULES {
        let to = proxy.join(path).join("@v");
        let from = Path::new(cache.trim())
            .join("cache/download")
            .join(path)
            .join("@v");
        write(&to.join("list"), &format!("{version}\n"));
        for ending in ["info", "mod", "zip"] {
            let name = format!("{version}.{ending}");
            fs::copy(from.join(&name), to.join(&name)).unwrap();
        }
    }
}

#[test]
fn modules_that_are_not_there_are_downloaded_where_go_may() {
    if !has_go() {
        return;
    }
    let go_mod =
        "module example.com/user\n\ngo 1.24\n\nrequire github.com/Masterminds/goutils v1.1.1\n";
    let machine = Machine::new("", Some(go_mod));
    let (code, said) = machine.compile("off");
    assert_eq!(code, 1, "{said}");
    for line in [
        "GOPROXY=direct go mod download github.com/Masterminds/goutils@v1.1.1\n",
        "GOPROXY=direct go mod download google.golang.org/protobuf@v1.36.12\n",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert!(!machine.has(0) && !machine.has(1) && !machine.at("out").exists());

    let (code, said) = machine.with_proxy();
    assert_eq!(code, 0, "{said}");
    assert!(machine.has(0) && machine.has(1));
    // The user's files are as they were, and what was downloaded is enough from now on.
    assert_eq!(
        fs::read_to_string(machine.at("user/go.mod")).unwrap(),
        go_mod
    );
    assert!(!machine.at("user/go.sum").exists());
    let (code, said) = machine.compile("off");
    assert_eq!(code, 0, "{said}");
}

#[test]
fn of_a_module_that_no_go_mod_names_go_takes_the_newest() {
    if !has_go() {
        return;
    }
    let machine = Machine::new("", None);
    let (code, said) = machine.with_proxy();
    assert_eq!(code, 0, "{said}");
    assert!(machine.has(0));
}

#[test]
fn a_tag_without_a_version_makes_nobody_look_one_up() {
    if !has_go() {
        return;
    }
    let tag = "// metaffi_module: \"github.com/Masterminds/goutils\"";
    let machine = Machine::new(tag, None);
    let (code, said) = machine.with_proxy();
    assert_eq!(code, 1, "{said}");
    let line = "help: go mod download github.com/Masterminds/goutils@latest\n";
    assert!(
        said.contains("error[GP0706]: ") && said.contains(line),
        "{said}"
    );
    assert!(!machine.has(0));

    let machine = Machine::new(&tag.replace("goutils", "goutils@v1.1.1"), None);
    let (code, said) = machine.with_proxy();
    assert_eq!(code, 0, "{said}");
    assert!(machine.has(0));
}
