//! How a figure is written: the same in every table. What was not measured is a dash, never a 0.

use std::cmp::Ordering;

use smbench_core::backend::Skipped;
use smbench_core::confinement::Protection;
use smbench_core::message::Allocations;
use smbench_core::plan::Plan;
use smbench_core::run::Run;
use smbench_core::stats::Interval;
use smbench_core::study::{Comparison, Rates, Row, Study};
use smbench_core::units::{Bytes, Change, Deviation, Nanoseconds, Percent, Ratio, TokenRate, significant};
use smbench_core::verdict::Verdict;

use crate::document::{Subject, Text, Tone};

/// Stands where there is no figure; every table with one explains it.
pub const NONE: &str = "–";

/// The time of one call: `1.52 ms`.
pub fn time(row: &Row) -> Text {
    match row.time_ns {
        Some(time) => Nanoseconds(time.median).to_string().into(),
        None => row.outcome.word().into(),
    }
}

/// Half the 95 % interval of the time, in percent of it: `±0.4 %`.
pub fn spread(row: &Row) -> Text {
    row.time_ns.map_or_else(none, |time| spread_of(time.median, time.interval))
}

/// The same of a time without its row.
pub fn spread_of(median: f64, interval: Option<Interval>) -> Text {
    let spread = interval.map(|interval| 50.0 * interval.width() / median);
    spread.map_or_else(none, |percent| format!("±{}", Percent(percent)).into())
}

/// `0.842x` of a difference, `=1.003x` of what is equivalent, `~1.05x` where neither can be said.
pub fn ratio(comparison: &Comparison) -> Text {
    ratio_of(comparison.ratio, comparison.interval, comparison.verdict())
}

/// The same of a ratio without its comparison.
pub fn ratio_of(ratio: f64, interval: Option<Interval>, verdict: Option<Verdict>) -> Text {
    let ratio = match interval {
        Some(interval) => format!("{:.*}x", decimals(interval), ratio),
        None => Ratio(ratio).to_string(),
    };
    marked(verdict, ratio)
}

/// A ratio and what the verdict makes of it.
pub fn marked(verdict: Option<Verdict>, ratio: String) -> Text {
    match verdict {
        Some(verdict) if verdict.is_difference() => Text::of(tone(verdict), ratio),
        Some(Verdict::Equivalent) => format!("={ratio}").into(),
        _ => format!("~{ratio}").into(),
    }
}

/// The ends of a ratio's interval: `0.839–0.846`.
pub fn interval(interval: Option<Interval>) -> Text {
    let Some(interval) = interval else { return none() };
    let decimals = decimals(interval);
    format!("{:.decimals$}–{:.decimals$}", interval.low, interval.high).into()
}

/// Three digits, and enough to keep an end beside 1 from printing as 1; five decimals at most.
fn decimals(interval: Interval) -> usize {
    let three = match interval.high {
        high if high >= 99.95 => 0,
        high if high >= 9.995 => 1,
        high if high >= 2.0 => 2,
        high if high >= 0.2 => 3,
        _ => 4,
    };
    let nearest = (interval.low - 1.0).abs().min((interval.high - 1.0).abs());
    let beside_1 = if interval.contains(1.0) { 0.0 } else { -nearest.max(1e-5).log10().floor() };
    three.max(beside_1 as usize).min(5)
}

/// What the marks of ratios mean.
pub const MARKS: &str = "= equivalent, ~ undecided or unreliable, unmarked: faster or slower by a verdict";

/// What the words and icons of verdicts mean: printed once, a point each.
pub const VERDICTS: [&str; 4] = [
    "⬆️ faster, ⬇️ slower: by the margin at least, q at most 0.05, the 95 % interval excludes 1; one arrow from 1.1x, two \
     from 1.5x, three from 3x (JSON: improved, regressed)",
    "➡️ equivalent, = before a ratio: the 90 % interval lies inside the margin, which is 1 % where arithmetic limits, \
     1.5 % where memory does and for models, 2 % with several threads",
    "? undecided, ~ before a ratio: neither, so far (JSON: inconclusive)",
    "⚠️ unreliable, ~ too: too few launches or rounds, threads that waited for a core, an A/A control that told identical \
     code apart, or a ratio that was not steady",
];

/// A verdict in a word.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Improved => "faster",
        Verdict::Regressed => "slower",
        Verdict::Equivalent => "equivalent",
        Verdict::Inconclusive => "undecided",
        Verdict::Unreliable => "unreliable",
    }
}

/// And as an icon: arrows by how far the ratio is from 1, none below 1.1x.
pub fn icon(verdict: Verdict, ratio: f64) -> String {
    match verdict {
        Verdict::Improved => arrows("⬆️", 1.0 / ratio),
        Verdict::Regressed => arrows("⬇️", ratio),
        Verdict::Equivalent => "➡️".to_owned(),
        Verdict::Inconclusive => "?".to_owned(),
        Verdict::Unreliable => "⚠️".to_owned(),
    }
}

/// One, two, three from 1.1x, 1.5x, 3x.
pub fn arrows(arrow: &str, factor: f64) -> String {
    arrow.repeat([1.1, 1.5, 3.0].iter().filter(|from| factor >= **from).count())
}

/// `⬇️⬇️ slower`.
pub fn judgement(comparison: &Comparison) -> Text {
    let Some(verdict) = comparison.verdict() else { return "not judged".into() };
    let words = format!("{} {}", icon(verdict, comparison.ratio), self::verdict(verdict));
    Text::of(tone(verdict), words.trim_start())
}

/// The tone that goes with the word.
pub fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Improved => Tone::Good,
        Verdict::Regressed => Tone::Bad,
        Verdict::Unreliable => Tone::Caution,
        Verdict::Equivalent | Verdict::Inconclusive => Tone::Plain,
    }
}

/// A change for a bar's caption: `+55.8 %`, or `2.31x` once it doubles or halves.
pub fn change(ratio: f64) -> String {
    Change(ratio).to_string()
}

/// What became of an amount: `88.6 % less`, `12.0 % more`, `same`; `new` where there was none.
pub fn less(now: f64, before: f64) -> Text {
    let percent = 100.0 * (now - before).abs() / before;
    let words = match percent {
        p if p < 0.05 => "<0.1 %".to_owned(),
        p if now > 0.0 && now < before && p > 99.95 => ">99.9 %".to_owned(),
        p => format!("{p:.1} %"),
    };
    match now.total_cmp(&before) {
        Ordering::Equal => "same".into(),
        Ordering::Less => Text::of(Tone::Good, format!("{words} less")),
        Ordering::Greater if before == 0.0 => Text::of(Tone::Bad, "new"),
        Ordering::Greater => Text::of(Tone::Bad, format!("{words} more")),
    }
}

/// Before and after in one cell: `64 MiB → 0 B`, or once where they read the same.
pub fn step(before: String, after: String) -> String {
    if before == after { after } else { format!("{before} → {after}") }
}

/// A share of a whole: `41 %`; only all of it is 100 %, and only none of it 0.0 %.
pub fn share(share: f64) -> String {
    match 100.0 * share {
        p if p > 0.0 && p < 0.05 => "<0.1 %".to_owned(),
        p if (99.5..100.0).contains(&p) => ">99 %".to_owned(),
        p => Percent(p).to_string(),
    }
}

/// Tokens a second of a model: `23.1k tok/s`. Else `226 GFLOPS`, or `34.0 GB/s` where a byte meets fewer than 4 flops: the same line as for percent of peak. A case's
/// bound will not do, since a large matmul counts as memory-bound there for the sake of its margin.
pub fn rate(row: &Row) -> Text {
    if let Some(tokens) = row.tokens {
        return TokenRate(tokens.per_s).to_string().into();
    }
    let arithmetic = row.case.cost.flops >= 4 * row.case.cost.bytes;
    let of = |rates: Rates| match arithmetic {
        true => format!("{} GFLOPS", significant(rates.gflops)),
        false => format!("{} GB/s", significant(rates.gb_per_s)),
    };
    row.rates.map_or_else(none, |rates| of(rates).into())
}

/// Percent of the limit measured in the run: `93 %`.
pub fn peak(row: &Row) -> Text {
    let peak = row.rates.and_then(|rates| rates.peak_pct);
    peak.map_or_else(none, |percent| Percent(percent).to_string().into())
}

/// Blocks and bytes asked for in one call: `0`, `1; 16 KiB`.
pub fn allocations(row: &Row) -> Text {
    match (row.allocations, &row.allocations_missing) {
        (Some(Allocations { count, bytes, .. }), _) => blocks(count, bytes).into(),
        (None, Some(why)) => none().note(format!("allocations not counted: {why}")),
        (None, None) => none(),
    }
}

/// `0`, `1; 16 KiB`; only the bytes where nobody counted blocks.
pub fn blocks(count: f64, bytes: f64) -> String {
    match (count, bytes) {
        (count, _) if count.is_nan() => self::bytes(bytes),
        (0.0, 0.0) => "0".to_owned(),
        _ => format!("{}; {}", number(count), self::bytes(bytes)),
    }
}

/// The largest absolute error against f64: `3.1e-7`; and what was allowed, where a config says so: `6.1e-4 of 5.0e-3`.
pub fn error(row: &Row) -> Text {
    row.error.map_or_else(none, |error| deviation(error.max_abs, row.logit_tolerance).into())
}

/// `3.1e-7`, `6.1e-4 of 5.0e-3`.
pub fn deviation(error: f64, allowed: Option<f64>) -> String {
    match allowed {
        Some(allowed) => format!("{} of {}", Deviation(error), Deviation(allowed)),
        None => Deviation(error).to_string(),
    }
}

/// `16 KiB`: no decimals that say nothing.
pub fn bytes(bytes: f64) -> String {
    Bytes(bytes).to_string().replace(".00 ", " ").replace(".0 ", " ")
}

/// `5,927.59`
pub fn hundredths(value: f64) -> String {
    let rounded = format!("{:.2}", value.abs());
    let (whole, fraction) = rounded.split_once('.').unwrap_or((&rounded, "00"));
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}.{fraction}", whole.parse().map_or_else(|_| whole.to_owned(), thousands))
}

/// `3`, `0.250`: whole numbers without decimals.
pub fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { significant(value) }
}

/// `470,528`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let group = |index: usize| index > 0 && (digits.len() - index).is_multiple_of(3);
    digits.char_indices().fold(String::new(), |out, (index, c)| {
        let comma = if group(index) { "," } else { "" };
        out + comma + c.encode_utf8(&mut [0; 4])
    })
}

/// `1 case`, `3 cases`, `12 launches`.
pub fn count(n: usize, noun: &str) -> String {
    let ending = if noun.ends_with("ch") { "es" } else { "s" };
    format!("{n} {noun}{}", if n == 1 { "" } else { ending })
}

/// What a run is called: its label, else its id.
pub fn run_name(run: &Run) -> &str {
    run.label.as_deref().unwrap_or(&run.id)
}

/// What a row is about, for links and filters.
pub fn subject(study: &Study, index: usize) -> Subject {
    let row = &study.rows[index];
    let compared = study.comparison_of(index).and_then(Comparison::verdict).map(verdict);
    let alone = match study.runs[row.run].plan.reference_of(row.backend) {
        _ if row.time_ns.is_none() => row.outcome.word(),
        None => "reference",
        Some(_) => "not judged",
    };
    Subject {
        case: row.case.title(),
        suite: row.case.suite.clone(),
        backend: row.alias.clone(),
        verdict: compared.unwrap_or(alone),
    }
}

/// What a flag means.
pub fn flag(flag: &str) -> &str {
    match flag {
        "tail" => "tail: some calls, or launches, take over 1.2 times what most take; the median is shown",
        other => other,
    }
}

/// At most so many characters.
pub fn cut(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    text.chars().take(chars - 1).chain(['…']).collect()
}

/// At most so many characters, with `…` in place of the middle, since names differ at both ends.
pub fn elided(text: &str, chars: usize) -> String {
    let all: Vec<char> = text.chars().collect();
    if all.len() <= chars {
        return text.to_owned();
    }
    let head = chars / 2;
    let tail = chars.saturating_sub(head + 1);
    all[..head].iter().chain(&['…']).chain(&all[all.len() - tail..]).collect()
}

/// What a text says, without its tones and notes.
pub fn words(text: &Text) -> String {
    text.spans.iter().map(|span| span.text.as_str()).collect()
}

/// The first 12 digits of a hash.
pub fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// No figure.
pub fn none() -> Text {
    Text::of(Tone::Faint, NONE)
}

/// Optional backends that could not be had: why, and the command that gets them.
pub fn skipped(plan: &Plan) -> Vec<Text> {
    let point = |Skipped { alias, reason, get }: &Skipped| {
        let who = Text::of(Tone::Caution, "skipped ").and(Tone::Code, alias);
        who.plain(format!(": {reason}; get it with ")).and(Tone::Code, get)
    };
    plan.skipped.iter().map(point).collect()
}

/// Where this kernel could not hold plugins to what they may do: what they might have done.
pub fn unprotected(plan: &Plan) -> Option<Text> {
    let protections = plan.backends.iter().filter_map(|backend| backend.plugin.protection);
    let gap = protections.filter_map(Protection::gap).next()?;
    Some(Text::of(Tone::Caution, "not confined").plain(format!(": {gap}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_show_what_they_exclude() {
        #[track_caller]
        fn check(low: f64, high: f64, want: &str) {
            let text = interval(Some(Interval { low, high }));
            assert_eq!(text.spans[0].text, want);
        }
        check(0.8391, 0.8458, "0.839–0.846");
        check(0.83, 0.86, "0.830–0.860");
        check(1.0004, 1.0061, "1.0004–1.0061");
        check(0.02083, 0.02151, "0.0208–0.0215");
        check(0.00915, 0.00922, "0.0092–0.0092");
        check(0.1018, 0.1023, "0.1018–0.1023");
        check(0.9123, 0.99994, "0.91230–0.99994");
        check(12.31, 12.62, "12.3–12.6");
        check(147.2, 151.8, "147–152");
        check(131.0, 168.0, "131–168");
        check(0.4, 2.1, "0.40–2.10");
        check(0.9961, 1.0011, "0.996–1.001");
    }

    #[test]
    fn amounts_are_less_or_more() {
        #[track_caller]
        fn check(now: f64, before: f64, want: &str) {
            assert_eq!(less(now, before).spans[0].text, want);
        }
        check(114.0, 1000.0, "88.6 % less");
        check(0.0, 1000.0, "100.0 % less");
        check(0.1, 1000.0, ">99.9 % less");
        check(1120.0, 1000.0, "12.0 % more");
        check(1000.1, 1000.0, "<0.1 % more");
        check(7.0, 7.0, "same");
        check(0.0, 0.0, "same");
        check(1.0, 0.0, "new");
    }

    #[test]
    fn shares_are_whole_only_where_they_are() {
        #[track_caller]
        fn check(of_1: f64, want: &str) {
            assert_eq!(share(of_1), want);
        }
        check(0.0, "0.0 %");
        check(0.0002, "<0.1 %");
        check(0.412, "41 %");
        check(0.998, ">99 %");
        check(1.0, "100 %");
        check(1.31, "131 %");
    }

    #[test]
    fn numbers_are_read_in_threes() {
        #[track_caller]
        fn check(value: u64, want: &str) {
            assert_eq!(thousands(value), want);
        }
        check(0, "0");
        check(999, "999");
        check(470_528, "470,528");
        check(1_000_000, "1,000,000");
        assert_eq!([5927.594, 0.006, -1234.5].map(hundredths), ["5,927.59", "0.01", "-1,234.50"]);
        assert_eq!(blocks(f64::NAN, 2048.0), "2 KiB");
    }

    #[test]
    fn arrows_begin_at_a_tenth() {
        #[track_caller]
        fn check(factor: f64, want: usize) {
            assert_eq!(arrows("x", factor).len(), want);
        }
        check(1.09, 0);
        check(1.1, 1);
        check(1.5, 2);
        check(2.9, 2);
        check(3.0, 3);
    }

    #[test]
    fn every_verdict_has_a_word_and_an_icon_in_the_legend() {
        for of in Verdict::ALL {
            let ratio = if of == Verdict::Improved { 0.8 } else { 1.2 };
            let said = format!("{} {}", icon(of, ratio), verdict(of));
            assert!(VERDICTS.iter().any(|point| point.contains(&said)), "{said}");
        }
        assert_eq!([icon(Verdict::Improved, 0.3), icon(Verdict::Regressed, 1.05)], ["⬆️⬆️⬆️", ""]);
    }
}
