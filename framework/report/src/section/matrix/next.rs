//! The goals of the next run: those of this one, or that nothing gets worse.

use std::fmt::Write;

use smbench_core::goal::{Goal, Metric, Reached, Standing};
use smbench_core::stats::Interval;
use smbench_core::study::{Comparison, Study};

use crate::document::{Text, Tone};
use crate::escape;
use crate::figure;
use crate::view::Options;

/// `☐ pooled at simd/…: at most 0.770x; now 0.812x, best so far 0.790x`, what is not met first.
pub fn lines(study: &Study, options: &Options) -> Vec<Text> {
    match options.goals.last() {
        Some((_, judged)) => {
            let mut all: Vec<(usize, &Goal, &Standing)> = judged
                .iter()
                .enumerate()
                .flat_map(|(number, judged)| judged.rows.iter().map(move |row| (number, &judged.goal, row)))
                .collect();
            all.sort_by_key(|(_, goal, standing)| (standing.reached == Reached::Met, !goal.blocker));
            all.into_iter().map(|(number, goal, standing)| of_goal(study, options, number, goal, standing)).collect()
        }
        None => kept(study).map(|(comparison, high)| of_comparison(study, comparison, high)).collect(),
    }
}

fn of_goal(study: &Study, options: &Options, number: usize, goal: &Goal, standing: &Standing) -> Text {
    let row = &study.rows[standing.row];
    let now = standing.figure.map_or_else(|| "not measured".to_owned(), |figure| goal.metric.value(figure.value));
    let same = |of: &&Standing| {
        let other = &study.rows[of.row];
        (&other.case.id, other.case.threads, &other.alias) == (&row.case.id, row.case.threads, &row.alias)
    };
    let all = options.goals.iter().filter_map(|(_, judged)| judged[number].rows.iter().find(same)?.figure);
    let better = if goal.written().0 == "at_most" { f64::min } else { f64::max };
    let best = all.map(|figure| figure.value).reduce(better).map(|value| goal.metric.value(value));
    let best = best.filter(|best| *best != now).map(|best| format!(", best so far {best}")).unwrap_or_default();
    head(&row.alias, &row.case.title()).plain(format!(": {goal}; now {now}{best}"))
}

fn of_comparison(study: &Study, comparison: &Comparison, high: f64) -> Text {
    let row = &study.rows[comparison.row];
    let now = figure::words(&figure::ratio(comparison));
    head(&row.alias, &row.case.title()).plain(format!(": still at most {}; now {now}", Metric::Ratio.value(high)))
}

fn head(alias: &str, title: &str) -> Text {
    Text::from("☐ ").and(Tone::Code, alias).plain(" at ").and(Tone::Code, title)
}

/// Comparisons of the newest run, each with the ratio that its next one should not exceed: the interval's end, and the margin on top.
fn kept(study: &Study) -> impl Iterator<Item = (&Comparison, f64)> {
    let newest = study.runs.len().checked_sub(1);
    let all = newest.into_iter().flat_map(|run| study.within(run));
    let kept = |high: f64, margin: f64| (high * (1.0 + margin) * 1e4).ceil() / 1e4;
    all.filter_map(move |of| of.interval.map(|Interval { high, .. }| (of, kept(high, of.margin))))
}

/// The same as a file for `--goals`.
pub fn next_goals(study: &Study, options: &Options) -> String {
    let mut out = String::from("// What the next run should reach:\n//\n");
    out += "//     smbench run --goals goals.next.ron --fail-on goal\n(\n    goals: [\n";
    match options.goals.last() {
        Some((_, judged)) => judged.iter().for_each(|judged| written(&mut out, &judged.goal)),
        None => kept(study).for_each(|(comparison, high)| {
            let row = &study.rows[comparison.row];
            let case = format!("^{}$", literally(&row.case.id));
            let scope = format!("threads: {}, backend: {}", row.case.threads, escape::ron(&row.alias));
            let _ = writeln!(out, "        (case: {}, {scope}, metric: ratio, at_most: {high}),", escape::ron(&case));
        }),
    }
    out + "    ],\n)\n"
}

fn written(out: &mut String, goal: &Goal) {
    let (key, value) = goal.written();
    let about = goal.about.as_ref().map(|about| format!("about: {}, ", escape::ron(about))).unwrap_or_default();
    let threads = goal.threads.map(|threads| format!("threads: {threads}, ")).unwrap_or_default();
    let backend = goal.backend.as_ref().map(|alias| format!("backend: {}, ", escape::ron(alias))).unwrap_or_default();
    let blocker = if goal.blocker { ", blocker: true" } else { "" };
    let (case, metric) = (escape::ron(&goal.case), goal.metric.word());
    let _ =
        writeln!(out, "        ({about}case: {case}, {threads}{backend}metric: {metric}, {key}: {value}{blocker}),");
}

/// A regular expression for this text alone.
fn literally(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if "\\.+*?()|[]{}^$#&-~".contains(c) {
            out.push('\\');
        }
        out.push(c);
        out
    })
}
