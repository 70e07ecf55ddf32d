//! The dynamic table: what the loader follows once the segments are mapped.

use object::read::elf::{Dyn, GnuHashTable, HashTable, ProgramHeader, Sym};
use object::{StringTable, elf, pod};

use super::image::{ENDIAN, Header, Image, Symbol, is_shared};
use super::{Refusal, damaged};

/// Addresses in the dynamic table that the loader reads from, with the entry that holds their size.
const TABLES: &[(elf::DynamicTag, Option<elf::DynamicTag>, &str)] = &[
    (elf::DT_STRTAB, Some(elf::DT_STRSZ), "string table"),
    (elf::DT_SYMTAB, None, "symbol table"),
    (elf::DT_HASH, None, "symbol hash"),
    (elf::DT_GNU_HASH, None, "symbol hash"),
    (elf::DT_VERSYM, None, "symbol versions"),
    (elf::DT_VERNEED, None, "needed versions"),
    (elf::DT_VERDEF, None, "defined versions"),
    (elf::DT_RELA, Some(elf::DT_RELASZ), "relocations"),
    (elf::DT_REL, Some(elf::DT_RELSZ), "relocations"),
    (elf::DT_JMPREL, Some(elf::DT_PLTRELSZ), "call relocations"),
    (elf::DT_INIT_ARRAY, Some(elf::DT_INIT_ARRAYSZ), "constructors"),
    (elf::DT_FINI_ARRAY, Some(elf::DT_FINI_ARRAYSZ), "destructors"),
];

pub(super) struct Dynamic<'a> {
    image: &'a Image<'a>,
    entries: Vec<(elf::DynamicTag, u64)>,
    strings: StringTable<'a>,
}

impl<'a> Dynamic<'a> {
    pub(super) fn parse(image: &'a Image<'a>) -> Result<Self, Refusal> {
        let table = image.segments.iter().find(|s| s.p_type(ENDIAN) == elf::PT_DYNAMIC);
        let Some(table) = table else { return Err(damaged("it has no dynamic table")) };
        let all = table.dynamic(ENDIAN, image.bytes).map_err(damaged)?.unwrap_or(&[]);
        let entries = all.iter().map(|entry| (entry.tag(ENDIAN), entry.val(ENDIAN)));
        let entries = entries.take_while(|(tag, _)| *tag != elf::DT_NULL).collect();
        let mut dynamic = Self { image, entries, strings: StringTable::default() };
        for (table, size, what) in TABLES {
            dynamic.holds(*table, *size, what)?;
        }
        dynamic.is_library()?;
        dynamic.strings = dynamic.strings()?;
        Ok(dynamic)
    }

    fn value(&self, tag: elf::DynamicTag) -> Option<u64> {
        self.entries.iter().find(|entry| entry.0 == tag).map(|entry| entry.1)
    }

    /// Whether a table, if there is one, lies in what the file holds of a segment.
    fn holds(&self, table: elf::DynamicTag, size: Option<elf::DynamicTag>, what: &str) -> Result<(), Refusal> {
        let Some(address) = self.value(table) else { return Ok(()) };
        let size = size.and_then(|size| self.value(size)).unwrap_or(1);
        match self.image.at(address) {
            Some(bytes) if size <= bytes.len() as u64 => Ok(()),
            _ => Err(damaged(format!("its {what} lies outside every segment"))),
        }
    }

    /// Executables are shared objects too since they became position-independent; `dlopen` refuses them.
    fn is_library(&self) -> Result<(), Refusal> {
        let flags = self.value(elf::DT_FLAGS_1).unwrap_or(0);
        let executable = flags & elf::DF_1_PIE.0 != 0;
        if executable { is_shared(elf::ET_EXEC) } else { Ok(()) }
    }

    fn strings(&self) -> Result<StringTable<'a>, Refusal> {
        let table = self.value(elf::DT_STRTAB).and_then(|address| self.image.at(address));
        match (table, self.value(elf::DT_STRSZ)) {
            (Some(bytes), Some(size)) => Ok(StringTable::new(bytes, 0, size)),
            _ => Err(damaged("it has no string table")),
        }
    }

    pub(super) fn needed(&self) -> Result<Vec<String>, Refusal> {
        let offsets = self.entries.iter().filter(|entry| entry.0 == elf::DT_NEEDED).map(|entry| entry.1);
        offsets.map(|offset| self.text(offset).map(str::to_owned)).collect()
    }

    /// The folders of `DT_RPATH` and of `DT_RUNPATH`; the latter makes the former void.
    pub(super) fn paths(&self) -> [Vec<String>; 2] {
        let folders = |tag| {
            let text = self.value(tag).and_then(|offset| self.text(offset).ok()).unwrap_or_default();
            text.split(':').filter(|folder| !folder.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        match folders(elf::DT_RUNPATH) {
            runpath if runpath.is_empty() => [folders(elf::DT_RPATH), runpath],
            runpath => [Vec::new(), runpath],
        }
    }

    fn text(&self, offset: u64) -> Result<&'a str, Refusal> {
        let bytes = u32::try_from(offset).ok().and_then(|offset| self.strings.get(offset).ok());
        let text = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
        text.ok_or_else(|| damaged("a name lies outside its string table"))
    }

    /// The names that `dlsym` finds.
    pub(super) fn exports(&self) -> Result<Vec<&'a str>, Refusal> {
        let exported = self.symbols()?.iter().filter(|symbol| is_exported(symbol));
        exported.map(|symbol| self.text(symbol.st_name(ENDIAN).into())).collect()
    }

    fn symbols(&self) -> Result<&'a [Symbol], Refusal> {
        let table = self.value(elf::DT_SYMTAB).and_then(|address| self.image.at(address));
        let count = self.symbol_count()?;
        let symbols = table.and_then(|bytes| pod::slice_from_bytes(bytes, count).ok());
        symbols.map(|(symbols, _)| symbols).ok_or_else(|| damaged("its symbol table is cut short"))
    }

    /// The table does not say how long it is, the hash over it does. A GNU hash leaves out what is not
    /// exported, and is empty when nothing is.
    fn symbol_count(&self) -> Result<usize, Refusal> {
        let at = |tag| self.value(tag).and_then(|address| self.image.at(address));
        let count = if let Some(bytes) = at(elf::DT_GNU_HASH) {
            let hash = GnuHashTable::<Header>::parse(ENDIAN, bytes).map_err(damaged)?;
            hash.symbol_table_length(ENDIAN).unwrap_or(0)
        } else if let Some(bytes) = at(elf::DT_HASH) {
            HashTable::<Header>::parse(ENDIAN, bytes).map_err(damaged)?.symbol_table_length()
        } else {
            return Err(damaged("it has no symbol hash"));
        };
        Ok(count as usize)
    }
}

fn is_exported(symbol: &Symbol) -> bool {
    let visible = matches!(symbol.st_visibility(), elf::STV_DEFAULT | elf::STV_PROTECTED);
    visible && !symbol.is_local() && !symbol.is_undefined(ENDIAN)
}
