//! Suites and configs that somebody else writes, the three places a result can go, and what a call allocates.

use std::fs;

use crate::support::{Lab, compile, compile_as};

#[test]
fn a_suite_and_a_config_of_ones_own_run_from_another_folder() {
    let lab = Lab::new();
    lab.write(
        "theirs/suites/odd.ron",
        "(name: \"odd\", about: \"sizes nobody else has\", ops: [(op: \"matmul\", sizes: [\"13x17x19\"]), (op: \"add\", sizes: [\"777\"])])",
    );
    lab.write(
        "theirs/odd.ron",
        "(\n    about: \"by path\",\n    suites: [\"suites/odd.ron\"],\n    backends: [(source: \"pooled\", alias: \"theirs\"), (source: \"naive\")],\n    reference: \"naive\",\n    preset: quick,\n)\n",
    );
    fs::create_dir(lab.path("elsewhere")).unwrap();
    let run =
        |arguments: &[&str]| lab.end(lab.command(arguments).current_dir(lab.path("elsewhere"))).expect(0).report();

    let report = run(&["run", "../theirs/odd.ron", "--format", "json"]);
    assert_eq!((&report.0["run"]["config"], report.rows().len()), (&"odd".into(), 4));
    report.expect_measured("theirs").expect_measured("naive");
    assert_eq!(report.row("odd/matmul/13x17x19", "theirs")["params"]["k"], 19);

    let suite = ["run", "../theirs/suites/odd.ron", "-f", "add", "-b", "naive", "--quick", "--format", "json"];
    run(&suite).expect_measured("naive");
}

#[test]
fn an_optional_backend_that_cannot_be_had_is_skipped() {
    let lab = Lab::new();
    compile_as(&lab, "only_one", "refuses", &["-DSTATUS=SMB_UNSUPPORTED"]);
    let config = |optional: &str| {
        let absent = format!("(source: \"./libabsent.so\"{optional}), (source: \"./librefuses.so\"{optional})");
        format!("(about: \"\", suites: [\"smoke\"], backends: [{absent}, (source: \"naive\")], reference: \"absent\")")
    };
    lab.write("peers.ron", config(", optional: \"make it\""));
    lab.write("all.ron", config(", optional: \"make it\"").replace(", (source: \"naive\")", ""));
    lab.write("strict.ron", config(""));
    // `refuses` takes the variable for another context of its own.
    let run = |config| lab.end(lab.command(&["run", config, "-f", "add", "--quick"]).env("ONLY_ONE", "1"));

    let no_file = "skipped absent: there is no file `./libabsent.so`; get it with `make it`";
    let refused = "skipped refuses: one is there already; get it with `make it`";
    run("peers.ron").expect(0).says(no_file).says(refused);
    let report = lab.run(&["show", "--format", "json"]).expect(0).report();
    report.expect_measured("naive");
    assert_eq!((&report.0["run"]["reference"], report.rows().len()), (&"naive".into(), 1));
    let skipped = &report.0["run"]["skipped"];
    assert_eq!((&skipped[0]["alias"], &skipped[0]["get"]), (&"absent".into(), &"make it".into()), "{skipped}");
    assert_eq!((&skipped[1]["reason"], &skipped[2]), (&"one is there already".into(), &serde_json::Value::Null));
    lab.run(&["show"]).expect(0).says("- skipped absent: there is no file `./libabsent.so`; get it with make it");

    run("all.ron").expect(2).says("no backend is left");
    run("strict.ron").expect(2).says("error: there is no file `./libabsent.so`");
}

#[test]
fn in_place_is_measured_whether_it_reverses_stays_or_goes_round() {
    let lab = Lab::new();
    let ops = ["add", "scale", "relu", "gelu_tanh"];
    lab.write("there.ron", suite("there", "in_place", &ops));
    let report =
        lab.run(&["run", "there.ron", "-b", "naive,pooled,faer", "--quick", "--format", "json"]).expect(0).report();
    assert_eq!(report.rows().len(), 12);
    for backend in ["naive", "pooled", "faer"] {
        report.expect_measured(backend);
        assert_eq!(report.row("there/gelu_tanh/10000/f32/in_place", backend)["params"]["output"], "in_place");
    }
}

#[test]
fn into_its_own_memory_naive_allocates_and_pooled_does_not() {
    let lab = Lab::new();
    lab.write("own.ron", suite("own", "backend", &["add"]));
    let report =
        lab.run(&["run", "own.ron", "-b", "naive,pooled,faer", "--quick", "--format", "json"]).expect(0).report();
    for backend in ["naive", "pooled", "faer"] {
        report.expect_measured(backend);
    }
    let counted = |backend: &str, figure: &str| report.row_of(backend)["allocations"][figure].as_f64().unwrap();
    assert!(counted("naive", "count") >= 1.0);
    assert!(counted("naive", "bytes") >= 40_000.0, "a tensor of 10,000");
    assert_eq!((counted("pooled", "count"), counted("pooled", "bytes")), (0.0, 0.0));
}

#[test]
fn a_strangers_allocations_are_counted_to_the_byte() {
    let lab = Lab::new();
    let library = compile(&lab, "allocates");
    let ran = lab.run(&["run", "--case", "add/1000", "-b", library.to_str().unwrap(), "--quick", "--format", "json"]);
    let report = ran.expect(0).report();
    let allocations = &report.expect_measured("allocates").row_of("allocates")["allocations"];
    assert_eq!((&allocations["count"], &allocations["bytes"]), (&3.0.into(), &600.0.into()));
    assert!((300..400).contains(&allocations["peak_bytes"].as_u64().unwrap()), "one block at a time: {allocations}");
}

/// A suite of some ops at one size, on one line.
fn suite(name: &str, output: &str, ops: &[&str]) -> String {
    let op = |op: &&str| format!("(op: \"{op}\", sizes: [\"10_000\"], output: {output})");
    let ops: Vec<String> = ops.iter().map(op).collect();
    format!("(name: \"{name}\", about: \"results elsewhere\", ops: [{}])", ops.join(", "))
}
