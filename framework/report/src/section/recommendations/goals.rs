//! Goals that are missed: a blocker stays one.

use smbench_core::goal::{Judged, Reached, Standing};
use smbench_core::study::{Row, Study};

use super::{Rank, Recommendation};
use crate::document::{Text, Tone};
use crate::figure;
use crate::view::Options;

/// An op with a smaller share of a model's time is no way to its goal.
const SHARE: f64 = 0.2;

/// One for each goal of the newest run that is missed somewhere.
pub fn rule(study: &Study, options: &Options) -> Vec<Recommendation> {
    let judged = options.goals.last().map_or(&[][..], |(_, judged)| judged);
    judged.iter().filter_map(|judged| of_goal(study, judged)).collect()
}

fn of_goal(study: &Study, judged: &Judged) -> Option<Recommendation> {
    let goal = &judged.goal;
    let missed: Vec<&Standing> = judged.rows.iter().filter(|row| row.reached == Reached::Missed).collect();
    let worst = missed.iter().max_by(|a, b| distance(goal.written().1, a).total_cmp(&distance(goal.written().1, b)))?;
    let row = &study.rows[worst.row];
    let now = worst.figure.map_or_else(String::new, |figure| figure.told(goal.metric));
    let cases = figure::count(judged.rows.len(), "case");
    Some(Recommendation {
        rank: if goal.blocker { Rank::Blocker } else { Rank::High },
        title: format!("Reach the goal: {}", goal.name()).into(),
        target: Text::from(format!("{goal}; furthest from it: "))
            .and(Tone::Code, &*row.alias)
            .plain(" at ")
            .and(Tone::Code, row.case.title())
            .plain(format!(", {now}")),
        success: Text::from(format!("met at all of its {cases}, and "))
            .and(Tone::Code, "--fail-on goal")
            .plain(" passes"),
        approach: largest_op(row),
    })
}

/// How far beyond the limit, whichever way that is.
fn distance(limit: f64, standing: &Standing) -> f64 {
    standing.figure.map_or(0.0, |figure| (figure.value.max(1e-12) / limit.max(1e-12)).ln().abs())
}

/// Where most of a model's time goes.
fn largest_op(row: &Row) -> Option<Text> {
    let spans = row.spans.as_ref()?;
    let largest = spans.iter().max_by(|a, b| a.share.total_cmp(&b.share)).filter(|span| span.share >= SHARE)?;
    Some(
        Text::from("depends on ")
            .and(Tone::Code, &*largest.op)
            .plain(format!(", {} of the call", figure::share(largest.share))),
    )
}
