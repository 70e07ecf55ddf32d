//! `smbench check`: what a plugin is, whether its ops are right, or the cases of a suite, and what a call costs.

mod subject;
mod values;

use std::io::{IsTerminal, stderr};
use std::path::Path;

use indicatif::ProgressBar;
use smbench_core::backend::{Backend, BackendSpec};
use smbench_core::case::Case;
use smbench_core::confinement::explained;
use smbench_core::inspection::{Finding, Inspection};
use smbench_core::message::{CallCost, CheckReport, PluginRef, Reply, Request as Ask};
use smbench_core::outcome::Outcome;
use smbench_host::error::{Error, Result};
use smbench_host::search::Search;
use smbench_host::worker::{Worker, Workers};
use smbench_report::json;

use crate::args::CheckArgs;
use crate::backend::find_backend;
use crate::exit::{Cause, Exit};
use crate::measure::limits;
use crate::{interrupt, output};
use subject::Subject;

/// Prints what the plugin is and how each op fared, or each case.
pub fn check(args: &CheckArgs) -> Result<Exit> {
    // What was typed wrong is said before anything is built.
    output::refuse_goals(&args.output)?;
    let asked = subject::asked(args)?;
    let cancelled = interrupt::watch().map_err(|error| Error::internal("cannot watch for Ctrl-C").because(error))?;
    let workers = Workers::new(limits(args.timeout.0, args.memory_limit), cancelled);
    let (options, logit_tolerance) = (args.backend_options.clone(), args.logit_tolerance);
    let mut spec = BackendSpec { options, logit_tolerance, ..args.plugin.clone() };
    args.trust.mark(&mut spec);
    let backend = find_backend(&Search::from_environment(), &spec, Path::new("."), args.allow_debug, &workers)?;
    if workers.is_cancelled() {
        return Ok(Exit::of(Cause::Interrupted));
    }
    if let Some(why) = &backend.plugin.refused {
        return Err(Error::plugin(format!("`{}` cannot be used", backend.path)).because(why));
    }
    let (subjects, absent) = match asked {
        Some(subjects) => (subjects, Vec::new()),
        None => subject::offered(&backend.plugin, args.threads)?,
    };
    let mut inspector = Inspector {
        args,
        plugin: PluginRef::of(&backend, 0, args.threads, args.allow_debug),
        tiers: tiers(&backend),
        confined: (!spec.trusted).then(|| spec.alias.clone()),
        workers: &workers,
        worker: None,
    };
    let mut findings = Vec::new();
    let bar = stderr().is_terminal().then(ProgressBar::new_spinner);
    for subject in subjects {
        bar.iter().for_each(|bar| bar.set_message(subject.name.clone()));
        findings.push(inspector.inspect(subject)?);
        bar.iter().for_each(ProgressBar::tick);
        if workers.is_cancelled() {
            return Ok(Exit::of(Cause::Interrupted));
        }
    }
    bar.iter().for_each(ProgressBar::finish_and_clear);
    let found = Inspection { backend, threads: args.threads, findings, absent };
    if !args.values || found.wrong().next().is_some() {
        let document = smbench_report::inspection(&found);
        output::put_page(&args.output, "Check", &document, &|| json::check::render(&found))?;
    }
    Ok(exit(&found))
}

/// Of inputs: the same in every check, so that what comes out can be compared.
const SEED: u64 = 1;

/// Asks one worker after the other, as long as each lives.
struct Inspector<'a> {
    args: &'a CheckArgs,
    plugin: PluginRef,
    tiers: Vec<Option<String>>,
    /// Its name, unless it is trusted.
    confined: Option<String>,
    workers: &'a Workers,
    worker: Option<Worker>,
}

impl Inspector<'_> {
    fn inspect(&mut self, subject: Subject) -> Result<Finding> {
        let (mut report, tier) = self.check(&subject.case);
        // What is wrong is wanted even more.
        let computed = matches!(report.outcome, Outcome::Measured | Outcome::Rejected(_));
        if computed && (self.args.values || self.args.dump.is_some()) {
            let (plugin, case) = (self.plugin.clone(), subject.case.clone());
            let wrong = values::write(self.args, plugin, case, self.workers)?;
            // Right in its check and wrong the next time: what was written is not to be trusted.
            let wrong = wrong.filter(|_| report.outcome.is_measured());
            report = wrong.map_or(report, |wrong| CheckReport::ended(Outcome::Rejected(wrong)));
        }
        let call = subject.smallest.as_ref().filter(|_| report.outcome.is_measured()).and_then(|case| self.call(case));
        Ok(Finding {
            again: subject::again(&subject.repeat, tier.as_deref(), self.args),
            name: subject.name,
            outcome: report.outcome,
            extremes: report.extremes,
            call,
            receipt: report.receipt,
        })
    }

    /// In one tier after the other: the first that is wrong and its name, else the furthest from the oracle of all.
    fn check(&mut self, case: &Case) -> (CheckReport, Option<String>) {
        let mut worst: Option<CheckReport> = None;
        for tier in self.tiers.clone() {
            let report = self.check_in(tier.clone(), case);
            if matches!(report.outcome, Outcome::Rejected(_) | Outcome::Failed(_)) {
                return (report, tier);
            }
            match (&mut worst, report) {
                (Some(CheckReport { extremes: Some(worst), .. }), CheckReport { extremes: Some(other), .. }) => {
                    worst.include(other)
                }
                // A tier may lack an op that another has.
                (Some(CheckReport { extremes: Some(_), .. }), _) => {}
                (_, report) => worst = Some(report),
            }
        }
        (worst.expect("at least one tier"), self.plugin.tier.clone())
    }

    /// The workload at its conformance sizes, and at its own once more. What the plugin was refused is told with what
    /// would grant it.
    fn check_in(&mut self, tier: Option<String>, case: &Case) -> CheckReport {
        let plugin = PluginRef { tier, ..self.plugin.clone() };
        let request = Ask::Check { plugin, case: case.clone(), seed: SEED };
        let report = match self.workers.ask(&mut self.worker, &request) {
            Ok(Reply::Checked(report)) => report,
            Ok(Reply::Refused { outcome, .. }) => CheckReport::ended(outcome),
            Ok(_) => {
                CheckReport::ended(Outcome::Failed("its worker answered something else than it was asked".to_owned()))
            }
            Err(death) => CheckReport::ended(death.outcome()),
        };
        match &self.confined {
            Some(name) => CheckReport { outcome: explained(report.outcome, name), ..report },
            None => report,
        }
    }

    /// `None` where it does not take the smallest size.
    fn call(&mut self, case: &Case) -> Option<CallCost> {
        let request = Ask::Call { plugin: self.plugin.clone(), case: case.clone(), seed: SEED };
        match self.workers.ask(&mut self.worker, &request) {
            Ok(Reply::Called(cost)) => Some(cost),
            _ => None,
        }
    }
}

/// The one asked for, else all that it has.
fn tiers(backend: &Backend) -> Vec<Option<String>> {
    let all = &backend.plugin.tiers;
    match backend.spec.tier.is_none() && !all.is_empty() {
        true => all.iter().cloned().map(Some).collect(),
        false => vec![backend.spec.tier.clone()],
    }
}

fn exit(found: &Inspection) -> Exit {
    let failed = found.wrong().any(|finding| matches!(finding.outcome, Outcome::Failed(_)));
    match found.wrong().next() {
        Some(_) if failed => Exit::of(Cause::PluginFailed),
        Some(_) => Exit::of(Cause::WrongResult),
        None if found.right() == 0 => Exit::of(Cause::NothingSelected),
        None => Exit::OK,
    }
}
