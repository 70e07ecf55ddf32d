//! The HTML page in a real browser: a part of `cargo xtask test` wherever node and a browser are, or can be had.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{root, run, target};

/// What the tests need, by what Debian calls it; any one of the programs will do.
const NEEDED: [(&str, &[&str]); 3] =
    [("nodejs", &["node"]), ("npm", &["npm"]), ("chromium", &["chromium", "chromium-browser", "google-chrome"])];

/// The stored runs that the tested page is made of.
const SAMPLE: &str = "examples/sample-report";

/// Makes a page with the release build and tests it; says so where that cannot be done here.
pub fn browser() -> Result<(), String> {
    if let Err(why) = ready() {
        eprintln!("the page is not tested in a browser: {why}");
        return Ok(());
    }
    let (sample, page, shots) = (root().join(SAMPLE), target().join("page/chart.html"), target().join("page"));
    std::fs::create_dir_all(&shots).map_err(|error| format!("cannot make {}: {error}", shots.display()))?;
    let chart = ["chart", "before.json", "after.json", "--goals", "goals.ron", "-o"];
    run(Command::new(target().join("release/smbench")).args(chart).arg(&page).current_dir(sample))?;
    run(Command::new("node").arg("page.test.mjs").arg(&page).arg(&shots).current_dir(tests()))
}

fn tests() -> PathBuf {
    root().join("framework/report/browser")
}

/// Installs what is missing: programs from Debian if this is root's machine, packages by npm as the lock file says.
fn ready() -> Result<(), String> {
    let missing: Vec<&str> = missing();
    if !missing.is_empty() {
        install(&missing)?;
    }
    if !tests().join("node_modules").is_dir() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(tests());
        run(&mut npm)
            .map_err(|error| format!("{error}; with a network, `npm ci` in {} gets its packages", tests().display()))?;
    }
    Ok(())
}

fn missing() -> Vec<&'static str> {
    let lacks = |programs: &[&str]| !programs.iter().any(|program| is_there(program));
    NEEDED.iter().filter(|(_, programs)| lacks(programs)).map(|(package, _)| *package).collect()
}

fn is_there(program: &str) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders).any(|folder| folder.join(program).is_file())
}

fn install(missing: &[&str]) -> Result<(), String> {
    let command = format!("apt-get install {}", missing.join(" "));
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    let is_root = id.is_ok_and(|output| output.stdout.starts_with(b"0\n"));
    if !is_root || !Path::new("/usr/bin/apt-get").exists() {
        return Err(format!("there is no {}; on Debian: {command}", missing.join(", ")));
    }
    let apt =
        |arguments: &[&str]| run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"));
    let packages = [&["install", "-qq", "-y", "--no-install-recommends"], missing].concat();
    apt(&["update", "-qq"]).and_then(|()| apt(&packages)).map_err(|error| format!("{error}; {command} would get it"))
}
