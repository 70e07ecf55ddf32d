//! The first call in a process: nothing comes before it, whatever later samples need.

use crate::support::{Lab, compile};

#[test]
fn the_first_call_is_timed_with_one_thread_and_with_two() {
    let lab = Lab::new();
    compile(&lab, "slow_first");
    for threads in ["1", "2"] {
        for mode in [&["--quick"][..], &["--quick", "--isolate"]] {
            let run =
                ["run", "--case", "add/1000", "-b", "./libslow_first.so", "--threads", threads, "--format", "json"];
            let report = lab.run(&[&run[..], mode].concat()).expect(0).report();
            let row = report.row_of("slow_first");
            assert!(row["cold_ns"].as_f64().unwrap() >= 20e6, "{threads} threads, {mode:?}: {row:#}");
            assert!(row["time_ns"]["median"].as_f64().unwrap() < 1e6, "{row:#}");
        }
    }
}
