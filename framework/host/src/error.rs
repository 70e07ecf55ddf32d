//! What went wrong, why, and what to do next, in lower-case fragments.
//!
//! ```text
//! error: cannot load backend `acme`
//!  cause: built for smbench-abi 2, this host speaks 1
//!   help: rebuild it against smbench-sdk 1.x, or pass another path
//! ```

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// What went wrong, why, and what to do next. `Display` shows all of it, without colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Whose fault it is; decides the exit code.
    pub kind: Kind,
    /// What could not be done.
    pub what: String,
    /// Why.
    pub cause: Option<String>,
    /// What to do next.
    pub help: Option<String>,
    /// The spot in a file that is at fault.
    pub place: Option<Box<Place>>,
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// smbench's own, or the system's.
    Internal,
    /// What the user asked for, on the command line or in a file.
    Usage,
    /// A plugin's.
    Plugin,
}

impl Kind {
    /// The exit code, as DESIGN lists them.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Plugin => 6,
        }
    }
}

/// A spot in a text file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Name of the file.
    pub file: String,
    /// All of its text.
    pub text: String,
    /// The bytes at fault, on character boundaries.
    pub span: Range<usize>,
    /// What to write beside the caret; may be empty.
    pub label: String,
}

impl Error {
    /// What the user asked for cannot be done.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// smbench or the system failed.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::new(Kind::Internal, what)
    }

    /// A plugin is at fault.
    pub fn plugin(what: impl Into<String>) -> Self {
        Self::new(Kind::Plugin, what)
    }

    fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: harmless(what.into()), cause: None, help: None, place: None }
    }

    /// Says why.
    pub fn because(self, cause: impl fmt::Display) -> Self {
        Self { cause: Some(harmless(cause.to_string())), ..self }
    }

    /// Says what to do next.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(harmless(help.into())), ..self }
    }

    /// Shows where.
    pub fn at(self, place: Place) -> Self {
        Self { place: Some(Box::new(place)), ..self }
    }

    /// What and why on one line, for a row or a log.
    pub fn one_line(&self) -> String {
        let cause = self.cause.iter().map(|cause| format!(": {cause}"));
        std::iter::once(self.what.clone()).chain(cause).collect::<String>().replace('\n', " ")
    }

    /// All of it, with ANSI colours or without; no newline at the end.
    pub fn render(&self, coloured: bool) -> String {
        match &self.place {
            Some(place) => self.with_caret(place, coloured),
            None => self.in_lines(coloured),
        }
    }

    fn in_lines(&self, coloured: bool) -> String {
        const RED: &str = "\x1b[1;31m";
        const BOLD: &str = "\x1b[1m";
        let key = |word: &str, colour: &str| if coloured { format!("{colour}{word}\x1b[0m") } else { word.to_owned() };
        let mut lines = vec![format!("{} {}", key("error:", RED), self.what)];
        lines.extend(self.cause.iter().map(|cause| format!(" {} {cause}", key("cause:", BOLD))));
        lines.extend(self.help.iter().map(|help| format!("  {} {help}", key("help:", BOLD))));
        lines.join("\n")
    }

    fn with_caret(&self, place: &Place, coloured: bool) -> String {
        let label = (!place.label.is_empty()).then_some(place.label.as_str());
        let caret = AnnotationKind::Primary.span(place.span.clone()).label(label);
        let source = Snippet::source(&place.text).path(&place.file).annotation(caret);
        let mut group = Level::ERROR.primary_title(&self.what).element(source);
        if let Some(cause) = &self.cause {
            group = group.element(Level::NOTE.with_name("cause").message(cause));
        }
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help));
        }
        let renderer = if coloured { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Error {}

/// Errors quote files and names of strangers: nothing in them moves a cursor.
fn harmless(text: String) -> String {
    let moves = |letter: char| letter.is_control() && letter != '\n';
    if text.contains(moves) { text.replace(moves, "\u{fffd}") } else { text }
}

/// `did you mean …?` and the list of what there is, for a name that is not among them.
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(name, &known) {
        Some(nearest) => Some(format!("did you mean `{nearest}`? known: {}", known.join(", "))),
        None if known.is_empty() => None,
        None => Some(format!("known: {}", known.join(", "))),
    }
}

/// The known name most like this one, if any is near enough to be a slip of the hand.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    const SLIP: f64 = 0.8; // Jaro–Winkler: `refernce` is 0.98 from `reference`, `naive` 0.5 from `pooled`
    let alike = |known: &str| strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase());
    let best = known.iter().copied().max_by(|a, b| alike(a).total_cmp(&alike(b)))?;
    (alike(best) >= SLIP).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn acme() -> Error {
        Error::usage("cannot load backend `acme`").because("it is built for smbench-abi 2").help("rebuild it")
    }

    #[test]
    fn three_lines() {
        insta::assert_snapshot!(acme(), @r"
        error: cannot load backend `acme`
         cause: it is built for smbench-abi 2
          help: rebuild it
        ");
        assert_eq!(acme().one_line(), "cannot load backend `acme`: it is built for smbench-abi 2");
        assert!(acme().render(true).starts_with("\x1b[1;31merror:\x1b[0m cannot load"));
    }

    #[test]
    fn what_moves_a_cursor_is_shown_as_a_replacement() {
        let error = Error::usage("no suite `\x1b[2J`").because("a\r\nb").help("\u{9b}1A");
        assert_eq!(error.to_string(), "error: no suite `\u{fffd}[2J`\n cause: a\u{fffd}\nb\n  help: \u{fffd}1A");
    }

    #[test]
    fn names_are_suggested() {
        #[track_caller]
        fn check(name: &str, want: Option<&str>) {
            assert_eq!(nearest(name, &["naive", "pooled", "faer"]), want);
        }
        check("naiv", Some("naive"));
        check("Pooled", Some("pooled"));
        check("fear", Some("faer"));
        check("openblas", None);
        assert_eq!(suggest("x", []), None);
    }
}
