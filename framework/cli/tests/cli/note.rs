//! Remarks stay with their run, wherever it is shown.

use crate::support::Lab;

#[test]
fn a_note_is_shown_wherever_the_run_is() {
    let lab = Lab::new();
    lab.run(&["run", "--case", "add/1000", "-b", "naive", "--quick", "--label", "before"]).expect(0);
    lab.run(&["note", "before"]).expect(0).says("has no note; add one: `smbench note 2");
    lab.run(&["note", "before", "with", "the fan", "on"]).expect(0).says("`smbench show 2");
    lab.run(&["note", "latest", "--", "-O2, not -O3"]).expect(0);
    let listed = lab.run(&["note", "before"]).expect(0).stdout;
    let notes: Vec<&str> = listed.lines().filter_map(|line| line.split_once("Z  ")).map(|(_, text)| text).collect();
    assert_eq!(notes, ["with the fan on", "-O2, not -O3"]);

    lab.run(&["show"]).expect(0).says("Notes\n- 2").says("Z: with the fan on");
    lab.run(&["chart", "-o", "chart.md"]).expect(0);
    assert!(std::fs::read_to_string(lab.path("chart.md")).unwrap().contains("Z: -O2, not -O3"));
    let json = lab.run(&["export"]).expect(0).report();
    assert_eq!(json.0["run"]["notes"][0]["text"], "with the fan on");

    lab.run(&["export", "latest", "run", "-o", "kept.json"]).expect(0);
    lab.run(&["note", "kept.json", "late"]).expect(2).says("notes are kept in the store");
    lab.run(&["show", "./kept.json"]).expect(0).says("with the fan on");
    lab.run(&["note", "befor", "late"]).expect(2).says("did you mean `before`?");
}
