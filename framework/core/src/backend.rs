//! Which plugin stands under which name in a run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::confinement::{Grants, Protection};
use crate::outcome::LogitTolerance;

/// A backend as asked for: `[ALIAS=]SOURCE[@TIER]`, where SOURCE is a name or a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackendSpec {
    /// What the report calls it; unique in a run.
    pub alias: String,
    /// A plugin's name (`faer`), the path of a library, or the folder of a plugin crate.
    pub source: String,
    /// Kernel tier asked for; the plugin's best if none.
    pub tier: Option<String>,
    /// `--backend-option KEY=VALUE`, in the order given.
    pub options: Vec<(String, String)>,
    /// The command that gets it, where a run goes on without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub optional: Option<String>,
    /// Largest absolute error of a model's logits; what roundings of f32 may come to if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logit_tolerance: Option<LogitTolerance>,
    /// What its entry in the config permits it.
    #[serde(default, skip_serializing_if = "Grants::is_none")]
    pub grants: Grants,
    /// `--trust`: may it do everything that the user may?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trusted: bool,
}

impl BackendSpec {
    /// By its alias, or by the name of its file or folder?
    pub fn is_called(&self, name: &str) -> bool {
        self.alias == name || default_alias(&self.source, None) == name
    }
}

impl FromStr for BackendSpec {
    type Err = String;

    /// An alias has no `/`, so `a/b=c.so` is a path; a tier has neither `/` nor `.`, so `x@2/lib.so` is one too.
    fn from_str(text: &str) -> Result<Self, String> {
        let (alias, rest) = match text.split_once('=') {
            Some((alias, rest)) if !alias.contains('/') => (Some(alias), rest),
            _ => (None, text),
        };
        let (source, tier) = match rest.rsplit_once('@') {
            Some((source, tier)) if !tier.contains(['/', '.']) => (source, Some(tier)),
            _ => (rest, None),
        };
        if source.is_empty() || alias == Some("") || tier == Some("") {
            return Err(format!("`{text}` is not of the form [ALIAS=]NAME|PATH[@TIER]"));
        }
        let alias = alias.map_or_else(|| default_alias(source, tier), str::to_owned);
        if alias.chars().any(char::is_control) {
            return Err(format!("the alias `{}` has control characters", alias.escape_debug()));
        }
        Ok(Self {
            alias,
            source: source.to_owned(),
            tier: tier.map(str::to_owned),
            options: Vec::new(),
            optional: None,
            logit_tolerance: None,
            grants: Grants::default(),
            trusted: false,
        })
    }
}

/// `./target/libacme.so` is `acme`; a tier belongs to the name: `pooled@avx2`.
fn default_alias(source: &str, tier: Option<&str>) -> String {
    let file = source.trim_end_matches('/').rsplit('/').next().unwrap_or(source);
    let stem = file.split_once(".so").map_or(file, |(stem, _)| stem);
    let name = stem.strip_prefix("lib").filter(|rest| !rest.is_empty() && stem != file).unwrap_or(stem);
    let name = name.strip_prefix("smbench_").unwrap_or(name);
    tier.map_or_else(|| name.to_owned(), |tier| format!("{name}@{tier}"))
}

/// What a plugin says of itself, and what its file is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)] // runs stored by an older version lack what was added since
pub struct PluginInfo {
    /// The plugin's own name.
    pub name: String,
    /// The plugin's own version.
    pub version: String,
    /// Who ships it.
    pub vendor: String,
    /// Kernel tiers that run here, best first.
    pub tiers: Vec<String>,
    /// Ids of the ops it answered to.
    pub ops: Vec<String>,
    /// Ids of the extensions it answered to.
    pub extensions: Vec<String>,
    /// Ways in: `rust`, `c`.
    pub doors: Vec<String>,
    /// Major version of the contract that it speaks.
    pub abi_major: u32,
    /// Size of its table, which is that of the header it was compiled with.
    pub table_bytes: u32,
    /// Who compiled it, if it tells or its file does.
    pub compiler: Option<String>,
    /// Built with optimisation; unknown where it does not tell by whom.
    pub optimised: Option<bool>,
    /// The environment variable that it takes its threads from, if it does not take what it is told.
    pub threads_variable: Option<String>,
    /// Wants a process of its own in every launch.
    pub prefers_split: bool,
    /// Files of the libraries that loading it brought in, itself not counted.
    pub libraries: Vec<String>,
    /// What held it to its grants when it was asked all this.
    pub protection: Option<Protection>,
    /// Why it could not be loaded; all the rest is empty then.
    pub refused: Option<String>,
}

/// A backend of a run: what was asked for and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backend {
    /// What was asked for.
    pub spec: BackendSpec,
    /// The library that was loaded.
    pub path: String,
    /// SHA-256 of the library, hexadecimal; empty of what cannot be read.
    pub sha256: String,
    /// SHA-256 over the libraries it brings along, those of the system left out; empty if there are none.
    #[serde(default)]
    pub libraries_sha256: String,
    /// All that it may read and start, unless it is trusted.
    #[serde(default)]
    pub grants: Grants,
    /// What it said of itself.
    pub plugin: PluginInfo,
}

impl Backend {
    /// What the code of it is: its file and the libraries it brings along.
    pub fn content(&self) -> String {
        format!("{}{}", self.sha256, self.libraries_sha256)
    }

    /// The name in reports.
    pub fn alias(&self) -> &str {
        &self.spec.alias
    }
}

/// An optional backend that could not be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// What reports would have called it.
    pub alias: String,
    /// What was wrong with it.
    pub reason: String,
    /// The command that gets it.
    pub get: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "skipped {}: {}; get it with `{}`", self.alias, self.reason, self.get)
    }
}

/// Why these backends cannot share a process without one of them running the other's code, if they cannot.
pub fn conflict(backends: &[&Backend]) -> Option<String> {
    let pairs = backends.iter().enumerate().flat_map(|(index, a)| backends[..index].iter().map(move |b| (*b, *a)));
    let mut pairs = pairs;
    pairs.find_map(|(a, b)| one_library_twice(a, b).or_else(|| cxx_twice(a, b)))
}

/// The loader keeps the first library of a name: the second plugin would call into the first one's.
fn one_library_twice(a: &Backend, b: &Backend) -> Option<String> {
    let name = |path: &String| path.rsplit('/').next().unwrap_or_default().to_owned();
    let twice = |ours: &&String| b.plugin.libraries.iter().any(|theirs| theirs != *ours && name(theirs) == name(ours));
    let library = a.plugin.libraries.iter().find(twice)?;
    Some(format!("`{}` and `{}` each bring a `{}` of their own", a.alias(), b.alias(), name(library)))
}

/// Two builds of one C++ plugin: its inline statics are unique symbols, which the loader merges even under RTLD_LOCAL.
fn cxx_twice(a: &Backend, b: &Backend) -> Option<String> {
    let is_cxx = |backend: &Backend| {
        let runtimes = ["libstdc++.so", "libc++.so"];
        backend.plugin.libraries.iter().any(|path| runtimes.iter().any(|runtime| path.contains(runtime)))
    };
    let same = a.plugin.name == b.plugin.name && a.sha256 != b.sha256 && is_cxx(a) && is_cxx(b);
    same.then(|| format!("`{}` and `{}` are two builds of one C++ plugin", a.alias(), b.alias()))
}

impl fmt::Display for BackendSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = default_alias(&self.source, self.tier.as_deref()) == self.alias;
        let alias = if named { String::new() } else { format!("{}=", self.alias) };
        write!(f, "{alias}{}", self.source)?;
        self.tier.iter().try_for_each(|tier| write!(f, "@{tier}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: &str, alias: &str, source: &str, tier: Option<&str>) {
        let spec: BackendSpec = input.parse().unwrap();
        assert_eq!((spec.alias.as_str(), spec.source.as_str(), spec.tier.as_deref()), (alias, source, tier));
        assert_eq!(spec.to_string().parse(), Ok(spec), "prints as it can be typed");
    }

    #[test]
    fn the_grammar() {
        check("faer", "faer", "faer", None);
        check("pooled@avx2", "pooled@avx2", "pooled", Some("avx2"));
        check("old=./a.so", "old", "./a.so", None);
        check("old=pooled@avx2", "old", "pooled", Some("avx2"));
        check("target/libsmbench_naive.so", "naive", "target/libsmbench_naive.so", None);
        check("./libacme.so.1", "acme", "./libacme.so.1", None);
        check("plugins/acme/", "acme", "plugins/acme/", None);
        check("./x@2/lib.so", "lib", "./x@2/lib.so", None);
        check("./d=e/liba.so", "a", "./d=e/liba.so", None);
    }

    fn built(alias: &str, sha256: &str, name: &str, libraries: &[&str]) -> Backend {
        let libraries = libraries.iter().map(|&path| path.to_owned()).collect();
        let plugin = PluginInfo { name: name.to_owned(), libraries, ..PluginInfo::default() };
        Backend {
            spec: alias.parse().unwrap(),
            path: String::new(),
            sha256: sha256.to_owned(),
            libraries_sha256: String::new(),
            grants: Grants::default(),
            plugin,
        }
    }

    #[track_caller]
    fn check_conflict(a: &Backend, b: &Backend, want: Option<&str>) {
        assert_eq!(conflict(&[a, b]).as_deref(), want);
    }

    #[test]
    fn what_cannot_share_a_process() {
        let old = built("old", "1", "acme", &["/old/libimpl.so.0", "/lib/libm.so.6"]);
        let new = built("new", "2", "acme", &["/new/libimpl.so.0", "/lib/libm.so.6"]);
        check_conflict(&old, &new, Some("`old` and `new` each bring a `libimpl.so.0` of their own"));
        let thin = built("new", "1", "acme", &["/new/libimpl.so.0"]);
        check_conflict(&old, &thin, Some("`old` and `new` each bring a `libimpl.so.0` of their own"));
        let cxx = |alias, hash, name| built(alias, hash, name, &["/lib/libstdc++.so.6"]);
        check_conflict(
            &cxx("old", "1", "x"),
            &cxx("new", "2", "x"),
            Some("`old` and `new` are two builds of one C++ plugin"),
        );
        check_conflict(&cxx("old", "1", "x"), &cxx("new", "2", "y"), None);
        check_conflict(&cxx("old", "1", "x"), &cxx("copy", "1", "x"), None);
    }

    #[test]
    fn what_is_no_backend_is_refused() {
        for text in ["", "=a", "a=", "a@", "@avx2", "a\x1b[31m=b"] {
            assert!(text.parse::<BackendSpec>().is_err(), "{text}");
        }
    }
}
