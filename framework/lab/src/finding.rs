//! What an experiment found, beside what was asked.

use std::fmt;

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub asked: String,
    pub found: String,
    /// `None` where nothing is asked, only told.
    pub passed: Option<bool>,
}

impl Finding {
    /// Something that must be so.
    pub fn of(asked: impl fmt::Display, found: impl fmt::Display, passed: bool) -> Self {
        Self { asked: asked.to_string(), found: found.to_string(), passed: Some(passed) }
    }

    /// Something worth knowing.
    pub fn told(what: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self { asked: what.to_string(), found: found.to_string(), passed: None }
    }

    /// At least this share of so many.
    pub fn share(asked: &str, percent: usize, part: usize, of: usize) -> Self {
        let passed = of > 0 && 100 * part >= percent * of;
        Self::of(format_args!("{asked}: {percent} % or more"), Count { part, of }, passed)
    }
}

/// `57 of 60 (95 %)`.
pub struct Count {
    pub part: usize,
    pub of: usize,
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.part, self.of)?;
        match self.of {
            0 => Ok(()),
            of => write!(f, " ({:.0} %)", (100.0 * self.part as f64 / of as f64).floor()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_something() {
        #[track_caller]
        fn check(part: usize, of: usize, want: (bool, &str)) {
            let finding = Finding::share("x", 95, part, of);
            assert_eq!((finding.passed, finding.found.as_str()), (Some(want.0), want.1));
        }
        check(57, 60, (true, "57 of 60 (95 %)"));
        check(56, 60, (false, "56 of 60 (93 %)"));
        check(119, 120, (true, "119 of 120 (99 %)"));
        check(0, 0, (false, "0 of 0"));
    }
}
