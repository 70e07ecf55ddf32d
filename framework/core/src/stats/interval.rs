//! Where a value lies, with both ends included.

use serde::{Deserialize, Serialize};

/// A closed interval. Which confidence it has is known by whoever asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, at least `low`.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies inside; the ends count. A NaN lies nowhere.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether all of it lies inside `outer`; equal ends count.
    pub fn is_within(&self, outer: &Interval) -> bool {
        outer.contains(self.low) && outer.contains(self.high)
    }

    /// `high - low`, in the unit of the ends.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }

    /// From log ratios to ratios: both ends through `e^x`. Order statistics survive any rising function.
    pub fn exp(&self) -> Interval {
        Interval { low: self.low.exp(), high: self.high.exp() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARGIN: Interval = Interval { low: -1.0, high: 2.0 };

    #[test]
    fn ends_belong_to_it() {
        #[track_caller]
        fn check(value: f64, want: bool) {
            assert_eq!(MARGIN.contains(value), want, "{value}");
        }
        check(-1.0, true);
        check(0.0, true);
        check(2.0, true);
        check(2.1, false);
        check(-1.1, false);
        check(f64::NAN, false);
    }

    #[test]
    fn within_needs_both_ends() {
        #[track_caller]
        fn check(low: f64, high: f64, want: bool) {
            assert_eq!(Interval { low, high }.is_within(&MARGIN), want);
        }
        check(-1.0, 2.0, true);
        check(0.0, 0.0, true);
        check(-1.5, 0.0, false);
        check(0.0, 2.5, false);
        check(-9.0, 9.0, false);
    }

    #[test]
    fn width_and_exp() {
        assert_eq!(MARGIN.width(), 3.0);
        assert_eq!(Interval { low: 0.0, high: 1.0 }.exp(), Interval { low: 1.0, high: 1f64.exp() });
    }
}
