//! Of the header: the machine, and its limits as every run measured them.

use smbench_core::run::{Machine, Run};
use smbench_core::study::Study;
use smbench_core::units::significant;

use crate::document::Text;
use crate::figure;

/// A few points for each machine, and the runs on it if there are several.
pub fn points(study: &Study) -> Vec<Text> {
    let mut by_print: Vec<(&Machine, Vec<&Run>)> = Vec::new();
    for run in &study.runs {
        match by_print.iter_mut().find(|(machine, _)| machine.fingerprint == run.machine.fingerprint) {
            Some((_, runs)) => runs.push(run),
            None => by_print.push((&run.machine, vec![run])),
        }
    }
    let several = by_print.len() > 1;
    by_print.into_iter().flat_map(|(machine, runs)| of_machine(machine, &runs, several)).collect()
}

fn of_machine(machine: &Machine, runs: &[&Run], several: bool) -> Vec<Text> {
    if machine.cpu.is_empty() {
        return vec![
            format!("not told in {}", runs.iter().map(|run| figure::run_name(run)).collect::<Vec<_>>().join(", "))
                .into(),
        ];
    }
    let names: Vec<&str> = runs.iter().map(|run| figure::run_name(run)).collect();
    let of = if several { format!(" (of {})", names.join(", ")) } else { String::new() };
    let caches: Vec<String> = machine.cache_bytes.iter().map(|&bytes| figure::bytes(bytes as f64)).collect();
    let host = machine.hypervisor.as_ref().map_or_else(String::new, |name| format!(", under {name}"));
    let cores = figure::count(machine.cores as usize, "core");
    let cpu = format!("{}{of}, {cores} ({}), caches {}{host}", machine.cpu, machine.arch, caches.join(" / "));
    let simd = format!("vector extensions: {}", machine.simd.join(" "));
    let system = format!("{}, {}, {} of memory", machine.os, machine.libc, figure::bytes(machine.memory_bytes as f64));
    [cpu, simd, system].into_iter().chain(limits(runs)).map(Text::from).collect()
}

/// The limits move, too: every run measures them. Equal ones are said once.
fn limits(runs: &[&Run]) -> Vec<String> {
    let limit = |run: &Run| match run.peak {
        Some(peak) => {
            let (gflops, read) = (significant(peak.gflops), significant(peak.read_gbs));
            format!("{gflops} GFLOPS a thread, reading {read} GB/s")
        }
        None => "not measured".to_owned(),
    };
    let [first, rest @ ..] = runs else { return Vec::new() };
    if rest.iter().all(|run| limit(run) == limit(first)) {
        return vec![format!("measured peak: {}", limit(first))];
    }
    runs.iter().map(|run| format!("measured peak in {}: {}", figure::run_name(run), limit(run))).collect()
}
