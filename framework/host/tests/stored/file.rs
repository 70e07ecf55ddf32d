//! A run as a file: there and back, and no text whatever makes the reader panic.

use proptest::prelude::*;
use smbench_core::study::Study;
use smbench_host::file::{from_text, looks_like_one, read, to_text, write};
use smbench_host::store::find_run;

use crate::sample;

#[test]
fn a_run_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.json");
    write(&path, &sample::run("a")).unwrap();
    assert_eq!(read(&path).unwrap(), sample::run("a"));
    assert_eq!(find_run(path.to_str().unwrap(), || panic!("no store is needed")).unwrap(), sample::run("a"));
}

#[test]
fn files_and_names_are_told_apart() {
    assert!(["./before", "run.json", "/tmp/x"].into_iter().all(looks_like_one));
    assert!(!["latest", "latest~1", "20261123-08", "v1.2"].into_iter().any(looks_like_one));
}

#[test]
fn what_is_wrong_is_said() {
    #[track_caller]
    fn check(text: &str, parts: &[&str]) {
        let error = from_text("x.json", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("x.json") && parts.iter().all(|part| error.contains(part)), "{error}");
    }
    let good = to_text(&sample::run("a")).unwrap();
    check("", &["not the file of a run"]);
    check("{}", &["missing field `schema`"]);
    check(r#"{"schema": "smbench.file/2"}"#, &["update smbench"]);
    check(r#"{"schema": "smbench.run/1"}"#, &["figures only", "smbench export RUN file"]);
    check(r#"{"schema": "smbench.file/1", "run": {"id": 3}}"#, &["run.id", "expected a string"]);
    check(&good.replace("\"reference\":1", "\"reference\":2"), &["the reference is 2, out of 2"]);
    check(&good.replace("\"order\":[1,0]", "\"order\":[1,9]"), &["a launch's backend is 9"]);
    check(&good.replace("\"calls\":[8,", "\"calls\":["), &["columns of a series differ"]);
    check(&good[..good.len() / 2], &["not the file of a run"]);
    assert!(read("/nowhere/run.json".as_ref()).unwrap_err().to_string().contains("/nowhere/run.json"));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    /// Bytes replaced, runs of bytes cut out or doubled.
    #[test]
    fn mangled_bytes_do_no_harm(edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3u8, any::<u8>()), 1..6)) {
        let mut text = to_text(&sample::run("a")).unwrap().into_bytes();
        for (place, kind, byte) in edits {
            let at = place.index(text.len());
            let end = (at + usize::from(byte)).min(text.len());
            match kind {
                0 => text[at] = byte,
                1 => drop(text.drain(at..end)),
                _ => text = [&text[..end], &text[at..]].concat(),
            }
        }
        harmless(&text);
    }

    /// One number becomes another: such a file still parses, and whatever it says must not break a study.
    #[test]
    fn mangled_numbers_do_no_harm(place in any::<prop::sample::Index>(), number in prop_oneof![
        Just("0".to_owned()), Just("-1".to_owned()), Just("1e300".to_owned()), Just(u64::MAX.to_string()),
        Just(u32::MAX.to_string()), any::<u16>().prop_map(|number| number.to_string()),
    ]) {
        let text = to_text(&sample::run("a")).unwrap();
        let numbers: Vec<(usize, &str)> = text.match_indices(|letter: char| letter.is_ascii_digit()).collect();
        let at = place.index(numbers.len());
        let at = numbers[at].0;
        let begin = text[..at].rfind(|letter: char| !letter.is_ascii_digit()).map_or(0, |before| before + 1);
        let end = text[at..].find(|letter: char| !letter.is_ascii_digit()).map_or(text.len(), |after| at + after);
        harmless(format!("{}{number}{}", &text[..begin], &text[end..]).as_bytes());
    }
}

/// It is read and studied, or refused.
fn harmless(text: &[u8]) {
    if let Ok(run) = from_text("x.json", text) {
        let _ = run.plan.predicted();
        let _ = Study::of(vec![run.clone(), run]);
    }
}
