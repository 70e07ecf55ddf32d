//! SHA-256, in lower-case hexadecimal.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

/// Of bytes at hand.
pub fn bytes(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Of a file; whatever else has a path, a pipe that nobody writes to among them, is not opened.
pub fn file(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Hexadecimal SHA-256 over libraries that a plugin brings along; empty if it brings none. The system's own are left
/// out: what they change, they change for everybody.
pub fn libraries(paths: &[String]) -> String {
    let own = paths.iter().filter(|path| !["/lib", "/usr/"].iter().any(|system| path.starts_with(system)));
    let lines: Vec<String> = own.map(|path| format!("{path} {}", file(Path::new(path)).unwrap_or_default())).collect();
    if lines.is_empty() { String::new() } else { bytes(lines.join("\n").as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4, the one-block example.
    #[test]
    fn abc() {
        let want = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(bytes(b"abc"), want);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc");
        fs::write(&path, "abc").unwrap();
        assert_eq!(file(&path).unwrap(), want);
    }
}
