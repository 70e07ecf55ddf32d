//! A store of many made-up runs, for timing what reads them:
//!
//! ```text
//! cargo run --release -p smbench-host --example thousand_runs -- /tmp/many 1000 60
//! time smbench history --last 1000 --store /tmp/many
//! ```

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use smbench_core::backend::{Backend, PluginInfo};
use smbench_core::case::{Bound, Case, Cost};
use smbench_core::confinement::Grants;
use smbench_core::message::CheckReport;
use smbench_core::outcome::Outcome;
use smbench_core::plan::Plan;
use smbench_core::run::{CaseLaunch, Check, Git, Machine, Run, State};
use smbench_core::samples::{Environment, Launch, Mode, Series};
use smbench_host::store::Store;
use smbench_host::store::location::Location;

const BACKENDS: [&str; 2] = ["naive", "pooled"];
const LAUNCHES: u32 = 12;
const ROUNDS: u32 = 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "thousand_runs FOLDER [RUNS] [CASES]";
    let folder = arguments.next().ok_or(usage)?;
    let mut number = |default| arguments.next().map_or(Ok(default), |text| text.parse::<usize>());
    let (runs, cases) = (number(1000)?, number(60)?);
    let mut store = Location::named(Path::new(&folder)).open_or_create()?;
    let began = Instant::now();
    (0..runs).try_for_each(|number| store.import(&run(number, cases)))?;
    println!("{runs} runs of {cases} cases stored in {:.1} s", began.elapsed().as_secs_f64());
    let began = Instant::now();
    for outline in store.outlines()? {
        store.entry(&outline.run, &|_, _| true)?;
    }
    println!("their entries read in {:.2} s", began.elapsed().as_secs_f64());
    Ok(())
}

/// Times of a run drift by ten percent; from the middle on, the second backend is a build that takes half the time.
fn run(number: usize, cases: usize) -> Run {
    let mut rng = fastrand::Rng::with_seed(number as u64);
    let seconds = 1_600_000_000 + 3600 * number as u64;
    let created =
        humantime::format_rfc3339_seconds(std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds)).to_string();
    let digits: String = created.chars().filter(char::is_ascii_digit).collect();
    let drift = 1.0 + 0.1 * rng.f64();
    let build = usize::from(number >= 500);
    let plan = Plan {
        config: "made up".to_owned(),
        cases: (0..cases).map(case).collect(),
        backends: BACKENDS.iter().map(|name| backend(name, build)).collect(),
        launches: LAUNCHES,
        ..Plan::default()
    };
    let pairs = (0..cases).flat_map(|case| (0..BACKENDS.len()).map(move |backend| (case, backend)));
    let checks = pairs.map(|(case, backend)| Check { case, backend, report: CheckReport::ended(Outcome::Measured) });
    let launches = (0..LAUNCHES).flat_map(|number| (0..cases).map(move |case| (number, case)));
    let launches = launches.map(|(number, case)| {
        let time =
            |backend: usize| drift * 1e4 * (case + 1) as f64 / if backend == 1 && build == 1 { 2.0 } else { 1.0 };
        CaseLaunch { case, number, launch: launch(&mut rng, time) }
    });
    Run {
        id: format!("{}-{}-{number:04x}", &digits[..8], &digits[8..]),
        label: None,
        created,
        command: "thousand_runs".to_owned(),
        smbench: env!("CARGO_PKG_VERSION").to_owned(),
        state: State::Finished,
        git: Some(Git { commit: format!("{number:040x}"), branch: Some("main".to_owned()), dirty: false }),
        machine: Machine { fingerprint: "made up".to_owned(), cpu: "none".to_owned(), ..Machine::default() },
        peak: None,
        checks: checks.collect(),
        launches: launches.collect(),
        accounts: Vec::new(),
        blames: Vec::new(),
        notes: Vec::new(),
        imported: None,
        plan,
    }
}

fn case(size: usize) -> Case {
    let size = 64 + size as u64;
    let cost = Cost { flops: 2 * size.pow(3), bytes: 12 * size.pow(2), elements: size.pow(2), passes: 1 };
    let id = format!("made/matmul/{size}x{size}x{size}/f32");
    Case {
        suite: "made".to_owned(),
        workload: format!("(op: \"matmul\", m: {size}, n: {size}, k: {size})"),
        params: [("m", size), ("n", size), ("k", size)].map(|(name, size)| (name.to_owned(), size.into())).into(),
        threads: 1,
        cost,
        bound: Bound::of(cost),
        tokens: None,
        definition: id.clone(),
        oracle: None,
        id,
    }
}

fn backend(name: &str, build: usize) -> Backend {
    Backend {
        spec: name.parse().expect("an alias"),
        path: format!("/made/up/{name}.so"),
        sha256: format!("{build:063x}{}", name.len() % 10),
        libraries_sha256: String::new(),
        grants: Grants::default(),
        plugin: PluginInfo { name: name.to_owned(), ..PluginInfo::default() },
    }
}

fn launch(rng: &mut fastrand::Rng, time: impl Fn(usize) -> f64) -> Launch {
    let series = (0..BACKENDS.len()).map(|backend| {
        let mut series = Series { cold_ns: (3.0 * time(backend)) as u64, ..Series::default() };
        for round in 0..ROUNDS {
            series.push(round, backend as u32, 16, (16.0 * time(backend) * (1.0 + 0.01 * rng.f64())) as u64);
        }
        (backend, series)
    });
    Launch {
        mode: Mode::Shared,
        order: (0..BACKENDS.len()).collect(),
        series: series.collect(),
        environment: Environment::default(),
        late: Vec::new(),
        flags: Vec::new(),
    }
}
