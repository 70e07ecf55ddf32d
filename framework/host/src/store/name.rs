//! What people call a run: `latest`, `latest~2`, a label, or the first characters of an id.

use super::RunSummary;
use crate::error::{Error, Result, suggest};

/// The id that is meant, among runs listed newest first. A label goes before an id that begins alike.
pub fn resolve(text: &str, runs: &[RunSummary]) -> Result<String> {
    if runs.is_empty() {
        return Err(none(text).because("no run is stored here").help("make one: `smbench run quick`"));
    }
    if let Some(age) = age(text) {
        return by_age(text, age, runs);
    }
    let named = |run: &&RunSummary| run.label.as_deref() == Some(text) || run.id == text;
    let copied = |run: &&RunSummary| run.copies.iter().any(|label| label == text);
    match runs.iter().find(named).or_else(|| runs.iter().find(copied)) {
        Some(run) => Ok(run.id.clone()),
        None => by_prefix(text, runs),
    }
}

/// Refuses a label that would be taken for something else.
pub fn check_label(label: &str) -> Result<()> {
    let wrong = match label {
        "" => "it is empty",
        _ if age(label).is_some() => "`latest` is always the newest run",
        _ if label.contains(['/', '~']) || label.ends_with(".json") => {
            "it would be taken for a file or for a `latest~N`"
        }
        _ if label.contains(char::is_control) => "it has control characters",
        _ if label.contains(char::is_whitespace) || label.starts_with('-') => {
            "it could not be typed back without quotes"
        }
        _ => return Ok(()),
    };
    Err(Error::usage(format!("`{}` cannot be a label", label.escape_debug()))
        .because(wrong)
        .help("use letters, digits, `-`, `_` and `.`"))
}

/// `latest` is 0, `latest~2` is 2.
fn age(text: &str) -> Option<usize> {
    match text.strip_prefix("latest")? {
        "" => Some(0),
        rest => rest.strip_prefix('~')?.parse().ok(),
    }
}

fn by_age(text: &str, age: usize, runs: &[RunSummary]) -> Result<String> {
    let only = || format!("{} run(s) are stored; the oldest is `latest~{}`", runs.len(), runs.len() - 1);
    let found = runs.get(age).map(|run| run.id.clone());
    found.ok_or_else(|| none(text).because(only()).help("see `smbench list runs`"))
}

fn by_prefix(text: &str, runs: &[RunSummary]) -> Result<String> {
    let matches: Vec<&str> = runs.iter().map(|run| run.id.as_str()).filter(|id| id.starts_with(text)).collect();
    match matches[..] {
        [id] if !text.is_empty() => Ok(id.to_owned()),
        [] | [_] => Err(unknown(text, runs)),
        [first, second, ..] => Err(none(text)
            .because(format!(
                "{} runs begin so: {first}, {second}{}",
                matches.len(),
                if matches.len() > 2 { ", …" } else { "" }
            ))
            .help("type more of the id")),
    }
}

fn unknown(text: &str, runs: &[RunSummary]) -> Error {
    const SHOWN: usize = 8;
    let labels = runs.iter().filter_map(|run| run.label.as_deref());
    let known = labels.chain(runs.iter().map(|run| run.id.as_str())).take(SHOWN);
    let help = suggest(text, known).unwrap_or_default();
    none(text)
        .because("it is no label, no beginning of an id and no file")
        .help(format!("{help}; see `smbench list runs`"))
}

fn none(text: &str) -> Error {
    Error::usage(format!("no run `{text}`"))
}

#[cfg(test)]
mod tests {
    use smbench_core::run::State;

    use super::*;

    fn run(id: &str, label: Option<&str>) -> RunSummary {
        RunSummary {
            id: id.to_owned(),
            label: label.map(str::to_owned),
            copies: Vec::new(),
            created: String::new(),
            config: String::new(),
            preset: String::new(),
            state: State::Finished,
            cases: 0,
            backends: Vec::new(),
            launches_stored: 0,
            launches_planned: 0,
        }
    }

    fn runs() -> Vec<RunSummary> {
        vec![
            run("20261123-101010-cccc", None),
            run("20261123-090909-bbbb", Some("before")),
            run("20261122-080808-aaaa", Some("20261123")),
        ]
    }

    #[test]
    fn names_resolve() {
        #[track_caller]
        fn check(text: &str, want: &str) {
            assert!(resolve(text, &runs()).unwrap().ends_with(want));
        }
        check("latest", "cccc");
        check("latest~0", "cccc");
        check("latest~2", "aaaa");
        check("before", "bbbb");
        check("20261123", "aaaa");
        check("20261123-1", "cccc");
        check("20261123-090909-bbbb", "bbbb");
    }

    #[test]
    fn what_does_not_resolve_says_why() {
        #[track_caller]
        fn check(text: &str, cause: &str, help: &str) {
            let error = resolve(text, &runs()).unwrap_err();
            let (found, next) = (error.cause.unwrap(), error.help.unwrap());
            assert!(found.contains(cause) && next.contains(help), "{found} / {next}");
        }
        check("latest~3", "3 run(s) are stored", "list runs");
        check("2026", "3 runs begin so: 20261123-101010-cccc, 20261123-090909-bbbb, …", "type more");
        check("befor", "no label", "did you mean `before`?");
        check("", "runs begin so", "type more");
        assert_eq!(resolve("latest", &[]).unwrap_err().cause.unwrap(), "no run is stored here");
    }

    #[test]
    fn labels_can_be_typed_back() {
        for label in ["before", "v1.2-rc_3", "main"] {
            check_label(label).unwrap();
        }
        for label in ["", "latest", "latest~1", "a/b", "old.json", "two words", "-x", "a\x1b[2J"] {
            check_label(label).unwrap_err();
        }
    }
}
