//! Section 7: what is faster and what is slower than the baseline, by theme, the largest first; and what cannot be told.
//! Runs that were not measured together allow no verdict: what changed beyond their scatter is listed as changed.

mod allocated;
mod finding;

use smbench_core::study::Study;
use smbench_core::verdict::{Evidence, Verdict};

use super::{Section, simd};
use crate::document::{Document, Text, Tone};
use crate::panel::{Panel, panels};
use crate::view::Options;
use finding::Finding;

/// What is faster, what is slower, what changed, and what cannot be told.
pub struct Trajectory;

impl Section for Trajectory {
    fn title(&self) -> &'static str {
        "Trajectory"
    }

    fn write(&self, study: &Study, _: &Options) -> Document {
        let mut document = Document::default();
        for panel in panels(study) {
            for index in 0..panel.contenders.len() {
                let Some(baseline) = panel.baseline_of(index) else { continue };
                let body = of_pair(study, &panel, index);
                if !body.blocks.is_empty() {
                    document.heading(3, simd::title(&panel, &title(&panel, index, baseline))).append(body);
                }
            }
        }
        document
    }
}

fn title(panel: &Panel, index: usize, baseline: usize) -> String {
    let [now, before] = [index, baseline].map(|index| panel.contenders[index].label.as_str());
    if panel.over_runs { format!("{before} → {now}") } else { format!("{now} against {before}") }
}

fn of_pair(study: &Study, panel: &Panel, index: usize) -> Document {
    let findings = finding::findings(study, panel, index);
    let mut document = if panel.over_runs { over_runs(&findings) } else { within(&findings, &panel.baseline) };
    document.append(allocated::write(study, panel, index));
    document
}

/// Measured together: every case has a verdict.
fn within(findings: &[Finding], baseline: &str) -> Document {
    let mut document = Document::default();
    let of = |verdicts: &[Verdict]| -> Vec<&Finding> {
        findings.iter().filter(|finding| finding.verdict.is_some_and(|verdict| verdicts.contains(&verdict))).collect()
    };
    for (verdict, word) in [(Verdict::Improved, "Faster"), (Verdict::Regressed, "Slower")] {
        let head = Text::of(Tone::Strong, word).plain(format!(" than {baseline}"));
        document.append(finding::listed(head, &of(&[verdict])));
    }
    document.append(finding::equivalent(baseline, &of(&[Verdict::Equivalent])));
    document.append(finding::untold("", &of(&[Verdict::Inconclusive, Verdict::Unreliable])));
    document
}

/// How far identical code moves between separate runs, until a history of the machine tells it better (METHOD §5).
const SCATTER: f64 = 0.15;

/// What two runs of identical code stay within, as a part of the time: `2·√2` times their scatter.
fn beyond() -> f64 {
    2.0 * 2f64.sqrt() * SCATTER
}

/// Not measured together: no verdict.
fn over_runs(findings: &[Finding]) -> Document {
    let mut document = Document::default();
    let raw = findings.iter().all(|finding| finding.evidence == Evidence::Raw);
    let (changed, other): (Vec<&Finding>, Vec<&Finding>) =
        findings.iter().partition(|finding| raw && finding.part() > beyond());
    let percent = 100.0 * beyond();
    let head =
        format!(", by more than the {percent:.0} % (2·√2·15 %) that separate runs of identical code may differ by");
    document.append(finding::listed(Text::of(Tone::Strong, "Changed").plain(head), &changed));
    document.append(finding::untold(if raw { " (separate runs)" } else { " (another machine or tool)" }, &other));
    document
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::render::markdown;

    #[track_caller]
    fn check(ratio: f64, evidence: Evidence, want: &str) {
        let mut study = fixture::two_model_runs();
        let raw = study.comparisons.iter_mut().filter(|comparison| comparison.evidence == Evidence::Raw);
        raw.for_each(|comparison| (comparison.ratio, comparison.evidence) = (ratio, evidence));
        let page = markdown(&Trajectory.write(&study, &Options::default()));
        assert!(page.contains(want), "{page}");
    }

    #[test]
    fn separate_runs_have_changed_beyond_their_scatter_only() {
        check(1.43, Evidence::Raw, "may differ by: 17 cases.");
        check(1.42, Evidence::Raw, "may differ by: nothing.");
        check(0.58, Evidence::Raw, "may differ by: nothing.");
        check(0.57, Evidence::Raw, "may differ by: 17 cases.");
        check(2.0, Evidence::Imported, "**Cannot tell** (another machine or tool): 17 cases.");
    }
}
