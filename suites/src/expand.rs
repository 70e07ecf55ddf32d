//! From a suite as written to cases, and from a case back to its workload.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use smbench_core::case::{Bound, Case, Cost};
use smbench_core::config::ThreadList;
use smbench_harness::Workload;

use crate::op;
use crate::suite::{OpEntry, Output, Size, Suite};

/// Raised when inputs, oracles or costs change, so that runs before and after are not compared.
const REVISION: u32 = 1;

/// What a suite becomes on this machine.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// Cores that `all` stands for.
    pub cores: u32,
    /// `--threads`, instead of what the suite says.
    pub threads: Option<ThreadList>,
}

/// A case's workload in canonical form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    op: String,
    size: Vec<usize>,
    output: Output,
}

/// All cases of a suite, in the order written.
pub fn expand(suite: &Suite, expansion: &Expansion) -> Result<Vec<Case>, String> {
    let name = &suite.name;
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(allowed) {
        return Err(format!("`{name}` is no name for a suite: lower-case letters, digits, `_` and `-` only"));
    }
    let mut cases: Vec<Case> = Vec::new();
    for entry in &suite.ops {
        for size in &entry.sizes {
            expand_op(name, entry, size, expansion, &mut cases).map_err(|why| format!("in suite `{name}`: {why}"))?;
        }
    }
    match cases.is_empty() {
        true => Err(format!("suite `{name}` has no case: give it `ops: [(op: \"matmul\", sizes: [\"64x64x64\"])]`")),
        false => Ok(cases),
    }
}

fn expand_op(
    suite: &str,
    entry: &OpEntry,
    size: &Size,
    expansion: &Expansion,
    cases: &mut Vec<Case>,
) -> Result<(), String> {
    let op = entry.op.0;
    let full = smbench_ops::full_size(op, &size.0)?;
    let problem = op.problem(&full);
    let spec = Spec { op: op.name().to_owned(), size: full, output: entry.output };
    op::supported(&spec.op, spec.output)?;
    let workload = serde_json::to_string(&spec).map_err(|error| error.to_string())?;
    let cost =
        Cost { flops: problem.cost.flops, bytes: problem.cost.bytes, elements: problem.output_elements() as u64 };
    let id = format!("{suite}/{}/{size}/f32{}", op.name(), entry.output.suffix());
    for threads in expansion.threads.as_ref().unwrap_or(&entry.threads).on(expansion.cores) {
        if cases.iter().any(|case| case.id == id && case.threads == threads) {
            return Err(format!("case `{id}` with {threads} threads stands there twice"));
        }
        cases.push(Case {
            id: id.clone(),
            suite: suite.to_owned(),
            definition: definition(&workload, &op.id().to_string_lossy(), cost, threads),
            workload: workload.clone(),
            params: params(&spec, op.dims()),
            threads,
            cost,
            bound: Bound::of(cost),
        });
    }
    Ok(())
}

fn params(spec: &Spec, dims: &[&str]) -> BTreeMap<String, serde_json::Value> {
    let sizes = dims.iter().zip(&spec.size).map(|(name, size)| ((*name).to_owned(), json!(size)));
    let words = [("op".to_owned(), json!(spec.op)), ("output".to_owned(), json!(spec.output))];
    sizes.chain(words).collect()
}

/// Hash of what makes two measurements comparable; the suite's name is not part of it.
fn definition(workload: &str, op_id: &str, cost: Cost, threads: u32) -> String {
    let text = format!("{REVISION} {workload} {op_id} {cost:?} {threads}");
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Builds a case's workload again, in a worker.
pub fn workload(case: &Case) -> Result<Box<dyn Workload>, String> {
    let spec: Spec =
        serde_json::from_str(&case.workload).map_err(|error| format!("workload of `{}`: {error}", case.id))?;
    let op = smbench_ops::find(&spec.op).ok_or_else(|| format!("there is no op `{}`", spec.op))?;
    let size = smbench_ops::full_size(op, &spec.size)?;
    Ok(op::workload(op, &size, spec.output))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SHIPPED;
    use crate::suite::OpName;

    fn suite(op: &str, sizes: &[&str], output: Output) -> Suite {
        let sizes = sizes.iter().map(|size| size.parse().unwrap()).collect();
        let entry = OpEntry { op: op.parse::<OpName>().unwrap(), sizes, threads: "1,all".parse().unwrap(), output };
        Suite { name: "test".to_owned(), about: String::new(), ops: vec![entry] }
    }

    const TWO_CORES: Expansion = Expansion { cores: 2, threads: None };

    #[test]
    fn cases_are_named_by_suite_op_size_and_type() {
        let cases = expand(&suite("matmul", &["1x512x2048"], Output::Host), &TWO_CORES).unwrap();
        let names: Vec<_> = cases.iter().map(Case::title).collect();
        assert_eq!(names, ["test/matmul/1x512x2048/f32", "test/matmul/1x512x2048/f32 · 2 threads"]);
        assert_ne!(cases[0].definition, cases[1].definition);
        assert_eq!(cases[0].cost.flops, 2 * 512 * 2048);
        assert_eq!(cases[0].params["k"], 2048);
    }

    #[test]
    fn a_case_gives_its_workload_back() {
        for (op, output) in [("add", Output::InPlace), ("gelu_tanh", Output::Backend), ("relu", Output::Host)] {
            let cases = expand(&suite(op, &["1000"], output), &TWO_CORES).unwrap();
            assert!(workload(&cases[0]).is_ok());
            assert!(cases[0].id.ends_with(output.suffix()));
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let refused = |suite: Suite| expand(&suite, &TWO_CORES).unwrap_err();
        assert!(refused(suite("matmul", &["64"], Output::Host)).contains("m×n×k"));
        assert!(refused(suite("add", &["8", "8"], Output::Host)).contains("twice"));
        assert!(refused(suite("matmul", &["8x8x8"], Output::InPlace)).contains("in place"));
        assert!(refused(suite("add", &[], Output::Host)).contains("no case"));
        assert!(refused(Suite { name: "a/b".to_owned(), ..suite("add", &["8"], Output::Host) }).contains("a/b"));
    }

    #[test]
    fn the_shipped_suites_expand() {
        for (name, text) in SHIPPED {
            let suite: Suite = ron::from_str(text).unwrap();
            assert_eq!(suite.name, *name);
            assert!(!expand(&suite, &TWO_CORES).unwrap().is_empty());
        }
    }
}
