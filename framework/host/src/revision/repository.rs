//! What git knows: revisions, the working tree as a tree object, and checking a tree out somewhere else.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Revision, WORK};
use crate::error::{Error, Result};

/// A git repository with a working tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The working tree's root; absolute, links resolved.
    pub root: PathBuf,
    /// `.git`, or where it points to.
    folder: PathBuf,
}

/// A hook's git would else decide which repository and index we mean.
const INHERITED: [&str; 4] = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"];

impl Repository {
    /// The repository that a folder lies in.
    pub fn find(folder: &Path) -> Result<Self> {
        let mut git = git();
        git.arg("-C").arg(folder).args(["rev-parse", "--show-toplevel", "--absolute-git-dir"]);
        let answer = output(git).map_err(|error| {
            let help = "compare two builds of your own instead: `smbench run -b old=OLD.so,new=NEW.so`";
            Error { what: "no revisions to compare here".to_owned(), ..error }.help(help)
        })?;
        let mut lines = answer.lines().map(PathBuf::from);
        match (lines.next(), lines.next()) {
            (Some(root), Some(folder)) => Ok(Self { root, folder }),
            _ => Err(Error::internal("cannot read what git says").because(answer)),
        }
    }

    /// The commit that a text names; none if it names no commit.
    pub fn commit(&self, name: &str) -> Result<Option<Revision>> {
        let parse = |what: String| {
            let mut git = self.git();
            git.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]).arg(what);
            succeeds(git)
        };
        let Some(commit) = parse(format!("{name}^{{commit}}"))? else { return Ok(None) };
        let tree = parse(format!("{commit}^{{tree}}"))?.ok_or_else(|| Error::internal("a commit has no tree"))?;
        Ok(Some(Revision { name: name.to_owned(), commit: Some(commit), tree }))
    }

    /// Were old commits left out when it was cloned?
    pub fn is_shallow(&self) -> bool {
        self.folder.join("shallow").exists()
    }

    /// The working tree, as `git add --all` would take it, but in an index of our own (`scratch`, removed again). Folders in
    /// `without` are left out whether they are ignored or not: what cargo built is no source.
    pub fn working_tree(&self, scratch: &Path, without: &[PathBuf]) -> Result<Revision> {
        // A copy of the user's index knows which files are unchanged, so they need not be read again.
        let _ = fs::remove_file(scratch);
        unlock(scratch);
        if self.copy_index(scratch).is_err() {
            let _ = fs::remove_file(scratch);
        }
        let tree = self.snapshot(scratch, without);
        let _ = fs::remove_file(scratch);
        Ok(Revision { name: WORK.to_owned(), commit: None, tree: tree? })
    }

    /// With its time: to git, a file that was changed in the second in which the index was written may not be what that says,
    /// and is read.
    fn copy_index(&self, copy: &Path) -> io::Result<()> {
        let index = self.folder.join("index");
        let written = fs::metadata(&index)?.modified()?;
        fs::copy(index, copy)?;
        File::options().write(true).open(copy)?.set_modified(written)
    }

    fn snapshot(&self, index: &Path, without: &[PathBuf]) -> Result<String> {
        let mut add = self.git_with(&self.root, index);
        add.args(["add", "--all", "--", "."]);
        for folder in without.iter().filter_map(|folder| folder.strip_prefix(&self.root).ok()) {
            if !self.ignores(folder)? {
                add.arg(format!(":(exclude,literal){}", folder.display()));
            }
        }
        let help =
            "git cannot take something that is here, such as a repository without a commit: name it in `.gitignore`";
        output(add).map_err(|error| error.help(help))?;
        let mut git = self.git_with(&self.root, index);
        git.arg("write-tree");
        output(git)
    }

    /// Naming what is ignored, even to leave it out, is an error to `git add`.
    fn ignores(&self, folder: &Path) -> Result<bool> {
        let mut git = self.git();
        git.args(["check-ignore", "--quiet", "--"]).arg(folder);
        Ok(succeeds(git)?.is_some())
    }

    /// Makes a folder hold a tree's files; those that are right already are not touched. `index` remembers them.
    pub fn check_out(&self, tree: &str, folder: &Path, index: &Path) -> Result<()> {
        unlock(index);
        let mut refresh = self.git_with(folder, index);
        refresh.args(["update-index", "-q", "--really-refresh"]);
        let _ = output(refresh); // it fails where a file was changed, and that is put right below
        let mut read = self.git_with(folder, index);
        read.args(["read-tree", "--reset", "-u", tree]);
        output(read).map(drop)
    }

    /// Submodules that a tree names; none of them is checked out.
    pub fn submodules(&self, tree: &str) -> Result<Vec<String>> {
        let mut git = self.git();
        git.args(["ls-tree", "-r", tree]);
        let listed = output(git)?;
        let links = listed.lines().filter(|line| line.starts_with("160000 "));
        Ok(links.filter_map(|line| Some(line.split_once('\t')?.1.to_owned())).collect())
    }

    fn git(&self) -> Command {
        let mut git = git();
        git.arg("-C").arg(&self.root);
        git
    }

    /// With another working tree and index than the user's.
    fn git_with(&self, tree: &Path, index: &Path) -> Command {
        let mut git = git();
        git.current_dir(tree).env("GIT_INDEX_FILE", index).env("GIT_DIR", &self.folder).env("GIT_WORK_TREE", tree);
        // Settings for the user's own tree: which part of it is there, and who watches it.
        git.args(["-c", "core.sparseCheckout=false", "-c", "core.fsmonitor=false", "-c", "core.untrackedCache=false"]);
        git
    }
}

/// Removes what a killed git left beside an index of ours: the workshop's lock proves that nobody else is there.
fn unlock(index: &Path) {
    let mut lock = index.as_os_str().to_owned();
    lock.push(".lock");
    let _ = fs::remove_file(lock);
}

/// Not to ask for a password, nor to write the user's index where a look will do.
fn git() -> Command {
    let mut git = Command::new("git");
    git.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    for name in INHERITED {
        git.env_remove(name);
    }
    git
}

/// What it printed, without the line break at its end; a failure in git's own words.
fn output(command: Command) -> Result<String> {
    let (status, stdout, stderr) = run(command)?;
    match status {
        true => Ok(stdout),
        false => Err(Error::usage("git failed").because(stderr)),
    }
}

/// The same where failing is an answer.
fn succeeds(command: Command) -> Result<Option<String>> {
    run(command).map(|(status, stdout, _)| status.then_some(stdout))
}

fn run(mut command: Command) -> Result<(bool, String, String)> {
    let ended = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::usage("cannot run git").because(error).help("install git, or put it into the PATH"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
    Ok((ended.status.success(), text(&ended.stdout), text(&ended.stderr)))
}
