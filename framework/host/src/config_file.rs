//! Reads RON files that people write: configs, suites, goals. What is wrong is shown in place:
//!
//! ```text
//! error: unknown field `referense`
//!  --> full.ron:4:5
//!   |
//! 4 |     referense: "naive",
//!   |     ^^^^^^^^^
//!   = help: did you mean `reference`? known: about, suites, backends, reference, preset
//! ```

use std::ops::Range;
use std::path::Path;
use std::{fs, str};

use ron::error::{Position, SpannedError};
use ron::extensions::Extensions;
use serde::de::DeserializeOwned;
use serde_path_to_error::Track;

use crate::error::{Error, Place, Result, suggest};

mod brackets;

/// The value in a file.
pub fn load<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let name = path.display().to_string();
    let failed = |error| Error::usage(format!("cannot read `{name}`")).because(error).help("check the path");
    let bytes = fs::read(path).map_err(failed)?;
    read(&name, as_text(&name, &bytes)?)
}

/// The value that a text stands for; `name` is for errors. `Some(…)` need not be written.
pub fn read<T: DeserializeOwned>(name: &str, text: &str) -> Result<T> {
    if text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with("//")) {
        return Err(
            Error::usage(format!("`{name}` is empty")).help("the smallest is `()`; errors then name what is missing")
        );
    }
    parse(text).map_err(|fault| explain(name, text, &fault.error, &fault.path))
}

/// The text of a file that should be UTF-8.
pub fn as_text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str> {
    str::from_utf8(bytes).map_err(|error| {
        let valid = &bytes[..error.valid_up_to()];
        let line = 1 + valid.iter().filter(|&&byte| byte == b'\n').count();
        let column = valid.iter().rev().take_while(|&&byte| byte != b'\n').count() + 1;
        Error::usage(format!("`{name}` is not text"))
            .because(format!("{name}:{line}:{column} (in bytes) is not UTF-8"))
            .help("save it as UTF-8")
    })
}

/// What is wrong, and the path to it: `backends[1].tier`.
struct Fault {
    error: SpannedError,
    path: String,
}

fn parse<T: DeserializeOwned>(text: &str) -> std::result::Result<T, Box<Fault>> {
    let options = ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME);
    let fault = |error, path| Box::new(Fault { error, path });
    let ron = ron::Deserializer::from_str_with_options(text, &options);
    let mut ron = ron.map_err(|error| fault(error, String::new()))?;
    let mut track = Track::new();
    let value = T::deserialize(serde_path_to_error::Deserializer::new(&mut ron, &mut track));
    let value = value.and_then(|value| ron.end().map(|()| value));
    value.map_err(|error| fault(ron.span_error(error), track.path().to_string()))
}

fn explain(name: &str, text: &str, error: &SpannedError, path: &str) -> Error {
    let at = |span, label| Place { file: name.to_owned(), text: text.to_owned(), span, label };
    if let Some((what, help)) = words(&error.code) {
        return Error { help, ..Error::usage(what) }.at(at(span(text, error), inside(path, &error.code)));
    }
    match brackets::fault(text) {
        Some(fault) => Error::usage(fault.what).help(fault.help).at(at(fault.span, String::new())),
        None => Error::usage(syntax(&error.code)).at(at(span(text, error), inside(path, &error.code))),
    }
}

/// Which part of the whole; nothing for the whole itself. An unknown field has no place but its parent.
fn inside(path: &str, error: &ron::Error) -> String {
    let unknown = matches!(error, ron::Error::NoSuchStructField { .. });
    let path = if unknown { path.rsplit_once('.').map_or("", |(parent, _)| parent) } else { path };
    if matches!(path, "" | "." | "?") { String::new() } else { format!("in `{path}`") }
}

/// What a well-formed text with the wrong content did wrong, and what to do; `None` for malformed ones.
fn words(error: &ron::Error) -> Option<(String, Option<String>)> {
    use ron::Error::*;
    let known = |name: &str, known: &[&'static str]| suggest(name, known.iter().copied());
    Some(match error {
        NoSuchStructField { found, expected, .. } => (format!("unknown field `{found}`"), known(found, expected)),
        NoSuchEnumVariant { found, expected, .. } => (format!("unknown value `{found}`"), known(found, expected)),
        MissingStructField { field, .. } => (format!("missing field `{field}`"), Some(format!("add `{field}: …`"))),
        DuplicateStructField { field, .. } => (format!("field `{field}` is given twice"), None),
        InvalidValueForType { expected, found } => (format!("expected {expected}, found {found}"), None),
        Message(text) => (text.clone(), None),
        _ => return None,
    })
}

/// What the parser stumbled on.
fn syntax(error: &ron::Error) -> String {
    match error {
        ron::Error::ExpectedComma => "a comma is missing before this".to_owned(),
        ron::Error::ExpectedString => "expected a string, in double quotes".to_owned(),
        ron::Error::ExpectedInteger => "expected a whole number".to_owned(),
        ron::Error::ExpectedFloat => "expected a number".to_owned(),
        ron::Error::ExpectedBoolean => "expected `true` or `false`".to_owned(),
        ron::Error::ExpectedArray => "expected a list: `[…]`".to_owned(),
        ron::Error::ExpectedMap => "expected a map: `{…}`".to_owned(),
        ron::Error::TrailingCharacters => "text after the end".to_owned(),
        other => lower(&other.to_string()),
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// The bytes at fault: those the parser had in hand, without the space around them.
fn span(text: &str, error: &SpannedError) -> Range<usize> {
    let (start, end) = (offset(text, error.span.start), offset(text, error.span.end));
    let held = text.get(start..end).unwrap_or("");
    let (start, end) = (start + (held.len() - held.trim_start().len()), start + held.trim_end().len());
    // It takes the opening quote of a string before it notes where it is.
    let quoted = start < end && text[..start].ends_with('"') && text[..end].ends_with('"');
    start - usize::from(quoted)..end.max(start)
}

/// RON counts lines and characters from 1.
fn offset(text: &str, position: Position) -> usize {
    let line_start = text.split_inclusive('\n').take(position.line - 1).map(str::len).sum::<usize>();
    let line = &text[line_start..];
    line_start + line.char_indices().nth(position.col - 1).map_or(line.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests;
