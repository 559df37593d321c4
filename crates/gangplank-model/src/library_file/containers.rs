//! Sections and exported names out of the file formats: ELF, Mach-O, PE, COFF, archives and universal files.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use crate::diagnostics::codes;
use crate::{Diagnostic, Diagnostics};
use gangplank_descriptor::{SECTION, SECTION_MACHO};
use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};
use object::{FileKind, Object, ObjectSection, ObjectSegment, ObjectSymbol};

/// What the rest of the reader looks at.
#[derive(Default)]
pub(super) struct Contents<'a> {
    /// The data of all interface sections.
    pub(super) sections: Vec<Cow<'a, [u8]>>,
    /// Names of functions and data that others can link to.
    pub(super) exports: BTreeSet<String>,
}

pub(super) fn contents<'a>(path: &Path, data: &'a [u8]) -> Result<Contents<'a>, Diagnostics> {
    let mut file = Reader {
        path,
        contents: Contents::default(),
    };
    file.any(data)?;
    Ok(file.contents)
}

struct Reader<'a, 'p> {
    path: &'p Path,
    contents: Contents<'a>,
}

impl<'a> Reader<'a, '_> {
    fn any(&mut self, data: &'a [u8]) -> Result<(), Diagnostics> {
        match FileKind::parse(data) {
            Ok(FileKind::Archive) => self.archive(data),
            Ok(FileKind::MachOFat32) => {
                let file = MachOFatFile32::parse(data).map_err(|error| self.damaged(error))?;
                self.universal(data, file.arches())
            }
            Ok(FileKind::MachOFat64) => {
                let file = MachOFatFile64::parse(data).map_err(|error| self.damaged(error))?;
                self.universal(data, file.arches())
            }
            Ok(kind) if is_object(kind) => self.object(data),
            Ok(FileKind::Elf32 | FileKind::MachO32 | FileKind::Pe32) => {
                Err(self.other_target("a 32-bit library").into())
            }
            Ok(_) | Err(_) => Err(self.not_a_library().into()),
        }
    }

    /// An archive may hold members that are not object files, such as metadata of compilers.
    fn archive(&mut self, data: &'a [u8]) -> Result<(), Diagnostics> {
        let archive = ArchiveFile::parse(data).map_err(|error| self.damaged(error))?;
        if archive.is_thin() {
            return Err(self
                .not_a_library()
                .help("a thin archive holds no code: make a full one")
                .into());
        }
        for member in archive.members() {
            let member = member.and_then(|member| member.data(data));
            let member = member.map_err(|error| self.damaged(error))?;
            if FileKind::parse(member).is_ok_and(is_object) {
                self.object(member)?;
            }
        }
        Ok(())
    }

    /// The slices of a universal file are one library for several machines: any of them will do.
    fn universal<A: FatArch>(&mut self, data: &'a [u8], arches: &[A]) -> Result<(), Diagnostics> {
        for arch in arches {
            let slice = arch.data(data).map_err(|error| self.damaged(error))?;
            if FileKind::parse(slice).is_ok_and(is_object) {
                return self.object(slice);
            }
        }
        Err(self
            .other_target("a library for 32-bit machines only")
            .into())
    }

    fn object(&mut self, data: &'a [u8]) -> Result<(), Diagnostics> {
        let file = object::File::parse(data).map_err(|error| self.damaged(error))?;
        if !file.is_little_endian() {
            return Err(self.other_target("a big-endian library").into());
        }
        self.check_segments(&file, data)?;
        let wanted = match file.format() {
            object::BinaryFormat::MachO => {
                SECTION_MACHO.rsplit(',').next().unwrap_or(SECTION_MACHO)
            }
            _ => SECTION,
        };
        for section in file.sections() {
            if section
                .name_bytes()
                .is_ok_and(|name| name == wanted.as_bytes())
            {
                let data = section
                    .uncompressed_data()
                    .map_err(|error| self.damaged(error))?;
                self.contents.sections.push(data);
            }
        }
        self.exports(&file)
    }

    /// The parts that a loader maps must be there, or opening the library would kill the process.
    fn check_segments(&self, file: &object::File<'a>, data: &[u8]) -> Result<(), Diagnostics> {
        for segment in file.segments() {
            let (offset, size) = segment.file_range();
            let end = offset.checked_add(size);
            if end.is_none_or(|end| end > data.len() as u64) {
                return Err(self.damaged("a segment lies outside the file").into());
            }
        }
        Ok(())
    }

    fn exports(&mut self, file: &object::File<'a>) -> Result<(), Diagnostics> {
        let plain = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            name.strip_prefix('_')
                .filter(|_| file.format() == object::BinaryFormat::MachO)
                .unwrap_or(&name)
                .to_owned()
        };
        for export in file.exports().map_err(|error| self.damaged(error))? {
            let export = export.map_err(|error| self.damaged(error))?;
            self.contents
                .exports
                .extend(export.name().name().map(plain));
        }
        if file.kind() == object::ObjectKind::Relocatable {
            let symbols = file
                .symbols()
                .filter(|symbol| symbol.is_global() && symbol.is_definition());
            let names = symbols.filter_map(|symbol| symbol.name_bytes().ok().map(plain));
            self.contents.exports.extend(names);
        }
        Ok(())
    }

    fn not_a_library(&self) -> Diagnostic {
        let message = format!("`{}` is not a library", self.path.display());
        Diagnostic::new(codes::NOT_A_LIBRARY, message)
            .help("expected is a shared library, a static archive or an object file")
    }

    fn damaged(&self, error: impl std::fmt::Display) -> Diagnostic {
        let message = format!("`{}` is truncated or damaged: {error}", self.path.display());
        Diagnostic::new(codes::DAMAGED_FILE, message).help("copy or build it again")
    }

    fn other_target(&self, what: &str) -> Diagnostic {
        let message = format!("`{}` is {what}", self.path.display());
        Diagnostic::new(codes::OTHER_TARGET, message)
            .help("the ABI is defined for 64-bit little-endian machines")
    }
}

/// A file with sections, for 64-bit machines as far as the kind says.
fn is_object(kind: FileKind) -> bool {
    matches!(
        kind,
        FileKind::Elf64 | FileKind::MachO64 | FileKind::Pe64 | FileKind::Coff | FileKind::CoffBig
    )
}
