//! Noisy neighbours: processes that burn a core in bursts, for a bounded time.

use std::hint::black_box;
use std::os::unix::process::parent_id;
use std::path::Path;
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};
use std::{env, thread};

use fastrand::Rng;

/// First argument of the process that disturbs; the second is for how many seconds.
pub const WORD: &str = "__neighbour";

/// Who else is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbour {
    /// Nobody, and nothing is pinned.
    None,
    /// Pinned to the one core that the measured are pinned to.
    SameCore,
    /// The same, but from the middle of the run on.
    SameCoreFromHalfWay,
    /// The measured are pinned to one core, the neighbour to another.
    OtherCore,
}

impl Neighbour {
    /// Core of those who are measured.
    fn core(self) -> Option<usize> {
        (self != Self::None).then_some(0)
    }

    /// Core of the neighbour.
    fn its_core(self) -> Option<usize> {
        self.core().map(|core| if self == Self::OtherCore { core + 1 } else { core })
    }
}

/// `program`, pinned as its neighbour wants it.
pub fn pinned(neighbour: Neighbour, program: &Path) -> Command {
    neighbour.core().map_or_else(|| Command::new(program), |core| on_core(core, program))
}

fn on_core(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", &core.to_string()]).arg(program);
    command
}

/// A neighbour at work; it is gone when this is dropped, and by itself if nobody does.
pub struct Guest(Child);

impl Guest {
    /// Lets it in while something goes on that takes `about` so long.
    pub fn invite(neighbour: Neighbour, about: Duration) -> Result<Option<Self>, String> {
        let Some(core) = neighbour.its_core() else { return Ok(None) };
        let cores = thread::available_parallelism().map_or(1, usize::from);
        if core >= cores {
            return Err(format!("a neighbour on another core needs two, there is {cores}"));
        }
        let seconds = (3 * about + Duration::from_secs(60)).as_secs().to_string();
        let itself = env::current_exe().map_err(|error| error.to_string())?;
        let child = on_core(core, &itself).args([WORD, &seconds]).spawn();
        child.map(Self).map(Some).map_err(|error| format!("no neighbour without taskset (util-linux): {error}"))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Bursts of 2 to 200 ms, arithmetic and memory in turns, and pauses of twice that on average: a third of a core. One that
/// never pauses has half of a shared core, which smbench refuses to judge at all.
pub fn disturb(seconds: &str) -> Result<ExitCode, String> {
    let seconds = seconds.parse().map_err(|error| format!("`{seconds}` seconds: {error}"))?;
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut rng = Rng::new();
    let mut memory = vec![1_u64; MEMORY_BYTES / size_of::<u64>()];
    let parent = parent_id();
    // Whoever has lost the lab is adopted by another parent, and disturbs nobody's experiment.
    while Instant::now() < end && parent_id() == parent {
        let burst = Instant::now() + Duration::from_millis(rng.u64(2..200));
        let streams = rng.bool();
        while Instant::now() < burst {
            if streams { stream(&mut memory) } else { compute() }
        }
        thread::sleep(Duration::from_millis(rng.u64(4..400)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Twice the cache that the cores of a server share.
const MEMORY_BYTES: usize = 64 << 20;

fn stream(memory: &mut [u64]) {
    memory.iter_mut().for_each(|word| *word = word.wrapping_add(1));
    black_box(memory);
}

fn compute() {
    let sum = (0..100_000).fold(1.0_f64, |sum, i| sum.mul_add(0.999_999, f64::from(i)));
    black_box(sum);
}
