//! `--fail-on` and `--goals`: what the gates found, in words, and the exit code that follows.

use std::path::Path;

use smbench_core::gate::{Gate, Ruling};
use smbench_core::goal::{self, Goal, Goals, Reached, Standing};
use smbench_core::study::{Row, Study};
use smbench_core::units::Ratio;
use smbench_host::config_file;
use smbench_host::error::{Error, Result};
use smbench_report::Judgement;

use crate::args::GateArgs;
use crate::exit::{Cause, Exit, again};
use crate::pattern::{Pattern, Patterns};

/// What a study must not have, and what it should reach.
pub struct Asked {
    gates: Vec<Gate>,
    goals: Vec<Goal>,
    /// The `case` of each goal.
    patterns: Vec<Pattern>,
}

impl Asked {
    /// As asked for; reads the goals.
    pub fn of(args: &GateArgs) -> Result<Self> {
        let gates = args.fail_on.clone();
        if gates.contains(&Gate::Goal) && args.goals.is_none() {
            let error = Error::usage("--fail-on goal needs --goals FILE");
            return Err(error.help("as in --goals configs/goals.ron, which the repository has"));
        }
        let (goals, patterns) = args.goals.as_deref().map(read).transpose()?.unwrap_or_default();
        Ok(Self { gates, goals, patterns })
    }

    /// Goals without gates.
    pub fn goals(path: &Path) -> Result<Self> {
        let (goals, patterns) = read(path)?;
        Ok(Self { gates: Vec::new(), goals, patterns })
    }

    /// Where every run of a study stands with the goals.
    pub fn judge_all(&self, study: &Study) -> Vec<Judgement> {
        let matches = |goal: usize, id: &str| self.patterns[goal].is_match(id);
        (0..study.runs.len()).map(|run| (run, goal::judge_run(&self.goals, study, run, &matches))).collect()
    }

    /// Is a gate about comparisons?
    pub fn judges(&self) -> bool {
        self.gates.iter().any(|gate| gate.judges())
    }

    /// What the gates say, if anything was asked for.
    pub fn rule(&self, study: &Study, accept_raw: bool) -> Option<Ruling> {
        let goals = goal::judge(&self.goals, study, &|goal, id| self.patterns[goal].is_match(id));
        let nothing = self.gates.is_empty() && self.goals.is_empty();
        (!nothing).then(|| Ruling::of(study, &self.gates, goals, accept_raw))
    }
}

fn read(path: &Path) -> Result<(Vec<Goal>, Vec<Pattern>)> {
    let Goals { goals } = config_file::load(path)?;
    if goals.is_empty() {
        return Err(Error::usage(format!("`{}` has no goals", path.display())).help("add one, or leave out --goals"));
    }
    let patterns: Patterns = config_file::load(path)?;
    Ok((goals, patterns.into()))
}

/// Says on standard error what was judged and what stops, with a command that shows the worst of it again.
pub fn enforce(ruling: &Ruling, study: &Study) -> Exit {
    enforce_comparisons(ruling, study).and(enforce_goals(ruling, study))
}

fn enforce_comparisons(ruling: &Ruling, study: &Study) -> Exit {
    let gates: Vec<String> = ruling.gates.iter().filter(|gate| gate.judges()).map(ToString::to_string).collect();
    if gates.is_empty() {
        return Exit::OK;
    }
    anstream::eprintln!("gate {}: judged {} of {}", gates.join(", "), ruling.judged, ruling.planned);
    if let Some(why) = &ruling.incomparable {
        anstream::eprintln!("exit 8: not comparable: {why}");
        anstream::eprintln!("  help: measure them together: --replay; or go by what is claimed: --accept-raw");
        return Exit::of(Cause::NotComparable);
    }
    let slower = ruling.regressed.len() + ruling.too_slow.len();
    let open = ruling.undecided.len() + ruling.unmeasured.len();
    name_first(study, (&ruling.too_slow, &ruling.regressed), &format!("exit 3: {slower} slower"));
    name_first(study, (&ruling.unmeasured, &ruling.undecided), &format!("exit 7: {open} could not be judged"));
    let causes = [(slower > 0, Cause::Regression), (open > 0, Cause::Undecided)];
    Exit::for_causes(causes.into_iter().filter(|(applies, _)| *applies).map(|(_, cause)| cause))
}

/// Where the run stands with its goals, and every one that it misses.
fn enforce_goals(ruling: &Ruling, study: &Study) -> Exit {
    if !ruling.gates.contains(&Gate::Goal) {
        return Exit::OK;
    }
    anstream::eprintln!("gate goal: {}", goal::tally(&ruling.goals));
    goal::unmatched(&ruling.goals)
        .for_each(|goal| anstream::eprintln!("  without a case: {} matches nothing in this run", goal.scope()));
    let missed = goal::all(&ruling.goals, Reached::Missed);
    let Some((_, first)) = missed.first() else { return Exit::OK };
    anstream::eprintln!("exit 3: {} missed", missed.len());
    missed.iter().for_each(|(goal, standing)| name_missed(study, goal, standing));
    show_again(study, &study.rows[first.row]);
    Exit::of(Cause::GoalMissed)
}

fn name_missed(study: &Study, goal: &Goal, standing: &Standing) {
    let row = &study.rows[standing.row];
    let about = goal.about.as_ref().map_or_else(String::new, |about| format!(" ({about})"));
    anstream::eprintln!("  {} at {}: {}{about}", row.alias, row.case.title(), goal.told(standing));
}

/// How many, and of the first: what it is, why, and how to see it again. A row without a figure goes first.
fn name_first(study: &Study, (rows, comparisons): (&[usize], &[usize]), said: &str) {
    if let Some(&first) = rows.first() {
        let row = &study.rows[first];
        anstream::eprintln!("{said}");
        anstream::eprintln!("  {} at {}: {}, and its reference was measured", row.alias, row.case.title(), row.outcome);
        return show_again(study, row);
    }
    let Some(&first) = comparisons.first() else { return };
    let comparison = &study.comparisons[first];
    let [row, reference] = [comparison.row, comparison.reference].map(|row| &study.rows[row]);
    let reason = comparison.reason().unwrap_or("no reason is known");
    let (ratio, title) = (Ratio(comparison.ratio), row.case.title());
    anstream::eprintln!("{said}");
    anstream::eprintln!("  {} at {title}: {ratio} of {}: {reason}", row.alias, reference.alias);
    if row.run == reference.run {
        show_again(study, row);
    }
}

/// The command that measures a row again, beside what it is compared with.
fn show_again(study: &Study, row: &Row) {
    let run = &study.runs[row.run];
    let backends: Vec<usize> = run.plan.reference_of(row.backend).into_iter().chain([row.backend]).collect();
    if let Some(case) = run.plan.cases.iter().position(|case| *case == row.case) {
        anstream::eprintln!("  again: {}", again(run, case, &backends, ""));
    }
}
