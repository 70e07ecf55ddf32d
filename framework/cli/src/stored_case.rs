//! Which stored case is meant by what was typed: all of its title, or enough of it.

use smbench_host::error::{Error, Result};
use smbench_report::escape;

/// More matches are counted, not listed.
const LISTED: usize = 10;

/// Between an id and its threads, where there are several.
const THREADS: &str = " · ";

/// The index of the one title that is meant: it is what was typed, else has it as whole parts (`add/1000` is not
/// `add/10000`), else anywhere. Who says nothing of threads means one, as reports do.
pub fn find(text: &str, titles: &[String]) -> Result<usize> {
    let typed = without_separators(text);
    let parts = |text: &str| format!("/{}/", text.replace(THREADS, "/").trim_matches('/'));
    let whole = |title: &str| parts(title).contains(&parts(&typed));
    let single = |title: &str| !title.contains(THREADS);
    let tiers: [&dyn Fn(&str) -> bool; 5] = [
        &|title| title == typed,
        &|title| whole(title) && single(title),
        &whole,
        &|title| title.contains(&typed) && single(title),
        &|title| title.contains(&typed),
    ];
    for matches in tiers {
        let found: Vec<usize> = (0..titles.len()).filter(|&index| matches(&titles[index])).collect();
        match found.as_slice() {
            [] => {}
            [only] => return Ok(*only),
            several => return Err(ambiguous(text, several.iter().map(|&index| titles[index].as_str()).collect())),
        }
    }
    Err(Error::usage(format!("no stored run has a case like `{}`", escape::plain(text)))
        .help("type an id or a part of one; `smbench history` lists what was measured more than once"))
}

/// Sizes may be typed as in a suite: `10_000`.
fn without_separators(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let digit = |index: usize| letters.get(index).is_some_and(char::is_ascii_digit);
    let separates = |index: usize| letters[index] == '_' && index > 0 && digit(index - 1) && digit(index + 1);
    (0..letters.len()).filter(|&index| !separates(index)).map(|index| letters[index]).collect()
}

fn ambiguous(text: &str, titles: Vec<&str>) -> Error {
    let mut lines: Vec<String> =
        titles.iter().take(LISTED).map(|title| format!("\n          {}", escape::plain(title))).collect();
    if titles.len() > LISTED {
        lines.push(format!("\n          and {} more", titles.len() - LISTED));
    }
    Error::usage(format!("`{}` is a part of {} stored cases", escape::plain(text), titles.len()))
        .because(format!("it could be{}", lines.concat()))
        .help("type one of them, in quotes if it has spaces; or narrow them down with -f RE")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles() -> Vec<String> {
        let titles = [
            "simd/add/1000/f32",
            "simd/add/10000/f32",
            "simd/broadcast_add/1000x8/f32",
            "simd/matmul/64x64x64/f32",
            "simd/matmul/64x64x64/f32 · 2 threads",
            "activations/gelu_tanh/1000/f32",
        ];
        titles.map(str::to_owned).into()
    }

    #[test]
    fn a_part_is_enough_if_it_is_one_case_s() {
        #[track_caller]
        fn check(text: &str, want: &str) {
            assert_eq!(titles()[find(text, &titles()).unwrap()], want);
        }
        check("simd/add/1000/f32", "simd/add/1000/f32");
        check("add/1000", "simd/add/1000/f32");
        check("add/10_000", "simd/add/10000/f32");
        check("broadcast", "simd/broadcast_add/1000x8/f32");
        check("gelu_tanh", "activations/gelu_tanh/1000/f32");
        check("gelu_tanh/1_000/", "activations/gelu_tanh/1000/f32");
        check("simd/matmul/64x64x64/f32", "simd/matmul/64x64x64/f32");
        check("matmul", "simd/matmul/64x64x64/f32");
        check("matmul/64x64x64/f32 · 2 threads", "simd/matmul/64x64x64/f32 · 2 threads");
        check("2 threads", "simd/matmul/64x64x64/f32 · 2 threads");
    }

    #[test]
    fn what_is_not_one_case_is_said() {
        #[track_caller]
        fn check(text: &str, parts: &[&str]) {
            let error = find(text, &titles()).unwrap_err().to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
        check("1000", &["2 stored cases", "simd/add/1000/f32\n", "activations/gelu_tanh/1000/f32\n", "in quotes"]);
        check("f32", &["5 stored cases"]);
        check("nothing", &["no stored run has a case like `nothing`"]);
        check("", &["5 stored cases"]);
        let many: Vec<String> = (0..13).map(|size| format!("simd/add/{size}/f32")).collect();
        assert!(find("add", &many).unwrap_err().to_string().contains("and 3 more"));
        assert!(find("add", &[]).is_err());
    }
}
