//! `examples/sample-report`: its pages are those that its stored runs give.

use std::fs;

use crate::support::{Lab, root};

/// What the README of the example says, word for word.
const COMMAND: &str = "chart before.json after.json --goals goals.ron -o chart.md -o chart.html -o chart.svg -o chart-dark.svg -o goals.next.ron";
const GIVEN: [&str; 3] = ["before.json", "after.json", "goals.ron"];

#[test]
fn the_pages_are_what_the_runs_give() {
    let (lab, sample) = (Lab::new(), root().join("examples/sample-report"));
    for name in GIVEN {
        fs::copy(sample.join(name), lab.path(name)).unwrap();
    }
    lab.run(&COMMAND.split(' ').collect::<Vec<_>>()).expect(0);
    let made: Vec<&str> = COMMAND.split(' ').filter(|word| word.contains('.') && !GIVEN.contains(word)).collect();
    assert_eq!(made.len(), 5);
    for name in made {
        let page = fs::read_to_string(lab.path(name)).unwrap();
        if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
            fs::write(sample.join(name), &page).unwrap();
        }
        let kept = fs::read_to_string(sample.join(name)).unwrap_or_default();
        assert!(page == kept, "{name} is another: look at it, then accept it with INSTA_UPDATE=always");
    }
    assert!(fs::read_to_string(sample.join("README.md")).unwrap().contains(&format!("smbench {COMMAND}")));
}

#[test]
fn the_goals_of_the_next_run_can_be_asked_for() {
    let lab = Lab::new();
    fs::copy(root().join("examples/sample-report/after.json"), lab.path("after.json")).unwrap();
    lab.run(&["chart", "after.json", "-o", "first.ron"]).expect(0);
    lab.run(&["chart", "after.json", "--goals", "first.ron", "-o", "second.ron", "-o", "chart.md"]).expect(0);
    let chart = fs::read_to_string(lab.path("chart.md")).unwrap();
    // A run keeps to the goals that are made of it.
    assert!(chart.contains("None is missed.") && !chart.contains("missed (blocker)"), "{chart}");
    let [first, second] = ["first.ron", "second.ron"].map(|name| fs::read_to_string(lab.path(name)).unwrap());
    assert_eq!(first, second);
}

#[test]
fn drawings_follow_the_name_of_their_file() {
    let lab = Lab::new();
    fs::copy(root().join("examples/sample-report/after.json"), lab.path("after.json")).unwrap();
    lab.run(&["chart", "after.json", "-o", "a.svg", "-o", "a-dark.svg"]).expect(0);
    let [light, dark] = ["a.svg", "a-dark.svg"].map(|name| fs::read_to_string(lab.path(name)).unwrap());
    assert!(light.starts_with("<svg ") && light.contains("#ffffff") && dark.contains("#14171c"));
    assert!(!light.contains("var(--") && !light.contains("href"), "a file of its own leads nowhere");
}
