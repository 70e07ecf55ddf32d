//! What a command said and how it ended.

use std::process::Output;

use super::Report;

/// A command that has ended.
#[derive(Clone, Debug)]
pub struct Ran {
    shown: String,
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    pub fn of(shown: &str, output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("smbench writes UTF-8");
        let (stdout, stderr) = (text(output.stdout), text(output.stderr));
        Self { shown: shown.to_owned(), code: output.status.code(), stdout, stderr }
    }

    /// It ended with this code.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n--- stdout\n{}\n--- stderr\n{}", self.shown, self.stdout, self.stderr);
        self
    }

    /// It printed this, on either stream.
    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        let said = self.stdout.contains(text) || self.stderr.contains(text);
        assert!(said, "no `{text}`: {}\n--- stdout\n{}\n--- stderr\n{}", self.shown, self.stdout, self.stderr);
        self
    }

    /// Its standard output as the JSON of a run.
    #[track_caller]
    pub fn report(&self) -> Report {
        Report::of(&self.stdout)
    }
}
