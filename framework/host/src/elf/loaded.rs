//! What of a library ever runs: the sections that are loaded. Debug information, symbol names and the build's id, a hash
//! over all of them, change with every moved line of a source and do nothing.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use object::elf;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

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

/// How far into the file the loader reads: to the end of its last segment. Of what is no ELF library, all of it.
pub fn loaded_bytes(path: &Path) -> io::Result<u64> {
    /// The table of segments follows the header; both are small.
    const HEAD: u64 = 64 << 10;
    let (file, mut head) = (File::open(path)?, Vec::new());
    let whole = file.metadata()?.len();
    file.take(HEAD).read_to_end(&mut head)?;
    let ends = || -> Option<u64> {
        let header = Header::parse(head.as_slice()).ok()?;
        let segments = header.program_headers(ENDIAN, head.as_slice()).ok()?;
        let ends = segments.iter().map(|segment| segment.file_range(ENDIAN));
        ends.map(|(offset, size)| offset.saturating_add(size)).max()
    };
    Ok(ends().unwrap_or(whole).min(whole))
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
