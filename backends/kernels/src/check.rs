//! For tests: inputs, tolerances and comparisons that every kernel's tests share.

use std::fmt::Debug;

use proptest::prelude::*;

use crate::{Kernels, RowShape, Tier};

/// Lengths around every register width, in one and several registers.
pub const LENGTHS: &[usize] = &[1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 200];

/// Shapes whose rows and columns are ragged, aligned and degenerate.
pub const ROW_SHAPES: &[RowShape] = &[
    RowShape { rows: 1, cols: 1 },
    RowShape { rows: 3, cols: 1 },
    RowShape { rows: 7, cols: 7 },
    RowShape { rows: 2, cols: 8 },
    RowShape { rows: 4, cols: 15 },
    RowShape { rows: 16, cols: 16 },
    RowShape { rows: 5, cols: 17 },
    RowShape { rows: 17, cols: 5 },
    RowShape { rows: 3, cols: 31 },
    RowShape { rows: 2, cols: 33 },
    RowShape { rows: 9, cols: 64 },
    RowShape { rows: 3, cols: 127 },
    RowShape { rows: 2, cols: 768 },
    RowShape { rows: 1, cols: 1030 },
];

/// NaN, infinities, zeroes, denormals, extremes, and where exponentials and polynomials change their ways; of both signs.
fn special() -> Vec<f32> {
    let limits = [f32::NAN, f32::INFINITY, f32::MAX, f32::MIN_POSITIVE, 0.0, 1e-45, 1e-40, 1e-30, 1e19, 1e30];
    let bends = [1.0, 5.5, 16.0, 16.5, 32.0, 87.5, 88.5, 90.0, 104.0, 128.5];
    limits.into_iter().chain(bends).flat_map(|x| [x, -x]).collect()
}

/// How far a result may be from the reference: `absolute + relative · |want|`.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    pub absolute: f32,
    pub relative: f32,
}

impl Tolerance {
    pub const EXACT: Tolerance = Tolerance { absolute: 0.0, relative: 0.0 };

    /// A share of the largest value, for results that are sums of cancelling parts.
    pub fn of_largest(share: f32, want: &[f32]) -> Tolerance {
        let largest = want.iter().fold(0.0_f32, |largest, x| largest.max(x.abs()));
        Tolerance { absolute: share * largest, relative: 0.0 }
    }

    fn admits(self, got: f32, want: f32) -> bool {
        let equal = got == want || got.is_nan() && want.is_nan();
        equal || (got - want).abs() <= self.absolute + self.relative * want.abs()
    }
}

/// Numbers in -4..4 that look random and are the same on every machine.
pub fn ordinary(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223); // Numerical Recipes' generator
        (state >> 8) as f32 / (1 << 21) as f32 - 4.0
    };
    (0..len).map(|_| next()).collect()
}

/// Every available tier's kernels with every case.
pub fn each_tier<T: Copy>(cases: &[T]) -> impl Iterator<Item = (&'static Kernels, T)> {
    let tables = Tier::available().into_iter().filter_map(Kernels::for_tier);
    tables.flat_map(|kernels| cases.iter().map(move |&case| (kernels, case)))
}

#[track_caller]
pub fn check_close(got: &[f32], want: &[f32], tolerance: Tolerance, context: impl Debug) {
    assert_eq!(got.len(), want.len());
    for (i, (&got, &want)) in got.iter().zip(want).enumerate() {
        assert!(tolerance.admits(got, want), "{context:?}: [{i}] is {got:e}, want {want:e} within {tolerance:?}");
    }
}

/// Holds a function of one vector equal to its reference, out of place and in place, in every tier.
#[track_caller]
pub fn check_unary(
    tolerance: Tolerance,
    out_of_place: impl Fn(&Kernels, &[f32], &mut [f32]),
    in_place: impl Fn(&Kernels, &mut [f32]),
    reference: impl Fn(&[f32], &mut [f32]),
) {
    let check = |kernels: &Kernels, x: &[f32]| {
        let (mut got, mut want) = (vec![0.25; x.len()], vec![0.0; x.len()]);
        reference(x, &mut want);
        out_of_place(kernels, x, &mut got);
        let of = |i: usize| format!("{} of {:e}", kernels.tier, x[i]);
        (0..x.len()).for_each(|i| check_close(&got[i..=i], &want[i..=i], tolerance, of(i)));
        let out = got.clone();
        got.copy_from_slice(x);
        in_place(kernels, &mut got);
        check_close(&got, &out, Tolerance::EXACT, (kernels.tier, "in place against out of place"));
    };
    let sweep: Vec<f32> = (-20_000..=20_000).map(|i| i as f32 / 1000.0).collect();
    for kernels in Tier::available().into_iter().filter_map(Kernels::for_tier) {
        check(kernels, &sweep);
        check(kernels, &special());
        LENGTHS.iter().for_each(|&len| check(kernels, &ordinary(len, 1)));
        proptest!(|(x in proptest::collection::vec(proptest::num::f32::ANY, 1..70))| check(kernels, &x));
    }
}

/// Holds a function of two vectors equal to its reference, out of place and in place, in every tier.
#[track_caller]
pub fn check_binary(
    tolerance: Tolerance,
    out_of_place: impl Fn(&Kernels, &[f32], &[f32], &mut [f32]),
    in_place: impl Fn(&Kernels, &mut [f32], &[f32]),
    reference: impl Fn(&[f32], &[f32], &mut [f32]),
) {
    let check = |kernels: &Kernels, a: &[f32], b: &[f32]| {
        let (mut got, mut want) = (vec![0.25; a.len()], vec![0.0; a.len()]);
        reference(a, b, &mut want);
        out_of_place(kernels, a, b, &mut got);
        check_close(&got, &want, tolerance, (kernels.tier, a.len()));
        got.copy_from_slice(a);
        in_place(kernels, &mut got, b);
        check_close(&got, &want, tolerance, (kernels.tier, a.len(), "in place"));
    };
    for kernels in Tier::available().into_iter().filter_map(Kernels::for_tier) {
        special().iter().for_each(|&b| check(kernels, &special(), &vec![b; special().len()]));
        LENGTHS.iter().for_each(|&len| check(kernels, &ordinary(len, 1), &ordinary(len, 2)));
        let pairs = proptest::collection::vec((proptest::num::f32::ANY, proptest::num::f32::ANY), 1..70);
        proptest!(|(pairs in pairs)| {
            let (a, b): (Vec<f32>, Vec<f32>) = pairs.into_iter().unzip();
            check(kernels, &a, &b);
        });
    }
}
