//! `smbench ab`: two revisions of plugin crates, built alike and measured side by side.

use std::path::{Path, PathBuf};

use smbench_core::backend::BackendSpec;
use smbench_core::run::Git;
use smbench_core::study::Study;
use smbench_host::elf::{self, Sameness};
use smbench_host::error::{Error, Result};
use smbench_host::git;
use smbench_host::revision::{Crate, Repository, Revision, Side, Workshop, crates};
use smbench_report::document::Document;

use crate::args::{AbArgs, MeasureArgs};
use crate::exit::Exit;
use crate::gate::{self, Asked};
use crate::measure::measure;
use crate::output::{self, Shown};
use crate::request::Request;

/// Builds both revisions of each crate, and measures those that differ.
pub fn ab(args: &AbArgs) -> Result<Exit> {
    refuse_reference(args)?;
    let asked = Asked::of(&args.measure.gate)?; // what is wrong with it is said before minutes of building
    let here = Path::new(".");
    let repository = Repository::find(here)?;
    let (commits, config) = read(&args.what, &repository)?;
    let mut request = find_request(config, args, &repository)?;
    let mut plugins = crates(&repository, here, &args.select.backends)?;
    plugins.iter_mut().for_each(|(spec, _)| args.select.trust.mark(spec));
    let workshop = Workshop::open(&repository, &mut say)?;
    let revisions = both(commits, &repository, &workshop, &plugins)?;
    let (backends, pairs) = build(&repository, &workshop, &revisions, &plugins)?;
    drop(workshop); // others may build while this measures
    if pairs.is_empty() {
        return nothing(&args.measure, &asked);
    }
    let mut select = args.select.clone();
    (select.backends, request.pairs, request.git) = (backends, pairs, measured(&revisions[1]));
    measure(&request, &select, &args.measure, &asked)
}

/// Whoever waits for a file or a comment gets it, and gates judged 0 of 0: an empty study.
fn nothing(args: &MeasureArgs, asked: &Asked) -> Result<Exit> {
    let study = Study::of(Vec::new());
    let mut table = Document::default();
    table.paragraph("both revisions build the same plugins: nothing to compare");
    let ruling = asked.rule(&study, false);
    table.append(output::goals(&study, ruling.as_ref()));
    Shown::of(&study, table, ruling.clone())?.put(&args.output)?;
    Ok(ruling.map_or(Exit::OK, |ruling| gate::enforce(&ruling, &study)))
}

fn say(line: &str) {
    anstream::eprintln!("{line}");
}

fn refuse_reference(args: &AbArgs) -> Result<()> {
    match args.select.reference {
        None => Ok(()),
        Some(_) => Err(Error::usage("`ab` takes no --reference")
            .because("every plugin is compared with its own predecessor")
            .help("leave it out, and unset SMBENCH_REFERENCE")),
    }
}

/// What was typed: at most two revisions from the left, then a config.
fn read<'a>(what: &'a [String], repository: &Repository) -> Result<(Vec<Revision>, Option<&'a str>)> {
    let mut commits = Vec::new();
    for (index, text) in what.iter().enumerate() {
        match repository.commit(text)? {
            Some(commit) if commits.len() < 2 => commits.push(commit),
            _ if index + 1 == what.len() => return Ok((commits, Some(text))),
            _ => return Err(unknown(text, "no such commit", repository)),
        }
    }
    Ok((commits, None))
}

/// A revision that git does not know looks like a config that is not there: both are said.
fn find_request(config: Option<&str>, args: &AbArgs, repository: &Repository) -> Result<Request> {
    let found = Request::find(config, &args.select);
    match config {
        Some(text) if !Path::new(text).is_file() => found.map_err(|error| match &error.cause {
            Some(cause) if error.what.contains(text) && args.what.len() < 3 => unknown(text, cause, repository),
            _ => error,
        }),
        _ => found,
    }
}

fn unknown(text: &str, cause: &str, repository: &Repository) -> Error {
    let help = match repository.is_shallow() {
        true => "the clone is shallow: `git fetch --unshallow` (in CI: fetch the whole history) brings its commits",
        false => "`git fetch` brings the commits of others; `smbench list configs` names the shipped configs",
    };
    Error::usage(format!("`{text}` is neither a revision nor a config")).because(cause).help(help)
}

/// The two that are compared: what was not named is HEAD, and the working tree.
fn both(
    commits: Vec<Revision>,
    repository: &Repository,
    workshop: &Workshop,
    plugins: &[(BackendSpec, Crate)],
) -> Result<[Revision; 2]> {
    let head = || {
        repository.commit("HEAD")?.ok_or_else(|| {
            Error::usage("there is nothing to compare with")
                .because("the repository has no commit")
                .help("commit first")
        })
    };
    let targets: Vec<PathBuf> = plugins.iter().map(|(_, one)| one.target.clone()).collect();
    let work = || repository.working_tree(&workshop.scratch(), &targets);
    let mut commits = commits.into_iter();
    Ok(match (commits.next(), commits.next()) {
        (Some(old), Some(new)) => [old, new],
        (Some(old), None) => [old, work()?],
        (None, _) => [head()?, work()?],
    })
}

/// Backends that differ between the revisions, and which of them is compared with which.
type Built = (Vec<BackendSpec>, Vec<(String, String)>);

/// Builds the old revision, then the new one; says of each plugin that is left out why.
fn build(
    repository: &Repository,
    workshop: &Workshop,
    revisions: &[Revision; 2],
    plugins: &[(BackendSpec, Crate)],
) -> Result<Built> {
    let [old, new] = revisions;
    let mut built = Built::default();
    if old.tree == new.tree {
        say(&format!("{old} and {new} hold the same files"));
        return Ok(built);
    }
    let olds = of_side(repository, workshop, (Side::Old, old), plugins)?;
    let news = of_side(repository, workshop, (Side::New, new), plugins)?;
    for ((spec, _), (was, is)) in plugins.iter().zip(olds.into_iter().zip(news)) {
        match differing(was, is, revisions)? {
            Ok(libraries) => add(&mut built, spec, libraries, revisions),
            Err(why) => say(&format!("{}: {why}", spec.alias)),
        }
    }
    Ok(built)
}

fn of_side(
    repository: &Repository,
    workshop: &Workshop,
    (side, revision): (Side, &Revision),
    plugins: &[(BackendSpec, Crate)],
) -> Result<Vec<Option<PathBuf>>> {
    say(&format!("building {revision} …"));
    let submodules = repository.submodules(&revision.tree)?;
    if !submodules.is_empty() {
        say(&format!("note: submodules are not checked out: {}", submodules.join(", ")));
    }
    let crates: Vec<&Crate> = plugins.iter().map(|(_, one)| one).collect();
    workshop.build(repository, (side, revision), &crates, &mut say)
}

/// Both libraries, or why there is nothing to compare.
fn differing(
    was: Option<PathBuf>,
    is: Option<PathBuf>,
    [old, new]: &[Revision; 2],
) -> Result<std::result::Result<[PathBuf; 2], String>> {
    let (Some(was), Some(is)) = (&was, &is) else {
        let lacking = if was.is_none() { old } else { new };
        return Ok(Err(format!("not in {lacking}")));
    };
    let unread = |error| Error::internal("cannot read what was built").because(error);
    Ok(match elf::sameness(was, is).map_err(unread)? {
        Sameness::Bytes => Err("the same bytes in both".to_owned()),
        Sameness::Loaded => Err("the same code and data in both, only debug information differs".to_owned()),
        Sameness::None => Ok([was.clone(), is.clone()]),
    })
}

/// `acme-HEAD` and `acme-work`, the latter compared with the former.
fn add((backends, pairs): &mut Built, spec: &BackendSpec, libraries: [PathBuf; 2], revisions: &[Revision; 2]) {
    let named = |tag: String, library: PathBuf| BackendSpec {
        alias: format!("{}-{tag}", spec.alias),
        source: library.display().to_string(),
        ..spec.clone()
    };
    let ([was, is], [old, new]) = (libraries, tags(revisions));
    let (old, new) = (named(old, was), named(new, is));
    pairs.push((new.alias.clone(), old.alias.clone()));
    backends.extend([old, new]);
}

/// Two names may be one when they are harmless: then commits, which are not.
fn tags([old, new]: &[Revision; 2]) -> [String; 2] {
    match (old.tag(), new.tag()) {
        (one, other) if one == other => [old.short().to_owned(), new.short().to_owned()],
        (one, other) => [one, other],
    }
}

/// What the run is said to have measured: the new revision, whatever is checked out.
fn measured(new: &Revision) -> Option<Git> {
    let here = git::git(Path::new("."))?;
    match &new.commit {
        None => Some(here),
        Some(commit) => {
            let branch = here.branch.filter(|_| here.commit == *commit);
            Some(Git { commit: commit.clone(), branch, dirty: false })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_say_which_revision() {
        #[track_caller]
        fn check(spec: &str, names: [&str; 2], want: [&str; 2]) {
            let revision = |name: &str, commit: &str| Revision {
                name: name.to_owned(),
                commit: (name != "work").then(|| commit.repeat(8)),
                tree: commit.to_owned(),
            };
            let revisions = [revision(names[0], "a1b2c"), revision(names[1], "77c0f")];
            let mut built = Built::default();
            add(&mut built, &spec.parse().unwrap(), ["/old.so".into(), "/new.so".into()], &revisions);
            let aliases: Vec<&str> = built.0.iter().map(|spec| spec.alias.as_str()).collect();
            assert_eq!(aliases, want);
            assert_eq!(built.1, [(want[1].to_owned(), want[0].to_owned())]);
            assert_eq!(built.0[0].source, "/old.so");
        }
        check("acme", ["HEAD", "work"], ["acme-HEAD", "acme-work"]);
        check("./acme", ["origin/main", "HEAD"], ["acme-origin-main", "acme-HEAD"]);
        check("pooled@avx2", ["v1.0", "HEAD~2"], ["pooled@avx2-v1.0", "pooled@avx2-HEAD-2"]);
        check("acme", ["a/b", "a-b"], ["acme-a1b2ca1", "acme-77c0f77"]);
    }
}
