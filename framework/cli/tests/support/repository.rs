//! A stranger's git repository with a plugin crate in it, and a bare `origin`.

use std::path::Path;
use std::process::Command;

use super::{Lab, Ran, root};

/// `acme` in a lab: a plugin whose `scale` multiplies with [`fast`](Acme::FAST) or [`slow`](Acme::SLOW).
pub struct Acme {
    pub lab: Lab,
}

impl Acme {
    /// One multiplication that the compiler cannot see through.
    const FAST: &str = "fn multiply(factor: f32, x: f32) -> f32 {\n    std::hint::black_box(factor) * x\n}\n";
    /// Eight of them, in a file of its own.
    const SLOW: &str = "pub fn multiply(factor: f32, x: f32) -> f32 {\n    \
        (0..8).fold(0.0, |_, _| std::hint::black_box(factor) * x)\n}\n";

    /// One commit, pushed to `origin`. The path of the SDK is relative and leaves the repository.
    pub fn new() -> Self {
        let acme = Self { lab: Lab::new() };
        let up = "../".repeat(acme.lab.path("acme").ancestors().count() - 1);
        let sdk = format!("{}{}", up.trim_end_matches('/'), root().join("framework/sdk").display());
        acme.lab.write("acme/Cargo.toml", MANIFEST.replace("SDK", &sdk));
        acme.lab.write("acme/.gitignore", "/target\n");
        acme.lab.write("acme/target/release/libacme.so", "as cargo left it");
        // What a stranger's cargo would download is here already; the versions must be the same.
        acme.lab.write("acme/Cargo.lock", std::fs::read(root().join("Cargo.lock")).unwrap());
        acme.lab.write("acme/src/lib.rs", format!("{PLUGIN}{}", Self::FAST));
        acme.git(&["init", "--quiet", "--initial-branch", "main", "."]);
        acme.commit("fast");
        acme.git(&["init", "--quiet", "--bare", "../origin.git"]);
        acme.git(&["remote", "add", "origin", "../origin.git"]);
        acme.git(&["push", "--quiet", "origin", "main"]);
        acme
    }

    /// Makes it slower, with a file that git does not know yet.
    pub fn slow_down(&self) {
        self.lab.write("acme/src/lib.rs", format!("{PLUGIN}mod slow;\nuse slow::multiply;\n"));
        self.lab.write("acme/src/slow.rs", Self::SLOW);
    }

    /// Edits its source.
    pub fn replace(&self, old: &str, new: &str) {
        let text = std::fs::read_to_string(self.lab.path("acme/src/lib.rs")).unwrap();
        assert!(text.contains(old));
        self.lab.write("acme/src/lib.rs", text.replace(old, new));
    }

    /// Commits everything.
    pub fn commit(&self, message: &str) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", message]);
    }

    /// What git says.
    #[track_caller]
    pub fn git(&self, arguments: &[&str]) -> String {
        let arguments = [&["-c", "user.name=acme", "-c", "user.email=acme@localhost"], arguments].concat();
        self.end(self.lab.bare(Path::new("git"), &arguments)).expect(0).stdout
    }

    /// `smbench ab …` in the repository.
    #[track_caller]
    pub fn ab(&self, arguments: &[&str]) -> Ran {
        self.end(self.lab.command(&[&["ab"], arguments].concat()))
    }

    /// Any command there, its caches in the lab.
    #[track_caller]
    pub fn end(&self, mut command: Command) -> Ran {
        command.env("XDG_CACHE_HOME", self.lab.path("cache")).env("CARGO_NET_OFFLINE", "true");
        command.env_remove("RUSTFLAGS").env_remove("CARGO_TARGET_DIR");
        self.lab.end(command.current_dir(self.lab.path("acme")))
    }
}

const MANIFEST: &str = r#"[package]
name = "acme"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[dependencies]
smbench-sdk = { path = "SDK" }

[workspace]
"#;

const PLUGIN: &str = r#"use std::ffi::CStr;

use smbench_sdk::op::{self, Scale, ScaleArgs};
use smbench_sdk::{Backend, CreateArgs, OpEntry, Result};

struct Acme;

impl Backend for Acme {
    const NAME: &'static CStr = c"acme";
    const VENDOR: &'static CStr = c"acme corp";
    const OPS: &'static [OpEntry<Self>] = &[op::scale::entry()];

    fn create(_: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self)
    }
}

impl Scale for Acme {
    fn scale(&mut self, args: ScaleArgs<'_>) -> Result {
        args.io.map(|x| multiply(args.factor, x)); // element by element
        Ok(())
    }
}

smbench_sdk::export_backend!(Acme);

"#;
