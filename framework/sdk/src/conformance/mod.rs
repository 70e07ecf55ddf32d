//! Does a plugin compute what the contract says? For the tests of plugin authors.
//!
//! Every op that the plugin offers runs on ragged, degenerate and large sizes, with values of the usual range and with
//! outliers, on every tier, on one thread and on two, into memory of its own and in place, with weights prepared where it
//! prepares some, and is compared with an f64 oracle, element by element. Operands lie no better aligned than the contract promises, between guards.
//!
//! ```no_run
//! # struct Acme;
//! # impl smbench_sdk::Backend for Acme {
//! #     const NAME: &'static std::ffi::CStr = c"acme";
//! #     const VENDOR: &'static std::ffi::CStr = c"acme corp";
//! #     const OPS: &'static [smbench_sdk::OpEntry<Self>] = &[];
//! #     fn create(_: &smbench_sdk::CreateArgs<'_>) -> smbench_sdk::Result<Self> { Ok(Self) }
//! # }
//! #[test]
//! fn conforms() {
//!     smbench_sdk::conformance::assert_conforms(&smbench_sdk::conformance::check_backend::<Acme>());
//! }
//! ```

mod buffer;
mod host;

use std::fmt;
use std::path::Path;

use smbench_abi::op::{AttentionArgs, MatmulArgs};
use smbench_abi::{Api, OpArgs, Status};
use smbench_ops::{Deviation, InPlace, OPS, Op, Problem, Regime};

use crate::bridge::table::Table;
use crate::{Backend, Result};
use buffer::Buffer;
use host::Host;

/// One thing that was tried, and what came of it.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What was tried.
    pub case: Case,
    /// What came of it.
    pub outcome: Outcome,
}

/// A call.
#[derive(Clone, Debug)]
pub struct Case {
    /// The definition's name: `gelu_tanh`.
    pub op: &'static str,
    /// As its definition orders it.
    pub size: Vec<usize>,
    /// Of the plugin's tiers; empty if it has none.
    pub tier: String,
    /// Of the context.
    pub threads: u32,
    /// Values of the usual range, or with outliers.
    pub regime: Regime,
    /// Where the operands lie.
    pub placement: Placement,
}

/// Where operands lie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placement {
    /// Each in memory of its own.
    Separate,
    /// The output is the first input.
    InPlace,
    /// Rows of matrices lie apart; of heads, positions and sequences do.
    Strided,
    /// Of matrices whose rows lie apart, the constant one is prepared.
    Prepared,
}

/// What came of a call.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Right, and so close.
    Passed(Deviation),
    /// The plugin said that it does not do this.
    Unsupported(String),
    /// What is wrong.
    Failed(String),
}

impl Finding {
    /// Is something wrong?
    pub fn is_failure(&self) -> bool {
        matches!(self.outcome, Outcome::Failed(_))
    }
}

/// Checks a built plugin, through its C door.
pub fn check_plugin(path: &Path) -> Result<Vec<Finding>> {
    host::load(path).and_then(|api| check(&api))
}

/// Checks a backend of this crate, without loading anything.
pub fn check_backend<B: Backend>() -> Vec<Finding> {
    let table: &'static Table = Box::leak(Box::new(Table::new()));
    check(table.api::<B>(c"0")).expect("a table that the SDK made is complete")
}

/// Checks all ops of a table.
pub fn check(api: &Api) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for tier in host::tiers(api)? {
        for threads in [1, 2] {
            let context = Host::create(api, threads, &tier)?;
            let offered = OPS.iter().copied().filter(|op| context.offers(op.id()));
            findings.extend(offered.flat_map(|op| check_op(&context, op)));
        }
    }
    Ok(findings)
}

/// Panics with all failures, if there are any, or if nothing passed.
#[track_caller]
pub fn assert_conforms(findings: &[Finding]) {
    let failures: Vec<_> = findings.iter().filter(|finding| finding.is_failure()).map(Finding::to_string).collect();
    assert!(failures.is_empty(), "{} of {} failed:\n{}", failures.len(), findings.len(), failures.join("\n"));
    assert!(findings.iter().any(|finding| matches!(finding.outcome, Outcome::Passed(_))), "nothing passed");
}

fn check_op(host: &Host, op: &'static dyn Op) -> Vec<Finding> {
    let small = op.check_sizes().iter().flat_map(|size| [(size, Regime::Usual), (size, Regime::Outliers)]);
    let large = large_sizes(host, op).iter().map(|size| (size, Regime::Usual));
    let check = |(size, regime): (&&[usize], Regime)| {
        let problem = op.problem(size);
        placements(host, op).into_iter().map(move |placement| {
            let outcome = check_case(host, op, &problem, regime, placement);
            let (tier, threads) = (host.tier().to_owned(), host.threads());
            Finding {
                case: Case { op: op.name(), size: problem.size.clone(), tier, threads, regime, placement },
                outcome,
            }
        })
    };
    small.chain(large).flat_map(check).collect()
}

/// Sizes at which backends use their threads, if they have some; by number of dimensions.
fn large_sizes(host: &Host, op: &dyn Op) -> &'static [&'static [usize]] {
    match op.dims().len() {
        _ if host.threads() == 1 => &[],
        1 => &[&[70_001]],
        2 => &[&[67, 1031]],
        3 => &[&[211, 209, 205], &[1, 4099, 257]],
        5 => &[&[2, 67, 131, 3, 40]],
        _ => &[],
    }
}

fn placements(host: &Host, op: &dyn Op) -> Vec<Placement> {
    let in_place = (op.in_place() != InPlace::Never).then_some(Placement::InPlace);
    let strided = [MatmulArgs::ID, AttentionArgs::ID].contains(&op.id()).then_some(Placement::Strided);
    let prepared = (op.id() == MatmulArgs::ID && host.prepares()).then_some(Placement::Prepared);
    [Some(Placement::Separate), in_place, strided, prepared].into_iter().flatten().collect()
}

/// Elements between the rows of a strided operand; odd, so that no row is aligned as the one before.
const ROW_GAP: usize = 3;

/// Of inputs and of the elements that are looked at: a finding has to come again.
const SEED: u64 = 2;

/// Elements of a large output that are compared.
const SOME: usize = 4096;

fn check_case(host: &Host, op: &dyn Op, problem: &Problem, regime: Regime, placement: Placement) -> Outcome {
    let values = smbench_ops::inputs(problem, regime, SEED);
    let mut operands = Operands::new(problem, placement);
    // Twice: a kernel that keeps something between calls is right the first time only.
    for _ in 0..2 {
        let (status, message) = operands.call(host, op, problem, &values);
        match status {
            Status::Ok => {}
            Status::Unsupported => return Outcome::Unsupported(message),
            other => return Outcome::Failed(format!("status {}: {message}", other.0)),
        }
        if let Err(reason) = operands.untouched(problem, &values) {
            return Outcome::Failed(reason);
        }
    }
    verify(op, problem, &values, &operands.outputs)
}

/// The memory of a case.
struct Operands {
    inputs: Vec<Buffer>,
    outputs: Vec<Buffer>,
    placement: Placement,
}

impl Operands {
    fn new(problem: &Problem, placement: Placement) -> Self {
        let gap = if matches!(placement, Placement::Strided | Placement::Prepared) { ROW_GAP } else { 0 };
        let buffer = |operand: &smbench_ops::Operand| Buffer::new(operand, gap);
        Self {
            inputs: problem.inputs.iter().map(buffer).collect(),
            outputs: problem.outputs.iter().map(buffer).collect(),
            placement,
        }
    }

    /// Fills the inputs and calls the op; a result that is in place is moved to where the others are.
    fn call(&mut self, host: &Host, op: &dyn Op, problem: &Problem, values: &[Vec<f32>]) -> (Status, String) {
        self.inputs.iter_mut().zip(values).for_each(|(buffer, values)| buffer.write(values));
        self.outputs.iter_mut().for_each(Buffer::poison);
        let mut tensors: Vec<_> = self.inputs.iter_mut().chain(&mut self.outputs).map(Buffer::tensor).collect();
        let in_place = self.placement == Placement::InPlace;
        if in_place {
            tensors[self.inputs.len()] = tensors[0];
        }
        let args = op.bind(problem, &tensors);
        let answer = match self.placement {
            // SAFETY: only matmul has this placement.
            Placement::Prepared => unsafe { host.run_prepared(args.as_ptr()) },
            _ => host.run(op.id(), args.as_ptr()),
        };
        if in_place {
            self.outputs[0].write(&self.inputs[0].read());
            self.inputs[0].write(&values[0]);
        }
        answer
    }

    /// Inputs are as they were, and nothing was written between or beside the operands.
    fn untouched(&self, problem: &Problem, values: &[Vec<f32>]) -> std::result::Result<(), String> {
        let inputs = problem.inputs.iter().zip(&self.inputs);
        if let Some(((operand, _), _)) = inputs.clone().zip(values).find(|((_, input), was)| input.read() != **was) {
            return Err(format!("input `{}` was written to", operand.name));
        }
        let mut operands = inputs.chain(problem.outputs.iter().zip(&self.outputs));
        match operands.find(|(_, buffer)| !buffer.guards_hold()) {
            Some((operand, _)) => Err(format!("memory beside `{}` was written to", operand.name)),
            None => Ok(()),
        }
    }
}

/// All elements of small sizes, some of large ones: an oracle is slow.
fn verify(op: &dyn Op, problem: &Problem, values: &[Vec<f32>], outputs: &[Buffer]) -> Outcome {
    let inputs: Vec<&[f32]> = values.iter().map(Vec::as_slice).collect();
    let results: Vec<_> = outputs.iter().map(Buffer::read).collect();
    let outputs: Vec<&[f32]> = results.iter().map(Vec::as_slice).collect();
    let verdict = match op.check_sizes().contains(&problem.size.as_slice()) {
        true => smbench_ops::verify_all(op, problem, &inputs, &outputs),
        false => smbench_ops::verify_some(op, problem, &inputs, &outputs, SOME, SEED),
    };
    verdict.map_or_else(Outcome::Failed, Outcome::Passed)
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size: Vec<_> = self.case.size.iter().map(usize::to_string).collect();
        let Case { op, tier, threads, regime, placement, .. } = &self.case;
        write!(f, "{op}/{} {placement:?} {regime:?} tier `{tier}` threads {threads}: ", size.join("x"))?;
        match &self.outcome {
            Outcome::Passed(deviation) => write!(f, "passed, error {:.1e}", deviation.max_abs),
            Outcome::Unsupported(reason) => write!(f, "unsupported: {reason}"),
            Outcome::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}
