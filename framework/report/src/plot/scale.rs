//! From values to places, and where an axis has its ticks.

/// Pixels that a tick's label takes, with some air.
const LABEL: f64 = 32.0;

/// An axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Values at both ends.
    domain: [f64; 2],
    /// Places of both ends.
    range: [f64; 2],
    is_log: bool,
}

impl Scale {
    /// Equal steps are equal differences.
    pub fn linear(domain: [f64; 2], range: [f64; 2]) -> Self {
        Self { domain, range, is_log: false }
    }

    /// Equal steps are equal ratios; both ends of the domain above 0.
    pub fn log(domain: [f64; 2], range: [f64; 2]) -> Self {
        Self { domain, range, is_log: true }
    }

    /// Where a value stands; what lies beyond stands at the end.
    pub fn at(&self, value: f64) -> f64 {
        let [low, high] = self.domain;
        let share = match self.is_log {
            true => (value / low).ln() / (high / low).ln(),
            false => (value - low) / (high - low),
        };
        self.range[0] + share.clamp(0.0, 1.0) * (self.range[1] - self.range[0])
    }

    /// Values at both ends.
    pub fn domain(&self) -> [f64; 2] {
        self.domain
    }

    /// Round values inside, a handful of them.
    pub fn ticks(&self) -> Vec<f64> {
        if self.is_log && self.domain[1] / self.domain[0] > 3.0 { self.decades() } else { self.steps() }
    }

    /// 1, 2, 5, 10, … as long as labels have room; else fewer.
    fn decades(&self) -> Vec<f64> {
        let [low, high] = self.domain.map(f64::log10);
        let room = (self.range[1] - self.range[0]).abs() / (high - low);
        let (digits, every): (&[f64], i32) = match room {
            room if room * 2f64.log10() >= LABEL => (&[1.0, 2.0, 5.0], 1),
            room if room >= LABEL => (&[1.0], 1),
            room => (&[1.0], (LABEL / room).ceil() as i32),
        };
        let powers = (low.floor() as i32..=high.ceil() as i32).filter(|power| power.rem_euclid(every) == 0);
        let ticks = powers.flat_map(|power| digits.iter().map(move |digit| digit * 10f64.powi(power)));
        self.inside(ticks)
    }

    /// Multiples of 1, 2 or 5 times a power of ten.
    fn steps(&self) -> Vec<f64> {
        let [low, high] = self.domain;
        let room = (self.range[1] - self.range[0]).abs();
        let rough = (high - low) / (room / (1.5 * LABEL)).clamp(1.0, 7.0);
        let power = 10f64.powf(rough.log10().floor());
        let step = power * [1.0, 2.0, 5.0, 10.0].into_iter().find(|digit| digit * power >= rough).unwrap_or(10.0);
        let [first, last] = [(low / step).ceil(), (high / step).floor()].map(|multiple| multiple as i64);
        // Multiples of the step's reciprocal print without the dust of a sum.
        self.inside((first..=last).map(|multiple| (multiple as f64 * step * 1e9).round() / 1e9))
    }

    fn inside(&self, ticks: impl Iterator<Item = f64>) -> Vec<f64> {
        let [low, high] = self.domain;
        ticks.filter(|tick| (low * 0.9999..=high * 1.0001).contains(tick)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_have_places() {
        let log = Scale::log([0.1, 10.0], [0.0, 200.0]);
        assert_eq!([0.1, 1.0, 10.0, 99.0, 0.0].map(|value| log.at(value).round()), [0.0, 100.0, 200.0, 200.0, 0.0]);
        let down = Scale::linear([0.0, 4.0], [100.0, 0.0]);
        assert_eq!([0.0, 1.0, 4.0].map(|value| down.at(value)), [100.0, 75.0, 0.0]);
    }

    #[test]
    fn ticks_are_round() {
        #[track_caller]
        fn check(scale: Scale, want: &[f64]) {
            let ticks = scale.ticks();
            let near = |(tick, want): (&f64, &f64)| (tick / want - 1.0).abs() < 1e-9 || tick == want;
            assert!(ticks.len() == want.len() && ticks.iter().zip(want).all(near), "{ticks:?}");
        }
        let log = |low, high| Scale::log([low, high], [0.0, 300.0]);
        check(log(0.3, 4.0), &[0.5, 1.0, 2.0]);
        check(log(0.01, 20.0), &[0.01, 0.1, 1.0, 10.0]);
        check(log(0.9, 1.12), &[0.9, 0.95, 1.0, 1.05, 1.1]);
        check(Scale::log([0.1, 30.0], [0.0, 60.0]), &[1.0]);
        check(Scale::linear([0.0, 42.0], [0.0, 300.0]), &[0.0, 10.0, 20.0, 30.0, 40.0]);
    }
}
