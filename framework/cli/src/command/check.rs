//! `smbench check`: what a plugin is, and whether its ops are right, or the cases of a suite.

mod values;

use std::fmt::Write as _;
use std::path::Path;

use smbench_core::backend::{Backend, BackendSpec};
use smbench_core::case::Case;
use smbench_core::confinement::explained;
use smbench_core::message::{CheckReport, PluginRef, Reply, Request as Ask};
use smbench_core::outcome::Outcome;
use smbench_core::units::Deviation;
use smbench_host::error::{Error, Result, suggest};
use smbench_host::search::Search;
use smbench_host::worker::{Worker, Workers};
use smbench_ops::{OPS, Op};
use smbench_suites::Size;

use crate::args::CheckArgs;
use crate::backend::find_backend;
use crate::exit::{Cause, Exit};
use crate::measure::limits;
use crate::output::print;
use crate::{interrupt, own_case};

/// Prints what the plugin is and how each op fared, or each case.
pub fn check(args: &CheckArgs) -> Result<Exit> {
    let subjects = subjects(args)?;
    let cancelled = interrupt::watch().map_err(|error| Error::internal("cannot watch for Ctrl-C").because(error))?;
    let workers = Workers::new(limits(args.timeout.0, args.memory_limit), cancelled);
    let mut spec = BackendSpec { options: args.backend_options.clone(), ..args.plugin.clone() };
    args.trust.mark(&mut spec);
    let backend = find_backend(&Search::from_environment(), &spec, Path::new("."), args.allow_debug, &workers)?;
    if workers.is_cancelled() {
        return Ok(Exit::of(Cause::Interrupted));
    }
    if let Some(why) = &backend.plugin.refused {
        return Err(Error::plugin(format!("`{}` cannot be used", backend.path)).because(why));
    }
    if !args.values {
        print(&identity(&backend))?;
    }
    let mut worker = None;
    let mut verdicts = Vec::new();
    for Subject { name, repeat, case } in subjects {
        let plugin = PluginRef::of(&backend, 0, args.threads, args.allow_debug);
        let request = Ask::Check { plugin: plugin.clone(), case: case.clone(), seed: SEED };
        let mut report = ask(&request, &workers, &mut worker);
        if !backend.spec.trusted {
            report.outcome = explained(report.outcome, backend.alias());
        }
        if workers.is_cancelled() {
            return Ok(Exit::of(Cause::Interrupted));
        }
        // What is wrong is wanted even more.
        let computed = matches!(report.outcome, Outcome::Measured | Outcome::Rejected(_));
        if computed && (args.values || args.dump.is_some()) {
            let wrong = values::write(args, plugin, case, &workers)?;
            // Right in its check and wrong the next time: what was written is not to be trusted.
            let wrong = wrong.filter(|_| report.outcome.is_measured());
            report = wrong.map_or(report, |wrong| CheckReport::ended(Outcome::Rejected(wrong)));
        }
        if !args.values || !report.outcome.is_measured() {
            print(&line(&name, &report))?;
        }
        verdicts.push((repeat, report.outcome));
    }
    conclude(args, &verdicts)
}

/// Of inputs: the same in every check, so that what comes out can be compared.
const SEED: u64 = 1;

/// What is checked.
struct Subject {
    /// On its line.
    name: String,
    /// What checks it again.
    repeat: String,
    case: Case,
}

fn subjects(args: &CheckArgs) -> Result<Vec<Subject>> {
    if args.cases.is_empty() {
        let of_op = |op: &'static dyn Op| {
            let (name, repeat) = (op.name().to_owned(), format!("--op {}", op.name()));
            Ok(Subject { name, repeat, case: case(op, args.threads)? })
        };
        return selected(&args.ops)?.into_iter().map(of_op).collect();
    }
    let mut subjects = Vec::new();
    for text in &args.cases {
        for case in own_case::cases(text, &own_case::expansion(text, args.threads)?)? {
            let repeat = format!("--case {}", if text.contains(".ron") { text } else { &case.id });
            subjects.push(Subject { name: case.id.clone(), repeat, case });
        }
    }
    if args.dump.is_some() && subjects.len() > 1 {
        let error = Error::usage(format!("`--dump` takes one case, and these are {}", subjects.len()));
        return Err(error.help(format!("name one, as in `--case {}`", subjects[0].name)));
    }
    Ok(subjects)
}

fn selected(names: &[String]) -> Result<Vec<&'static dyn Op>> {
    if names.is_empty() {
        return Ok(OPS.to_vec());
    }
    let find = |name: &String| {
        smbench_ops::find(name).ok_or_else(|| {
            let known = suggest(name, OPS.iter().map(|op| op.name()));
            Error::usage(format!("there is no op `{name}`")).help(known.unwrap_or_default())
        })
    };
    names.iter().map(find).collect()
}

fn identity(backend: &Backend) -> String {
    let plugin = &backend.plugin;
    let or_none = |list: &[String]| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let optimised = match plugin.optimised {
        Some(true) => "optimised",
        Some(false) => "not optimised",
        None => "optimisation unknown",
    };
    let compiler = plugin.compiler.as_deref().unwrap_or("compiler unknown");
    let mut text = String::new();
    let _ = writeln!(text, "{} {} by {}", plugin.name, plugin.version, plugin.vendor);
    let _ = writeln!(text, "  file        {} ({})", backend.path, &backend.sha256[..12]);
    let _ = writeln!(text, "  built       {compiler}, {optimised}");
    let _ = writeln!(text, "  doors       {}", or_none(&plugin.doors));
    let _ = writeln!(text, "  tiers       {}", or_none(&plugin.tiers));
    let _ = writeln!(text, "  ops         {}", or_none(&plugin.ops));
    let _ = writeln!(text, "  extensions  {}", or_none(&plugin.extensions));
    let _ = writeln!(text, "  confined by {}", plugin.protection.map_or("?".to_owned(), |it| it.to_string()));
    text
}

/// The workload at its conformance sizes, and at its own once more for the figures.
fn ask(request: &Ask, workers: &Workers, worker: &mut Option<Worker>) -> CheckReport {
    match workers.ask(worker, request) {
        Ok(Reply::Checked(report)) => report,
        Ok(Reply::Refused { outcome, .. }) => CheckReport::ended(outcome),
        Ok(_) => CheckReport::ended(Outcome::Failed("its worker answered something else than it was asked".to_owned())),
        Err(death) => CheckReport::ended(death.outcome()),
    }
}

/// The largest of its conformance sizes; the worker runs all of them first.
fn case(op: &'static dyn Op, threads: u32) -> Result<Case> {
    let largest = op.check_sizes().iter().max_by_key(|size| size.iter().product::<usize>());
    let size = largest.map_or_else(|| Size(vec![1; op.dims().len()]), |size| Size(size.to_vec()));
    own_case::case(&format!("{}/{size}", op.name()), threads)
}

fn line(name: &str, report: &CheckReport) -> String {
    match (&report.outcome, report.error) {
        (Outcome::Measured, Some(error)) => {
            let implementation = report.receipt.as_ref().map_or("", |receipt| receipt.implementation.as_str());
            let (abs, rel) = (Deviation(error.max_abs), Deviation(error.max_rel));
            format!("  right        {name:16} max abs {abs:>8}  max rel {rel:>8}  {implementation}")
                .trim_end()
                .to_owned()
                + "\n"
        }
        (Outcome::Measured, None) => format!("  right        {name}\n"),
        (outcome, _) => format!("  {:12} {name:16} {}\n", outcome.word(), outcome.reason().unwrap_or_default()),
    }
}

/// A pass, or what to mend, with the command that shows it again.
fn conclude(args: &CheckArgs, verdicts: &[(String, Outcome)]) -> Result<Exit> {
    let right = verdicts.iter().filter(|(_, outcome)| outcome.is_measured()).count();
    let wrong: Vec<_> =
        verdicts.iter().filter(|(_, o)| matches!(o, Outcome::Rejected(_) | Outcome::Failed(_))).collect();
    if wrong.is_empty() {
        let absent = verdicts.len() - right;
        if !args.values {
            let what = if args.cases.is_empty() { "ops" } else { "cases" };
            print(&format!("pass: {right} {what} right, {absent} not offered\n"))?;
        }
        return Ok(if right == 0 { Exit::of(Cause::NothingSelected) } else { Exit::OK });
    }
    let mut text = "to mend:\n".to_owned();
    for (repeat, _) in &wrong {
        let _ = writeln!(text, "  smbench check {} {repeat}", args.plugin.source);
    }
    print(&text)?;
    let failed = wrong.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)));
    Ok(Exit::of(if failed { Cause::PluginFailed } else { Cause::WrongResult }))
}
