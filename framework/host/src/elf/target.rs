//! The first bytes: is it a library for this machine at all?

use std::fmt;

use object::elf;

use super::image::truncated;
use super::{AGAIN, Refusal, SHARED, damaged, refusal};

pub(super) fn identify(bytes: &[u8]) -> Result<(), Refusal> {
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
