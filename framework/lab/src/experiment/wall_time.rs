//! How long users wait: 60 cases and more, two backends.

use super::Experiment;
use crate::answer::{Answer, Ran};
use crate::finding::Finding;
use crate::step::{Effort, Run, Step};
use crate::table::shown;

pub struct WallTime;

/// 60 cases are left.
const LONGEST: &str = "model_medium/(creation|prefill/32|inference|decode/4x)";

/// Presets, and what they may take at most: seconds.
const LIMITS: [(&str, u64); 2] = [("default", 240), ("quick", 100)];

impl Experiment for WallTime {
    fn name(&self) -> &'static str {
        "wall-time"
    }

    fn about(&self) -> &'static str {
        "60 cases, two backends: `full` with pooled and faer, without the medium model's four longest"
    }

    fn steps(&self, _effort: Effort) -> Vec<Step> {
        LIMITS.map(|(preset, _)| Step::Run(Run::shipped("full", "pooled,faer", LONGEST).preset(preset))).into()
    }

    fn judge(&self, answers: &[Answer]) -> Vec<Finding> {
        answers
            .iter()
            .filter_map(Answer::ran)
            .zip(LIMITS)
            .map(|(ran, (preset, seconds))| took(ran, preset, seconds))
            .collect()
    }
}

fn took(ran: &Ran, preset: &str, seconds: u64) -> Finding {
    let mut cases: Vec<(&str, u32)> = ran.report.cases.iter().map(|row| (row.case.as_str(), row.threads)).collect();
    cases.dedup();
    let found = format!("{}, predicted {}, {} cases", shown(ran.wall), shown(ran.predicted), cases.len());
    let passed = ran.wall.as_secs() <= seconds && cases.len() >= 60;
    Finding::of(format_args!("{preset}: {seconds} s at most"), found, passed)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::samples::{case, report};

    #[track_caller]
    fn check(cases: usize, seconds: u64, want: bool) {
        let mut report = report(&[], &[]);
        report.cases = (0..cases).flat_map(|i| vec![case(&i.to_string(), "memory"); 2]).collect();
        let ran = Answer::Ran(Ran { report, wall: Duration::from_secs(seconds), predicted: Duration::ZERO });
        assert_eq!(WallTime.judge(&[ran])[0].passed, Some(want));
    }

    #[test]
    fn sixty_cases_take_four_minutes() {
        check(60, 240, true);
        check(60, 241, false);
        check(30, 100, false);
    }
}
