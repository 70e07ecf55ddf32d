//! The headers: does the file hold everything they promise?

use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};
use object::{NativeEndian, elf};

use super::{AGAIN, Refusal, SHARED, damaged, refusal};

#[cfg(target_pointer_width = "64")]
pub(super) type Header = elf::FileHeader64<NativeEndian>;
#[cfg(not(target_pointer_width = "64"))]
pub(super) type Header = elf::FileHeader32<NativeEndian>;
pub(super) type Segment = <Header as FileHeader>::ProgramHeader;
type Section = <Header as FileHeader>::SectionHeader;
pub(super) type Symbol = <Header as FileHeader>::Sym;

pub(super) const ENDIAN: NativeEndian = NativeEndian;

pub(super) fn truncated(what: &str, end: u64, length: usize) -> Refusal {
    refusal(format!("is truncated: {what} ends at byte {end}, the file at byte {length}"), AGAIN)
}

/// A shared library that is all there.
pub(super) struct Image<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) segments: &'a [Segment],
}

impl<'a> Image<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        holds(bytes, "the ELF header", (0, size_of::<Header>() as u64))?;
        let header = Header::parse(bytes).map_err(damaged)?;
        is_shared(header.e_type(ENDIAN))?;
        holds(bytes, "the segment table", segment_table(header))?;
        holds(bytes, "the section table", section_table(header))?;
        let segments = header.program_headers(ENDIAN, bytes).map_err(damaged)?;
        for segment in segments {
            holds(bytes, "a segment", segment.file_range(ENDIAN))?;
        }
        let sections = header.section_headers(ENDIAN, bytes).map_err(damaged)?;
        for section in sections {
            holds(bytes, "a section", section.file_range(ENDIAN).unwrap_or((0, 0)))?;
        }
        is_named(header, bytes, sections)?;
        Ok(Self { bytes, segments })
    }

    /// The file's bytes from a memory address to the end of the segment loaded there.
    pub(super) fn at(&self, address: u64) -> Option<&'a [u8]> {
        let loaded = |s: &&Segment| s.p_type(ENDIAN) == elf::PT_LOAD;
        self.segments.iter().filter(loaded).find_map(|segment| {
            let skipped = address.checked_sub(wide(segment.p_vaddr(ENDIAN)))?;
            segment.data(ENDIAN, self.bytes).ok()?.get(usize::try_from(skipped).ok()?..)
        })
    }

    /// What stands in `.comment`: a text of each compiler that made a part of it. Nothing that is loaded; `strip` may take it.
    pub(super) fn comment(&self) -> Option<String> {
        let header = Header::parse(self.bytes).ok()?;
        let sections = header.sections(ENDIAN, self.bytes).ok()?;
        let (_, section) = sections.section_by_name(ENDIAN, b".comment")?;
        let bytes = section.data(ENDIAN, self.bytes).ok()?;
        let texts = bytes.split(|&byte| byte == 0).filter_map(|text| str::from_utf8(text).ok());
        let texts: Vec<&str> = texts.filter(|text| !text.is_empty() && !text.contains(char::is_control)).collect();
        Some(texts.join("; ")).filter(|text| (1..=LONGEST_COMMENT).contains(&text.len()))
    }
}

/// More is no compiler's name.
const LONGEST_COMMENT: usize = 128;

/// Whether the range (offset, size) lies in the file.
fn holds(bytes: &[u8], what: &str, (offset, size): (u64, u64)) -> Result<(), Refusal> {
    let end = offset.saturating_add(size);
    if end <= bytes.len() as u64 { Ok(()) } else { Err(truncated(what, end, bytes.len())) }
}

/// The loader needs no sections, but their table comes last: a copy that reserved the space and then
/// stopped shows here, where a table of names must be and there are zeros.
fn is_named(header: &Header, bytes: &[u8], sections: &[Section]) -> Result<(), Refusal> {
    if sections.is_empty() {
        return Ok(());
    }
    let names = header.section_strings_index(ENDIAN, bytes).map_err(damaged)?;
    match sections.get(names.0) {
        Some(section) if section.sh_type(ENDIAN) == elf::SHT_STRTAB => Ok(()),
        _ => Err(damaged("its section table is empty")),
    }
}

pub(super) fn is_shared(kind: elf::FileType) -> Result<(), Refusal> {
    let cause = match kind {
        elf::ET_DYN => return Ok(()),
        elf::ET_REL => "is an object file that was never linked",
        elf::ET_EXEC => "is an executable, not a library",
        elf::ET_CORE => "is a core dump, not a library",
        _ => "is an ELF file of another kind, not a library",
    };
    Err(refusal(cause, SHARED))
}

/// A 32-bit host has words of 32 bits here.
pub(super) fn wide(word: impl Into<u64>) -> u64 {
    word.into()
}

fn segment_table(header: &Header) -> (u64, u64) {
    let size = u64::from(header.e_phnum(ENDIAN)) * u64::from(header.e_phentsize(ENDIAN));
    (wide(header.e_phoff(ENDIAN)), size)
}

fn section_table(header: &Header) -> (u64, u64) {
    let size = u64::from(header.e_shnum(ENDIAN)) * u64::from(header.e_shentsize(ENDIAN));
    (wide(header.e_shoff(ENDIAN)), size)
}
