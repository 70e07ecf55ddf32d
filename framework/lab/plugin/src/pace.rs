//! How often a call runs its kernel: what is known of the subject before anybody measures it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use smbench_sdk::{Error, Result};

/// How long a call of the tail sleeps.
const SLEEP: Duration = Duration::from_millis(5);

/// How often a call of the fake warm-up runs its kernel.
const COLD: u32 = 5;

/// The pace of one context, from its options:
///
/// - `runs=N`: a call runs its kernel N times, and once if it is not given;
/// - `every=K`: each K-th call runs it twice as often, a slow-down by 1/K over many calls;
/// - `drift=P`, `since=S`: the same, by P percent for each minute since S (Unix seconds) had passed when the context was made;
/// - `warm_up=N`: the first N calls run it five times as often;
/// - `tail=K`: each K-th call sleeps 5 ms first.
pub struct Pace {
    runs: u32,
    warm_up: u64,
    twice: Countdown,
    tail: Countdown,
}

impl Pace {
    /// The keys it takes.
    pub const OPTIONS: &'static [&'static str] = &["runs", "every", "drift", "since", "warm_up", "tail"];

    /// The pace that `option(key)` asks for of a context made at `now`, Unix seconds.
    pub fn new<'a>(option: impl Fn(&str) -> Option<&'a str>, now: f64) -> Result<Self> {
        let number = |key: &str| option(key).map(|text| parse(key, text)).transpose();
        let since = number("since")?.unwrap_or(now);
        let drift = number("drift")?.map(|percent| 100.0 * 60.0 / (percent * (now - since)).max(0.0));
        Ok(Self {
            runs: number("runs")?.map_or(1, |runs| runs as u32),
            warm_up: number("warm_up")?.unwrap_or(0.0) as u64,
            twice: Countdown::new(number("every")?.or(drift)),
            tail: Countdown::new(number("tail")?),
        })
    }

    /// One call.
    pub fn call(&mut self, mut body: impl FnMut()) {
        if self.tail.is_due() {
            std::thread::sleep(SLEEP);
        }
        for _ in 0..self.times() * self.runs {
            body();
        }
    }

    fn times(&mut self) -> u32 {
        if self.warm_up > 0 {
            self.warm_up -= 1;
            return COLD;
        }
        if self.twice.is_due() { 2 } else { 1 }
    }
}

/// Due every so many calls. Counting down costs a nanosecond less than a remainder does.
struct Countdown {
    every: u64,
    left: u64,
}

impl Countdown {
    /// `None`: never, or not within this century.
    fn new(every: Option<f64>) -> Self {
        // A float beyond the last integer becomes that one.
        let every = every.map_or(u64::MAX, |calls| calls.round().max(1.0) as u64);
        Self { every, left: every }
    }

    fn is_due(&mut self) -> bool {
        self.left -= 1;
        let due = self.left == 0;
        if due {
            self.left = self.every;
        }
        due
    }
}

fn parse(key: &str, text: &str) -> Result<f64> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite() && *number > 0.0);
    number.ok_or_else(|| Error::invalid(format!("option `{key}` is `{text}`, not a number above 0")))
}

/// Seconds since 1970.
pub fn unix_seconds() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pace made at second 1000.
    fn pace(options: &[(&str, &'static str)]) -> Pace {
        Pace::new(|key| options.iter().find(|(k, _)| *k == key).map(|(_, value)| *value), 1000.0).unwrap()
    }

    #[track_caller]
    fn check(options: &[(&str, &'static str)], calls: usize, want: &[u32]) {
        let mut pace = pace(options);
        let times: Vec<u32> = (0..calls).map(|_| pace.times()).collect();
        assert_eq!(times, want.repeat(calls / want.len()));
    }

    #[test]
    fn every_twentieth_call_runs_twice() {
        let mut period = [1; 20];
        period[19] = 2;
        check(&[("every", "20")], 2000, &period);
        check(&[("every", "1")], 3, &[2]);
        check(&[], 1000, &[1]);
    }

    #[test]
    fn drift_grows_with_the_minutes() {
        // 3 % a minute for 40 s: 2 %, a call of 50.
        let mut period = [1; 50];
        period[49] = 2;
        check(&[("drift", "3"), ("since", "960")], 500, &period);
        check(&[("drift", "3"), ("since", "1000")], 500, &[1]);
        check(&[("drift", "3"), ("since", "2000")], 500, &[1]);
    }

    #[test]
    fn a_fake_warm_up_ends() {
        let mut pace = pace(&[("warm_up", "3")]);
        let times: Vec<u32> = (0..5).map(|_| pace.times()).collect();
        assert_eq!(times, [5, 5, 5, 1, 1]);
    }

    #[test]
    fn a_call_runs_its_body_so_often() {
        let (mut pace, mut runs) = (pace(&[("every", "4")]), 0);
        (0..8).for_each(|_| pace.call(|| runs += 1));
        assert_eq!(runs, 10);
        self::pace(&[("runs", "105")]).call(|| runs += 1);
        assert_eq!(runs, 115);
    }

    #[test]
    fn the_tail_is_each_kth_call() {
        let mut pace = pace(&[("tail", "50")]);
        let sleeping: Vec<usize> = (1..=150).filter(|_| pace.tail.is_due()).collect();
        assert_eq!(sleeping, [50, 100, 150]);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["", "two", "0", "-1", "nan", "inf"] {
            assert!(Pace::new(|key| (key == "every").then_some(text), 0.0).is_err(), "{text}");
        }
    }
}
