//! What somebody does about a module that Go has not got.
//!
//! Comes in: what Go said when it could not fetch, and whether it may at all. Goes out: lines of help that work on this
//! machine: where downloads are forbidden, `go mod download` alone would only say so again.

use super::toolchain::GoEnv;

/// The way to get `module`, which is `path@version`.
pub(super) fn fetch(module: &str, env: &GoEnv) -> Vec<String> {
    allowed(&format!("go mod download {module}"), env)
}

/// The ways to get what Go could not, as it said itself.
pub(super) fn of(said: &str, env: &GoEnv) -> Vec<String> {
    let offline = [
        "module lookup disabled",
        "dial tcp",
        "no such host",
        "connection refused",
    ];
    if !offline.iter().any(|words| said.contains(words)) {
        return Vec::new();
    }
    let mut lines: Vec<String> = modules(said)
        .iter()
        .flat_map(|module| fetch(module, env))
        .collect();
    for package in unknown(said) {
        lines.push(format!(
            "no `go.mod` beside the definition or above says which version of `{package}` is meant: make one (`go mod init NAME`), and there"
        ));
        lines.extend(allowed(&format!("go get {package}"), env));
    }
    let mut seen = Vec::new();
    lines.retain(|line| {
        let new = !seen.contains(line);
        seen.push(line.clone());
        new
    });
    lines
}

fn allowed(command: &str, env: &GoEnv) -> Vec<String> {
    if env.goproxy != "off" {
        return vec![command.to_owned()];
    }
    vec![
        format!("Go may not download here (GOPROXY=off); with a network: GOPROXY=direct {command}"),
        format!(
            "without one: copy the module from the module cache of another machine into {} (`go env GOMODCACHE`), or name a folder with its source: `module=./FOLDER`",
            env.gomodcache.display()
        ),
    ]
}

/// `path@version` of each module that is spoken of: `path@version: …`, or `downloading path version`.
fn modules(said: &str) -> Vec<String> {
    let module = |word: &str| {
        let word = word.trim_matches([':', ',', '"', '\'']);
        let (path, version) = word.split_once('@')?;
        (path.contains('.') && version.starts_with('v')).then(|| word.to_owned())
    };
    let two = |words: &[&str]| match words {
        ["downloading", path, version] => module(&format!("{path}@{version}")),
        _ => None,
    };
    let words: Vec<&str> = said.split_whitespace().collect();
    let mut found: Vec<String> = words.iter().copied().filter_map(module).collect();
    found.extend(words.windows(3).filter_map(two));
    found.sort();
    found.dedup();
    found
}

/// The packages of which nobody has said what version is meant.
fn unknown(said: &str) -> Vec<&str> {
    let behind = "cannot find module providing package ";
    let packages = said.split(behind).skip(1);
    let mut found: Vec<&str> = packages
        .filter_map(|rest| rest.split([':', ';', '\n', ' ']).next())
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Go's settings with this GOPROXY.
    pub(in crate::compile) fn env(proxy: &str) -> GoEnv {
        serde_json::from_value(serde_json::json!({
            "CGO_ENABLED": "1", "CC": "cc", "GOVERSION": "go1.26", "GOCACHE": "/c", "GOMODCACHE": "/m",
            "GOPROXY": proxy, "GOOS": "linux", "GOARCH": "amd64", "GOHOSTOS": "linux", "GOHOSTARCH": "amd64",
        }))
        .unwrap()
    }

    #[test]
    fn help_is_what_works_here() {
        let said =
            "go: downloading example.com/a v1.3.0\nw.go:3:8: module lookup disabled by GOPROXY=off";
        assert_eq!(
            of(said, &env("direct")),
            ["go mod download example.com/a@v1.3.0"]
        );
        let off = of(said, &env("off"));
        assert!(off[0].ends_with("GOPROXY=direct go mod download example.com/a@v1.3.0"));
        assert!(off[1].contains("/m (`go env GOMODCACHE`)"), "{off:?}");
        assert_eq!(of("w.go:3:8: syntax error", &env("off")), [""; 0]);
    }

    #[test]
    fn packages_of_modules_that_nobody_names() {
        let said = "w.go:3:8: cannot find module providing package example.com/a/b: module lookup disabled by GOPROXY=off";
        let lines = of(said, &env("off"));
        assert!(
            lines[0].contains("says which version of `example.com/a/b`"),
            "{lines:?}"
        );
        assert!(lines[1].ends_with("GOPROXY=direct go get example.com/a/b"));
    }
}
