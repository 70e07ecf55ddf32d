//! The A/A control (METHOD §2.9): the reference under a second name, loaded from a copy of its file, in some of a run's
//! launches. What it differs from itself by is what no comparison of that run can see beyond.
//!
//! It is judged over the run and by class, never by case: a case has a few launches of it only.

use std::collections::BTreeMap;

use crate::case::Class;
use crate::plan::Plan;
use crate::samples::Launch;
use crate::stats::benjamini_hochberg::LAUNCHES_MIN;
use crate::stats::{Interval, hodges_lehmann, quantile};
use crate::study::{CONFIDENCE, d_launch};
use crate::verdict::{LOOKS, REAL};

/// How far a run's reference was from its own copy, in one class of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// In which cases.
    pub class: Class,
    /// How many of them.
    pub cases: usize,
    /// Launches that it took part in, all cases together.
    pub launches: usize,
    /// Time of the copy over time of the reference: Hodges–Lehmann over those launches.
    pub ratio: f64,
    /// Its 95 % interval; `None` under 6 launches.
    pub interval: Option<Interval>,
    /// The noise floor: 95 % of the cases saw the copy within this part of the reference's time; of a single case, the
    /// far end of the interval. `None` under 6 launches.
    pub floor: Option<f64>,
}

/// Launches that it should take part in, in each class: with fewer it would see nothing smaller than the cases do.
const LAUNCHES: usize = 12;
/// But no more often than in one launch of so many, where a class has enough cases.
const RARELY: usize = 4;

/// Does the control take part in this launch of this case?
pub fn takes_part(plan: &Plan, launch: u32, case: usize) -> bool {
    let class = plan.cases[case].class();
    let alike = plan.cases.iter().filter(|case| case.class() == class).count();
    // A case may end at the first look, and the control must have been there by then.
    let launches = if plan.until_decided { LOOKS[0] } else { plan.launches };
    let every = (alike * launches as usize / LAUNCHES).clamp(1, RARELY);
    (launch as usize + case).is_multiple_of(every)
}

/// The control of each class that has one, of launches by case.
pub fn controls(plan: &Plan, launches: &[Vec<&Launch>]) -> Vec<Control> {
    let mut by_class: BTreeMap<Class, Vec<Vec<f64>>> = BTreeMap::new();
    for (case, launches) in plan.cases.iter().zip(launches) {
        let d = d_launch(launches, plan.control(), plan.controlled.unwrap_or(plan.reference));
        if !d.is_empty() {
            by_class.entry(case.class()).or_default().push(d);
        }
    }
    by_class.into_iter().map(|(class, cases)| Control::of(class, &cases)).collect()
}

impl Control {
    fn of(class: Class, cases: &[Vec<f64>]) -> Self {
        let all = cases.concat();
        let interval = Some(&all).filter(|all| all.len() >= LAUNCHES_MIN as usize);
        let interval = interval.and_then(|all| hodges_lehmann::interval(all, CONFIDENCE));
        let by_case: Vec<f64> = cases.iter().map(|d| quantile::median(d).abs()).collect();
        // Of a single case, what its launches cannot exclude says more than the one estimate.
        let floor = interval.map(|interval| match by_case.len() {
            1 => interval.low.abs().max(interval.high.abs()),
            _ => quantile::quantile(&by_case, 0.95),
        });
        Self {
            class,
            cases: cases.len(),
            launches: all.len(),
            ratio: hodges_lehmann::estimate(&all).exp(),
            interval: interval.map(|interval| interval.exp()),
            floor: floor.map(f64::exp_m1),
        }
    }

    /// Was identical code told apart by so much that a verdict at this margin means nothing? More than half of it, and
    /// more than [`REAL`], with an interval that excludes "no difference".
    pub fn is_off(&self, margin: f64) -> bool {
        let beyond = self.ratio.ln().abs() > (0.5 * margin).max(REAL);
        beyond && self.interval.is_some_and(|interval| !interval.contains(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cases: &[Vec<f64>], floor: Option<f64>, off: bool) {
        let control = Control::of(Class::Compute, cases);
        let rounded = |floor: f64| (floor * 1e5).round() / 1e5;
        assert_eq!((control.floor.map(rounded), control.is_off(0.01)), (floor, off), "{control:?}");
    }

    #[test]
    fn it_is_off_when_identical_code_is_told_apart_by_half_the_margin() {
        let apart = |by: f64| vec![vec![by, by + 0.001, by - 0.001, by]; 4];
        check(&apart(0.0), Some(0.0), false);
        check(&apart(0.004), Some(0.004_01), false);
        check(&apart(0.006), Some(0.006_02), true);
        check(&apart(-0.006), Some(0.006_02), true);
        check(&[vec![0.02; 5]], None, false);
        check(&[vec![-0.001, 0.001, -0.003, 0.003, 0.002, -0.002]], Some(0.003), false);
    }
}
