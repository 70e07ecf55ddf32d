//! What is printed: the table in Markdown, to be pasted into METHODOLOGY.md.

use std::fmt::{self, Write};
use std::time::Duration;

use crate::experiment::Experiment;
use crate::finding::Finding;
use crate::report::Run;
use crate::step::Effort;

/// Where, when and how.
pub struct Header<'a> {
    pub command: String,
    pub effort: Effort,
    pub seed: u64,
    pub run: Option<&'a Run>,
    /// One-minute load average before the first experiment.
    pub load: String,
    pub took: Duration,
}

/// One experiment's lines.
pub struct Row {
    pub experiment: &'static dyn Experiment,
    pub findings: Result<Vec<Finding>, String>,
    pub took: Duration,
}

impl Row {
    /// For whoever waits while others go on.
    pub fn told(&self, effort: Effort) -> String {
        let line = |Finding { asked, found, passed }: &Finding| {
            format!("   {}: {found} {}\n", asked.replace('`', ""), effort.mark(*passed))
        };
        match &self.findings {
            Ok(findings) => findings.iter().map(line).collect(),
            Err(why) => format!("   {why}\n"),
        }
    }

    /// Was something asked that did not come out, or nothing found at all?
    pub fn failed(&self) -> bool {
        match &self.findings {
            Ok(findings) => findings.is_empty() || findings.iter().any(|finding| finding.passed == Some(false)),
            Err(_) => true,
        }
    }
}

/// The whole of it.
pub fn markdown(header: &Header<'_>, rows: &[Row]) -> String {
    let mut text = header.to_string();
    text.push_str("\n| experiment | asked | found | | took |\n|---|---|---|---|--:|\n");
    for row in rows {
        let (mut name, mut took) =
            (format!("**{}**: {}", row.experiment.name(), row.experiment.about()), shown(row.took));
        let failed =
            |why: &String| vec![Finding { asked: "it runs".to_owned(), found: why.clone(), passed: Some(false) }];
        for Finding { asked, found, passed } in row.findings.clone().unwrap_or_else(|why| failed(&why)) {
            let found = found.replace('|', "\\|").replace('\n', " ");
            let _ = writeln!(text, "| {name} | {asked} | {found} | {} | {took} |", header.effort.mark(passed));
            (name, took) = (String::new(), String::new());
        }
    }
    text
}

impl fmt::Display for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, commit, machine) = self.run.map_or_else(Default::default, described);
        write!(f, "{date}`{}`, seed {}, {commit}{machine}", self.command, self.seed)?;
        writeln!(f, "load {} before it began; {} in all.", self.load, shown(self.took))?;
        match self.effort {
            Effort::Full => Ok(()),
            Effort::Smoke => f.write_str("\nA smoke run: too few comparisons and launches to claim anything.\n"),
        }
    }
}

/// Date, commit and machine, each with what separates it from the next.
fn described(run: &Run) -> (String, String, String) {
    let date = run.created.split('T').next().unwrap_or_default();
    let dirty = |dirty| if dirty { " with changes" } else { "" };
    let commit = run.git.as_ref().map(|git| format!("commit {:.12}{}, ", git.commit, dirty(git.dirty)));
    let hypervisor = run.machine.hypervisor.as_ref().map_or_else(String::new, |name| format!(" under {name}"));
    let machine = format!("{} cores of {}{hypervisor}, ", run.machine.cores, run.machine.cpu);
    (format!("{date}, "), commit.unwrap_or_default(), machine)
}

/// What `--list` prints.
pub fn list(experiments: &[&dyn Experiment]) -> String {
    let line = |experiment: &&dyn Experiment| {
        let shy = if experiment.asks_to_be_named() { " (only when named)" } else { "" };
        format!("{:28} {}{shy}\n", experiment.name(), experiment.about())
    };
    experiments.iter().map(line).collect()
}

impl Effort {
    /// A smoke run marks nothing.
    fn mark(self, passed: Option<bool>) -> &'static str {
        match passed {
            Some(true) if self == Self::Full => "✅",
            Some(false) if self == Self::Full => "❌",
            _ => "",
        }
    }
}

/// In whole seconds: `3m 20s`.
pub fn shown(duration: Duration) -> String {
    humantime::format_duration(Duration::from_secs(duration.as_secs_f64().round() as u64)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::EXPERIMENTS;
    use crate::report::samples::report;

    fn text(effort: Effort) -> String {
        let report = report(&[], &[]);
        let (load, command) = ("0.10".to_owned(), "cargo xtask lab tiny".to_owned());
        let header = Header { command, effort, seed: 1, run: Some(&report.run), load, took: Duration::from_secs(200) };
        let rows = [
            (0, Ok(vec![Finding::of("few", "0 of 120", true), Finding::told("many", "a|b")])),
            (1, Err("signal: 9\nkilled".to_owned())),
        ];
        let took = Duration::from_secs(100);
        markdown(&header, &rows.map(|(i, findings)| Row { experiment: EXPERIMENTS[i], findings, took }))
    }

    #[test]
    fn the_table() {
        let want = "2026-11-25, `cargo xtask lab tiny`, seed 1, commit 0123456789ab, 2 cores of a cpu, load 0.10 before it began; 3m 20s in all.\n\n\
            | experiment | asked | found | | took |\n|---|---|---|---|--:|\n\
            | **same-code**: a plugin against its byte copies, quiet | few | 0 of 120 | ✅ | 1m 40s |\n\
            |  | many | a\\|b |  |  |\n\
            | **same-code-noise-same-core**: the same, a noisy neighbour on the same core | it runs | signal: 9 killed | ❌ | 1m 40s |\n";
        assert_eq!(text(Effort::Full), want);
    }

    #[test]
    fn a_smoke_run_claims_nothing() {
        let text = text(Effort::Smoke);
        assert!(text.contains("too few") && !text.contains('✅') && !text.contains('❌'), "{text}");
    }

    #[test]
    fn what_found_nothing_failed() {
        let row = |findings| Row { experiment: EXPERIMENTS[0], findings, took: Duration::ZERO };
        assert!(row(Ok(Vec::new())).failed() && row(Err(String::new())).failed());
        assert!(row(Ok(vec![Finding::of("", "", false)])).failed());
        assert!(!row(Ok(vec![Finding::of("", "", true), Finding::told("", "")])).failed());
    }
}
