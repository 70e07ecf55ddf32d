use super::*;

/// Twenty steady launches: 0.3 % slower, known to ±0.2 %, one of 60 comparisons at a margin of 1 %.
fn facts() -> Facts {
    Facts {
        theta: 0.003,
        alpha: ALPHA,
        interval: around(0.003, 0.002),
        interval_90: around(0.003, 0.0016),
        q: 0.02,
        comparisons: 60,
        margin: 0.01,
        launches: 20,
        rounds: 5,
        rounds_min: 5,
        step: None,
        waited: Some(0.02),
        control: None,
    }
}

/// An estimate whose 90 % interval is four fifths of its 95 % one.
fn estimated(theta: f64, half: f64) -> Facts {
    Facts { theta, interval: around(theta, half), interval_90: around(theta, 0.8 * half), ..facts() }
}

fn around(theta: f64, half: f64) -> Option<Interval> {
    Some(Interval { low: theta - half, high: theta + half })
}

#[track_caller]
fn check(facts: Facts, verdict: Verdict, reason: &str) {
    assert_eq!(judge(&facts), Judged { verdict, reason: reason.to_owned() });
}

#[test]
fn whatever_spoils_the_measurement_is_unreliable() {
    let check = |facts, reason| check(facts, Verdict::Unreliable, reason);
    check(Facts { launches: 5, ..facts() }, "launches measured: 5, of at least 6");
    check(Facts { rounds: 4, ..facts() }, "rounds in the shortest launch: 4, of at least 5");
    check(Facts { rounds: 2, rounds_min: 3, ..facts() }, "rounds in the shortest launch: 2, of at least 3");
    check(
        Facts { waited: Some(0.41), ..facts() },
        "threads waited for a core for 41 % of the launches' time, more than 30 %",
    );
    check(Facts { control: Some(1.013), ..facts() }, "the reference was +1.3 % from a copy of its own file");
    let step = Facts { step: Some(0.04), ..estimated(0.2, 0.01) };
    check(step, "not steady: +4.1 % from the first half of the launches to the second");
}

#[test]
fn what_does_not_matter_is_equivalent_even_if_it_is_there() {
    let check = |facts, reason| check(facts, Verdict::Equivalent, reason);
    check(facts(), "the 90 % interval lies inside ±1 %");
    check(Facts { waited: None, ..facts() }, "the 90 % interval lies inside ±1 %");
    check(Facts { waited: Some(0.3), ..facts() }, "the 90 % interval lies inside ±1 %");
    check(estimated(0.0, 0.0), "the 90 % interval lies inside ±1 %");
    check(Facts { margin: 0.025, ..estimated(-0.02, 0.005) }, "the 90 % interval lies inside ±2.5 %");
    check(Facts { launches: 6, ..facts() }, "the 90 % interval lies inside ±1 %");
}

#[test]
fn what_is_significant_and_matters_is_a_difference() {
    let slower = Facts { q: 0.0004, ..estimated(0.05, 0.01) };
    check(slower.clone(), Verdict::Regressed, "+5.1 %, beyond the margin of 1 %, q 0.0004");
    check(Facts { q: 0.05, ..slower }, Verdict::Regressed, "+5.1 %, beyond the margin of 1 %, q 0.05");
    let faster = Facts { q: 2.13e-6, ..estimated(-1.5, 0.01) };
    check(faster, Verdict::Improved, "0.223x, beyond the margin of 1 %, q 2.1e-6");
    // Reached with others' help, though no comparison could alone.
    let helped = Facts { launches: 8, ..estimated(-0.043, 0.01) };
    check(helped, Verdict::Improved, "-4.2 %, beyond the margin of 1 %, q 0.02");
    check(estimated(0.01, 0.005), Verdict::Regressed, "+1.0 %, beyond the margin of 1 %, q 0.02");
}

#[test]
fn anything_else_is_undecided_and_says_what_would_decide_it() {
    let check = |facts, reason| check(facts, Verdict::Inconclusive, reason);
    // Inside the margin, by a gap of 0.695 %, and 1.6 % wide: 20·(1.6/0.695)².
    check(estimated(0.003, 0.02), "about 86 more launches would decide");
    // Beyond it, and not significant: 20·(1.705·6/5)².
    check(estimated(0.05, 0.06), "about 64 more launches would decide");
    check(Facts { q: 0.06, ..estimated(0.05, 0.01) }, "about 1 more launch would decide");
    check(estimated(0.0099, 0.01), "more than 1,000 launches would be needed");
    check(estimated(0.009_945, 0.002), "more than 1,000 launches would be needed");
    let capped = Facts { q: 0.2, launches: 8, ..estimated(0.05, 0.01) };
    let reason = "no difference can be shown: 60 comparisons need 12 launches; about 4 more launches would decide";
    check(capped.clone(), reason);
    let reason =
        "no difference can be shown: 60 comparisons need 12 launches; more than 1,000 launches would be needed";
    check(Facts { q: 0.2, launches: 8, ..estimated(0.0099, 0.01) }, reason);
    // Alone it is no matter of many.
    check(Facts { comparisons: 1, ..capped }, "about 1 more launch would decide");
}

#[test]
fn less_than_two_per_mille_is_never_real() {
    let tiny = Facts { margin: 0.001, q: 1e-6, ..estimated(0.0015, 0.0001) };
    check(tiny.clone(), Verdict::Inconclusive, "under 0.2 %, by which identical code differs too");
    assert_eq!(launches_needed(&tiny), None);
    let real = Facts { margin: 0.001, q: 1e-6, ..estimated(0.0021, 0.0001) };
    check(real, Verdict::Regressed, "+0.2 %, beyond the margin of 0.1 %, q 1.0e-6");
}

#[test]
fn swapped_roles_mirror_the_verdict() {
    let mirrored = |verdict| match verdict {
        Verdict::Improved => Verdict::Regressed,
        Verdict::Regressed => Verdict::Improved,
        same => same,
    };
    let flip = |interval: Option<Interval>| interval.map(|it| Interval { low: -it.high, high: -it.low });
    for theta in (-60..=60).map(|step| f64::from(step) * 5e-4) {
        for (half, q) in [(0.0005, 0.001), (0.005, 0.01), (0.02, 0.2)] {
            let here = Facts { q, ..estimated(theta, half) };
            let (interval, interval_90) = (flip(here.interval), flip(here.interval_90));
            let there = Facts { theta: -theta, interval, interval_90, ..here.clone() };
            assert_eq!(judge(&there).verdict, mirrored(judge(&here).verdict), "{theta} {half}");
            assert_eq!(launches_needed(&there), launches_needed(&here));
        }
    }
}

/// Twice the scatter needs four times the launches.
#[test]
fn launches_needed_grow_with_the_square_of_the_scatter() {
    for (theta, half) in [(0.0, 0.03), (0.003, 0.02), (0.05, 0.1)] {
        let needed = |half| f64::from(launches_needed(&estimated(theta, half)).unwrap());
        assert!((needed(2.0 * half) / needed(half) - 4.0).abs() < 0.05, "{theta}");
    }
}

/// The formula against what it promises: an interval so much narrower decides.
#[test]
fn the_launches_needed_are_enough() {
    for (theta, half) in [(0.003, 0.02), (-0.006, 0.02), (0.05, 0.06), (-0.02, 0.03)] {
        let now = Facts { q: 0.2, ..estimated(theta, half) };
        let needed = launches_needed(&now).unwrap();
        let narrower = half * (20.0 / f64::from(needed)).sqrt();
        let then = judge(&Facts { launches: needed as usize, ..estimated(theta, narrower) }).verdict;
        assert_ne!(then, Verdict::Inconclusive, "{theta} {half}: {needed}");
        let hardly = half * (20.0 / f64::from(needed - 20)).sqrt();
        assert!(
            launches_needed(&Facts { q: 0.2, launches: needed as usize - 20, ..estimated(theta, hardly) }).is_some()
        );
    }
}

#[test]
fn what_could_be_seen_is_half_an_interval_or_the_margin() {
    #[track_caller]
    fn check(half: f64, margin: f64, want: f64) {
        assert!((detectable(around(0.3, half).unwrap(), margin) - want).abs() < 1e-12);
    }
    check(0.05, 0.01, 0.05f64.exp_m1());
    check(0.001, 0.01, 0.01);
    check(0.0, 0.0001, REAL);
}

/// SplitMix64, as sums of four: nearly normal, deviation 1.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        3f64.sqrt() * (0..4).map(|_| self.uniform()).sum::<f64>()
    }

    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    }
}

/// Launches that scatter by 0.3 %, with something added to each.
fn launches(seed: u64, n: u32, add: impl Fn(u32) -> f64) -> Vec<f64> {
    let mut noise = Noise(seed);
    (0..n).map(|number| 0.003 * noise.next() + add(number)).collect()
}

#[test]
fn steps_and_drifts_are_seen_where_they_matter() {
    #[track_caller]
    fn check(n: u32, add: impl Fn(u32) -> f64, want: Option<f64>) {
        let found = step(&launches(7, n, add), 0.01);
        assert!(found.is_some() == want.is_some(), "{found:?}");
        assert!((found.unwrap_or(0.0) - want.unwrap_or(0.0)).abs() < 0.005, "{found:?}");
    }
    let late = |by: f64, from: u32| move |number| if number >= from { by } else { 0.0 };
    check(12, |_| 0.0, None);
    check(12, late(0.03, 6), Some(0.03));
    check(12, late(-0.03, 6), Some(-0.03));
    check(11, late(0.03, 6), None);
    check(20, late(0.03, 10), Some(0.03));
    check(20, |number| 0.003 * f64::from(number), Some(0.03));
    check(20, late(0.006, 10), None);
    // Sevenfold, give or take a few percent, is sevenfold.
    check(20, |number| 2.0 + late(0.03, 10)(number), None);
    check(20, |number| 0.03 + late(0.03, 10)(number), Some(0.03));
}

/// What the comment on [`STEP_P`] says, on launches that scatter by three tenths of a margin and by six margins.
#[test]
fn steadiness_hardly_ever_fires_on_noise() {
    #[track_caller]
    fn check(n: u32, margin: f64, at_most: usize) {
        let fired = (0..2_000).filter(|&seed| step(&launches(seed << 20, n, |_| 0.0), margin).is_some()).count();
        assert!(fired <= at_most, "{fired} of 2000");
    }
    check(12, 0.01, 0);
    check(20, 0.01, 0);
    check(12, 0.0005, 10);
    check(20, 0.0005, 10);
}
