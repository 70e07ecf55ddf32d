//! What is right is accepted.

use smbench_ops::{OPS, Regime};

use crate::textbook::Mistake;
use crate::trial::{Trial, trials};

#[test]
fn the_textbook_passes_at_all_check_sizes_in_both_regimes() {
    for trial in trials().map(|trial| trial.run(Mistake::None)) {
        let title = trial.title();
        let deviation = trial.verify_all().unwrap_or_else(|wrong| panic!("{title}: {wrong}"));
        // A handful of elements may all be small where the tolerance is absolute.
        let few = trial.outputs[0].len() < 16;
        let most = if trial.has_huge_scores() { 1e-7 } else { 1e-11 };
        assert!(few || deviation.nmse < most, "{title}: {deviation:?}");
        trial.verify_some(64, 1).unwrap_or_else(|wrong| panic!("{title}: {wrong}"));
    }
}

/// Tolerances are bounds, not luck of a seed.
#[test]
fn the_textbook_passes_with_other_seeds() {
    for op in OPS {
        for seed in 0..50 {
            for regime in [Regime::Usual, Regime::Outliers] {
                let size = op.check_sizes()[1 + seed as usize % 5];
                let trial = Trial::new(*op, size, regime, seed).run(Mistake::None);
                trial.verify_all().unwrap_or_else(|wrong| panic!("{} seed {seed}: {wrong}", trial.title()));
            }
        }
    }
}
