//! From a suite as written to cases, and from a case back to its workload.

use std::collections::BTreeMap;
use std::ffi::CStr;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use smbench_abi::extension::{Extension, Memory, Model as WholeModel, Weights};
use smbench_core::cache::{Cache, CacheList};
use smbench_core::case::{Bound, Case, Cost, Oracle, Tokens};
use smbench_core::config::ThreadList;
use smbench_harness::{Answers, Workload};

use crate::acquire::{Acquire, AcquireEntry};
use crate::custom::{Custom, CustomEntry, CustomSpec};
use crate::model::{Model, ModelEntry, ModelSpec};
use crate::op;
use crate::suite::{OpEntry, Output, Size, Suite};

/// Raised when inputs, oracles or costs change, so that runs before and after are not compared.
const REVISION: u32 = 2;

/// What a suite becomes on this machine.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// Cores that `all` stands for.
    pub cores: u32,
    /// `--threads`, instead of what the suite says.
    pub threads: Option<ThreadList>,
    /// `--cache`, instead of what the suite says, where operands can be flushed.
    pub cache: Option<CacheList>,
}

/// A case's workload in canonical form.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Spec {
    /// One op.
    Op {
        /// Its name.
        op: String,
        /// As its dimensions are ordered.
        size: Vec<usize>,
        /// Where results go.
        output: Output,
        /// Where a call finds its operands; unsaid where hot, as it always was.
        #[serde(default, skip_serializing_if = "Cache::is_hot")]
        cache: Cache,
    },
    /// A decoder, and what is done with it.
    Model(ModelSpec),
    /// A tensor.
    Acquire(Acquire),
    /// An op of a vendor's own.
    Custom(CustomSpec),
}

/// A case before it is known with how many threads.
struct Draft<'a> {
    /// The id without the suite: `matmul/512x512x512/f32`.
    name: String,
    spec: Spec,
    /// See [`contract`].
    contract: String,
    cost: Cost,
    tokens: Option<Tokens>,
    params: BTreeMap<String, Value>,
    threads: &'a ThreadList,
    oracle: Option<Oracle>,
}

/// All cases of a suite, in the order written.
pub fn expand(suite: &Suite, expansion: &Expansion) -> Result<Vec<Case>, String> {
    let name = &suite.name;
    check_name(name, "a suite")?;
    let about = |why: String| format!("in suite `{name}`: {why}");
    let mut cases: Vec<Case> = Vec::new();
    for draft in drafts(suite, expansion).map_err(about)? {
        draft.cases(name, expansion, &mut cases).map_err(about)?;
    }
    match cases.is_empty() {
        true => Err(format!("suite `{name}` has no case: give it `ops: [(op: \"matmul\", sizes: [\"64x64x64\"])]`")),
        false => Ok(cases),
    }
}

/// What becomes part of an id.
fn check_name(name: &str, what: &str) -> Result<(), String> {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    match !name.is_empty() && name.chars().all(allowed) {
        true => Ok(()),
        false => Err(format!(
            "`{}` is no name for {what}: lower-case letters, digits, `_` and `-` only",
            name.escape_debug()
        )),
    }
}

fn drafts<'a>(suite: &'a Suite, expansion: &Expansion) -> Result<Vec<Draft<'a>>, String> {
    let mut drafts = Vec::new();
    for entry in &suite.models {
        drafts.extend(of_model(entry)?);
    }
    for entry in &suite.acquire {
        drafts.extend(entry.sizes.iter().map(|size| of_acquire(entry, size.0, size.to_string())));
    }
    for entry in &suite.ops {
        let asked = expansion.cache.as_ref().filter(|_| op::flushable(entry.output));
        for size in &entry.sizes {
            for cache in &asked.unwrap_or(&entry.cache).0 {
                drafts.push(of_op(entry, size, *cache)?);
            }
        }
    }
    for entry in &suite.custom {
        for size in &entry.sizes {
            drafts.push(of_custom(entry, size)?);
        }
    }
    Ok(drafts)
}

fn of_op<'a>(entry: &'a OpEntry, size: &Size, cache: Cache) -> Result<Draft<'a>, String> {
    let (op, output) = (entry.op.0, entry.output);
    let full = smbench_ops::full_size(op, &size.0)?;
    op::supported(op.name(), output, cache)?;
    let problem = op.problem(&full);
    let elements = problem.output_elements() as u64;
    // In place the output is an operand that was counted already.
    let bytes = if output == Output::InPlace { problem.cost.bytes - 4 * elements } else { problem.cost.bytes };
    let sizes = op.dims().iter().zip(&full).map(|(name, size)| ((*name).to_owned(), json!(size)));
    let words = [("op".to_owned(), json!(op.name())), ("output".to_owned(), json!(output))];
    let cold = (!cache.is_hot()).then(|| ("cache".to_owned(), json!(cache)));
    Ok(Draft {
        name: format!("{}/{size}/f32{}{}", op.name(), output.suffix(), cache.suffix()),
        contract: contract(&[op.id()]),
        cost: Cost { flops: problem.cost.flops, bytes, elements, passes: 1 },
        tokens: None,
        params: sizes.chain(words).chain(cold).collect(),
        spec: Spec::Op { op: op.name().to_owned(), size: full, output, cache },
        threads: &entry.threads,
        oracle: None,
    })
}

fn of_model(entry: &ModelEntry) -> Result<Vec<Draft<'_>>, String> {
    entry.check()?;
    let suffix = match &entry.name {
        Some(name) => check_name(name, "a model").map(|()| format!("/{name}"))?,
        None => String::new(),
    };
    let draft = |phase| {
        let spec = entry.spec(phase);
        Draft {
            name: format!("{}/{}/f32{suffix}", spec.phase.word(), spec.size()),
            contract: contract(&[&crate::model::CONTRACT[..], &[Memory::ID, Weights::ID, WholeModel::ID]].concat()),
            cost: spec.cost(),
            tokens: spec.tokens(),
            params: params(&spec),
            spec: Spec::Model(spec),
            threads: &entry.threads,
            oracle: None,
        }
    };
    Ok(entry.cases.iter().copied().map(draft).collect())
}

fn of_custom<'a>(entry: &'a CustomEntry, size: &Size) -> Result<Draft<'a>, String> {
    let (name, spec) = (entry.name()?, entry.spec(size)?);
    let numbers = entry.dims.iter().zip(&spec.at.size).map(|(dim, number)| (dim.clone(), json!(number)));
    Ok(Draft {
        name: format!("{name}/{size}/f32"),
        contract: entry.op.clone(),
        cost: entry.cost(&spec.at)?,
        tokens: None,
        params: numbers.chain([("op".to_owned(), json!(name)), ("oracle".to_owned(), json!(entry.oracle))]).collect(),
        threads: &entry.threads,
        oracle: Some(Oracle { backend: entry.oracle.clone(), answers: None }),
        spec: Spec::Custom(spec),
    })
}

fn of_acquire(entry: &AcquireEntry, bytes: usize, size: String) -> Draft<'_> {
    let acquire = Acquire { bytes, zeroed: entry.zeroed, trimmed: entry.trimmed };
    Draft {
        name: format!("acquire/{size}/f32{}", acquire.suffix()),
        contract: contract(&[Memory::ID]),
        cost: acquire.cost(),
        tokens: None,
        params: params(&acquire),
        spec: Spec::Acquire(acquire),
        threads: &entry.threads,
        oracle: None,
    }
}

/// What plugins are asked for: with another revision of it a case is another case.
fn contract(ids: &[&CStr]) -> String {
    ids.iter().map(|id| id.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// The fields of a workload, for reports.
fn params(spec: &impl Serialize) -> BTreeMap<String, Value> {
    match serde_json::to_value(spec) {
        Ok(Value::Object(fields)) => fields.into_iter().collect(),
        _ => BTreeMap::new(),
    }
}

impl Draft<'_> {
    /// A case for each number of threads.
    fn cases(self, suite: &str, expansion: &Expansion, cases: &mut Vec<Case>) -> Result<(), String> {
        let workload = serde_json::to_string(&self.spec).map_err(|error| error.to_string())?;
        let id = format!("{suite}/{}", self.name);
        for threads in expansion.threads.as_ref().unwrap_or(self.threads).on(expansion.cores) {
            if cases.iter().any(|case| case.id == id && case.threads == threads) {
                return Err(format!("case `{id}` with {threads} threads stands there twice"));
            }
            cases.push(Case {
                id: id.clone(),
                suite: suite.to_owned(),
                definition: definition(&workload, &self.contract, self.cost, threads),
                workload: workload.clone(),
                params: self.params.clone(),
                threads,
                cost: self.cost,
                bound: Bound::of(self.cost),
                tokens: self.tokens,
                oracle: self.oracle.clone(),
            });
        }
        Ok(())
    }
}

/// Hash of what makes two measurements comparable; the suite's name is not part of it.
fn definition(workload: &str, contract: &str, cost: Cost, threads: u32) -> String {
    let text = format!("{REVISION} {workload} {contract} {cost:?} {threads}");
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Builds a case's workload again, in a worker.
pub fn workload(case: &Case) -> Result<Box<dyn Workload>, String> {
    match serde_json::from_str(&case.workload).map_err(|error| format!("workload of `{}`: {error}", case.id))? {
        Spec::Op { op, size, output, cache } => {
            let op = smbench_ops::find(&op).ok_or_else(|| format!("there is no op `{op}`"))?;
            let size = smbench_ops::full_size(op, &size)?;
            Ok(op::workload(op, &size, output, cache))
        }
        Spec::Model(spec) => Ok(Box::new(Model::new(spec))),
        Spec::Acquire(acquire) => Ok(Box::new(acquire)),
        Spec::Custom(spec) => {
            let path = case.oracle.as_ref().and_then(|oracle| oracle.answers.as_ref());
            let answers = path.map(|path| Answers::read(path)).transpose()?;
            Ok(Box::new(Custom::new(spec, answers)?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SHIPPED;
    use crate::suite::OpName;

    fn suite(op: &str, sizes: &[&str], output: Output) -> Suite {
        let sizes = sizes.iter().map(|size| size.parse().unwrap()).collect();
        let (threads, cache) = ("1,all".parse().unwrap(), CacheList::default());
        let entry = OpEntry { op: op.parse::<OpName>().unwrap(), sizes, threads, output, cache };
        Suite { name: "test".to_owned(), about: String::new(), ops: vec![entry], ..Suite::default() }
    }

    const TWO_CORES: Expansion = Expansion { cores: 2, threads: None, cache: None };

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
    fn cold_is_another_case_and_hot_what_it_always_was() {
        let both = Expansion { cache: Some("hot,cold".parse().unwrap()), cores: 1, ..TWO_CORES };
        let cases = expand(&suite("add", &["1000"], Output::Host), &both).unwrap();
        let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
        assert_eq!(ids, ["test/add/1000/f32", "test/add/1000/f32/cold"]);
        assert_ne!(cases[0].definition, cases[1].definition);
        assert_eq!((cases[0].params.get("cache"), &cases[1].params["cache"]), (None, &json!("cold")));
        assert!(!cases[0].workload.contains("cache"), "{}", cases[0].workload);
        let cold = workload(&cases[1]).unwrap().calls();
        assert_eq!((cold.cold, cold.most, workload(&cases[0]).unwrap().calls().cold), (true, Some(1), false));
    }

    #[test]
    fn what_cannot_be_flushed_is_not_run_cold() {
        let cold = Expansion { cache: Some("cold".parse().unwrap()), cores: 1, ..TWO_CORES };
        for output in [Output::Backend, Output::InPlace] {
            let asked = expand(&suite("add", &["1000"], output), &cold).unwrap();
            assert!(!asked[0].id.ends_with("/cold"), "the flag is for those that can");
            let mut written = suite("add", &["1000"], output);
            written.ops[0].cache = "cold".parse().unwrap();
            assert!(expand(&written, &TWO_CORES).unwrap_err().contains("cold"));
        }
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
