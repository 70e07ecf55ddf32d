//! `--fail-on`: what the gates found, in words, and the exit code that follows.

use smbench_core::gate::Ruling;
use smbench_core::study::Study;
use smbench_core::units::Ratio;

use crate::args::GateArgs;
use crate::exit::{Cause, Exit, again};

/// What the gates say, if any was asked for.
pub fn rule(args: &GateArgs, study: &Study, accept_raw: bool) -> Option<Ruling> {
    (!args.fail_on.is_empty()).then(|| Ruling::of(study, &args.fail_on, accept_raw))
}

/// Says on standard error what was judged and what stops, with a command that shows the worst of it again.
pub fn enforce(ruling: &Ruling, study: &Study) -> Exit {
    let gates: Vec<String> = ruling.gates.iter().map(ToString::to_string).collect();
    anstream::eprintln!("gate {}: judged {} of {}", gates.join(", "), ruling.judged, ruling.planned);
    if let Some(why) = &ruling.incomparable {
        anstream::eprintln!("exit 8: not comparable: {why}");
        anstream::eprintln!("  help: measure them together: --replay; or go by what is claimed: --accept-raw");
        return Exit::of(Cause::NotComparable);
    }
    let (slower, open) = (&ruling.regressed, &ruling.undecided);
    name_first(study, slower, &format!("exit 3: {} slower", slower.len()));
    name_first(study, open, &format!("exit 7: {} could not be judged", open.len()));
    let causes = [(!slower.is_empty(), Cause::Regression), (!open.is_empty(), Cause::Undecided)];
    Exit::for_causes(causes.into_iter().filter(|(applies, _)| *applies).map(|(_, cause)| cause))
}

/// How many, and of the first: what it is, why, and how to see it again.
fn name_first(study: &Study, comparisons: &[usize], said: &str) {
    let Some(&first) = comparisons.first() else { return };
    let comparison = &study.comparisons[first];
    let [row, reference] = [comparison.row, comparison.reference].map(|row| &study.rows[row]);
    let reason = comparison.reason().unwrap_or("no reason is known");
    let (ratio, title) = (Ratio(comparison.ratio), row.case.title());
    anstream::eprintln!("{said}");
    anstream::eprintln!("  {} at {title}: {ratio} of {}: {reason}", row.alias, reference.alias);
    let run = &study.runs[row.run];
    let case = run.plan.cases.iter().position(|case| *case == row.case);
    if let (Some(case), true) = (case, row.run == reference.run) {
        anstream::eprintln!("  again: {}", again(run, case, &[reference.backend, row.backend], ""));
    }
}
