//! What disturbs a run is said before it and stored with it; `doctor` looks at the machine by itself.

use std::process::{Child, Command};

use crate::support::Lab;

/// Somebody who keeps a core busy.
struct Neighbour(Child);

impl Neighbour {
    fn new() -> Self {
        Self(Command::new("sh").args(["-c", "while :; do :; done"]).spawn().unwrap())
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn a_neighbour_is_noted_before_a_run_and_with_it() {
    let (lab, _neighbour) = (Lab::new(), Neighbour::new());
    for mode in [&["--quick"][..], &["--quick", "--isolate"]] {
        let command = [&["run", "--case", "add/10000", "-b", "naive,pooled", "--format", "json"], mode].concat();
        let ran = lab.run(&command).expect(0);
        ran.says("note: other processes: ");
        let environment = &ran.report().0["run"]["environment"];
        // It wants all of a core; on two of them, beside whatever else runs, it gets a third at least.
        assert!(environment["others_busy_pct"].as_f64().unwrap() > 30.0, "{environment}");
        assert!(environment["steal_pct"].is_number(), "{environment}");
    }
}
