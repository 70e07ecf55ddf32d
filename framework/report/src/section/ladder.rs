//! Cases that differ in size only, side by side, and what their ratios do as the size grows.

use smbench_core::case::Case;
use smbench_core::study::{Comparison, Study};
use smbench_core::units::Ratio;
use smbench_core::verdict::Verdict;

use crate::document::{Column, Row as Line, Table, Text, Tone};
use crate::figure;
use crate::panel::{Contender, Panel};

/// Cases of one op that differ in size only, smallest first.
pub struct Ladder<'a> {
    /// What they share: `gelu_tanh (f32, 1 thread)`.
    pub title: String,
    /// Smallest first.
    pub cases: Vec<&'a Case>,
}

/// The ladders among a panel's cases, in the order of the plan.
pub fn ladders<'a>(study: &'a Study, panel: &Panel, wanted: impl Fn(&Case) -> bool) -> Vec<Ladder<'a>> {
    let mut ladders: Vec<Ladder> = Vec::new();
    for case in panel.cases(study).into_iter().filter(|case| wanted(case)) {
        let title = title(case);
        match ladders.iter_mut().find(|ladder| ladder.title == title && ladder.cases[0].suite == case.suite) {
            Some(ladder) => ladder.cases.push(case),
            None => ladders.push(Ladder { title, cases: vec![case] }),
        }
    }
    ladders.iter_mut().for_each(|ladder| ladder.cases.sort_by_key(|case| case.cost.elements));
    ladders
}

/// All but the suite and the size.
fn title(case: &Case) -> String {
    let rest = case.id.split('/').skip(3).map(|part| format!("{part}, "));
    let threads = figure::count(case.threads as usize, "thread");
    format!("{} ({}{threads})", case.op(), rest.collect::<String>())
}

/// A row for each size; for each contender its time, and its ratio unless it is the baseline.
pub fn table(study: &Study, panel: &Panel, ladder: &Ladder) -> Table {
    let mut columns = vec![Column::words("size")];
    for contender in &panel.contenders {
        columns.push(Column::figures(contender.label.as_str()));
        if !contender.is_baseline(panel) {
            columns.push(Column::figures(if panel.over_runs { "change" } else { "ratio" }));
        }
    }
    let rows = ladder.cases.iter().map(|case| {
        let cells = panel.contenders.iter().flat_map(|contender| cells(study, panel, contender, case));
        Line::of([Text::code(case.size())].into_iter().chain(cells).collect())
    });
    Table { rows: rows.collect(), columns }
}

fn cells(study: &Study, panel: &Panel, contender: &Contender, case: &Case) -> Vec<Text> {
    let time = match contender.row(study, case) {
        Some((_, row)) => figure::time(row),
        None => "not measured".into(),
    };
    if contender.is_baseline(panel) {
        return vec![time];
    }
    let change = contender.comparison(study, case, panel).map(|comparison| change(panel, comparison));
    vec![time, change.unwrap_or_else(|| Text::of(Tone::Faint, figure::NONE))]
}

fn change(panel: &Panel, comparison: &Comparison) -> Text {
    if panel.over_runs { figure::change(comparison.ratio).into() } else { figure::ratio(comparison) }
}

/// What each contender's ratios do as the size grows, by rule and from measured sizes only.
pub fn patterns(study: &Study, panel: &Panel, ladder: &Ladder) -> Vec<Text> {
    let said = panel.contenders.iter().filter(|contender| !contender.is_baseline(panel) && !panel.over_runs);
    said.filter_map(|contender| {
        let steps: Vec<Step> = ladder.cases.iter().filter_map(|case| Step::of(study, panel, contender, case)).collect();
        let pattern = pattern(&steps)?;
        Some(Text::of(Tone::Strong, "Pattern").plain(format!(", {} / {}: {pattern}", contender.label, panel.baseline)))
    })
    .collect()
}

/// One size of a ladder.
struct Step<'a> {
    size: &'a str,
    ratio: f64,
    verdict: Verdict,
}

impl<'a> Step<'a> {
    fn of(study: &Study, panel: &Panel, contender: &Contender, case: &'a Case) -> Option<Self> {
        let comparison = contender.comparison(study, case, panel)?;
        Some(Self { size: case.size(), ratio: comparison.ratio, verdict: comparison.verdict()? })
    }
}

/// Ratios within this factor of each other are called uniform.
const UNIFORM: f64 = 1.25;

/// Uniform, grows with size, or turns between two measured sizes; `None` below two sizes.
fn pattern(steps: &[Step]) -> Option<String> {
    if steps.len() < 2 {
        return None;
    }
    let clear: Vec<&Step> = steps.iter().filter(|step| step.verdict.is_difference()).collect();
    let turns: Vec<_> = clear.windows(2).filter(|pair| pair[0].verdict != pair[1].verdict).collect();
    Some(match &turns[..] {
        [] if clear.len() == steps.len() => one_direction(steps),
        [] => counts(steps),
        [turn] => format!(
            "turns between {} ({}) and {} ({})",
            turn[0].size,
            figure::verdict(turn[0].verdict),
            turn[1].size,
            figure::verdict(turn[1].verdict)
        ),
        _ => "none: the direction changes more than once".to_owned(),
    })
}

/// `faster at 2 of 3 sizes, equivalent at 1`; `equivalent at every size`.
fn counts(steps: &[Step]) -> String {
    use Verdict::{Equivalent, Improved, Inconclusive, Regressed, Unreliable};
    let count = |verdict| steps.iter().filter(|step| step.verdict == verdict).count();
    let found = [Improved, Regressed, Equivalent, Inconclusive, Unreliable].map(|verdict| (verdict, count(verdict)));
    let found = found.into_iter().filter(|(_, count)| *count > 0).enumerate();
    let words = found.map(|(index, (verdict, count))| match (index, figure::verdict(verdict)) {
        (_, word) if count == steps.len() => format!("{word} at every size"),
        (0, word) => format!("{word} at {count} of {} sizes", steps.len()),
        (_, word) => format!("{word} at {count}"),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// All in one direction: does the distance grow?
fn one_direction(steps: &[Step]) -> String {
    let ratios: Vec<f64> = steps.iter().map(|step| step.ratio).collect();
    let (low, high) = ratios.iter().fold((f64::INFINITY, 0.0f64), |(low, high), &r| (low.min(r), high.max(r)));
    let (first, last) = (ratios[0], ratios[ratios.len() - 1]);
    let word = figure::verdict(steps[0].verdict);
    let ends = format!("{} at {}, {} at {}", Ratio(first), steps[0].size, Ratio(last), steps[steps.len() - 1].size);
    let rising = ratios.windows(2).all(|pair| pair[0] <= pair[1]);
    let falling = ratios.windows(2).all(|pair| pair[0] >= pair[1]);
    match (high <= UNIFORM * low, rising || falling) {
        (true, _) => format!("{word} at every size, uniformly ({} to {})", Ratio(low), Ratio(high)),
        (false, true) if falling == (steps[0].verdict == Verdict::Improved) => {
            format!("{word} at every size, more so with size ({ends})")
        }
        (false, true) => format!("{word} at every size, less so with size ({ends})"),
        (false, false) => format!("{word} at every size, unevenly ({} to {})", Ratio(low), Ratio(high)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ratios: &[f64], want: Option<&str>) {
        let sizes = ["1K", "10K", "100K", "1M"];
        let verdict = |ratio: f64| match ratio {
            r if r < 0.99 => Verdict::Improved,
            r if r > 1.01 => Verdict::Regressed,
            1.0 => Verdict::Equivalent,
            _ => Verdict::Inconclusive,
        };
        let steps: Vec<Step> =
            ratios.iter().zip(sizes).map(|(&ratio, size)| Step { size, ratio, verdict: verdict(ratio) }).collect();
        assert_eq!(pattern(&steps).as_deref(), want);
    }

    #[test]
    fn patterns_follow_from_measured_sizes() {
        check(&[0.5], None);
        check(&[0.5, 0.52, 0.55], Some("faster at every size, uniformly (0.500x to 0.550x)"));
        check(&[0.9, 0.5, 0.2], Some("faster at every size, more so with size (0.900x at 1K, 0.200x at 100K)"));
        check(&[1.2, 2.0, 4.0], Some("slower at every size, more so with size (1.20x at 1K, 4.00x at 100K)"));
        check(&[4.0, 2.0], Some("slower at every size, less so with size (4.00x at 1K, 2.00x at 10K)"));
        check(&[0.5, 0.9, 1.5, 2.0], Some("turns between 10K (faster) and 100K (slower)"));
        check(&[0.5, 1.0, 1.5], Some("turns between 1K (faster) and 100K (slower)"));
        check(&[1.0, 1.0], Some("equivalent at every size"));
        check(&[1.0, 1.001, 1.0], Some("equivalent at 2 of 3 sizes, undecided at 1"));
        check(&[1.0, 0.5, 0.4], Some("faster at 2 of 3 sizes, equivalent at 1"));
        check(&[1.0, 2.0, 1.001, 1.2], Some("slower at 2 of 4 sizes, equivalent at 1, undecided at 1"));
        check(&[0.5, 2.0, 0.5], Some("none: the direction changes more than once"));
        check(&[0.5, 0.2, 0.4], Some("faster at every size, unevenly (0.200x to 0.500x)"));
    }
}
