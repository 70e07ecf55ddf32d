//! What `smbench check` tries: ops, extensions, cases.

use smbench_core::backend::PluginInfo;
use smbench_core::case::Case;
use smbench_host::error::{Error, Result, suggest};
use smbench_ops::{OPS, Op};
use smbench_suites::{AcquireEntry, Size, Suite};

use crate::args::CheckArgs;
use crate::own_case;

/// One thing to try.
pub struct Subject {
    /// An op, an extension or a case.
    pub name: String,
    /// What selects it again.
    pub repeat: String,
    /// What is checked: conformance sizes first, then this.
    pub case: Case,
    /// What a call is timed at, where that says anything.
    pub smallest: Option<Case>,
}

/// The extension whose functions can be tried by themselves.
const MEMORY: &str = "memory";

/// What was asked for; `None` if nothing was: then it is what the plugin has.
pub fn asked(args: &CheckArgs) -> Result<Option<Vec<Subject>>> {
    if args.cases.is_empty() {
        let named = args.ops.iter().map(|name| named(name, args.threads));
        let named = named.collect::<Result<Vec<_>>>()?;
        return Ok(Some(named.into_iter().flatten().collect()).filter(|_| !args.ops.is_empty()));
    }
    let mut subjects = Vec::new();
    for text in &args.cases {
        for case in own_case::cases(text, &own_case::expansion(text, args.threads)?)? {
            let repeat = format!("--case {}", if text.contains(".ron") { text } else { &case.id });
            subjects.push(Subject { name: case.id.clone(), repeat, case, smallest: None });
        }
    }
    if args.dump.is_some() && subjects.len() > 1 {
        let error = Error::usage(format!("`--dump` takes one case, and these are {}", subjects.len()));
        return Err(error.help(format!("name one, as in `--case {}`", subjects[0].name)));
    }
    Ok(Some(subjects))
}

/// What the plugin has, and the names of the ops that it lacks.
pub fn offered(plugin: &PluginInfo, threads: u32) -> Result<(Vec<Subject>, Vec<String>)> {
    let has = |op: &&dyn Op| plugin.ops.iter().any(|id| **id == *op.id().to_string_lossy());
    let (offered, absent): (Vec<&dyn Op>, Vec<&dyn Op>) = OPS.iter().copied().partition(has);
    let mut subjects: Vec<Subject> = offered.into_iter().map(|op| of_op(op, threads)).collect::<Result<_>>()?;
    if plugin.extensions.iter().any(|id| id.split('/').next() == Some(MEMORY)) {
        subjects.extend(of_memory(threads)?);
    }
    Ok((subjects, absent.into_iter().map(|op| op.name().to_owned()).collect()))
}

fn named(name: &str, threads: u32) -> Result<Vec<Subject>> {
    match smbench_ops::find(name) {
        Some(op) => Ok(vec![of_op(op, threads)?]),
        None if name == MEMORY => of_memory(threads),
        None => {
            let known = suggest(name, OPS.iter().map(|op| op.name()).chain([MEMORY]));
            Err(Error::usage(format!("there is no op `{name}`")).help(known.unwrap_or_default()))
        }
    }
}

/// Checked at the largest of its conformance sizes, called at the smallest.
fn of_op(op: &'static dyn Op, threads: u32) -> Result<Subject> {
    let volume = |size: &&&[usize]| size.iter().product::<usize>();
    let sizes = op.check_sizes();
    let case = |size: Option<&&[usize]>| {
        let size = size.map_or_else(|| Size(vec![1; op.dims().len()]), |size| Size(size.to_vec()));
        own_case::case(&format!("{}/{size}", op.name()), threads)
    };
    Ok(Subject {
        name: op.name().to_owned(),
        repeat: format!("--op {}", op.name()),
        case: case(sizes.iter().max_by_key(volume))?,
        smallest: Some(case(sizes.iter().min_by_key(volume))?),
    })
}

/// Two tensors at once, apart and as large as asked for: with any content, of zeros, and with nothing kept for reuse.
fn of_memory(threads: u32) -> Result<Vec<Subject>> {
    let entry = |zeroed, trimmed| AcquireEntry {
        sizes: vec!["1MiB".parse().expect("a size of our own")],
        zeroed,
        trimmed,
        threads: Default::default(),
    };
    let acquire = vec![entry(false, false), entry(true, false), entry(false, true)];
    let suite = Suite { name: MEMORY.to_owned(), acquire, ..Suite::default() };
    let cases = smbench_suites::expand(&suite, &own_case::expansion(MEMORY, threads)?);
    let cases = cases.map_err(|why| Error::internal("the memory extension cannot be tried").because(why))?;
    let subject = |(name, case): (&str, Case)| Subject {
        name: name.to_owned(),
        repeat: format!("--op {MEMORY}"),
        case,
        smallest: None,
    };
    Ok(["memory", "memory, zeroed", "memory, trimmed"].into_iter().zip(cases).map(subject).collect())
}

/// The command that tries it again.
pub fn again(repeat: &str, tier: Option<&str>, args: &CheckArgs) -> String {
    let tier = tier.iter().map(|tier| format!("@{tier}"));
    let threads = (args.threads != 1).then(|| format!(" --threads {}", args.threads));
    let options = args.backend_options.iter().map(|(key, value)| format!(" --backend-option {key}={value}"));
    let debug = args.allow_debug.then(|| " --allow-debug".to_owned());
    let trust = args.trust.trust.iter().map(|name| format!(" --trust {name}"));
    let rest: String = threads.into_iter().chain(options).chain(debug).chain(trust).collect();
    format!("smbench check {}{} {repeat}{rest}", args.plugin.source, tier.collect::<String>())
}
