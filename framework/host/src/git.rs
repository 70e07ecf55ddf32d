//! The repository a run is made in, as the `git` command tells it.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use smbench_core::run::Git;

/// A run does not wait longer than this to learn its commit; large trees on slow disks go without.
const PATIENCE: Duration = Duration::from_secs(2);

/// Commit, branch, and whether tracked files were changed; `None` without git, outside a repository, or
/// before the first commit.
pub fn git(folder: &Path) -> Option<Git> {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["status", "--porcelain=v2", "--branch", "--untracked-files=no"]);
    // Not to write the index, nor to ask for a password: we only look.
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    parse(&output(command, PATIENCE)?)
}

/// `# branch.oid COMMIT`, `# branch.head BRANCH`, then a line for each change.
fn parse(status: &str) -> Option<Git> {
    let header = |name: &str| status.lines().find_map(|line| line.strip_prefix("# branch.")?.strip_prefix(name));
    let commit = header("oid ").filter(|commit| *commit != "(initial)")?.to_owned();
    let branch = header("head ").filter(|branch| *branch != "(detached)").map(str::to_owned);
    Some(Git { commit, branch, dirty: status.lines().any(|line| !line.starts_with('#')) })
}

/// What a command printed, if it succeeded in time.
fn output(mut command: Command, patience: Duration) -> Option<String> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let text = read_within(&mut child, patience);
    if text.is_none() {
        child.kill().ok();
    }
    let status = child.wait().ok()?;
    text.filter(|_| status.success())
}

fn read_within(child: &mut Child, patience: Duration) -> Option<String> {
    let mut pipe = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        sender.send(pipe.read_to_string(&mut text).map(|_| text)).ok();
    });
    receiver.recv_timeout(patience).ok()?.ok()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn status_is_read() {
        #[track_caller]
        fn check(status: &str, want: Option<(&str, Option<&str>, bool)>) {
            let found = parse(status);
            assert_eq!(found.as_ref().map(|git| (git.commit.as_str(), git.branch.as_deref(), git.dirty)), want);
        }
        check("# branch.oid abc\n# branch.head main\n", Some(("abc", Some("main"), false)));
        check("# branch.oid abc\n# branch.head (detached)\n1 .M N... a b\n", Some(("abc", None, true)));
        check("# branch.oid (initial)\n# branch.head main\n", None);
        check("", None);
    }

    #[test]
    fn no_repository_is_none() {
        assert_eq!(git(tempfile::tempdir().unwrap().path()), None);
        assert_eq!(git(Path::new("/nowhere")), None);
    }

    #[test]
    fn a_slow_command_is_given_up() {
        let begin = Instant::now();
        let mut sleep = Command::new("sleep");
        sleep.arg("60");
        assert_eq!(output(sleep, Duration::from_millis(50)), None);
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
}
