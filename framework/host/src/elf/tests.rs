//! Libraries made by the C compiler, then cut and edited.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

use object::read::elf::{FileHeader, ProgramHeader};
use proptest::prelude::*;
use proptest::sample::Index;

use super::image::{ENDIAN, Header, Segment};
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
fn a_file_says_who_compiled_it() {
    let lab = Lab::new();
    let compilers = check(&lab.cc(C_PLUGIN, &["-shared", "-fPIC"])).unwrap().compilers.unwrap();
    assert!(compilers.contains("GCC") || compilers.contains("clang"), "{compilers}");
    let source = format!("{C_PLUGIN} __asm__(\".ident \\\"a\\x1b[2J\\\"\");");
    let hostile = check(&lab.cc(&source, &["-shared", "-fPIC"])).unwrap().compilers.unwrap();
    assert!(!hostile.contains(char::is_control), "{hostile:?}");
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
    refused(lab.0.path(), "is a directory", "the folder of its crate");
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

#[test]
fn two_builds_are_the_same_if_what_is_loaded_is() {
    let build = |source: &str, debug: &str| {
        let lab = Lab::new();
        let library = lab.cc(source, &["-shared", "-fPIC", "-Wl,--build-id", debug]);
        (lab, library)
    };
    let first = build(C_PLUGIN, "-g");
    #[track_caller]
    fn check(a: &(Lab, PathBuf), b: &(Lab, PathBuf), want: Sameness) {
        assert_eq!(sameness(&a.1, &b.1).unwrap(), want);
        assert_eq!(sameness(&b.1, &a.1).unwrap(), want);
    }
    check(&first, &first, Sameness::Bytes);
    check(&first, &build(&format!("\n\n{C_PLUGIN}"), "-g"), Sameness::Loaded);
    check(&first, &build(C_PLUGIN, "-s"), Sameness::Loaded);
    check(&first, &build(&C_PLUGIN.replace("+ b", "- b"), "-g"), Sameness::None);
    check(&first, &build(&C_PLUGIN.replace("{1}", "{2}"), "-g"), Sameness::None);
    let lab = Lab::new();
    let texts = [lab.file("a", b"no library"), lab.file("b", b"nor this")];
    assert_eq!(sameness(&texts[0], &texts[1]).unwrap(), Sameness::None);
}

/// Where loaders look: the header and the segment table, what the segments lead to, and anywhere.
fn places() -> impl Strategy<Value = (u8, Index)> {
    (0..3_u8, any::<Index>())
}

fn at(bytes: &[u8], (part, place): (u8, Index)) -> usize {
    match part {
        0 => place.index(1024),
        1 => 1024 + place.index(4096),
        _ => place.index(bytes.len()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn mangled_headers_do_no_harm(
        edits in prop::collection::vec(
            (places(), prop_oneof![Just(0), Just(1), Just(u64::MAX), Just(1 << 63), Just(0xfff), any::<u64>()], 1..9_usize),
            1..6,
        ),
        end in prop::option::of(any::<Index>()),
    ) {
        static PLUGIN: OnceLock<Vec<u8>> = OnceLock::new();
        let mut bytes = PLUGIN.get_or_init(|| Lab::new().plugin()).clone();
        for (place, value, length) in edits {
            let at = at(&bytes, place);
            let end = (at + length).min(bytes.len());
            bytes[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
        }
        let end = end.map_or(bytes.len(), |end| end.index(bytes.len() + 1));
        if let Err(refusal) = summary(&bytes[..end]) {
            prop_assert_eq!(refusal.to_string().lines().count(), 1, "{}", refusal);
        }
    }
}
