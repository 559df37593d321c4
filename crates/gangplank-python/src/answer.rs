//! What an interpreter says of itself.
//!
//! Comes in: a chosen interpreter, which is run once. Goes out: version, library and folders, and whether guests can run in
//! it. Nothing of the user's code runs.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use crate::{Chosen, VARIABLE};

/// The oldest Python whose stable ABI the runtime is built for.
const OLDEST: (u32, u32) = (3, 10);

/// What an interpreter is asked, in the environment that it would have in the process: what keeps it from starting would end
/// the process. Nothing comes from the working directory.
const QUESTION: &str = "import sys
sys.path = [folder for folder in sys.path if folder]
import sysconfig
get = sysconfig.get_config_var
print(sys.executable, '%d.%d' % sys.version_info[:2], get('INSTSONAME') or '', get('LIBDIR') or '',
      get('MULTIARCH') or '', get('Py_GIL_DISABLED') or 0, sys.prefix, sep='\\n')";

/// What is said of a build that nobody supports here.
pub const FREE_THREADED: &str =
    "is a free-threaded build, which is not supported: use an ordinary build of CPython";

/// What it says.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its own path.
    pub executable: PathBuf,
    /// `3.12`.
    pub version: String,
    /// Whether it is a build without the global lock.
    pub free_threaded: bool,
    /// The name of its library, `libpython3.12.so.1.0`; of a build without a shared one something else.
    pub soname: String,
    /// Where the library may be.
    pub folders: Vec<PathBuf>,
}

impl Chosen {
    /// Runs it once.
    ///
    /// # Errors
    /// It cannot be run, or says something else.
    pub fn ask(&self) -> Result<Answer, String> {
        let output = self.run(QUESTION)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> = text.lines().collect();
        let [
            executable,
            version,
            soname,
            folder,
            multiarch,
            free_threaded,
            prefix,
        ] = lines[..]
        else {
            return Err(self.silent(&output));
        };
        let folder = Path::new(folder);
        Ok(Answer {
            executable: PathBuf::from(executable),
            version: version.to_owned(),
            free_threaded: free_threaded != "0",
            soname: soname.to_owned(),
            folders: vec![
                folder.to_owned(),
                folder.join(multiarch),
                Path::new(prefix).join("lib"),
            ],
        })
    }
}

/// Asks for the version of a package without importing it.
const TOOLS: &str = "import sys
sys.path = [folder for folder in sys.path if folder]
import importlib.metadata, importlib.util
if importlib.util.find_spec('grpc_tools'):
    try:
        print(importlib.metadata.version('grpcio-tools'))
    except importlib.metadata.PackageNotFoundError:
        print('?')";

impl Chosen {
    /// The version of its package `grpcio-tools`, which writes protobuf's Python code; `None` when it has none.
    ///
    /// # Errors
    /// It cannot be run.
    pub fn grpc_tools(&self) -> Result<Option<String>, String> {
        let output = self.run(TOOLS)?;
        if !output.status.success() {
            return Err(self.silent(&output));
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let version = text.trim();
        Ok((!version.is_empty()).then(|| version.to_owned()))
    }

    fn run(&self, program: &str) -> Result<Output, String> {
        self.command()
            .args(["-c", program])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| self.bad(&format!("cannot be run: {error}")))
    }

    fn silent(&self, output: &Output) -> String {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().last().unwrap_or_default();
        self.bad(&format!(
            "does not say what it is ({}): {said}",
            output.status
        ))
    }
}

impl Answer {
    /// Whether guests can run in it.
    ///
    /// # Errors
    /// They cannot; the text says why, and follows [`Chosen::bad`].
    pub fn check(&self) -> Result<(), String> {
        check_version(&self.version)?;
        if self.free_threaded {
            return Err(FREE_THREADED.to_owned());
        }
        match self.is_shared() {
            true => Ok(()),
            false => Err(self.no_library()),
        }
    }

    /// Whether it was built with a shared library.
    pub fn is_shared(&self) -> bool {
        self.soname.contains(std::env::consts::DLL_SUFFIX)
    }

    /// The file of its library, where it says that it is. The system's loader may know another.
    pub fn library(&self) -> Option<PathBuf> {
        let files = self.folders.iter().map(|folder| folder.join(&self.soname));
        files
            .filter(|_| self.is_shared())
            .find(|path| path.is_file())
    }

    /// What is said without a library.
    pub fn no_library(&self) -> String {
        let version = &self.version;
        format!(
            "has no shared libpython{version}: install it (Debian: `apt-get install libpython{version}`; pyenv: `PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {version}`) or name another Python in {VARIABLE}"
        )
    }
}

/// Whether a version, `3.12` or longer, is new enough.
///
/// # Errors
/// It is not, or is no version.
pub fn check_version(version: &str) -> Result<(), String> {
    let mut parts = version.split(|c: char| !c.is_ascii_digit()).map(str::parse);
    let found = match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
        _ => return Err(format!("has the version {version:?}, which cannot be read")),
    };
    if found < OLDEST || found.0 != OLDEST.0 {
        return Err(format!(
            "is version {version}; version 3.10 or newer is needed"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(check_version("3.9").is_err());
        assert!(check_version("3.10").is_ok());
        assert!(check_version("3.13.0rc1").is_ok());
        assert!(check_version("4.0").is_err());
        assert!(check_version("new").is_err());
    }
}
