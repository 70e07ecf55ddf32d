//! From the command line and a config to cases and backends: every name resolved, or an error that says what to do.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use regex_lite::Regex;
use smbench_core::backend::{Backend, BackendSpec, Skipped};
use smbench_core::cache::{Cache, CacheList};
use smbench_core::case::Case;
use smbench_core::config::{BackendEntry, Config, Preset};
use smbench_core::plan::Plan;
use smbench_core::run::Git;
use smbench_host::config_file;
use smbench_host::error::{Error, Result, suggest};
use smbench_host::search::{Search, check_aliases};
use smbench_host::worker::{Limits, Workers};
use smbench_suites::{Expansion, Suite};

use crate::args::{Percentage, SelectArgs};
use crate::backend::find_or_skip;
use crate::measure::limits;
use crate::{own_case, shipped};

/// A config with its suites, resolved.
pub struct Request {
    /// Name in the store and in reports.
    pub name: String,
    /// As written, or made up round a suite.
    pub config: Config,
    /// Paths in the config start here.
    folder: PathBuf,
    suites: Vec<Suite>,
    /// Aliases that are compared with others than the reference, and with which.
    pub pairs: Vec<(String, String)>,
    /// Backends besides those that were selected.
    pub beside: Vec<BackendSpec>,
    /// The revision that is measured, where it is not simply the folder's.
    pub git: Option<Git>,
}

/// What there is if a suite is run without a config.
const DEFAULT_BACKENDS: [&str; 3] = ["naive", "pooled", "faer"];
/// And who the others are compared with then.
const DEFAULT_REFERENCE: &str = "faer";
/// What only a suite has.
const SUITE_KEYS: [&str; 5] = ["name", "ops", "models", "acquire", "custom"];
/// A config that is found without being named.
const LOCAL_CONFIG: &str = "smbench.ron";

impl Request {
    /// Finds the config or suite that was asked for, and its suites.
    pub fn find(config: Option<&str>, args: &SelectArgs) -> Result<Self> {
        let mut request = match config {
            Some(name) => Self::named(name)?,
            None if Path::new(LOCAL_CONFIG).is_file() => Self::named(LOCAL_CONFIG)?,
            None => Self::named("quick")?,
        };
        if !args.cases.is_empty() {
            request.name = own_case::SUITE.to_owned();
            request.suites.clear();
            request.config.exclude.clear();
        }
        Ok(request)
    }

    /// A file, else a shipped config, else a shipped suite.
    fn named(name: &str) -> Result<Self> {
        let path = Path::new(name);
        if path.is_file() {
            return Self::from_file(path);
        }
        let looks_like_path = name.contains('/') || name.ends_with(".ron");
        match (shipped::config(name), shipped::suite(name)) {
            (Some(text), _) if !looks_like_path => Self::from_config(name, name, text, Path::new(".")),
            (None, Some(text)) if !looks_like_path => Ok(Self::around(read_suite(name, text)?)),
            _ => Err(unknown(name)),
        }
    }

    fn from_file(path: &Path) -> Result<Self> {
        let shown = path.display().to_string();
        let cannot = |error| Error::usage(format!("cannot read `{shown}`")).because(error).help("check the path");
        let bytes = fs::read(path).map_err(cannot)?;
        let text = config_file::as_text(&shown, &bytes)?;
        // A suite is told from a config by what it holds; an error is then told of the right one.
        if SUITE_KEYS.iter().any(|key| has_key(text, key)) && !has_key(text, "suites") {
            return Ok(Self::around(read_suite(&shown, text)?));
        }
        let name = path.file_stem().map_or_else(|| shown.clone(), |stem| stem.to_string_lossy().into_owned());
        Self::from_config(&name, &shown, text, path.parent().unwrap_or(Path::new(".")))
    }

    fn from_config(name: &str, shown: &str, text: &str, folder: &Path) -> Result<Self> {
        let config: Config = config_file::read(shown, text)?;
        let suites = config.suites.iter().map(|suite| find_suite(suite, folder)).collect::<Result<_>>()?;
        Ok(Self {
            name: name.to_owned(),
            config,
            folder: folder.to_owned(),
            suites,
            pairs: Vec::new(),
            beside: Vec::new(),
            git: None,
        })
    }

    fn around(suite: Suite) -> Self {
        let entry = |source: &str| BackendEntry {
            source: source.to_owned(),
            alias: None,
            tier: None,
            options: Default::default(),
            optional: None,
            logit_tolerance: None,
            grants: Default::default(),
        };
        let config = Config {
            about: suite.about.clone(),
            suites: vec![suite.name.clone()],
            exclude: Vec::new(),
            backends: DEFAULT_BACKENDS.map(entry).to_vec(),
            reference: Some(DEFAULT_REFERENCE.to_owned()),
            preset: Preset::default(),
            max_call: Config::default_max_call(),
            timeout: Config::default_timeout(),
            memory_limit: None,
        };
        Self {
            name: suite.name.clone(),
            config,
            folder: PathBuf::from("."),
            suites: vec![suite],
            pairs: Vec::new(),
            beside: Vec::new(),
            git: None,
        }
    }

    /// The cases that the flags leave; `Ok` of none is for the caller to judge.
    pub fn cases(&self, args: &SelectArgs) -> Result<Vec<Case>> {
        let names: Vec<&str> = self.suites.iter().map(|suite| suite.name.as_str()).collect();
        if let Some(absent) = args.suites.iter().find(|wanted| !names.contains(&wanted.as_str())) {
            let error = Error::usage(format!("`{}` has no suite `{absent}`", self.name));
            return Err(error.help(suggest(absent, names).unwrap_or_default()));
        }
        let include = regexes("--filter", &args.filters)?;
        let mut exclude = regexes("--exclude", &args.excludes)?;
        exclude.extend(regexes("`exclude` of the config:", &self.config.exclude)?);
        let expansion = Expansion { cores: cores(), threads: args.threads.clone(), cache: args.cache.clone() };
        let wanted = |suite: &&Suite| args.suites.is_empty() || args.suites.contains(&suite.name);
        let mut cases = Vec::new();
        for text in &args.cases {
            cases.extend(own_case::cases(text, &expansion)?);
        }
        for suite in self.suites.iter().filter(wanted) {
            let expanded = smbench_suites::expand(suite, &expansion);
            cases.extend(expanded.map_err(|why| Error::usage("a suite cannot be run").because(why))?);
        }
        let any = |regexes: &[Regex], id: &str| regexes.iter().any(|regex| regex.is_match(id));
        cases.retain(|case| (include.is_empty() || any(&include, &case.id)) && !any(&exclude, &case.id));
        refuse_twins(&cases)?;
        refuse_warm(&cases, args.cache.as_ref())?;
        Ok(cases)
    }

    /// The backends asked for, with the folder that a relative path starts from.
    pub fn backends(&self, args: &SelectArgs) -> Result<(Vec<BackendSpec>, PathBuf)> {
        let (mut specs, folder) = if args.backends.is_empty() {
            let specs = self.config.backends.iter().map(BackendEntry::spec).collect::<std::result::Result<_, _>>();
            (
                specs.map_err(|why| Error::usage("a backend of the config cannot be used").because(why))?,
                self.folder.clone(),
            )
        } else {
            let specs = args.backends.iter().map(|typed| self.asked(typed)).collect::<Result<Vec<_>>>()?;
            (specs, PathBuf::from("."))
        };
        for option in &args.backend_options {
            give(option, &mut specs);
        }
        for spec in &mut specs {
            for path in &mut spec.grants.read {
                let absolute = std::path::absolute(folder.join(&path));
                *path = absolute.map_err(|error| Error::usage("a grant names no path").because(error))?;
            }
            if !spec.trusted {
                args.trust.mark(spec);
            }
        }
        specs.extend(self.beside.iter().cloned());
        if specs.is_empty() {
            return Err(Error::usage("no backend is selected").help("name one: `--backend faer`"));
        }
        check_aliases(&specs)?;
        Ok((specs, folder))
    }

    /// An entry of the config, if an alias there was typed; else what was typed.
    fn asked(&self, typed: &BackendSpec) -> Result<BackendSpec> {
        let is_it = |entry: &&BackendEntry| entry.alias.as_ref() == Some(&typed.source) && typed.alias == typed.source;
        let Some(entry) = self.config.backends.iter().find(is_it) else { return Ok(typed.clone()) };
        let mut spec =
            entry.spec().map_err(|why| Error::usage("a backend of the config cannot be used").because(why))?;
        if spec.source.contains('/') {
            spec.source = self.folder.join(&spec.source).to_string_lossy().into_owned();
        }
        spec.grants.read.iter_mut().for_each(|path| *path = self.folder.join(&path));
        Ok(spec)
    }

    /// The reference: as asked, else the config's if it is selected, else the first.
    fn reference(&self, args: &SelectArgs, specs: &[BackendSpec]) -> Result<usize> {
        let at = |alias: &str| specs.iter().position(|spec| spec.alias == alias);
        match (&args.reference, &self.config.reference) {
            (Some(asked), _) => at(asked).ok_or_else(|| {
                let known = specs.iter().map(|spec| spec.alias.as_str());
                Error::usage(format!("the reference `{asked}` is not among the backends"))
                    .help(suggest(asked, known).unwrap_or_default())
            }),
            (None, Some(written)) => Ok(at(written).unwrap_or(0)),
            (None, None) => Ok(0),
        }
    }

    /// The pairs by their places among the backends.
    fn against(&self, specs: &[BackendSpec]) -> BTreeMap<usize, usize> {
        let at = |alias: &str| specs.iter().position(|spec| spec.alias == alias);
        self.pairs.iter().filter_map(|(backend, reference)| Some((at(backend)?, at(reference)?))).collect()
    }

    /// The selected backends, found, read and probed; and the optional ones that cannot be had, which is said.
    fn found(&self, args: &SelectArgs, workers: &Workers) -> Result<(Vec<Backend>, Vec<Skipped>)> {
        let (specs, folder) = self.backends(args)?;
        self.reference(args, &specs)?; // a mistake is said before anything is built
        let search = Search::from_environment();
        let (mut backends, mut skipped) = (Vec::new(), Vec::new());
        for spec in &specs {
            match find_or_skip(&search, spec, &folder, args.allow_debug, workers)? {
                Ok(backend) => backends.push(backend),
                Err(absent) => {
                    anstream::eprintln!("{absent}");
                    skipped.push(absent);
                }
            }
        }
        if backends.is_empty() {
            return Err(Error::usage("no backend is left").because("all are optional, and none of them can be had"));
        }
        Ok((backends, skipped))
    }

    /// What a worker may take: as asked, else as the config says.
    pub fn limits(&self, args: &SelectArgs) -> Limits {
        let timeout = args.timeout.unwrap_or(self.config.timeout).0;
        limits(timeout, args.memory_limit.or(self.config.memory_limit))
    }

    /// The plan: cases, and who runs them.
    pub fn plan(&self, args: &SelectArgs, cases: Vec<Case>, workers: &Workers) -> Result<Plan> {
        let (backends, skipped) = self.found(args, workers)?;
        let specs: Vec<BackendSpec> = backends.iter().map(|backend| backend.spec.clone()).collect();
        if args.until_decided && specs.len() == 1 {
            let error = Error::usage("with one backend there is nothing to decide");
            return Err(error.help("name another, or leave out --until-decided"));
        }
        refuse_unjudged(&cases, &specs)?;
        let preset = match (args.quick, args.until_decided) {
            (true, _) => Preset::Quick,
            (_, true) => Preset::Thorough,
            _ => args.preset.unwrap_or(self.config.preset),
        };
        Ok(Plan {
            config: self.name.clone(),
            preset,
            seed: args.seed.unwrap_or_else(|| fastrand::u64(..)),
            cases,
            reference: self.reference(args, &specs)?,
            backends,
            skipped,
            against: self.against(&specs),
            controlled: None,
            replayed: false,
            launches: preset.launches(),
            until_decided: args.until_decided,
            margin: args.margin.map(|Percentage(percent)| percent / 100.0),
            max_call_ns: self.config.max_call.0.as_nanos() as u64,
            timeout_ms: workers.limits().timeout.as_millis() as u64,
            memory_limit_bytes: workers.limits().memory_bytes,
            isolate: args.isolate,
            allow_debug: args.allow_debug,
        })
    }
}

/// Cores that this process may use.
pub fn cores() -> u32 {
    thread::available_parallelism().map_or(1, |cores| cores.get() as u32)
}

/// An option is everybody's, but for `blas.library` where a backend is called `blas`: that is its own.
fn give((key, value): &(String, String), specs: &mut [BackendSpec]) {
    let owner = key.split_once('.').map(|(owner, _)| owner);
    let owner = owner.filter(|owner| specs.iter().any(|spec| spec.is_called(owner)));
    for spec in specs.iter_mut().filter(|spec| owner.is_none_or(|owner| spec.is_called(owner))) {
        spec.options.push((key.clone(), value.clone()));
    }
}

/// The regular expressions of a flag.
pub fn regexes(flag: &str, texts: &[String]) -> Result<Vec<Regex>> {
    let regex = |text: &String| {
        Regex::new(text).map_err(|error| {
            Error::usage(format!("{flag} `{text}` is not a regular expression"))
                .because(error)
                .help("to match a text as it stands, put a backslash before ( ) [ ] { } . * + ? ^ $ |")
        })
    };
    texts.iter().map(regex).collect()
}

/// Suites of several files may name a case alike; a run cannot hold both.
fn refuse_twins(cases: &[Case]) -> Result<()> {
    for (index, case) in cases.iter().enumerate() {
        if cases[..index].iter().any(|other| (&other.id, other.threads) == (&case.id, case.threads)) {
            return Err(
                Error::usage(format!("two suites have a case `{}`", case.title())).help("rename one of the suites")
            );
        }
    }
    Ok(())
}

/// An op that smbench does not know is checked against a backend that does.
fn refuse_unjudged(cases: &[Case], specs: &[BackendSpec]) -> Result<()> {
    let named = |case: &Case| case.oracle.as_ref().and_then(|oracle| oracle.backend.clone());
    let known = |alias: &String| specs.iter().any(|spec| spec.alias == *alias);
    let absent = cases.iter().find_map(|case| named(case).filter(|alias| !known(alias)).map(|alias| (case, alias)));
    let Some((case, alias)) = absent else { return Ok(()) };
    Err(Error::usage(format!("`{}` cannot be checked", case.id))
        .because(format!("its suite names `{alias}` as the oracle, and no backend of this run is called so"))
        .help(format!("add it: `--backend {alias}=PATH`")))
}

/// Who asks for cold caches alone must not get figures of hot ones.
fn refuse_warm(cases: &[Case], asked: Option<&CacheList>) -> Result<()> {
    let cold = |case: &Case| case.params.get("cache").is_some_and(|cache| cache == "cold");
    let Some(warm) =
        cases.iter().find(|case| !cold(case)).filter(|_| asked.is_some_and(|list| !list.0.contains(&Cache::Hot)))
    else {
        return Ok(());
    };
    Err(Error::usage(format!("`{}` cannot be measured cold", warm.id))
        .because("only ops between buffers of the host's can: a model's tensors and a backend's own memory cannot be flushed")
        .help("leave such cases out with --filter or --exclude, or measure them hot beside: `--cache hot,cold`"))
}

/// A suite by its path from `folder`, or by its shipped name.
pub fn find_suite(name: &str, folder: &Path) -> Result<Suite> {
    let path = folder.join(name);
    if path.is_file() {
        let shown = path.display().to_string();
        let cannot = |error| Error::usage(format!("cannot read suite `{shown}`")).because(error);
        let bytes = fs::read(&path).map_err(cannot)?;
        return read_suite(&shown, config_file::as_text(&shown, &bytes)?);
    }
    match shipped::suite(name) {
        Some(text) => read_suite(name, text),
        None => {
            let shipped = smbench_suites::SHIPPED.iter().map(|(name, _)| *name);
            let known = suggest(name, shipped).unwrap_or_default();
            Err(Error::usage(format!("there is no suite `{name}`"))
                .because(format!("it is not shipped, and `{}` is no file", path.display()))
                .help(known))
        }
    }
}

fn read_suite(shown: &str, text: &str) -> Result<Suite> {
    config_file::read(shown, text)
}

/// Does the text have this key, outside of strings and comments?
fn has_key(text: &str, key: &str) -> bool {
    let regex = |pattern: &str| Regex::new(pattern).expect("a pattern of our own");
    let code = regex(r#""(?:\\.|[^"\\])*"|//[^\n]*"#).replace_all(text, "");
    regex(&format!(r"\b{key}\s*:")).is_match(&code)
}

fn unknown(name: &str) -> Error {
    let suites = smbench_suites::SHIPPED.iter().filter(|(suite, _)| shipped::config(suite).is_none());
    let shipped = shipped::CONFIGS.iter().chain(suites).map(|(name, _)| *name);
    Error::usage(format!("there is no config or suite `{name}`"))
        .because("it is neither a file nor shipped")
        .help(suggest(name, shipped).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::Index;
    use smbench_core::goal::Goals;

    use super::*;

    #[test]
    fn an_option_with_a_name_is_for_that_backend_alone() {
        let given = |key: &str| -> Vec<usize> {
            let mut specs =
                ["naive", "old=./libsmbench_blas.so", "mkl=examples/blas"].map(|text| text.parse().unwrap());
            give(&(key.to_owned(), "1".to_owned()), &mut specs);
            specs.iter().map(|spec: &BackendSpec| spec.options.len()).collect()
        };
        assert_eq!(given("grain"), [1, 1, 1]);
        assert_eq!(given("blas.library"), [0, 1, 1]);
        assert_eq!(given("mkl.library"), [0, 0, 1]);
        assert_eq!(given("nobody.library"), [1, 1, 1]);
    }

    #[test]
    fn a_key_is_found_on_any_line_but_not_in_a_string() {
        #[track_caller]
        fn check(text: &str, want: bool) {
            assert_eq!(has_key(text, "ops"), want, "{text}");
        }
        check("(\n    ops: [],\n)", true);
        check("(name: \"a\", ops : [])", true);
        check("(about: \"all ops: fast\", suites: [])", false);
        check("(about: \"a \\\" ops: b\") // ops: none", false);
        check("(our_ops: [])", false);
    }

    /// One thing in the text becomes another: a piece of it is gone or replaced, or a number is another.
    fn mangled(text: &str, (place, length, new): (Index, usize, String)) -> String {
        let mut letters: Vec<char> = text.chars().collect();
        let mut at = place.index(letters.len());
        let mut end = (at + length).min(letters.len());
        if new.chars().all(|letter| letter.is_ascii_digit()) {
            let digit = |&at: &usize| letters[at].is_ascii_digit();
            at = (at..letters.len()).find(digit).unwrap_or(at);
            end = (at..letters.len()).find(|at| !digit(at)).unwrap_or(at);
        }
        letters.splice(at..end, new.chars());
        letters.into_iter().collect()
    }

    fn edits() -> impl Strategy<Value = (Index, usize, String)> {
        let number = prop_oneof![Just("0"), Just("4294967296"), Just("18446744073709551615"), Just("3"), Just("")];
        let text = prop_oneof!["[()\\[\\]{}\"'x*,:/µ\n-]{0,3}", number.prop_map(str::to_owned)];
        (any::<Index>(), 0..12_usize, text)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

        #[test]
        fn mangled_suites_do_no_harm(which: Index, edits in prop::collection::vec(edits(), 1..4)) {
            let (name, text) = which.get(smbench_suites::SHIPPED);
            let text = edits.into_iter().fold((*text).to_owned(), |text, edit| mangled(&text, edit));
            match read_suite(name, &text) {
                Ok(suite) => {
                    let expansion = Expansion { cores: 2, threads: None, cache: None };
                    if let Err(why) = smbench_suites::expand(&suite, &expansion) {
                        prop_assert_eq!(why.lines().count(), 1, "{}", why);
                    }
                }
                Err(error) => prop_assert!(!error.render(false).is_empty()),
            }
        }

        #[test]
        fn mangled_goals_do_no_harm(edits in prop::collection::vec(edits(), 1..4)) {
            let goals = include_str!("../../../configs/goals.ron").to_owned();
            let text = edits.into_iter().fold(goals, |text, edit| mangled(&text, edit));
            if let Err(error) = config_file::read::<Goals>("goals.ron", &text) {
                prop_assert!(!error.render(false).is_empty());
            }
        }
    }
}
