//! What of a library ever runs: the sections that are loaded. Debug information, symbol names and the build's id, a hash
//! over all of them, change with every moved line of a source and do nothing.

use std::path::Path;
use std::{fs, io};

use object::elf;
use object::read::elf::{FileHeader, SectionHeader};

use super::image::{ENDIAN, Header, wide};

/// What two libraries have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// Everything.
    Bytes,
    /// What is loaded: they do the same, in the same time.
    Loaded,
    /// Less than that, or one of them cannot be told.
    None,
}

/// What two libraries have in common.
pub fn sameness(a: &Path, b: &Path) -> io::Result<Sameness> {
    let (a, b) = (fs::read(a)?, fs::read(b)?);
    Ok(match (loaded(&a), loaded(&b)) {
        _ if a == b => Sameness::Bytes,
        (Some(a), Some(b)) if a == b => Sameness::Loaded,
        _ => Sameness::None,
    })
}

/// Address, size and bytes of every section that is loaded; a section of zeros has none in the file.
fn loaded(bytes: &[u8]) -> Option<Vec<(u64, u64, &[u8])>> {
    const BUILD_ID: &[u8] = b".note.gnu.build-id";
    let header = Header::parse(bytes).ok()?;
    let sections = header.sections(ENDIAN, bytes).ok()?;
    let mut loaded = Vec::new();
    for section in sections.iter() {
        if section.sh_flags(ENDIAN).contains(elf::SHF_ALLOC) && sections.section_name(ENDIAN, section).ok()? != BUILD_ID
        {
            let (address, size) = (wide(section.sh_addr(ENDIAN)), wide(section.sh_size(ENDIAN)));
            loaded.push((address, size, section.data(ENDIAN, bytes).ok()?));
        }
    }
    (!loaded.is_empty()).then_some(loaded)
}
