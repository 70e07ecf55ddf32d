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
    use proptest::prelude::*;

    use super::*;
    use crate::message::{Reply, Request};
    use crate::samples::{Environment, Launch, Mode, Series};
    use crate::schedule::Phase;

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

    /// As a worker writes it.
    fn launched() -> Vec<u8> {
        let mut series = Series { cold_ns: 900, ..Series::default() };
        (0..5).for_each(|round| series.push(round, 0, 8, 1000));
        let launch = Launch {
            mode: Mode::Shared,
            order: vec![1, 0],
            environment: Environment::default(),
            series: vec![(0, series.clone()), (1, series)],
            late: vec![(1, "out[0] is 1, expected 2".to_owned())],
            flags: vec![(0, "changed the locale".to_owned())],
        };
        serde_json::to_vec(&Reply::Launched(launch)).unwrap()
    }

    /// What a plugin wrote into the pipe is refused in a line, or understood; a launch of others, or of half the samples, is
    /// told from one that was asked for.
    fn harmless(body: &[u8]) {
        let frame = [&(body.len() as u32).to_le_bytes(), body].concat();
        match read::<Reply>(&mut &*frame) {
            Ok(Some(Reply::Launched(launch))) if launch.is_of(&[0, 1]) => {
                let [first, second] = [0, 1].map(|player| launch.of(player));
                if let (Some(first), Some(second)) = (first, second) {
                    let _ = second.log_ratios(first);
                }
            }
            Ok(_) => {}
            Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
        }
        let _ = read::<Request>(&mut &*frame);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Err(error) = read::<Reply>(&mut &*bytes) {
                prop_assert_eq!(error.to_string().lines().count(), 1);
            }
            harmless(&bytes);
        }

        #[test]
        fn mangled_messages_do_no_harm(
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..20usize, "[\\[\\]{}\",:0-9a-z\n\x1b-]{0,4}"), 1..4),
        ) {
            let mut body = launched();
            for (place, length, new) in edits {
                let at = place.index(body.len() + 1);
                let end = (at + length).min(body.len());
                body.splice(at..end, new.bytes());
            }
            harmless(&body);
        }

        #[test]
        fn requests_come_out_as_they_went_in(calls: u64, verify: bool, round: u32) {
            let request = Request::Sample { calls, verify, phase: Phase::Rounds, round };
            let mut pipe = Vec::new();
            write(&mut pipe, &request).unwrap();
            prop_assert_eq!(read::<Request>(&mut pipe.as_slice()).unwrap(), Some(request));
        }
    }
}
