//! Frames between the host and its workers: a length, then JSON. The pipe is passed in.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};

/// A launch of 1,000 rounds is 100 KB; beyond this somebody is writing rubbish.
const LONGEST: usize = 64 << 20;

/// The status of a worker whose pipes are gone: nothing of ours closes them. EX_PROTOCOL of `sysexits.h`.
pub const NO_PIPE: i32 = 76;

/// Writes one frame.
pub fn write<T: Serialize>(pipe: &mut impl Write, message: &T) -> io::Result<()> {
    let body = serde_json::to_vec(message)?;
    pipe.write_all(&(body.len() as u32).to_le_bytes())?;
    pipe.write_all(&body)?;
    pipe.flush()
}

/// Reads one frame; `None` at a clean end of the pipe.
pub fn read<T: DeserializeOwned>(pipe: &mut impl Read) -> io::Result<Option<T>> {
    let mut header = [0; 4];
    match pipe.read_exact(&mut header) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_le_bytes(header) as usize;
    if length > LONGEST {
        return Err(io::Error::other(format!("a frame of {length} bytes is no frame")));
    }
    let mut body = vec![0; length];
    pipe.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_as_they_went_in_and_the_end_is_clean() {
        let mut pipe = Vec::new();
        write(&mut pipe, &vec!["a", "b"]).unwrap();
        write(&mut pipe, &vec!["c"]).unwrap();
        let mut pipe = pipe.as_slice();
        assert_eq!(read::<Vec<String>>(&mut pipe).unwrap().unwrap(), ["a", "b"]);
        assert_eq!(read::<Vec<String>>(&mut pipe).unwrap().unwrap(), ["c"]);
        assert!(read::<Vec<String>>(&mut pipe).unwrap().is_none());
    }

    #[test]
    fn rubbish_is_an_error() {
        for bytes in [&b"\xff\xff\xff\xff...."[..], b"\x04\0\0\0{]}", b"\x04\0\0\0{}}}", b"\x09\0\0\0short"] {
            assert!(read::<Vec<String>>(&mut &*bytes).is_err(), "{bytes:?}");
        }
    }
}
