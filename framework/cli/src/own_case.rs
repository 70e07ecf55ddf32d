//! Cases of the command line: `matmul/127x65x33`, `add/10_000/in_place`, or an id as reports print it.

use std::path::Path;

use smbench_core::cache::{Cache, CacheList};
use smbench_core::case::Case;
use smbench_host::error::{Error, Result, suggest};
use smbench_suites::{Expansion, OpEntry, OpName, Output, Size, Suite};

use crate::request::{cores, find_suite};
use crate::shipped;

/// Suite of these cases, and name of a run of them.
pub const SUITE: &str = "case";

const FORM: &str = "write OP/SIZE, as in matmul/127x65x33 (`smbench list ops` names the ops), or an id that \
                    `smbench list cases SUITE` names";

/// The one case in `text`.
pub fn case(text: &str, threads: u32) -> Result<Case> {
    let mut cases = cases(text, &expansion(text, threads)?)?;
    match cases.len() {
        1 => Ok(cases.remove(0)),
        _ => {
            let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
            Err(Error::usage(format!("`{text}` is {} cases", ids.len())).help(format!("name one: {}", ids.join(", "))))
        }
    }
}

/// With so many threads, and caches as the case says.
pub fn expansion(text: &str, threads: u32) -> Result<Expansion> {
    let threads = threads.to_string().parse().map_err(|why: String| not_a_case(text, &why))?;
    Ok(Expansion { cores: cores(), threads: Some(threads), cache: None })
}

/// The cases in `text`: an id of a shipped suite, a suite, a part of a suite's ids, or `OP/SIZE`.
pub fn cases(text: &str, expansion: &Expansion) -> Result<Vec<Case>> {
    let of_suite = |suite: &Suite| expanded(text, suite, expansion);
    let (name, part) = text.split_once(':').unwrap_or((text, ""));
    if name.ends_with(".ron") || shipped::suite(name).is_some() {
        let mut cases = of_suite(&find_suite(name, Path::new("."))?)?;
        cases.retain(|case| case.id.contains(part));
        return if cases.is_empty() { Err(nothing_like(name, part)) } else { Ok(cases) };
    }
    let mut ids = Vec::new();
    if let Some((suite, _)) = text.split_once('/').filter(|(suite, _)| shipped::suite(suite).is_some()) {
        let (named, others): (Vec<Case>, Vec<Case>) =
            of_suite(&find_suite(suite, Path::new("."))?)?.into_iter().partition(|case| case.id == text);
        if !named.is_empty() {
            return Ok(named);
        }
        ids.extend(others.into_iter().map(|case| case.id));
    }
    match entry(text) {
        Ok(op) => of_suite(&Suite { name: SUITE.to_owned(), ops: vec![op], ..Suite::default() }),
        Err(_) if !ids.is_empty() => Err(unknown(text, &ids)),
        Err(why) => Err(not_a_case(text, &why)),
    }
}

fn expanded(text: &str, suite: &Suite, expansion: &Expansion) -> Result<Vec<Case>> {
    smbench_suites::expand(suite, expansion).map_err(|why| not_a_case(text, &why))
}

fn not_a_case(text: &str, why: &str) -> Error {
    Error::usage(format!("`{text}` is not a case")).because(why).help(FORM)
}

fn unknown(text: &str, ids: &[String]) -> Error {
    let known = suggest(text, ids.iter().map(String::as_str)).unwrap_or_default();
    Error::usage(format!("`{text}` is not a case")).because("its suite has no case of this id").help(known)
}

fn nothing_like(suite: &str, part: &str) -> Error {
    Error::usage(format!("no case of `{suite}` has `{part}` in its id"))
        .help(format!("`smbench list cases {suite}` names them"))
}

/// `[SUITE/]OP/SIZE[/f32][/OUTPUT][/cold]`.
fn entry(text: &str) -> std::result::Result<OpEntry, String> {
    let mut parts: Vec<&str> = text.split('/').collect();
    if parts.len() > 2 && smbench_ops::find(parts[0]).is_none() && smbench_ops::find(parts[1]).is_some() {
        parts.remove(0);
    }
    let cold = parts.last().is_some_and(|part| Cache::Cold.suffix().strip_prefix('/') == Some(*part));
    parts.truncate(parts.len() - usize::from(cold));
    let cache = CacheList(vec![if cold { Cache::Cold } else { Cache::Hot }]);
    let outputs = [Output::Backend, Output::Composed, Output::InPlace];
    let named = |part: &&str| outputs.into_iter().find(|output| output.suffix().strip_prefix('/') == Some(*part));
    let output = parts.last().and_then(named);
    parts.truncate(parts.len() - usize::from(output.is_some()));
    match parts.as_slice() {
        [op, size] | [op, size, "f32"] => {
            let (op, size): (OpName, Size) = (op.parse()?, size.parse()?);
            let (sizes, output) = (vec![size], output.unwrap_or_default());
            Ok(OpEntry { op, sizes, threads: Default::default(), output, cache })
        }
        _ => Err("an op and a size are needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        assert_eq!(case(text, 1).unwrap().id, want);
    }

    #[test]
    fn what_a_report_prints_can_be_typed_again() {
        check("matmul/127x65x33", "case/matmul/127x65x33/f32");
        check("simd/matmul/127x65x33/f32", "case/matmul/127x65x33/f32");
        check("simd/add/10000/f32/in_place", "case/add/10000/f32/in_place");
        check("smoke/add/10000/f32/cold", "case/add/10000/f32/cold");
        check("add/10_000/cold", "case/add/10000/f32/cold");
        check("add/10_000/backend", "case/add/10000/f32/backend");
    }

    #[test]
    fn a_shipped_id_and_a_part_of_a_suite_are_cases() {
        check("model_small/decode/10+24/f32", "model_small/decode/10+24/f32");
        check("model_medium:decode/4x", "model_medium/decode/4x10+24/f32");
        let all = expansion("", 1).unwrap();
        assert_eq!(cases("model_small", &all).unwrap().len(), 6);
        assert!(case("model_small", 1).is_err() && cases("model_small:nothing", &all).is_err());
    }

    #[test]
    fn what_is_no_case_is_refused() {
        for text in [
            "matmul",
            "matmul/",
            "matmul/0x1x2",
            "nothing/8",
            "add/8/somewhere",
            "matmul/8x8x8/in_place",
            "add/8/in_place/cold",
            "cold",
        ] {
            assert!(case(text, 1).is_err(), "{text}");
        }
    }
}
