//! How far outputs were from their oracle, as a worker tells it.

use smbench_core::outcome::{ErrorStats, Extremes};
use smbench_ops::{Deviation, Furthest};

/// With the words for the element that is furthest from its oracle.
pub fn extremes(deviation: &Deviation, tell: impl Fn(&Furthest) -> String) -> Extremes {
    Extremes {
        error: ErrorStats { max_abs: deviation.max_abs, max_rel: deviation.max_rel, nmse: deviation.nmse },
        max_ulp: deviation.furthest.map_or(0.0, |furthest| furthest.ulp()),
        furthest: deviation.furthest.as_ref().map_or_else(String::new, tell),
    }
}
