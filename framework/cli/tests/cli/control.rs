//! The A/A control: what cannot have one is measured all the same.

use crate::support::{Lab, Report, compile_as};

#[test]
fn whoever_does_not_bear_a_copy_of_itself_is_measured_without() {
    let lab = Lab::new();
    let home = format!("-DHOME=\"{}\"", lab.path("").display());
    compile_as(&lab, "homesick", "homesick", &[&home]);
    compile_as(&lab, "only_one", "fails", &["-DSTATUS=SMB_FAILED"]);
    compile_as(&lab, "only_one", "refuses", &["-DSTATUS=SMB_UNSUPPORTED"]);
    for (alias, why) in
        [("homesick", "signal 11 (SIGSEGV)"), ("fails", "one is there already"), ("refuses", "one is there already")]
    {
        let ran =
            lab.run(&["run", "--case", "add/1000", "-b", &format!("./lib{alias}.so"), "--quick", "--format", "json"]);
        let ran = ran.expect(0);
        ran.says("no A/A control from here on: ").says(why);
        without_control(&ran.report(), alias);
    }
}

/// Blanks in its name are nobody's trouble.
#[test]
fn without_room_for_copies_everybody_is_measured_from_its_own_file() {
    let lab = Lab::new();
    let run = |folder: &str| {
        let arguments = ["run", "--case", "add/1000", "-b", "naive,pooled", "--quick", "--format", "json"];
        lab.end(lab.command(&arguments).env("TMPDIR", lab.path(folder))).expect(0)
    };
    let ran = run("absent");
    ran.says("plugins are loaded from their own files from here on, without an A/A control").says("TMPDIR names");
    assert_eq!(ran.stderr.matches("plugins are loaded").count(), 1, "it is said once");
    ["naive", "pooled"].into_iter().for_each(|alias| without_control(&ran.report(), alias));

    let kept = lab.write("tmp with blanks/smbench-0.1.0-x86_64/kept", "");
    let ran = run("tmp with blanks");
    assert!(!ran.stderr.contains("their own files") && !ran.report().0["run"]["noise_floor"].is_null());
    let left: Vec<_> =
        std::fs::read_dir(lab.path("tmp with blanks")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(left, [kept.parent().unwrap()], "copies are gone, and nobody else's");
}

#[track_caller]
fn without_control(report: &Report, alias: &str) {
    report.expect_measured(alias);
    let row = report.row_of(alias);
    assert_eq!((&row["launches"], &row["mode"]), (&12.into(), &"shared".into()), "no launch is lost, nobody is blamed");
    let run = &report.0["run"];
    assert!(run["noise_floor"].is_null() && run["control"].as_object().unwrap().is_empty(), "{run:#}");
}
