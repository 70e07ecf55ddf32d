//! Reads a plugin file before the system loader does.
//!
//! `dlopen` maps what the headers promise without looking at the length of the file: a truncated library
//! kills the process with SIGBUS on the first page that is not there. So everything the loader will
//! follow is followed here first, in the order it does: the header, the segments, the dynamic table, the symbols.
//! It finds files that were cut, mixed up or built for elsewhere. It cannot find a flipped
//! byte in code, which is why plugins are loaded in workers.
//!
//! Layout: System V ABI, "Object Files" (gabi.xinuos.com), and `elf(5)`.

use std::path::Path;
use std::{fmt, fs, io};

use object::read::elf::{Dyn, FileHeader, GnuHashTable, HashTable, ProgramHeader, SectionHeader, Sym};
use object::{NativeEndian, StringTable, elf, pod};

/// Says what a plugin file offers and needs, or why it must not be loaded. For hosts whose libraries
/// are ELF.
pub fn check(path: &Path) -> Result<ElfSummary, Refusal> {
    let about = |refusal: Refusal| Refusal { cause: format!("`{}` {}", path.display(), refusal.cause), ..refusal };
    read(path).and_then(|bytes| summary(&bytes)).map_err(about)
}

/// What a plugin file offers and needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElfSummary {
    /// The entry points it exports, at least one.
    pub doors: Doors,
    /// The libraries it names (`DT_NEEDED`), in load order.
    pub needed: Vec<String>,
    /// Whether it needs a C++ runtime, which two plugins in one process may not agree on.
    pub cxx: bool,
}

/// The entry points of a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doors {
    /// The abi_stable root module.
    pub rust: bool,
    /// `smb_plugin_entry_v1`.
    pub c: bool,
}

/// Why a file is not loaded and what to do about it, as lower-case fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong, starting with the path.
    pub cause: String,
    /// What to do next.
    pub help: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.cause, self.help)
    }
}

impl std::error::Error for Refusal {}

/// The static that abi_stable 0.11 exports: its `ROOT_MODULE_LOADER_NAME`, which is
/// `_as.lib_header.root module loader` with `_`, `.` and space spelt `_1`, `_0` and `_b`.
pub const RUST_DOOR: &str = "_1as_0lib_1header_0root_bmodule_bloader";

/// The function a plugin in any language exports.
pub const C_DOOR: &str = "smb_plugin_entry_v1";

/// What every version of [`C_DOOR`] starts with.
const C_DOOR_STEM: &str = "smb_plugin_entry_v";

const AGAIN: &str = "copy or build it again; the last time did not finish";
const SHARED: &str = "build a shared library: crate-type \"cdylib\" in Rust, `cc -shared -fPIC` in C";
const EXPORT: &str = "call `export_backend!` in Rust, or define `smb_plugin_entry_v1` in C with default visibility";

fn refusal(cause: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal { cause: cause.into(), help: help.into() }
}

fn damaged(what: impl fmt::Display) -> Refusal {
    refusal(format!("is damaged: {what}"), AGAIN)
}

fn summary(bytes: &[u8]) -> Result<ElfSummary, Refusal> {
    identify(bytes)?;
    let image = Image::parse(bytes)?;
    let dynamic = Dynamic::parse(&image)?;
    let needed = dynamic.needed()?;
    let cxx = needed.iter().any(|name| name.starts_with("libstdc++.") || name.starts_with("libc++."));
    Ok(ElfSummary { doors: doors(&dynamic.exports()?)?, needed, cxx })
}

fn doors(exports: &[&str]) -> Result<Doors, Refusal> {
    let doors = Doors { rust: exports.contains(&RUST_DOOR), c: exports.contains(&C_DOOR) };
    if doors.rust || doors.c {
        return Ok(doors);
    }
    match exports.iter().find(|name| name.starts_with(C_DOOR_STEM)) {
        Some(other) => Err(refusal(
            format!("exports `{other}`, this host knows `{C_DOOR}` only"),
            "rebuild the plugin for that version, or update smbench",
        )),
        None => Err(refusal("exports no smbench entry point", EXPORT)),
    }
}

// The file.

fn read(path: &Path) -> Result<Vec<u8>, Refusal> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if metadata.is_dir() {
        return Err(refusal("is a directory", "name the library file inside it"));
    }
    if !metadata.is_file() {
        return Err(refusal("is not a regular file", "name a library file"));
    }
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &io::Error) -> Refusal {
    if error.kind() != io::ErrorKind::NotFound {
        return refusal(format!("cannot be read: {error}"), "check the path and its permissions");
    }
    match fs::read_link(path) {
        Ok(target) => refusal(
            format!("is a link to `{}`, which does not exist", target.display()),
            "build what it points to, or make the link again",
        ),
        Err(_) => refusal("does not exist", "check the path, or build the plugin first"),
    }
}

// The first bytes: is it a library for this machine at all?

fn identify(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.is_empty() {
        return Err(refusal("is empty", AGAIN));
    }
    if !bytes.starts_with(&elf::ELFMAG) && !elf::ELFMAG.starts_with(bytes) {
        return Err(refusal(format!("is {}, not an ELF library", kind(bytes)), SHARED));
    }
    let target = Target::of(bytes)?;
    if target != Target::host(target.machine) {
        let help = format!("build it for {0}, or run smbench where it was built for", std::env::consts::ARCH);
        return Err(refusal(format!("was built for {target}, this machine is {}", std::env::consts::ARCH), help));
    }
    Ok(())
}

/// What files that are given by mistake start with.
const KINDS: &[(&[u8], &str)] = &[
    (b"!<arch>\n", "a static archive (.a, .rlib)"),
    (b"MZ", "a Windows library"),
    (b"\xcf\xfa\xed\xfe", "a macOS library"),
    (b"\xca\xfe\xba\xbe", "a macOS universal library"),
    (b"\0asm", "a WebAssembly module"),
    (b"BC\xc0\xde", "LLVM bitcode"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
];

fn kind(bytes: &[u8]) -> &'static str {
    let known = KINDS.iter().find(|(start, _)| bytes.starts_with(start));
    match known {
        Some((_, name)) => name,
        None if is_text(&bytes[..bytes.len().min(512)]) => "a text file",
        None => "an unknown file",
    }
}

/// UTF-8, possibly cut in mid-character, without control characters other than white space.
fn is_text(bytes: &[u8]) -> bool {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or("\0"),
        Err(_) => return false,
    };
    text.chars().all(|c| !c.is_control() || c.is_whitespace())
}

/// What a library was compiled for.
#[derive(PartialEq)]
struct Target {
    bits: u32,
    big_endian: bool,
    machine: elf::Machine,
}

/// Machines by Rust's name for them.
const MACHINES: &[(elf::Machine, &str)] = &[
    (elf::EM_X86_64, "x86_64"),
    (elf::EM_AARCH64, "aarch64"),
    (elf::EM_386, "x86"),
    (elf::EM_ARM, "arm"),
    (elf::EM_RISCV, "riscv64"),
    (elf::EM_LOONGARCH, "loongarch64"),
    (elf::EM_PPC64, "powerpc64"),
    (elf::EM_S390, "s390x"),
];

impl Target {
    /// From the 20 bytes that every ELF file has in the same places.
    fn of(bytes: &[u8]) -> Result<Self, Refusal> {
        let Some(&[_, _, _, _, class, data, .., low, high]) = bytes.first_chunk::<20>() else {
            return Err(truncated("the ELF header", 64, bytes.len()));
        };
        let (bits, big_endian) = match (class, data) {
            (1 | 2, 1 | 2) => (32 * u32::from(class), data == 2),
            _ => return Err(damaged("its class or byte order is unknown")),
        };
        let machine = if big_endian { u16::from_be_bytes([low, high]) } else { u16::from_le_bytes([low, high]) };
        Ok(Self { bits, big_endian, machine: elf::Machine(machine) })
    }

    /// What this host loads. `unsure` stands in for a machine the list does not know.
    fn host(unsure: elf::Machine) -> Self {
        let known = MACHINES.iter().find(|(_, name)| *name == std::env::consts::ARCH);
        let machine = known.map_or(unsure, |(machine, _)| *machine);
        Self { bits: usize::BITS, big_endian: cfg!(target_endian = "big"), machine }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bits != usize::BITS {
            write!(f, "{}-bit ", self.bits)?;
        }
        if self.big_endian != cfg!(target_endian = "big") {
            write!(f, "{}-endian ", if self.big_endian { "big" } else { "little" })?;
        }
        match MACHINES.iter().find(|(machine, _)| *machine == self.machine) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "machine {}", self.machine.0),
        }
    }
}

// The headers: does the file hold everything they promise?

#[cfg(target_pointer_width = "64")]
type Header = elf::FileHeader64<NativeEndian>;
#[cfg(not(target_pointer_width = "64"))]
type Header = elf::FileHeader32<NativeEndian>;
type Segment = <Header as FileHeader>::ProgramHeader;
type Section = <Header as FileHeader>::SectionHeader;
type Symbol = <Header as FileHeader>::Sym;

const ENDIAN: NativeEndian = NativeEndian;

fn truncated(what: &str, end: u64, length: usize) -> Refusal {
    refusal(format!("is truncated: {what} ends at byte {end}, the file at byte {length}"), AGAIN)
}

/// A shared library that is all there.
struct Image<'a> {
    bytes: &'a [u8],
    segments: &'a [Segment],
}

impl<'a> Image<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
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
    fn at(&self, address: u64) -> Option<&'a [u8]> {
        let loaded = |s: &&Segment| s.p_type(ENDIAN) == elf::PT_LOAD;
        self.segments.iter().filter(loaded).find_map(|segment| {
            let skipped = address.checked_sub(wide(segment.p_vaddr(ENDIAN)))?;
            segment.data(ENDIAN, self.bytes).ok()?.get(usize::try_from(skipped).ok()?..)
        })
    }
}

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

fn is_shared(kind: elf::FileType) -> Result<(), Refusal> {
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
fn wide(word: impl Into<u64>) -> u64 {
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

// The dynamic table: what the loader follows once the segments are mapped.

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

struct Dynamic<'a> {
    image: &'a Image<'a>,
    entries: Vec<(elf::DynamicTag, u64)>,
    strings: StringTable<'a>,
}

impl<'a> Dynamic<'a> {
    fn parse(image: &'a Image<'a>) -> Result<Self, Refusal> {
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

    fn needed(&self) -> Result<Vec<String>, Refusal> {
        let offsets = self.entries.iter().filter(|entry| entry.0 == elf::DT_NEEDED).map(|entry| entry.1);
        offsets.map(|offset| self.text(offset).map(str::to_owned)).collect()
    }

    fn text(&self, offset: u64) -> Result<&'a str, Refusal> {
        let bytes = u32::try_from(offset).ok().and_then(|offset| self.strings.get(offset).ok());
        let text = bytes.and_then(|bytes| str::from_utf8(bytes).ok());
        text.ok_or_else(|| damaged("a name lies outside its string table"))
    }

    /// The names that `dlsym` finds.
    fn exports(&self) -> Result<Vec<&'a str>, Refusal> {
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

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::path::PathBuf;
    use std::process::Command;

    use tempfile::TempDir;

    use super::*;

    const C_PLUGIN: &str =
        "int data[9000] = {1}; const void *smb_plugin_entry_v1(unsigned a, unsigned b) { return data + a + b; }";

    struct Lab(TempDir);

    impl Lab {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
            fs::write(self.path(name), bytes).unwrap();
            self.path(name)
        }

        /// Compiles C with these flags after `cc -o out in.c`.
        #[track_caller]
        fn cc(&self, source: &str, flags: &[&str]) -> PathBuf {
            let (input, output) = (self.file("in.c", source.as_bytes()), self.path("out.so"));
            let status = Command::new("cc").arg("-o").arg(&output).arg(input).args(flags).status();
            assert!(status.unwrap().success());
            output
        }

        fn plugin(&self) -> Vec<u8> {
            fs::read(self.cc(C_PLUGIN, &["-shared", "-fPIC"])).unwrap()
        }
    }

    /// `cause` and `help` are parts of what is said.
    #[track_caller]
    fn refused(path: &Path, cause: &str, help: &str) {
        let refusal = check(path).unwrap_err();
        assert!(refusal.cause.starts_with(&format!("`{}` ", path.display())), "{refusal}");
        assert!(refusal.cause.contains(cause) && refusal.help.contains(help), "{refusal}");
        assert_eq!(refusal.to_string().lines().count(), 1, "{refusal}");
    }

    #[test]
    fn plugins_pass() {
        #[track_caller]
        fn passes(source: &str, flags: &[&str], rust: bool, c: bool) -> ElfSummary {
            let lab = Lab::new();
            let summary = check(&lab.cc(source, &[&["-shared", "-fPIC"], flags].concat())).unwrap();
            assert_eq!(summary.doors, Doors { rust, c });
            summary
        }
        let rust = format!("int {RUST_DOOR} = 1;");
        let plain = passes(C_PLUGIN, &["-Wl,--no-as-needed", "-lc"], false, true);
        assert!(plain.needed.iter().any(|name| name.starts_with("libc.so")), "{plain:?}");
        assert!(!plain.cxx);
        passes(&rust, &[], true, false);
        passes(&format!("{C_PLUGIN} {rust}"), &["-s"], true, true);
        passes(C_PLUGIN, &["-Wl,--hash-style=sysv"], false, true);
        passes(C_PLUGIN, &["-nostdlib", "-Wl,-z,noseparate-code"], false, true);
        let cxx = passes(C_PLUGIN, &["-Wl,--no-as-needed", "-l:libstdc++.so.6"], false, true);
        assert!(cxx.cxx, "{cxx:?}");
    }

    #[test]
    fn links_are_followed() {
        let lab = Lab::new();
        let link = lab.path("link.so");
        std::os::unix::fs::symlink(lab.file("real.so", &lab.plugin()), &link).unwrap();
        assert!(check(&link).is_ok());
    }

    #[test]
    fn what_is_not_a_file_is_refused() {
        let lab = Lab::new();
        let link = lab.path("link.so");
        std::os::unix::fs::symlink("nowhere.so", &link).unwrap();
        refused(&link, "is a link to `nowhere.so`, which does not exist", "make the link again");
        refused(&lab.path("none.so"), "does not exist", "build the plugin first");
        refused(lab.0.path(), "is a directory", "inside it");
        refused(Path::new("/dev/null"), "is not a regular file", "name a library file");
        refused(&lab.file("file", b"x").join("child.so"), "cannot be read", "check the path");
    }

    #[test]
    fn what_is_not_elf_is_refused() {
        #[track_caller]
        fn check(bytes: &[u8], cause: &str, help: &str) {
            refused(&Lab::new().file("x.so", bytes), cause, help);
        }
        check(b"", "is empty", "did not finish");
        check(b"version https://git-lfs.github.com/spec/v1\n", "is a text file, not an ELF library", "cdylib");
        check("grün ".repeat(200).as_bytes(), "is a text file", "cdylib");
        check(b"!<arch>\nlib.o/", "is a static archive", "cdylib");
        check(b"MZ\x90\0", "is a Windows library", "cdylib");
        check(b"\xcf\xfa\xed\xfe\x07", "is a macOS library", "cdylib");
        check(&[0; 4096], "is an unknown file", "cdylib");
        check(b"\x7fEL", "is truncated: the ELF header ends at byte 64, the file at byte 3", "did not finish");
    }

    #[test]
    fn other_machines_are_named() {
        #[track_caller]
        fn check(edits: &[(usize, u8)], cause: &str) {
            let lab = Lab::new();
            let mut bytes = lab.plugin();
            for &(at, byte) in edits {
                bytes[at] = byte;
            }
            refused(&lab.file("x.so", &bytes), cause, "");
        }
        let here = format!(", this machine is {}", std::env::consts::ARCH);
        let machine = |number: u8| [(18, number), (19, 0)];
        let (class, order) = (4, 5);
        check(&machine(22), &format!("was built for s390x{here}"));
        check(&machine(200), &format!("was built for machine 200{here}"));
        check(&[(class, 1), (18, 3), (19, 0)], &format!("was built for 32-bit x86{here}"));
        check(&[(order, 2), (18, 0), (19, 22)], &format!("was built for big-endian s390x{here}"));
        check(&[(class, 9)], "is damaged: its class or byte order is unknown");
        if cfg!(target_arch = "x86_64") {
            check(&machine(183), "was built for aarch64, this machine is x86_64");
        }
    }

    #[test]
    fn what_is_not_a_library_is_refused() {
        #[track_caller]
        fn check(flags: &[&str], cause: &str) {
            let lab = Lab::new();
            refused(&lab.cc("int main(void) { return 0; }", flags), cause, "cdylib");
        }
        check(&["-c"], "is an object file that was never linked");
        check(&["-no-pie"], "is an executable");
        check(&["-fPIE", "-pie"], "is an executable");
    }

    #[test]
    fn a_plugin_without_a_door_is_refused() {
        #[track_caller]
        fn check(source: &str, cause: &str, help: &str) {
            refused(&Lab::new().cc(source, &["-shared", "-fPIC"]), cause, help);
        }
        let missing = "exports no smbench entry point";
        check("int add(int a) { return a; }", missing, "default visibility");
        check("static int nothing;", missing, "export_backend!");
        check("__attribute__((visibility(\"hidden\"))) void smb_plugin_entry_v1(void) {}", missing, "");
        check("void smb_plugin_entry_v1(void); void call(void) { smb_plugin_entry_v1(); }", missing, "");
        check("void smb_plugin_entry_v2(void) {}", "exports `smb_plugin_entry_v2`, this host knows", "update smbench");
    }

    /// Wherever it is cut, it is noticed; that includes every page the loader would have stumbled on.
    #[test]
    fn a_truncated_plugin_is_refused_wherever_it_ends() {
        let lab = Lab::new();
        let whole = lab.plugin();
        let ends = (1..64).chain((64..whole.len()).step_by(97)).chain([4096, 8192, whole.len() - 1]);
        for end in ends {
            refused(&lab.file("cut.so", &whole[..end]), "is truncated", "copy or build it again");
        }
    }

    /// Without a section table, as `sstrip` leaves it, only the segments can tell.
    #[test]
    fn segments_alone_show_a_cut() {
        let lab = Lab::new();
        let mut bytes = lab.plugin();
        let header = Header::parse(&*bytes).unwrap();
        let end = |s: &Segment| s.p_offset(ENDIAN) + s.p_filesz(ENDIAN);
        let segments = header.program_headers(ENDIAN, &*bytes).unwrap();
        let end = segments.iter().map(end).max().unwrap() as usize;
        // e_shoff, e_shnum and e_shstrndx.
        for at in (40..48).chain(60..64) {
            bytes[at] = 0;
        }
        assert!(check(&lab.file("stripped.so", &bytes[..end])).is_ok());
        refused(&lab.file("cut.so", &bytes[..end - 1]), "is truncated: a segment ends at byte", "");
    }

    /// A copy that reserved the space and then stopped: right length, zeros at the end.
    #[test]
    fn a_tail_of_zeros_is_refused() {
        let lab = Lab::new();
        let whole = lab.plugin();
        for kept in [64, 512, 1024, 4096, 8192, 12288] {
            let mut bytes = whole.clone();
            bytes[kept..].fill(0);
            refused(&lab.file("zeros.so", &bytes), "is damaged", "copy or build it again");
        }
    }

    /// Nothing in the headers makes it panic, and what it lets pass still has its door.
    #[test]
    fn flipped_header_bytes_do_no_harm() {
        let lab = Lab::new();
        let whole = lab.plugin();
        for at in (0..1600).chain(whole.len() - 1800..whole.len()) {
            for byte in [0, 0x7f, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = byte;
                if let Ok(found) = summary(&bytes) {
                    assert!(found.doors.c, "byte {at} = {byte}");
                }
            }
        }
    }
}
