//! One letter, with the rule that it follows from.

use smbench_core::goal::{Judged, Reached};
use smbench_core::outcome::Outcome;
use smbench_core::separate::Claim;
use smbench_core::study::{Comparison, Study};
use smbench_core::verdict::Verdict;

use crate::document::{Document, Text, Tone};
use crate::figure;
use crate::view::Options;

/// A regression beyond this costs the grade.
const REGRESSION: f64 = 1.10;
/// With more than this part of the comparisons undecided there is no grade.
const UNDECIDED: f64 = 0.2;

const RULE: &str = "A: no regression beyond 10 %, all goals met, nothing rejected or failed. B: only goals that are no blockers \
                    are not met. C: a blocker is missed, there is such a regression, or something is rejected or failed. No \
                    grade where over 20 % of the comparisons are undecided, or where nothing was compared and no goal given.";

/// The grade of the newest run, why, and the rule.
pub fn write(study: &Study, options: &Options) -> Document {
    let mut document = Document::default();
    let Some(newest) = study.runs.len().checked_sub(1) else { return document };
    let facts = Facts::of(study, newest, options.goals.last().map_or(&[], |(_, judged)| judged));
    let grade = facts.grade().map_or_else(|| "none".to_owned(), |letter| letter.to_string());
    let text = Text::of(Tone::Strong, format!("Grade: {grade}")).plain(format!(" ({})", facts.said()));
    document.heading(3, "Grade").paragraph(text).paragraph(Text::of(Tone::Faint, RULE));
    document
}

/// What a grade follows from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Facts {
    comparisons: usize,
    undecided: usize,
    regressions: usize,
    wrong: usize,
    goals: usize,
    /// Missed, and a blocker.
    blockers: usize,
    /// Not met, and no missed blocker.
    others: usize,
}

impl Facts {
    /// Of one run its own comparisons count; of several those with the run before.
    fn of(study: &Study, run: usize, judged: &[Judged]) -> Self {
        let comparisons: Vec<&Comparison> =
            if run == 0 { study.within(run).collect() } else { study.across(run).collect() };
        let count = |is: &dyn Fn(&Comparison) -> bool| comparisons.iter().filter(|comparison| is(comparison)).count();
        let is_slower = |of: &Comparison| of.verdict() == Some(Verdict::Regressed) || of.is_claimed_slower();
        // Of separate runs only a claim tells anything: without one, nobody knows that nothing got slower.
        let is_told = |of: &Comparison| match of.verdict() {
            Some(verdict) => verdict.is_difference() || verdict == Verdict::Equivalent,
            None => of.claimed.as_ref().is_some_and(|claimed| claimed.claim != Claim::NoEvidence),
        };
        let is_wrong = |outcome: &Outcome| matches!(outcome, Outcome::Rejected(_) | Outcome::Failed(_));
        let standings =
            || judged.iter().flat_map(|judged| judged.rows.iter().map(move |row| (&judged.goal, row.reached)));
        let blockers = standings().filter(|(goal, reached)| goal.blocker && *reached == Reached::Missed).count();
        Self {
            comparisons: comparisons.len(),
            undecided: count(&|of| !is_told(of)),
            regressions: count(&|of| is_slower(of) && of.ratio > REGRESSION),
            wrong: study.rows_of(run).filter(|(_, row)| is_wrong(&row.outcome)).count(),
            goals: standings().count(),
            blockers,
            others: standings().filter(|(_, reached)| *reached != Reached::Met).count() - blockers,
        }
    }

    fn grade(&self) -> Option<char> {
        let is_open = self.undecided as f64 > UNDECIDED * self.comparisons as f64;
        let nothing = self.comparisons + self.goals == 0;
        match self {
            _ if is_open || nothing => None,
            Self { regressions: 1.., .. } | Self { wrong: 1.., .. } | Self { blockers: 1.., .. } => Some('C'),
            Self { others: 1.., .. } => Some('B'),
            _ => Some('A'),
        }
    }

    fn said(&self) -> String {
        let Self { comparisons, undecided, regressions, wrong, goals, blockers, others } = self;
        let met = match goals {
            0 => "no goals given".to_owned(),
            _ => format!("goals: {} of {goals} met, {blockers} missed as blockers", goals - blockers - others),
        };
        format!(
            "{}, {undecided} undecided, {regressions} slower beyond 10 %; {wrong} rejected or failed; {met}",
            figure::count(*comparisons, "comparison")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_follow_their_rule() {
        #[track_caller]
        fn check(facts: Facts, want: Option<char>) {
            assert_eq!(facts.grade(), want, "{facts:?}");
        }
        let sound = Facts { comparisons: 10, goals: 3, ..Facts::default() };
        check(sound, Some('A'));
        check(Facts { undecided: 2, ..sound }, Some('A'));
        check(Facts { undecided: 3, ..sound }, None);
        check(Facts { others: 1, ..sound }, Some('B'));
        check(Facts { others: 1, blockers: 1, ..sound }, Some('C'));
        check(Facts { regressions: 1, ..sound }, Some('C'));
        check(Facts { wrong: 1, ..sound }, Some('C'));
        check(Facts::default(), None);
        check(Facts { goals: 1, ..Facts::default() }, Some('A'));
    }
}
