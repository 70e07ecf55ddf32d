//! Cases of the command line: `matmul/127x65x33`, `add/10_000/in_place`, or an id as reports print it.

use smbench_core::case::Case;
use smbench_host::error::{Error, Result};
use smbench_suites::{Expansion, OpEntry, OpName, Output, Size, Suite};

use crate::request::cores;

/// Suite of these cases, and name of a run of them.
pub const SUITE: &str = "case";

const FORM: &str = "write OP/SIZE, as in matmul/127x65x33; `smbench list ops` names the ops and their dimensions";

/// A suite of the cases in `texts`.
pub fn suite(texts: &[String]) -> Result<Suite> {
    let wrong = |text: &String, why| Error::usage(format!("`{text}` is not a case")).because(why).help(FORM);
    let ops = texts.iter().map(|text| entry(text).map_err(|why| wrong(text, why))).collect::<Result<_>>()?;
    Ok(Suite { name: SUITE.to_owned(), about: "cases of the command line".to_owned(), ops, ..Suite::default() })
}

/// The one case in `text`.
pub fn case(text: &str, threads: u32) -> Result<Case> {
    let wrong = |why: String| Error::usage(format!("`{text}` is not a case")).because(why).help(FORM);
    let threads = threads.to_string().parse().map_err(wrong)?;
    let expansion = Expansion { cores: cores(), threads: Some(threads) };
    let cases = smbench_suites::expand(&suite(&[text.to_owned()])?, &expansion).map_err(wrong)?;
    cases.into_iter().next().ok_or_else(|| wrong("it is empty".to_owned()))
}

/// `[SUITE/]OP/SIZE[/f32][/OUTPUT]`.
fn entry(text: &str) -> std::result::Result<OpEntry, String> {
    let mut parts: Vec<&str> = text.split('/').collect();
    if parts.len() > 2 && smbench_ops::find(parts[0]).is_none() && smbench_ops::find(parts[1]).is_some() {
        parts.remove(0);
    }
    let outputs = [Output::Backend, Output::Composed, Output::InPlace];
    let named = |part: &&str| outputs.into_iter().find(|output| output.suffix().strip_prefix('/') == Some(*part));
    let output = parts.last().and_then(named);
    parts.truncate(parts.len() - usize::from(output.is_some()));
    match parts.as_slice() {
        [op, size] | [op, size, "f32"] => {
            let (op, size): (OpName, Size) = (op.parse()?, size.parse()?);
            Ok(OpEntry { op, sizes: vec![size], threads: Default::default(), output: output.unwrap_or_default() })
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
        check("add/10_000/backend", "case/add/10000/f32/backend");
    }

    #[test]
    fn what_is_no_case_is_refused() {
        for text in ["matmul", "matmul/", "matmul/0x1x2", "nothing/8", "add/8/somewhere", "matmul/8x8x8/in_place"] {
            assert!(case(text, 1).is_err(), "{text}");
        }
    }
}
