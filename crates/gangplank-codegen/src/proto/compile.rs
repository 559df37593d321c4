//! From parsed files to descriptors in which every name is found.

use std::collections::BTreeMap;

use gangplank_model::Diagnostics;
use protox::file::{File, FileResolver};
use protox::prost_reflect::{DescriptorPool, FileDescriptor};

use super::errors;
use super::files::Loaded;

/// The file that was asked for and all others, linked.
pub(super) struct Compiled {
    pub(super) main: FileDescriptor,
    /// As [`super::Front::descriptors`].
    pub(super) descriptors: Vec<u8>,
}

/// Links the files.
pub(super) fn compile(loaded: &Loaded) -> Result<Compiled, Diagnostics> {
    let mut compiler = protox::Compiler::with_file_resolver(Resolver(loaded.files.clone()));
    compiler.include_imports(true).include_source_info(true);
    if let Err(error) = compiler.open_file(&loaded.main) {
        return Err(errors::diagnostics(&error));
    }
    let pool: DescriptorPool = compiler.descriptor_pool();
    let Some(main) = pool.get_file_by_name(&loaded.main) else {
        return Err(errors::diagnostics(&protox::Error::file_not_found(
            &loaded.main,
        )));
    };
    Ok(Compiled {
        main,
        descriptors: compiler.encode_file_descriptor_set(),
    })
}

impl Compiled {
    /// The value of `option go_package`.
    pub(super) fn go_package(&self) -> Option<String> {
        let options = self.main.file_descriptor_proto().options.as_ref()?;
        options.go_package.clone()
    }
}

/// Files that are in memory already.
struct Resolver(BTreeMap<String, File>);

impl FileResolver for Resolver {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        let file = self.0.get(name).cloned();
        file.ok_or_else(|| protox::Error::file_not_found(name))
    }
}
