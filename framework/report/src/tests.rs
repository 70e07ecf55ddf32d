//! The whole way, from runs made by hand to what people and programs read.

use std::collections::BTreeSet;

use serde_json::Value;
use smbench_core::confinement::Protection;
use smbench_core::gate::{Gate, Ruling};
use smbench_core::goal::{self, Goal};
use smbench_core::history::{Entry, History, Step};
use smbench_core::outcome::Outcome;
use smbench_core::reference::Reference;
use smbench_core::run::Note;
use smbench_core::study::Study;

use crate::document::{Block, Document};
use crate::plot::Theme;
use crate::render::{Style, html, markdown, svg, terminal};
use crate::{
    Options, View, case_history, chart, closing, closing_line, comparison_table, doctor, fixture, goals, history,
    inspection, json, next_goals, pull_request, remarks, table,
};

fn options() -> Options {
    Options { command: "smbench chart latest -o chart.md".to_owned(), ..Options::default() }
}

fn schema() -> jsonschema::Validator {
    let schema = serde_json::from_str(include_str!("../../../docs/run.schema.json")).unwrap();
    jsonschema::draft202012::new(&schema).unwrap()
}

#[track_caller]
fn fits(text: &str, width: usize) {
    use unicode_width::UnicodeWidthStr;
    for line in text.lines() {
        assert!(line.width() <= width, "{} columns: {line}", line.width());
    }
}

#[test]
fn the_table() {
    let text = terminal(&table(&fixture::study(), &View::default()), Style::default());
    fits(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn colours_say_nothing_that_words_do_not() {
    let document = table(&fixture::study(), &View::default());
    let coloured = terminal(&document, Style { colour: true, width: 100 });
    assert!(coloured.contains("\x1b[32m0.478x\x1b[0m"));
    let mut plain = coloured.clone();
    for code in ["0", "1", "2", "31", "32", "33"] {
        plain = plain.replace(&format!("\x1b[{code}m"), "");
    }
    assert_eq!(plain, terminal(&document, Style::default()));
}

#[test]
fn a_large_matmul_counts_flops_though_its_bound_is_memory() {
    let mut study = fixture::alone();
    study.rows[1].case.bound = smbench_core::case::Bound::Memory;
    let text = terminal(&table(&study, &View::default()), Style::default());
    assert!(text.contains("matmul/512x512x512  pooled   1.19 ms ±0.4 %  225 GFLOPS  97 %"), "{text}");
}

#[test]
fn the_table_of_one_backend_has_no_ratio() {
    let text = terminal(&table(&fixture::alone(), &View::default()), Style::default());
    insta::assert_snapshot!(text);
}

#[test]
fn the_table_on_a_narrow_terminal() {
    let text = terminal(&table(&fixture::study(), &View::default()), Style { colour: false, width: 64 });
    fits(&text, 64);
    insta::assert_snapshot!(text);
}

#[test]
fn backends_without_an_op_share_a_line() {
    let mut run = fixture::study().runs.remove(0);
    for check in run.checks.iter_mut().filter(|check| check.backend > 0) {
        check.report.outcome = Outcome::Unsupported("the plugin has no `gelu`".to_owned());
    }
    // Who has no op has no samples, and no flags of them.
    run.launches.iter_mut().for_each(|launch| launch.launch.series.retain(|(backend, _)| *backend == 0));
    let (cases, study) = (run.plan.cases.len(), Study::of(vec![run]));
    let text = terminal(&table(&study, &View::default()), Style::default());
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("pooled") || line.contains("acme")).collect();
    assert_eq!(lines.len(), cases, "{text}");
    assert_eq!(lines[0].trim(), "pooled   unsupported: the plugin has no `gelu`; likewise acme");
}

#[test]
fn a_view_hides_rows_and_says_so() {
    let view = View { filter: &|row| row.case.id.contains("softmax") };
    insta::assert_snapshot!(terminal(&table(&fixture::study(), &view), Style::default()));
}

#[test]
fn two_runs_compared() {
    let text = terminal(&comparison_table(&fixture::two_runs(), &View::default()), Style::default());
    fits(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn the_closing_lines() {
    insta::assert_snapshot!(terminal(&closing(&fixture::study()), Style { colour: false, width: 200 }));
    insta::assert_snapshot!(
        [fixture::study(), fixture::alone(), fixture::two_runs()].map(|s| closing_line(&s)).join("\n")
    );
    let leaking = terminal(&closing(&fixture::models()), Style::default());
    let want = "- acme leaks at model_small/decode/10+24/f32 and 1 more: memory of every call is never freed\n";
    assert!(leaking.starts_with(want), "{leaking}");
}

#[test]
fn every_verdict_on_a_terminal() {
    let study = fixture::doubtful();
    let sections = [closing(&study), table(&study, &View::default()), only(&study, &["Trajectory"])];
    let text = sections.map(|document| terminal(&document, Style::default())).join("\n");
    fits(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn the_chart_across_backends() {
    insta::assert_snapshot!(markdown(&chart(&fixture::study(), &options())));
}

#[test]
fn the_chart_across_runs() {
    insta::assert_snapshot!(markdown(&chart(&fixture::two_runs(), &options())));
}

#[test]
fn the_chart_on_a_terminal() {
    insta::assert_snapshot!(terminal(&chart(&fixture::study(), &options()), Style::default()));
}

/// The sections on models, memory and changes.
fn models_and_memory(study: &Study) -> Document {
    only(study, &["Hot paths", "Memory impact", "Trajectory"])
}

/// Some sections of the chart.
fn only(study: &Study, titles: &[&str]) -> Document {
    kept(chart(study, &options()), titles)
}

/// Some sections of a document.
fn kept(Document { mut blocks }: Document, titles: &[&str]) -> Document {
    let title = |block: &Block| match block {
        Block::Heading(2, text) => Some(text.spans[0].text.clone()),
        _ => None,
    };
    let mut wanted = false;
    blocks.retain(|block| {
        wanted = title(block).map_or(wanted, |title| titles.contains(&&*title));
        wanted
    });
    Document { blocks }
}

#[test]
fn models_and_memory_across_backends() {
    insta::assert_snapshot!(markdown(&models_and_memory(&fixture::models())));
}

#[test]
fn models_and_memory_on_a_terminal() {
    let text = terminal(&models_and_memory(&fixture::models()), Style::default());
    fits(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn models_and_memory_across_runs() {
    insta::assert_snapshot!(markdown(&models_and_memory(&fixture::two_model_runs())));
}

#[test]
fn models_and_memory_across_runs_on_a_terminal() {
    let text = terminal(&models_and_memory(&fixture::two_model_runs()), Style::default());
    fits(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn the_table_of_models() {
    let text = terminal(&table(&fixture::models(), &View::default()), Style::default());
    fits(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn the_same_study_gives_the_same_bytes() {
    let all = || {
        let study = fixture::study();
        let document = chart(&study, &options());
        let pages = [html(&document), svg(&document, Theme::Light), svg(&document, Theme::Dark)];
        (pages, [markdown(&document), terminal(&document, Style::default()), json::render(&study, None)])
    };
    assert_eq!(all(), all());
}

#[test]
fn goals_are_told_in_the_table_and_in_the_json() {
    let study = fixture::small();
    let goal = |text: &str| serde_json::from_str::<Goal>(text).unwrap();
    let asked = [
        goal(r#"{"case": "", "metric": "time_ns", "at_most": 1e12}"#),
        goal(r#"{"case": "", "metric": "gflops", "at_least": 1e6, "blocker": true, "about": "out of reach"}"#),
        goal(r#"{"case": "", "metric": "tokens_per_s", "at_least": 1}"#),
        goal(r#"{"case": "nowhere", "metric": "ratio", "at_most": 1, "backend": "acme", "threads": 2}"#),
    ];
    let judged = goal::judge(&asked, &study, &|number, id| id.contains(&asked[number].case));
    let text = terminal(&goals(&study, &judged), Style::default());
    insta::assert_snapshot!(text);
    assert!(goals(&study, &[]).blocks.is_empty(), "without goals nothing is said");
    let ruling = Ruling::of(&study, &[Gate::Goal], judged, false);
    let value = serde_json::from_str(&json::render(&study, Some(&ruling))).unwrap();
    let faults: Vec<String> = schema().iter_errors(&value).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn the_json() {
    insta::assert_snapshot!(rounded(&json::render(&fixture::small(), None)));
}

#[test]
fn the_json_keeps_to_its_schema() {
    let schema = schema();
    let nasty = [fixture::nasty(), fixture::nasty_models()];
    let models = [fixture::models(), fixture::two_model_runs()];
    for study in [fixture::study(), fixture::alone(), fixture::doubtful(), fixture::two_runs()]
        .into_iter()
        .chain(models)
        .chain(nasty)
    {
        let text = json::render(&study, None);
        let value: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        assert_eq!(value, json::json(&study));
    }
}

#[test]
fn the_schema_is_strict() {
    let schema = schema();
    let sound = json::json(&fixture::small());
    assert!(schema.is_valid(&sound));
    let spoiled = |path: &str, value: Value| {
        let mut json = sound.clone();
        let (parent, name) = path.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap()[name] = value;
        !schema.is_valid(&json)
    };
    assert!(spoiled("/unknown", 1.into()));
    assert!(spoiled("/run/unknown", 1.into()));
    assert!(spoiled("/cases/0/time_ns", Value::Null), "measured, and no time");
    assert!(spoiled("/cases/0/outcome", "failed".into()), "failed, and a time");
    assert!(spoiled("/comparisons/0/verdict", "faster".into()));
    assert!(spoiled("/comparisons/0/verdict", Value::Null), "paired, and not judged");
    assert!(spoiled("/comparisons/0/reason", Value::Null), "judged, and no reason");
    assert!(spoiled("/comparisons/0/evidence", "raw".into()), "two runs, and judged");
    assert!(spoiled("/comparisons/0/launches_needed", 24.into()), "decided, and more would decide");
}

#[test]
fn what_was_not_measured_is_null() {
    let json = json::json(&fixture::study());
    let lost = json["cases"].as_array().unwrap().iter().find(|row| row["outcome"] == "failed").unwrap();
    for name in ["time_ns", "cold_ns", "gflops", "gb_per_s", "peak_pct", "allocations", "error", "receipt"] {
        assert!(lost[name].is_null(), "{name} is {}", lost[name]);
    }
    assert_eq!(lost["reason"], "signal 11");
}

#[test]
fn what_the_kernel_could_not_prevent_stands_in_the_last_lines() {
    let mut study = fixture::study();
    let run = study.runs.last_mut().unwrap();
    run.plan.backends[0].plugin.protection = Some(Protection::Trusted);
    run.plan.backends[1].plugin.protection = Some(Protection::Kernel { landlock: None, seccomp: true });
    let last = terminal(&closing(&study), Style { colour: false, width: 200 });
    assert!(last.contains("not confined: this kernel has no Landlock: plugins may open every file"), "{last}");
    let header = markdown(&chart(&study, &options()));
    assert!(header.contains("`naive` not confined: trusted\n"), "{header}");
    assert!(header.contains("`pooled` confined by no landlock, seccomp\n"), "{header}");
}

#[test]
fn nasty_names_are_harmless_everywhere() {
    let study = fixture::nasty();
    let document = chart(&study, &options());
    let shown = terminal(&document, Style::default());
    let page = markdown(&document);
    let json = json::render(&study, None);
    let (last, last_page) = (terminal(&closing(&study), Style::default()), markdown(&closing(&study)));
    let goals = next_goals(&study, &options());
    for text in [&shown, &page, &json, &closing_line(&study), &last, &last_page, &goals] {
        assert!(!text.contains(['\x1b', '\r', '\u{202e}']), "{text}");
    }
    for text in [html(&document), svg(&document, Theme::Light)] {
        assert!(!text.contains(['\x1b', '\r', '\u{202e}']) && !text.contains("<script>alert"), "{text}");
        assert!(text.contains("a|b`c&lt;script&gt;alert(1)&lt;/script&gt;"), "the name itself is shown");
    }
    fits(&terminal(&table(&study, &View::default()), Style::default()), 100);
    insta::assert_snapshot!(page);
    insta::assert_snapshot!("nasty_names_in_the_last_lines", last_page);
}

#[test]
fn nasty_models_are_harmless_too() {
    let study = fixture::nasty_models();
    let document = models_and_memory(&study);
    let page = markdown(&document);
    for text in [&terminal(&document, Style::default()), &page, &json::render(&study, None), &html(&document)] {
        assert!(!text.contains(['\x1b', '\r', '\u{202e}']) && !text.contains("<script>alert<"), "{text}");
    }
    insta::assert_snapshot!(page);
}

/// One of the models' goals is missed, one met, one without a case.
fn with_goals(study: &Study) -> Options {
    let goal = |text: &str| serde_json::from_str::<Goal>(text).unwrap();
    let asked = [
        goal(
            r#"{"about": "tokens", "case": "/decode/", "backend": "pooled", "metric": "tokens_per_s", "at_least": 1e9}"#,
        ),
        goal(r#"{"case": "/prefill/", "metric": "ratio", "at_most": 1, "blocker": true}"#),
        goal(r#"{"about": "nobody", "case": "nowhere", "metric": "time_ns", "at_most": 1}"#),
    ];
    let matches = |number: usize, id: &str| id.contains(&asked[number].case);
    let goals = (0..study.runs.len()).map(|run| (run, goal::judge_run(&asked, study, run, &matches))).collect();
    let reference = |engine: &str, plugin: Option<&str>| Reference {
        engine: engine.to_owned(),
        what: "another model".to_owned(),
        metric: goal::Metric::TokensPerS,
        value: 3.94,
        machine: "an old machine".to_owned(),
        date: "2023-05-16".to_owned(),
        source: "https://example.org/1".to_owned(),
        plugin: plugin.map(str::to_owned),
        case: "/decode/".to_owned(),
    };
    let references = vec![reference("engine", None), reference("naive's own", Some("naive"))];
    Options { goals, references, ..options() }
}

#[test]
fn goals_references_and_what_follows_from_them() {
    let study = fixture::models();
    let titles = ["Goals", "Recommendations", "Test matrix for the next run"];
    let of = |options: &Options| kept(chart(&study, options), &titles);
    insta::assert_snapshot!(markdown(&of(&with_goals(&study))));
    let brief = Options { is_brief: true, ..with_goals(&study) };
    let brief = terminal(&of(&brief), Style::default());
    assert!(!brief.contains("quoted") && !brief.contains("Grade"), "{brief}");
    fits(&brief, 100);
    let two = fixture::two_model_runs();
    let goals = kept(chart(&two, &with_goals(&two)), &["Goals", "Test matrix for the next run"]);
    insta::assert_snapshot!(markdown(&goals));
}

#[test]
fn a_page_asks_for_nothing_and_says_what_drawings_show() {
    for study in [fixture::study(), fixture::models(), fixture::two_runs(), fixture::doubtful()] {
        let page = html(&chart(&study, &with_goals(&study)));
        for asking in ["src=", "@import", "url(", "http-equiv", "<link", "fetch("] {
            assert!(!page.contains(asking), "{asking}");
        }
        let count = |what: &str| page.matches(what).count();
        let drawn = chart(&study, &with_goals(&study));
        assert_eq!(count("The same as a table"), drawn.plots().filter(|plot| plot.of().table().is_some()).count());
        assert!(count("<svg ") > 0 && count("<svg ") == drawn.plots().count());
        assert_eq!(count("<h1>"), 1);
        // A word of a link that leads nowhere is a broken promise.
        let ids: BTreeSet<&str> = page.split(" id=").skip(1).map(value).collect();
        for link in page.split(" href=").skip(1).map(value).filter_map(|link| link.strip_prefix('#')) {
            assert!(ids.contains(link), "{link}");
        }
    }
}

/// An attribute's value, with or without quotes.
fn value(rest: &str) -> &str {
    match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap(),
        None => rest.split([' ', '>']).next().unwrap(),
    }
}

#[test]
fn the_drawings_of_a_small_study() {
    insta::assert_snapshot!(svg(&chart(&fixture::small(), &options()), Theme::Light));
}

#[test]
fn a_history_is_drawn() {
    let page = html(&case_history(&of_add()));
    assert!(
        page.contains("pooled at simd/add/10000/f32") && page.contains("under 16 runs no change can be looked for")
    );
    assert!(page.contains("tabindex=\"0\" role=\"img\"><title>v0.2: "), "every run can be pointed at");
}

#[test]
fn the_comment_of_a_pull_request() {
    insta::assert_snapshot!(pull_request(&fixture::doubtful()));
    insta::assert_snapshot!(pull_request(&fixture::small()));
    assert_eq!(pull_request(&Study::of(Vec::new())), "### smbench: nothing to compare\n");
    assert!(pull_request(&fixture::alone()).starts_with("### smbench: nothing was compared\n"));
}

#[test]
fn what_is_no_longer_supported_stands_in_a_comments_headline() {
    let mut run = fixture::doubtful().runs.remove(0);
    let check = run.checks.iter_mut().find(|check| (check.case, check.backend) == (0, 1)).unwrap();
    check.report.outcome = Outcome::Unsupported("too slow at this size".to_owned());
    let comment = pull_request(&Study::of(vec![run]));
    assert!(comment.starts_with("### smbench: 1 no longer supported · 4 faster · "), "{comment}");
    let line = "- `pooled` unsupported at `simd/matmul/64x64x64/f32`: too slow at this size\n";
    assert!(comment.contains(line), "{comment}");
}

#[test]
fn a_comment_is_harmless() {
    let mut study = fixture::nasty();
    study.runs[0].command = format!("smbench run\n```\n{}", study.runs[0].label.clone().unwrap());
    let comment = pull_request(&study);
    assert!(!comment.contains(['\x1b', '\r', '\u{202e}']), "{comment}");
    insta::assert_snapshot!(comment);
}

#[test]
fn notes_stand_with_their_runs() {
    let mut study = fixture::two_runs();
    let note = |day: &str, text: &str| Note { created: format!("2026-11-{day}T10:00:00Z"), text: text.to_owned() };
    study.runs[0].notes = vec![note("23", "with the fan on"), note("25", "\x1b[2J # not to be trusted")];
    study.runs[1].notes = vec![note("24", "*after* the merge")];
    insta::assert_snapshot!(terminal(&remarks(&study), Style::default()));
    let page = markdown(&chart(&study, &options()));
    assert!(page.contains("### Notes\n\n- `main`, 2026-11-23T10:00:00Z: with the fan on\n"), "{page}");
    assert!(page.contains("\\*after\\* the merge") && !page.contains('\x1b'), "{page}");
    study.runs.remove(1);
    assert!(terminal(&remarks(&study), Style::default()).contains("- 2026-11-23T10:00:00Z: with the fan on\n"));
    assert_eq!(remarks(&fixture::study()), Document::default());
}

/// One case of the fixture's history.
fn of_add() -> History {
    fixture::history(&|case, _| case.id == "simd/add/10000/f32")
}

#[test]
fn the_history_of_a_case() {
    let text = terminal(&case_history(&of_add()), Style::default());
    fits(&text, 100);
    insta::assert_snapshot!(text);
}

#[test]
fn the_history_of_all_cases() {
    insta::assert_snapshot!(markdown(&history(&fixture::history(&|case, _| case.suite == "simd"))));
}

#[test]
fn a_history_is_of_those_asked_for() {
    let pooled = fixture::history(&|case, alias| case.suite == "activations" && alias == "pooled");
    let series = pooled.series();
    assert_eq!(series.iter().map(|series| series.backend).collect::<Vec<_>>(), ["pooled"; 4]);
    // The first day was another machine; the others' median is 1.01 of the usual, the newest is 0.81 of it.
    let ratio = series[0].ratio().unwrap();
    assert!((0.78..0.83).contains(&ratio), "{ratio}");
    assert_eq!((series[0].measured(), series[0].comparable().len(), series[0].builds()), (7, 6, 2));
    assert_eq!(series[0].steps(1), [Step::Machine]);
    assert_eq!(series[0].steps(5), [Step::Plugin]);
    let [first, second, sixth] = [0, 1, 5].map(|day| &pooled.entries[day]);
    assert_eq!((second.breaks(first), sixth.breaks(second)), (vec![Step::Machine], vec![]));
}

#[test]
fn one_run_is_a_history_without_a_ratio() {
    let mut one = of_add();
    one.entries.drain(..6);
    let text = terminal(&case_history(&one), Style::default());
    assert!(text.contains("1 run, oldest first") && text.contains("interrupted"), "{text}");
    assert!(
        terminal(&history(&one), Style::default())
            .contains("no case was measured by the same backend in two runs; 1 run looked at")
    );
    assert_eq!(case_history(&History::default()), Document::default());
}

#[test]
fn the_json_of_a_history_keeps_to_its_schema() {
    let schema = serde_json::from_str(include_str!("../../../docs/history.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for history in [fixture::history(&|_, _| true), of_add(), nasty_history(), History::default()] {
        let text = json::history::render(&history);
        let value: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        assert_eq!(value, json::history::json(&history));
    }
    let sound = json::history::json(&of_add());
    let spoiled = |path: &str, value: Value| {
        let mut json = sound.clone();
        let (parent, name) = path.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap()[name] = value;
        !schema.is_valid(&json)
    };
    assert!(spoiled("/unknown", 1.into()) && spoiled("/runs/0/unknown", 1.into()));
    assert!(spoiled("/series/0/points/0/time_ns", Value::Null), "measured, and no time");
    assert!(spoiled("/series/0/points/0/steps", vec!["weather"].into()));
}

#[test]
fn the_json_of_a_history() {
    let mut two = fixture::history(&|case, alias| case.id == "simd/add/10000/f32" && alias == "pooled");
    two.entries.drain(..5);
    insta::assert_snapshot!(rounded(&json::history::render(&two)));
}

#[test]
fn a_diagnosis() {
    let texts = [fixture::diagnosis(), fixture::undiagnosed()].map(|found| terminal(&doctor(&found), Style::default()));
    texts.iter().for_each(|text| fits(text, 100));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn the_json_of_a_diagnosis_keeps_to_its_schema() {
    let schema = serde_json::from_str(include_str!("../../../docs/doctor.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for diagnosis in [fixture::diagnosis(), fixture::undiagnosed()] {
        let value: Value = serde_json::from_str(&json::doctor::render(&diagnosis)).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        assert_eq!(value, json::doctor::json(&diagnosis));
    }
    let spoiled = |path: &str, value: Value| {
        let mut json = json::doctor::json(&fixture::diagnosis());
        let (parent, name) = path.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap()[name] = value;
        !schema.is_valid(&json)
    };
    assert!(spoiled("/unknown", 1.into()) && spoiled("/facts/0/level", "bad".into()));
    assert!(spoiled("/facts/0/advice", Value::Null), "a problem, and no advice");
    assert!(spoiled("/backend", Value::Null), "measured, and nobody was");
}

#[test]
fn an_inspection() {
    let texts = [fixture::flawless(), fixture::flawed()].map(|found| terminal(&inspection(&found), Style::default()));
    texts.iter().for_each(|text| fits(text, 100));
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn the_json_of_an_inspection_keeps_to_its_schema() {
    let schema = serde_json::from_str(include_str!("../../../docs/check.schema.json")).unwrap();
    let schema = jsonschema::draft202012::new(&schema).unwrap();
    for found in [fixture::flawless(), fixture::flawed()] {
        let text = json::check::render(&found);
        assert!(!text.contains(['\x1b', '\r', '\u{202e}']), "{text}");
        let value: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> =
            schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        assert_eq!(value, json::check::json(&found));
    }
    let spoiled = |path: &str, value: Value| {
        let mut json = json::check::json(&fixture::flawless());
        let (parent, name) = path.rsplit_once('/').unwrap();
        json.pointer_mut(parent).unwrap()[name] = value;
        !schema.is_valid(&json)
    };
    assert!(spoiled("/unknown", 1.into()) && spoiled("/plugin/unknown", 1.into()));
    assert!(spoiled("/checks/0/outcome", "measured".into()), "nothing is measured here");
    assert!(spoiled("/checks/0/error", Value::Null), "right, and nobody knows how far from the oracle");
    assert!(spoiled("/checks/0/call_ns", 0.into()) && spoiled("/plugin/doors", Value::Array(vec![])));
}

/// A plugin's, a label's, a branch's and a failure's names are attacks.
fn nasty_history() -> History {
    let mut nasty = fixture::nasty();
    let run = &mut nasty.runs[0];
    let label = run.label.clone().unwrap();
    run.git.iter_mut().for_each(|git| (git.commit, git.branch) = (label.clone(), Some(label.clone())));
    run.created = label;
    let first = run.plan.cases[0].id.clone();
    let entry = Entry::of(run, &|case, _| case.id == first);
    History { entries: vec![entry.clone(), entry], older: 0 }
}

#[test]
fn nasty_names_are_harmless_in_a_history() {
    let nasty = nasty_history();
    let pages = [case_history(&nasty), history(&nasty)].map(|document| markdown(&document));
    let shown = [case_history(&nasty), history(&nasty)].map(|document| terminal(&document, Style::default()));
    for text in pages.iter().chain(&shown).chain([&json::history::render(&nasty)]) {
        assert!(!text.contains(['\x1b', '\r', '\u{202e}']), "{text}");
    }
    insta::assert_snapshot!(pages.join("\n"));
}

#[test]
fn an_empty_study_is_no_accident() {
    let empty = Study::of(Vec::new());
    assert_eq!(table(&empty, &View::default()), Document::default());
    assert_eq!(closing_line(&empty), "no run");
    assert!(!markdown(&chart(&empty, &options())).is_empty());
}

/// Six digits of every fraction, one to a line: logarithms differ in their last digit between C libraries.
fn rounded(json: &str) -> String {
    json.lines().map(|line| rounded_line(line) + "\n").collect()
}

fn rounded_line(line: &str) -> String {
    let value = line.trim_end_matches(',');
    let start = value.rfind(' ').map_or(0, |space| space + 1);
    match value[start..].parse::<f64>() {
        Ok(number) if value[start..].contains('.') => {
            let six: f64 = format!("{number:.5e}").parse().unwrap();
            format!("{}{six}{}", &line[..start], &line[value.len()..])
        }
        _ => line.to_owned(),
    }
}
