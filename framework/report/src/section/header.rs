//! Section 1: what was compared, where, by which command, and what it came to.

use smbench_core::case::Class;
use smbench_core::control::Control;
use smbench_core::run::{Git, Run};
use smbench_core::stats::{Interval, quantile};
use smbench_core::study::Study;
use smbench_core::units::Percent;
use smbench_core::verdict::Evidence;

use super::{Section, backends, machines};
use crate::document::{Block, Document, Text, Tone};
use crate::view::Options;
use crate::{figure, summary};

/// What was compared, where, by which command, and what it came to.
pub struct Header;

impl Section for Header {
    fn title(&self) -> &'static str {
        "Comparison chart"
    }

    fn level(&self) -> u8 {
        1
    }

    fn write(&self, study: &Study, options: &Options) -> Document {
        let mut document = Document::default();
        if !options.command.is_empty() {
            document.push(Block::Code(options.command.clone()));
        }
        if study.runs.is_empty() {
            document.paragraph("No run.");
            return document;
        }
        document.append(summary::closing(study));
        document.paragraph(LEGEND).list(figure::VERDICTS.map(Text::from).into());
        for sentence in [seen(study), control(study)].into_iter().flatten() {
            document.paragraph(sentence);
        }
        document.heading(3, "Runs").list((0..study.runs.len()).map(|run| of_run(study, run)).collect());
        document.heading(3, "Backends").push(Block::Table(backends::table(study)));
        document.list(backends::implementations(study).into_iter().chain(backends::protections(study)).collect());
        document.heading(3, "Machine").list(machines::points(study));
        document
    }
}

const LEGEND: &str = "Ratios are times over the reference's: below 1 is faster. What is said of them:";

/// The smallest change that the newest run's comparisons could have seen.
fn seen(study: &Study) -> Option<Text> {
    let run = study.runs.len().checked_sub(1)?;
    let seen: Vec<f64> = study.within(run).filter_map(|comparison| comparison.detectable_pct).collect();
    let [median, most] = [0.5, 1.0].map(|p| Percent(quantile::quantile(&seen, p)));
    let count = figure::count(seen.len(), "comparison");
    (!seen.is_empty()).then(|| {
        format!("Smallest change that could be seen: {median} (median of {count}; {most} in the widest).").into()
    })
}

/// What the newest run's reference differed from its own copy by.
fn control(study: &Study) -> Option<Text> {
    let controls = study.controls.last()?;
    let points: Vec<String> = controls.iter().map(of_class).collect();
    let what = "A/A control, the reference against a copy of its own file: ";
    (!points.is_empty()).then(|| Text::from(format!("{what}{}.", points.join("; "))))
}

/// `compute-bound 1.0001x (0.9986–1.0007, 12 launches, 1 case), noise floor 0.1 %`
fn of_class(control: &Control) -> String {
    let class = match control.class {
        Class::Compute => "compute-bound",
        Class::Memory => "memory-bound",
        Class::Threads => "several threads",
    };
    let interval = control.interval.map(|Interval { low, high }| format!("{low:.4}–{high:.4}, "));
    let over = format!("{}, {}", figure::count(control.launches, "launch"), figure::count(control.cases, "case"));
    let floor = control.floor.map(|floor| format!(", noise floor {}", Percent(100.0 * floor)));
    format!("{class} {:.4}x ({}{over}){}", control.ratio, interval.unwrap_or_default(), floor.unwrap_or_default())
}

/// Which, when, what, how long, from which commit, by which command, and what it can be compared by.
fn of_run(study: &Study, index: usize) -> Text {
    let run = &study.runs[index];
    let launches = run.launches.iter().map(|launch| launch.number + 1).max().unwrap_or(0);
    let id = if run.label.is_some() { format!(" {}", run.id) } else { String::new() };
    let what = format!("{id}{}: {}, {} ({})", age(study, index), run.created, run.plan.config, run.plan.preset.word());
    let launches = format!(", {launches} of {} launches a case, {}, ", run.plan.launches, run.state.word());
    let mut text = Text::code(figure::run_name(run)).plain(what + &launches);
    text.spans.extend(commit(run).spans);
    text = text.plain("; evidence: ").plain(evidence(study, index));
    if run.command.is_empty() { text } else { text.plain("; by ").and(Tone::Code, &*run.command) }
}

/// Oldest, previous, current; the only one needs no such word.
fn age(study: &Study, index: usize) -> &'static str {
    match (study.runs.len(), study.runs.len() - 1 - index) {
        (1, _) => "",
        (_, 0) => " (current)",
        (_, 1) => " (previous)",
        _ if index == 0 => " (oldest)",
        _ => "",
    }
}

fn commit(run: &Run) -> Text {
    let Some(Git { commit, branch, dirty }) = &run.git else { return "no repository".into() };
    let branch = branch.as_ref().map_or_else(String::new, |branch| format!(" on {branch}"));
    let dirty = if *dirty { ", uncommitted changes" } else { "" };
    Text::from("commit ").and(Tone::Code, figure::short(commit)).plain(format!("{branch}{dirty}"))
}

/// How a run's figures stand beside each other, and beside those of the run before.
fn evidence(study: &Study, run: usize) -> String {
    let within = study.within(run).next().map(|_| "paired within the run".to_owned());
    let across = study.across(run).next().map(|comparison| match comparison.evidence {
        Evidence::Imported => "imported against the run before (another machine or tool: not judged)".to_owned(),
        class => format!("{} against the run before (separate runs: not judged)", class.word()),
    });
    let both: Vec<String> = [within, across].into_iter().flatten().collect();
    if both.is_empty() { "nothing to compare".to_owned() } else { both.join("; ") }
}
