//! What a plugin may do besides computing, what of it the kernel held it to, and what to say when it wanted more.
//! The threat model is docs/security.md.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::outcome::Outcome;

/// What a plugin may do besides computing. Written in a config, it is added to what the host grants anyway: the plugin's
/// folder, the folders of its libraries, and paths in its options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Grants {
    /// Files, and folders with all below them, that it may read.
    pub read: Vec<PathBuf>,
    /// May it start programs?
    pub exec: bool,
}

impl Grants {
    /// Nothing at all?
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        other.read.iter().for_each(|path| self.add_path(path.clone()));
        self.exec |= other.exec;
    }

    /// Adds a file or folder, once.
    pub fn add_path(&mut self, path: PathBuf) {
        if !self.read.contains(&path) {
            self.read.push(path);
        }
    }
}

/// What held a worker to its grants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Protection {
    /// The kernel, as far as it can.
    Kernel {
        /// Version of its Landlock; none where it has none.
        landlock: Option<u32>,
        /// Does it filter system calls?
        seccomp: bool,
    },
    /// Nothing: the user trusts the plugin.
    Trusted,
}

impl Protection {
    /// What a plugin that means harm may do here, because this kernel does not prevent it.
    pub fn gap(self) -> Option<&'static str> {
        match self {
            Self::Trusted | Self::Kernel { landlock: Some(_), seccomp: true } => None,
            Self::Kernel { landlock: None, seccomp: true } => {
                Some("this kernel has no Landlock: plugins may open every file that you may")
            }
            Self::Kernel { landlock: Some(_), seccomp: false } => {
                Some("this kernel has no seccomp: plugins may make every system call that you may")
            }
            Self::Kernel { landlock: None, seccomp: false } => {
                Some("this kernel has neither Landlock nor seccomp: plugins may do everything that you may")
            }
        }
    }
}

impl fmt::Display for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kernel { landlock: Some(abi), seccomp: true } => write!(f, "landlock abi {abi}, seccomp"),
            Self::Kernel { landlock: Some(abi), seccomp: false } => write!(f, "landlock abi {abi}, no seccomp"),
            Self::Kernel { landlock: None, seccomp: true } => f.write_str("no landlock, seccomp"),
            Self::Kernel { landlock: None, seccomp: false } => f.write_str("none: the kernel has none"),
            Self::Trusted => f.write_str("none: trusted"),
        }
    }
}

/// How an outcome begins that a forbidden system call has caused.
pub const FORBIDDEN_CALL: &str = "forbidden system call";

const PERMITTED: &str = "; permitted by ";

/// The outcome of a confined plugin with what would permit it what it was refused, if that seems to be why.
pub fn explained(outcome: Outcome, alias: &str) -> Outcome {
    match outcome {
        Outcome::Failed(reason) => Outcome::Failed(explain(reason, alias)),
        Outcome::Unsupported(reason) => Outcome::Unsupported(explain(reason, alias)),
        other => other,
    }
}

/// A reason with the same.
pub fn explain(reason: String, alias: &str) -> String {
    // Of a plugin that was refused, every row has the reason, and it is said once.
    if reason.contains(PERMITTED) {
        return reason;
    }
    let forbidden = reason.strip_prefix(FORBIDDEN_CALL).map(str::trim_start);
    let grant = match forbidden {
        Some(call) if call.starts_with("execve") => "`grants: (exec: true)` of its entry in a config, or ".to_owned(),
        Some(_) => String::new(),
        None if is_about_permission(&reason) => {
            let path = path_in(&reason).unwrap_or("…");
            format!("`grants: (read: [\"{path}\"])` of its entry in a config, or ")
        }
        None => return reason,
    };
    format!("{reason}{PERMITTED}{grant}`--trust {alias}`")
}

/// The kernel says EACCES to who opens a file that is not granted; what a plugin makes of it is its own affair.
fn is_about_permission(reason: &str) -> bool {
    ["ermission denied", "EACCES", "os error 13"].iter().any(|words| reason.contains(words))
}

/// The first absolute path in a text.
fn path_in(text: &str) -> Option<&str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, ':' | '`' | '"' | '\'' | ',' | ';' | ')' | '\\');
    text.split(ends).map(|word| word.trim_start_matches('(')).find(|word| word.starts_with('/') && word.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(reason: &str, want: &str) {
        assert_eq!(explain(reason.to_owned(), "acme"), format!("{reason}{want}"));
    }

    #[test]
    fn a_reason_says_what_would_permit_it() {
        check("forbidden system call socket while loading it", "; permitted by `--trust acme`");
        check(
            "forbidden system call execve while checking it",
            "; permitted by `grants: (exec: true)` of its entry in a config, or `--trust acme`",
        );
        check(
            "cannot be loaded: libx.so: cannot open shared object file /opt/x/libx.so: Permission denied",
            "; permitted by `grants: (read: [\"/opt/x/libx.so\"])` of its entry in a config, or `--trust acme`",
        );
        check(
            "no weights (os error 13)",
            "; permitted by `grants: (read: [\"…\"])` of its entry in a config, or `--trust acme`",
        );
        check("signal 11 (SIGSEGV) while timing it", "");
        let wrong = Outcome::Rejected("Permission denied".to_owned());
        assert_eq!(explained(wrong.clone(), "acme"), wrong, "a wrong result is wrong whatever was refused");
    }

    #[test]
    fn what_the_kernel_lacks_is_said() {
        #[track_caller]
        fn check(landlock: Option<u32>, seccomp: bool, words: &str, gap: Option<&str>) {
            let protection = Protection::Kernel { landlock, seccomp };
            assert_eq!(protection.to_string(), words);
            assert_eq!(protection.gap().map(|gap| gap.split(':').next().unwrap()), gap);
        }
        check(Some(7), true, "landlock abi 7, seccomp", None);
        check(None, true, "no landlock, seccomp", Some("this kernel has no Landlock"));
        check(Some(1), false, "landlock abi 1, no seccomp", Some("this kernel has no seccomp"));
        check(None, false, "none: the kernel has none", Some("this kernel has neither Landlock nor seccomp"));
        assert_eq!(Protection::Trusted.gap(), None);
    }

    #[test]
    fn grants_add_up() {
        let mut grants = Grants { read: vec!["/a".into()], exec: false };
        grants.add(&Grants { read: vec!["/a".into(), "/b".into()], exec: true });
        assert_eq!(grants, Grants { read: vec!["/a".into(), "/b".into()], exec: true });
    }
}
