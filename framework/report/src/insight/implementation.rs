//! Another implementation, tier or number of threads, as receipts say.

use smbench_core::message::ReceiptInfo;
use smbench_core::study::{Row, Study};

use super::pair::{self, Pair, Side};
use super::{Insight, Status};
use crate::document::{Text, Tone};

/// What of two receipts differs; the first that does is the reason, since the others follow from it.
struct Field {
    /// `runs tier `avx2``.
    words: [&'static str; 2],
    of: fn(&ReceiptInfo) -> String,
}

const FIELDS: [Field; 3] = [
    Field { words: ["runs tier ", ""], of: |receipt| receipt.tier.clone() },
    Field { words: ["runs on ", " threads"], of: threads },
    Field { words: ["runs ", ""], of: |receipt| receipt.implementation.clone() },
];

fn threads(receipt: &ReceiptInfo) -> String {
    if receipt.threads == 0 { String::new() } else { receipt.threads.to_string() }
}

/// Of every pair, a reason for each step that explains something.
pub fn find(study: &Study) -> Vec<Insight> {
    pair::pairs(study).iter().flat_map(|pair| of_pair(study, pair)).collect()
}

/// From what, to what, and where.
type Step<'a, 'b> = ((usize, String, String), Vec<&'b Side<'a>>);

fn of_pair(study: &Study, pair: &Pair) -> Vec<Insight> {
    let mut steps: Vec<Step> = Vec::new();
    for side in &pair.sides {
        let Some(key) = step(side) else { continue };
        match steps.iter_mut().find(|(known, _)| *known == key) {
            Some((_, sides)) => sides.push(side),
            None => steps.push((key, vec![side])),
        }
    }
    steps.iter().filter_map(|(step, sides)| of_step(study, pair, step, sides)).collect()
}

fn step(side: &Side) -> Option<(usize, String, String)> {
    let (now, before) = (side.now.receipt.as_ref()?, side.before.receipt.as_ref()?);
    let differs = |(index, field): (usize, &Field)| {
        let (now, before) = ((field.of)(now), (field.of)(before));
        (now != before && !now.is_empty() && !before.is_empty()).then_some((index, before, now))
    };
    FIELDS.iter().enumerate().find_map(differs)
}

fn of_step(
    study: &Study,
    pair: &Pair,
    (field, before, now): &(usize, String, String),
    sides: &[&Side],
) -> Option<Insight> {
    let largest = pair::largest(sides.iter().copied().filter(|side| side.change.is_difference()))?;
    let alone = is_alone(study, largest.now, largest.before);
    let [begin, end] = FIELDS[*field].words;
    let runs = |text: Text, what: &str| text.plain(format!(" {begin}")).and(Tone::Code, what).plain(end);
    let claim = runs(Text::code(&*pair.now), now).plain(" where ").and(Tone::Code, &*pair.before);
    let claim = runs(claim, before);
    let mut evidence =
        vec![format!("{}.", pair::counts(sides)).into(), largest.point().plain(" is the largest difference")];
    evidence.extend(
        (alone && !pair.over_runs).then(|| "Nothing else differs: one file, the same options, the same run.".into()),
    );
    let status = if alone && !pair.over_runs { Status::Measured } else { Status::Consistent };
    Some(Insight {
        claim,
        evidence,
        status,
        look: match field {
            0 => "how the tier is chosen: what the processor has, what was asked for, and what the build holds".into(),
            1 => "what decides the number of threads in create".into(),
            _ => Text::from("the two ways of ").and(Tone::Code, largest.now.case.op()),
        },
        decide: (*field == 0 && status == Status::Consistent).then(|| {
            let source = &study.runs[largest.now.run].plan.backends[largest.now.backend].spec.source;
            format!("smbench run --case {} -b {source}@{before},{source}@{now}", largest.now.case.id)
        }),
        weight: largest.weight(),
    })
}

/// Is it the same file, called in the same way but for the tier?
fn is_alone(study: &Study, now: &Row, before: &Row) -> bool {
    let build = |row: &Row| {
        let of = &study.runs[row.run].plan.backends[row.backend];
        (of.sha256.clone(), of.libraries_sha256.clone(), of.spec.options.clone())
    };
    build(now) == build(before) && !build(now).0.is_empty()
}
