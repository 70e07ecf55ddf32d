//! A folder of one's own to run smbench in, and an eye on the processes it leaves.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::Ran;

/// Longer than any command here takes on a busy machine; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(240);

/// Workers inherit it: `/proc/*/environ` tells which are whose.
const MARK: &str = "SMBENCH_TEST_LAB";

/// A temporary folder with a store in it, and one for what is temporary itself.
pub struct Lab {
    folder: TempDir,
    scratch: TempDir,
    mark: String,
}

/// A command under way.
pub struct Running {
    child: Child,
}

impl Lab {
    /// An empty folder.
    pub fn new() -> Self {
        static LABS: AtomicU32 = AtomicU32::new(0);
        let mark = format!("{}-{}", std::process::id(), LABS.fetch_add(1, Relaxed));
        Self { folder: tempfile::tempdir().unwrap(), scratch: tempfile::tempdir().unwrap(), mark }
    }

    /// A path in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file, folders above it included.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    /// The binary with nothing of the caller's environment, in the folder, its store there, too.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(&release().join("smbench"), arguments);
        command.env("SMBENCH_STORE", self.path("store")).env("TMPDIR", self.scratch.path());
        command
    }

    /// Any program with nothing of the caller's environment, in the folder.
    pub fn bare(&self, program: &Path, arguments: &[impl AsRef<OsStr>]) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("SMBENCH_")) {
            command.env_remove(name);
        }
        command.args(arguments).current_dir(self.folder.path()).env(MARK, &self.mark).env_remove("COLUMNS");
        command
    }

    /// Runs smbench to its end.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.end(&mut self.command(arguments))
    }

    /// Runs any command to its end; workers and temporary files that outlive it are a failure.
    #[track_caller]
    pub fn end(&self, command: &mut Command) -> Ran {
        let before = self.temporary();
        let ran = Running::start(command).end(&self.shown(command));
        self.expect_nobody();
        let after = self.temporary();
        assert!(after.is_subset(&before), "{after:?}");
        ran
    }

    /// Temporary files; one that was killed may have left some.
    fn temporary(&self) -> BTreeSet<PathBuf> {
        fs::read_dir(&self.scratch).unwrap().map(|entry| entry.unwrap().path()).collect()
    }

    /// Starts smbench.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(&mut self.command(arguments))
    }

    /// The command line, for messages.
    fn shown(&self, command: &Command) -> String {
        let arguments: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
        format!("smbench {} (in {})", arguments.join(" "), self.folder.path().display())
    }

    /// Nobody is left of what was started here. A killed worker needs a moment to be gone.
    #[track_caller]
    pub fn expect_nobody(&self) {
        let deadline = Instant::now() + Duration::from_secs(5);
        while !self.processes().is_empty() {
            assert!(Instant::now() < deadline, "still there: {:?}", self.processes());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Processes that were started here, by command line.
    pub fn processes(&self) -> Vec<String> {
        let mark = format!("{MARK}={}", self.mark);
        let ours = |folder: &PathBuf| {
            fs::read(folder.join("environ"))
                .is_ok_and(|environ| environ.split(|&byte| byte == 0).any(|pair| pair == mark.as_bytes()))
        };
        let folders = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).filter(ours);
        folders
            .map(|folder| fs::read_to_string(folder.join("cmdline")).unwrap_or_default().replace('\0', " "))
            .collect()
    }
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { child: command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")) }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: i32) {
        // SAFETY: our own child, which has not been waited for.
        assert_eq!(unsafe { libc::kill(self.child.id() as i32, signal) }, 0);
    }

    /// Waits for its end.
    #[track_caller]
    pub fn end(self, shown: &str) -> Ran {
        let id = self.child.id() as i32;
        let (over, watchdog) = std::sync::mpsc::channel::<()>();
        let watching = thread::spawn(move || {
            if watchdog.recv_timeout(PATIENCE) == Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                // SAFETY: our own child; it is waited for until this thread is told.
                unsafe { libc::kill(id, libc::SIGKILL) };
            }
        });
        let output = self.child.wait_with_output().unwrap();
        drop(over);
        watching.join().unwrap();
        Ran::of(shown, output)
    }
}

/// Waits for something that happens in another process.
#[track_caller]
pub fn wait_until(what: &str, is: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is() {
        assert!(Instant::now() < deadline, "waited a minute until {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Where the binary and the plugins are.
pub fn release() -> PathBuf {
    let named = std::env::var_os("SMBENCH_TEST_BIN").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| root().join("target/release"));
    let there = folder.join("smbench").is_file();
    assert!(
        there,
        "no smbench in {}: run `cargo xtask test`, or `cargo build --release --workspace` first",
        folder.display()
    );
    fs::canonicalize(folder).unwrap()
}

/// The repository.
pub fn root() -> PathBuf {
    fs::canonicalize(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).unwrap()
}
