//! What a step brought.

use std::time::Duration;

use crate::report::{Report, Verdict};

/// What a step brought.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Of a run or a comparison of two.
    Ran(Ran),
    /// Nanoseconds of one call, from a million of them.
    Million(f64),
    /// What criterion says of identical code.
    Criterion(Vec<Change>),
}

/// A run's figures, and how long it took.
#[derive(Clone, Debug)]
pub struct Ran {
    pub report: Report,
    pub wall: Duration,
    pub predicted: Duration,
}

/// One comparison by criterion.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Its estimate of the mean's ratio, new over old.
    pub ratio: f64,
    /// Improved or regressed, or neither.
    pub verdict: Option<Verdict>,
}

impl Answer {
    pub fn ran(&self) -> Option<&Ran> {
        if let Self::Ran(ran) = self { Some(ran) } else { None }
    }

    pub fn million(&self) -> Option<f64> {
        if let Self::Million(ns) = self { Some(*ns) } else { None }
    }

    pub fn criterion(&self) -> Option<&[Change]> {
        if let Self::Criterion(changes) = self { Some(changes) } else { None }
    }
}

/// The reports among them, in order.
pub fn reports(answers: &[Answer]) -> Vec<&Report> {
    answers.iter().filter_map(Answer::ran).map(|ran| &ran.report).collect()
}
