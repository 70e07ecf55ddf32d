//! Who stands against whom, at every case that both have measured.

use smbench_core::case::Case;
use smbench_core::separate::Claim;
use smbench_core::study::{Comparison, Row, Study};
use smbench_core::verdict::{Evidence, Verdict};

use crate::document::{Text, Tone};
use crate::figure;

/// Less than this is not worth a reason, whatever the verdict.
const WORTH: f64 = 1.05;
/// Of another tool's runs nothing is judged; what identical code may differ by between separate runs (2·√2·15 %) is too
/// little to look for a reason.
const APPARENT: f64 = 1.424;

/// A backend against its reference in the newest run, or against itself in the run before.
pub struct Pair<'a> {
    /// Whom it is about.
    pub now: String,
    /// Whom it stands against.
    pub before: String,
    /// Two runs? Then nothing is judged, and no more than consistent with anything.
    pub over_runs: bool,
    /// Index of the run it is about.
    pub run: usize,
    /// Index of the run it stands against.
    pub run_before: usize,
    /// Whom it is about, as can be typed after `-b`.
    pub spec: String,
    /// Both, the reference first, as can be typed after `-b`.
    pub specs: String,
    /// Every case.
    pub sides: Vec<Side<'a>>,
}

/// One case of a pair.
pub struct Side<'a> {
    /// Whom it is about.
    pub now: &'a Row,
    /// Whom it stands against.
    pub before: &'a Row,
    /// Time of the one over that of the other.
    pub ratio: f64,
    /// What may be said of it.
    pub change: Change,
    comparison: &'a Comparison,
}

/// What may be said of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// By a verdict or a claim; of another tool's runs, apparently.
    Slower,
    /// The same.
    Faster,
    /// Equivalent, or too little to be worth a reason.
    Same,
    /// Nothing.
    Unknown,
}

impl Change {
    /// In a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Slower => "slower",
            Self::Faster => "faster",
            Self::Same => "the same",
            Self::Unknown => "undecided",
        }
    }

    /// Is there anything to explain?
    pub fn is_difference(self) -> bool {
        matches!(self, Self::Slower | Self::Faster)
    }

    fn of(comparison: &Comparison) -> Self {
        let by_ratio = |worth: f64| match comparison.ratio {
            ratio if ratio >= worth => Self::Slower,
            ratio if ratio <= 1.0 / worth => Self::Faster,
            _ => Self::Same,
        };
        let claim = comparison.claimed.as_ref().map(|claimed| claimed.claim);
        match (comparison.verdict(), claim) {
            (Some(Verdict::Improved | Verdict::Regressed | Verdict::Equivalent), _) => by_ratio(WORTH),
            (Some(_), _) => Self::Unknown,
            (None, Some(Claim::NoEvidence)) if comparison.evidence != Evidence::Imported => Self::Unknown,
            (None, Some(Claim::NoEvidence)) => by_ratio(APPARENT),
            (None, _) => by_ratio(WORTH),
        }
    }
}

/// Everybody who stands against somebody, in the order of the study.
pub fn pairs(study: &Study) -> Vec<Pair<'_>> {
    let newest = study.runs.len().saturating_sub(1);
    let mut pairs: Vec<(usize, usize, Pair)> = Vec::new();
    for comparison in &study.comparisons {
        let [now, before] = [comparison.row, comparison.reference].map(|row| &study.rows[row]);
        let over_runs = !comparison.evidence.is_together();
        if !over_runs && now.run != newest {
            continue;
        }
        let side = Side { now, before, ratio: comparison.ratio, change: Change::of(comparison), comparison };
        let own = |(backend, reference, pair): &(usize, usize, Pair)| {
            (pair.run, *backend, pair.run_before, *reference) == (now.run, now.backend, before.run, before.backend)
        };
        match pairs.iter().position(own) {
            Some(at) => pairs[at].2.sides.push(side),
            None => pairs.push((now.backend, before.backend, Pair::begin(study, over_runs, side))),
        }
    }
    pairs.into_iter().map(|(.., pair)| pair).collect()
}

impl<'a> Pair<'a> {
    fn begin(study: &Study, over_runs: bool, side: Side<'a>) -> Self {
        let several = study.runs.iter().any(|run| run.plan.backends.len() > 1);
        let name = |row: &Row| match (over_runs, several) {
            (false, _) => row.alias.clone(),
            (true, false) => figure::run_name(&study.runs[row.run]).to_owned(),
            (true, true) => format!("{} in {}", row.alias, figure::run_name(&study.runs[row.run])),
        };
        let spec = |row: &Row| study.runs[row.run].plan.backends[row.backend].spec.to_string();
        Self {
            spec: spec(side.now),
            specs: format!("{},{}", spec(side.before), spec(side.now)),
            now: name(side.now),
            before: name(side.before),
            over_runs,
            run: side.now.run,
            run_before: side.before.run,
            sides: vec![side],
        }
    }

    /// Sides where there is something to explain.
    pub fn differing(&self) -> impl Iterator<Item = &Side<'a>> {
        self.sides.iter().filter(|side| side.change.is_difference())
    }

    /// Cases of one op that differ in size only, smallest first.
    pub fn ladders(&self) -> Vec<Vec<&Side<'a>>> {
        let mut ladders: Vec<Vec<&Side>> = Vec::new();
        for side in &self.sides {
            let own = |ladder: &&mut Vec<&Side>| kind(&ladder[0].now.case) == kind(&side.now.case);
            match ladders.iter_mut().find(own) {
                Some(ladder) => ladder.push(side),
                None => ladders.push(vec![side]),
            }
        }
        ladders.iter_mut().for_each(|ladder| ladder.sort_by_key(|side| side.now.case.cost.elements));
        ladders.retain(|ladder| ladder[0].now.case.cost.elements > 0 && ladder[0].now.case.tokens.is_none());
        ladders
    }

    /// `acme against naive`: the beginning of a claim.
    pub fn who(&self) -> Text {
        Text::code(&*self.now).plain(" against ").and(Tone::Code, &*self.before)
    }
}

/// All of a case but its size.
fn kind(case: &Case) -> (&str, &str, Vec<&str>, u32) {
    (&case.suite, case.op(), case.id.split('/').skip(3).collect(), case.threads)
}

impl Side<'_> {
    /// On a log scale.
    pub fn weight(&self) -> f64 {
        self.ratio.ln().abs()
    }

    /// `2.31x`, as it is judged.
    pub fn times(&self) -> String {
        figure::ratio(self.comparison).spans[0].text.trim_start_matches(['~', '=']).to_owned()
    }

    /// `simd/add/10000/f32` at so much.
    pub fn point(&self) -> Text {
        Text::code(self.now.case.title()).plain(format!(" {}", self.times()))
    }
}

/// The side that differs most.
pub fn largest<'a, 'b>(sides: impl Iterator<Item = &'b Side<'a>>) -> Option<&'b Side<'a>>
where
    'a: 'b,
{
    sides.max_by(|a, b| a.weight().total_cmp(&b.weight()))
}

/// `slower at 3 of 4 cases, the same at 1`.
pub fn counts(sides: &[&Side]) -> String {
    let all = [Change::Slower, Change::Faster, Change::Same, Change::Unknown];
    let found = all.map(|change| (change, sides.iter().filter(|side| side.change == change).count()));
    let some: Vec<_> = found.into_iter().filter(|(_, count)| *count > 0).collect();
    let words = some.iter().enumerate().map(|(index, (change, count))| match index {
        0 => format!("{} at {count} of {}", change.word(), figure::count(sides.len(), "case")),
        _ => format!("{} at {count}", change.word()),
    });
    words.collect::<Vec<_>>().join(", ")
}

/// The geometric mean of some ratios; 1 of none.
pub fn mean(sides: &[&Side]) -> f64 {
    let sum: f64 = sides.iter().map(|side| side.ratio.ln()).sum();
    (sum / sides.len().max(1) as f64).exp()
}
