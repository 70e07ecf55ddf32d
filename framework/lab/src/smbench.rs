//! smbench as anybody would call it: arguments and configs in, JSON out.

use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::answer::Ran;
use crate::at;
use crate::neighbour::{Guest, Neighbour, pinned};
use crate::step::{Case, Effort, Run, Subject, What};

/// The binary beside this one, and where its files go.
pub struct Smbench {
    /// Folder of `smbench` and of the plugin.
    pub release: PathBuf,
    /// For configs, copies of the plugin, the store and what is printed.
    pub scratch: PathBuf,
    pub effort: Effort,
}

impl Smbench {
    pub fn plugin(&self) -> PathBuf {
        self.release.join("lib_smbench_lab.so")
    }

    /// `smbench run`, stored as `label`.
    pub fn run(&self, label: &str, run: &Run, seed: u64) -> Result<Ran, String> {
        let predicted = self.predict(label, run)?;
        let mut arguments = self.arguments(label, run)?;
        arguments.extend(["--seed".to_owned(), seed.to_string(), "--label".to_owned(), label.to_owned()]);
        self.json(label, &arguments, run.beside, predicted)
    }

    /// `smbench compare` of stored runs, with these arguments.
    pub fn compare(&self, label: &str, arguments: &[&str]) -> Result<Ran, String> {
        let arguments: Vec<String> = ["compare"].iter().chain(arguments).map(|word| (*word).to_owned()).collect();
        self.json(label, &arguments, Neighbour::None, Duration::ZERO)
    }

    /// What `smbench run --list` says of a run's length.
    pub fn predict(&self, label: &str, run: &Run) -> Result<Duration, String> {
        let mut command = self.command(Neighbour::None, &self.arguments(label, run)?);
        let output = command.arg("--list").output().map_err(|error| format!("cannot run smbench: {error}"))?;
        let plan = String::from_utf8_lossy(&output.stdout);
        predicted(&plan).ok_or_else(|| format!("no prediction: {plan}{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// Runs smbench beside `neighbour`, and reads the JSON that it prints.
    fn json(&self, label: &str, arguments: &[String], neighbour: Neighbour, about: Duration) -> Result<Ran, String> {
        let file = self.scratch.join(format!("{label}.json"));
        let mut command = self.command(neighbour, arguments);
        command.args(["--format", "json"]).stdout(File::create(&file).map_err(at(&file))?);
        let shown = format!("{command:?}").replace('"', "");
        let began = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("cannot run {shown}: {error}"))?;
        if neighbour == Neighbour::SameCoreFromHalfWay {
            thread::sleep(about / 2);
        }
        let guest = Guest::invite(neighbour, about);
        let status = child.wait().map_err(|error| format!("{shown}: {error}"))?;
        let wall = began.elapsed();
        drop(guest?);
        if !status.success() {
            return Err(format!("{status}: {shown}"));
        }
        let text = fs::read_to_string(&file).map_err(at(&file))?;
        let report = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Ran { report, wall, predicted: about })
    }

    fn command(&self, neighbour: Neighbour, arguments: &[String]) -> Command {
        let mut command = pinned(neighbour, &self.release.join("smbench"));
        // Every flag has a variable; whoever set one meant another smbench.
        for (key, _) in env::vars_os().filter(|(key, _)| key.as_encoded_bytes().starts_with(b"SMBENCH_")) {
            command.env_remove(key);
        }
        command.args(arguments).arg("--store").arg(self.scratch.join("store"));
        command
    }

    /// What smbench is told, seed and label apart. Configs and copies of the plugin are written first.
    fn arguments(&self, label: &str, run: &Run) -> Result<Vec<String>, String> {
        let mut arguments = match &run.what {
            What::Subjects { subjects, .. } => {
                let config = self.config(label, &run.cases(self.effort), subjects)?;
                vec!["run".to_owned(), config, "--threads".to_owned(), run.threads.to_string()]
            }
            What::Shipped { config, backends, exclude } => {
                let config = if self.effort == Effort::Full { config } else { "smoke" };
                ["run", config, "--backend", backends, "--exclude", exclude].map(str::to_owned).to_vec()
            }
        };
        let preset = if self.effort == Effort::Full { run.preset } else { "quick" };
        arguments.extend(["--preset", preset].map(str::to_owned));
        arguments.extend(run.isolate.then(|| "--isolate".to_owned()));
        arguments.extend(run.margin.map(|percent| format!("--margin={percent}")));
        Ok(arguments)
    }

    /// Writes config and suite of a run and copies the plugin; the config's path.
    fn config(&self, label: &str, cases: &[Case], subjects: &[Subject]) -> Result<String, String> {
        for subject in subjects {
            let copy = self.scratch.join(format!("{}.so", subject.alias));
            if !copy.exists() {
                fs::copy(self.plugin(), &copy).map_err(at(&self.plugin()))?;
            }
        }
        let (suite, config) = (format!("{label}.suite.ron"), self.scratch.join(format!("{label}.ron")));
        fs::write(self.scratch.join(&suite), suite_ron(cases)).map_err(at(&config))?;
        fs::write(&config, config_ron(&suite, subjects)).map_err(at(&config))?;
        Ok(config.display().to_string())
    }
}

fn suite_ron(cases: &[Case]) -> String {
    let ops: Vec<String> = cases.iter().map(|(op, size)| format!("(op: \"{op}\", sizes: [\"{size}\"])")).collect();
    format!("(name: \"lab\", about: \"an experiment\", ops: [{}])\n", ops.join(", "))
}

fn config_ron(suite: &str, subjects: &[Subject]) -> String {
    let entry = |Subject { alias, options }: &Subject| {
        let options: Vec<String> = options.iter().map(|(key, value)| format!("\"{key}\": \"{value}\"")).collect();
        format!("(source: \"./{alias}.so\", alias: \"{alias}\", options: {{{}}})", options.join(", "))
    };
    let entries: Vec<String> = subjects.iter().map(entry).collect();
    format!("(about: \"an experiment\", suites: [\"{suite}\"], backends: [{}])\n", entries.join(", "))
}

/// The plan's last line ends in `about 1m 38s`.
fn predicted(plan: &str) -> Option<Duration> {
    let (_, about) = plan.trim_end().lines().last()?.rsplit_once("about ")?;
    humantime::parse_duration(about).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prediction_is_the_end_of_the_plan() {
        let plan = "lab/add/16/f32\n1 case x 2 backends (a, b) x 20 launches = 1 comparison, about 1m 38s\n";
        assert_eq!(predicted(plan), Some(Duration::from_secs(98)));
        assert_eq!(predicted("error: about nothing"), None);
        assert_eq!(predicted(""), None);
    }

    #[test]
    fn configs_name_copies_and_options() {
        let subjects = [Subject::plain("plain"), Subject::plain("slow").with("every", 20)];
        let want = "(about: \"an experiment\", suites: [\"x.suite.ron\"], backends: [\
            (source: \"./plain.so\", alias: \"plain\", options: {}), \
            (source: \"./slow.so\", alias: \"slow\", options: {\"every\": \"20\"})])\n";
        assert_eq!(config_ron("x.suite.ron", &subjects), want);
        let want = "(name: \"lab\", about: \"an experiment\", ops: [(op: \"add\", sizes: [\"16\"])])\n";
        assert_eq!(suite_ron(&[("add", "16")]), want);
    }
}
