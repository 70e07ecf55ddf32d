use insta::assert_snapshot;
use proptest::prelude::*;
use smbench_core::config::Config;

use super::*;

/// What the reader is told of this config.
#[track_caller]
fn wrong(text: &str) -> String {
    read::<Config>("full.ron", text).unwrap_err().to_string()
}

const GOOD: &str = r#"// a config
(
    about: "everything",
    suites: ["simd"],
    backends: [
        (source: "naive"),
        (source: "pooled", tier: "avx2"),
    ],
    reference: "naive",
    max_call: "20ms",
)
"#;

#[test]
fn a_good_one_is_read() {
    let config: Config = read("full.ron", GOOD).unwrap();
    assert_eq!(config.reference.as_deref(), Some("naive"));
    assert_eq!(config.backends[1].tier.as_deref(), Some("avx2"));
    let explicit: Config =
        read("full.ron", &GOOD.replace(r#"reference: "naive""#, r#"reference: Some("naive")"#)).unwrap();
    assert_eq!(config, explicit);
}

#[test]
fn unknown_field() {
    assert_snapshot!(wrong(&GOOD.replace("reference", "referense")), @r#"
    error: unknown field `referense`
     --> full.ron:9:5
      |
    9 |     referense: "naive",
      |     ^^^^^^^^^
      |
      = help: did you mean `reference`? known: about, suites, exclude, backends, reference, preset, max_call, timeout, memory_limit
    "#);
}

#[test]
fn unknown_field_inside() {
    assert_snapshot!(wrong(&GOOD.replace("tier", "level")), @r#"
    error: unknown field `level`
     --> full.ron:7:28
      |
    7 |         (source: "pooled", level: "avx2"),
      |                            ^^^^^ in `backends[1]`
      |
      = help: known: source, alias, tier, options, optional, logit_tolerance, grants
    "#);
}

#[test]
fn missing_field() {
    assert_snapshot!(wrong(&GOOD.replace("    suites: [\"simd\"],\n", "")), @r#"
    error: missing field `suites`
     --> full.ron:10:1
      |
    10| )
      | ^
      |
      = help: add `suites: …`
    "#);
}

#[test]
fn missing_field_inside() {
    assert_snapshot!(wrong(&GOOD.replace("source: \"pooled\", ", "")), @r#"
    error: missing field `source`
     --> full.ron:7:22
      |
    7 |         (tier: "avx2"),
      |                      ^ in `backends[1]`
      |
      = help: add `source: …`
    "#);
}

#[test]
fn field_given_twice() {
    assert_snapshot!(wrong(&GOOD.replace("max_call: \"20ms\"", "about: \"again\"")), @r#"
    error: field `about` is given twice
      --> full.ron:10:5
       |
    10 |     about: "again",
       |     ^^^^^
    "#);
}

#[test]
fn wrong_type() {
    assert_snapshot!(wrong(&GOOD.replace("\"20ms\"", "20")), @r#"
    error: expected a string, in double quotes
      --> full.ron:10:15
       |
    10 |     max_call: 20,
       |               ^ in `max_call`
    "#);
}

#[test]
fn wrong_type_inside() {
    assert_snapshot!(wrong(&GOOD.replace("\"avx2\"", "[2]")), @r#"
    error: expected a string, in double quotes
     --> full.ron:7:34
      |
    7 |         (source: "pooled", tier: [2]),
      |                                  ^ in `backends[1].tier`
    "#);
}

#[test]
fn unknown_variant() {
    assert_snapshot!(wrong(&GOOD.replace("max_call: \"20ms\"", "preset: quik")), @r#"
    error: unknown value `quik`
      --> full.ron:10:13
       |
    10 |     preset: quik,
       |             ^^^^ in `preset`
       |
       = help: did you mean `quick`? known: quick, default, thorough
    "#);
}

#[test]
fn unclosed_bracket() {
    assert_snapshot!(wrong(&GOOD.replace("    ],\n", "")), @r#"
    error: `[` is not closed before the next `)`
     --> full.ron:5:15
      |
    5 |     backends: [
      |               ^
      |
      = help: add `]` to what begins in line 5
    "#);
}

#[test]
fn unclosed_string() {
    assert_snapshot!(wrong(&GOOD.replace("everything\"", "everything")), @r#"
    error: this string does not end in its line
     --> full.ron:3:12
      |
    3 |     about: "everything,
      |            ^^^^^^^^^^^^
      |
      = help: add `"` where it ends
    "#);
}

#[test]
fn missing_comma() {
    assert_snapshot!(wrong(&GOOD.replace("[\"simd\"],", "[\"simd\"]")), @r#"
    error: a comma is missing before this
     --> full.ron:5:5
      |
    5 |     backends: [
      |     ^
    "#);
}

#[test]
fn text_after_the_end() {
    assert_snapshot!(wrong(&format!("{GOOD}\nand more")), @r#"
    error: text after the end
      --> full.ron:13:1
       |
    13 | and more
       | ^
    "#);
}

#[test]
fn a_value_that_does_not_parse() {
    assert_snapshot!(wrong(&GOOD.replace("20ms", "50 bananas")), @r#"
    error: `50 bananas` is not a duration; write "50ms" or "2s"
      --> full.ron:10:15
       |
    10 |     max_call: "50 bananas",
       |               ^^^^^^^^^^^^ in `max_call`
    "#);
}

#[test]
fn beyond_ascii() {
    assert_snapshot!(wrong(&GOOD.replace("everything\", ", "größe µ\",").replace("about: \"everything\",", "about: \"größe\", abut: 1,")), @r#"
    error: unknown field `abut`
     --> full.ron:3:21
      |
    3 |     about: "größe", abut: 1,
      |                     ^^^^
      |
      = help: did you mean `about`? known: about, suites, exclude, backends, reference, preset, max_call, timeout, memory_limit
    "#);
}

#[test]
fn empty() {
    assert_snapshot!(wrong(" \n"), @r#"
    error: `full.ron` is empty
      help: the smallest is `()`; errors then name what is missing
    "#);
    assert_snapshot!(wrong("// nothing yet\n"), @r#"
    error: `full.ron` is empty
      help: the smallest is `()`; errors then name what is missing
    "#);
}

#[test]
fn not_utf8() {
    assert_snapshot!(as_text("full.ron", b"(\n  about: \"gr\xfc\xdfe\",\n)").unwrap_err(), @r#"
    error: `full.ron` is not text
     cause: full.ron:2:13 (in bytes) is not UTF-8
      help: save it as UTF-8
    "#);
}

#[test]
fn colours() {
    let error = read::<Config>("full.ron", &GOOD.replace("reference", "referense")).unwrap_err();
    assert!(error.render(true).contains("\x1b["));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn mangled_text_does_no_harm(edits in prop::collection::vec((any::<prop::sample::Index>(), 0..30usize, "[()\\[\\]{}\"'r#/*,:µ\n]{0,3}"), 1..5)) {
        let mut letters: Vec<char> = GOOD.chars().collect();
        for (place, length, new) in edits {
            let at = place.index(letters.len() + 1);
            let end = (at + length).min(letters.len());
            letters.splice(at..end, new.chars());
        }
        if let Err(error) = read::<Config>("full.ron", &letters.into_iter().collect::<String>()) {
            prop_assert!(!error.render(true).is_empty());
        }
    }
}
