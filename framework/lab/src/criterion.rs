//! criterion as its users run it: `--save-baseline`, then the same binary again with `--baseline`.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::answer::Change;
use crate::at;
use crate::experiment::DIFFERENT;
use crate::neighbour::{Neighbour, pinned};
use crate::report::Verdict;

/// Twice these, and what criterion computes, are 2.8 s a comparison; smbench takes 1.9 s with four copies (2026-11-25).
const TIMES: [&str; 4] = ["--warm-up-time", "0.2", "--measurement-time", "0.6"];

/// Builds the benches; fetches criterion if it must. The binary's path.
pub fn build(scratch: &Path) -> Result<PathBuf, String> {
    let target = scratch.with_file_name("lab-criterion");
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("criterion/Cargo.toml");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["build", "--release", "--manifest-path"]).arg(manifest).arg("--target-dir").arg(&target);
    match command.status() {
        Ok(status) if status.success() => Ok(target.join("release/smbench-lab-criterion")),
        Ok(status) => Err(format!("{status}: {command:?}")),
        Err(error) => Err(format!("cannot run cargo: {error}")),
    }
}

/// A baseline and the same again: what criterion says of each case.
pub fn trial(benches: &Path, scratch: &Path, beside: Neighbour) -> Result<Vec<Change>, String> {
    let home = scratch.join("criterion");
    let _ = fs::remove_dir_all(&home);
    bench(benches, &home, beside, "--save-baseline")?;
    let verdicts = verdicts(&bench(benches, &home, beside, "--baseline")?);
    if verdicts.len() != DIFFERENT.len() {
        return Err(format!("criterion compared {} of {} cases", verdicts.len(), DIFFERENT.len()));
    }
    let change = |((op, size), verdict): (&(&str, &str), Option<Verdict>)| {
        Ok(Change { ratio: 1.0 + estimate(&home.join(format!("{op}_{size}/change/estimates.json")))?, verdict })
    };
    DIFFERENT.iter().zip(verdicts).map(change).collect()
}

/// One process; what it printed.
fn bench(benches: &Path, home: &Path, beside: Neighbour, how: &str) -> Result<String, String> {
    let cases: Vec<String> = DIFFERENT.iter().map(|(op, size)| format!("{op}/{size}")).collect();
    let mut command = pinned(beside, benches);
    command.args(["--bench", how, "lab"]).args(TIMES).env("LAB_CASES", cases.join(",")).env("CRITERION_HOME", home);
    let output = command.output().map_err(|error| format!("cannot run criterion: {error}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("criterion: {}{}", output.status, String::from_utf8_lossy(&output.stderr))),
    }
}

/// One for each case that was compared, in its own words.
fn verdicts(printed: &str) -> Vec<Option<Verdict>> {
    let verdict = |line: &str| match line.trim() {
        "Performance has regressed." => Some(Some(Verdict::Regressed)),
        "Performance has improved." => Some(Some(Verdict::Improved)),
        "No change in performance detected." | "Change within noise threshold." => Some(None),
        _ => None,
    };
    printed.lines().filter_map(verdict).collect()
}

/// Its estimate of the mean's relative change.
fn estimate(file: &Path) -> Result<f64, String> {
    let text = fs::read_to_string(file).map_err(at(file))?;
    let value: Value = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
    value["mean"]["point_estimate"].as_f64().ok_or_else(|| format!("{}: no mean.point_estimate", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_criterions_words() {
        let printed = "add/10_000   time:   [1 ns 2 ns 3 ns]\n    change: [+1% +2% +3%] (p = 0.00 < 0.05)\n    \
            Performance has regressed.\nFound 2 outliers\nmul   time: [1 ns]\n  No change in performance detected.\n  \
            Change within noise threshold.\n  Performance has improved.\n";
        assert_eq!(verdicts(printed), [Some(Verdict::Regressed), None, None, Some(Verdict::Improved)]);
    }
}
