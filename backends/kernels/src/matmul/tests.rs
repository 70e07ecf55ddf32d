//! Every tier against the plain loops: shapes, strides, transposition, bias, windows, and what must not leak.

use proptest::prelude::*;

use super::*;
use crate::check::{Tolerance, check_close, each_tier, ordinary};
use crate::reference;

const SHAPES: &[MatmulShape] = &[
    MatmulShape { m: 1, n: 1, k: 1 },
    MatmulShape { m: 1, n: 7, k: 33 },
    MatmulShape { m: 1, n: 127, k: 16 },
    MatmulShape { m: 1, n: 300, k: 65 },
    // Rows that fit the registers of some tier, and one that fits none.
    MatmulShape { m: 1, n: 64, k: 19 },
    MatmulShape { m: 1, n: 256, k: 5 },
    MatmulShape { m: 1, n: 384, k: 3 },
    MatmulShape { m: 1, n: 416, k: 3 },
    MatmulShape { m: 2, n: 15, k: 17 },
    MatmulShape { m: 5, n: 31, k: 8 },
    MatmulShape { m: 6, n: 16, k: 16 },
    MatmulShape { m: 7, n: 1, k: 31 },
    MatmulShape { m: 12, n: 32, k: 64 },
    MatmulShape { m: 13, n: 33, k: 1 },
    MatmulShape { m: 31, n: 17, k: 127 },
    MatmulShape { m: 33, n: 65, k: 15 },
    MatmulShape { m: 17, n: 540, k: 9 },
    MatmulShape { m: 9, n: 40, k: 530 },
    // Rows of `b` far from each other, and so many of `a` that all tiers pack.
    MatmulShape { m: 97, n: 1030, k: 2 },
];

/// The dense operands of a shape, one generous buffer each.
struct Operands {
    a: Vec<f32>,
    b: Vec<f32>,
    bias: Vec<f32>,
}

impl Operands {
    fn of(shape: MatmulShape) -> Operands {
        let MatmulShape { m, n, k } = shape;
        Operands { a: ordinary(m * k, 1), b: ordinary(k * n, 2), bias: ordinary(n, 3) }
    }
}

/// One rounding per term of a partial sum of about 100, which is what ordinary numbers reach at these depths.
fn tolerance(shape: MatmulShape) -> Tolerance {
    Tolerance { absolute: 4e-6 * (shape.k + 1) as f32, relative: 0.0 }
}

#[track_caller]
fn check(kernels: &Kernels, problem: Matmul<'_>) {
    let MatmulShape { m, n, .. } = problem.shape;
    let (mut got, mut want) = (vec![f32::NAN; m * n], vec![0.0; m * n]);
    reference::matmul(&problem, &mut want);
    kernels.matmul(&problem, MatrixMut::dense(&mut got, m, n), &mut MatmulScratch::new());
    let context = (kernels.tier, problem.shape, problem.trans_b, problem.bias.is_some());
    check_close(&got, &want, tolerance(problem.shape), context);

    got.fill(f32::NAN);
    let packed = packed(kernels, &problem);
    let mut scratch = MatmulScratch::new();
    kernels.matmul(&Matmul { packed_b: Some(&packed), ..problem }, MatrixMut::dense(&mut got, m, n), &mut scratch);
    check_close(&got, &want, tolerance(problem.shape), (context, "packed"));
    assert_eq!(scratch.bytes(), 0, "a packed b is not packed again");
}

fn packed(kernels: &Kernels, problem: &Matmul<'_>) -> Vec<f32> {
    let mut packed = vec![f32::NAN; problem.shape.packed_len()];
    kernels.pack_b(problem, &mut packed);
    packed
}

#[test]
fn every_tier_equals_the_formula() {
    for (kernels, shape) in each_tier(SHAPES) {
        let Operands { a, b, bias } = &Operands::of(shape);
        for bias in [None, Some(&bias[..])] {
            check(kernels, Matmul { bias, ..Matmul::new(shape, a, b) });
            check(kernels, Matmul { bias, ..Matmul::transposed(shape, a, b) });
        }
    }
}

#[test]
fn strides_leave_the_gaps_alone() {
    for (kernels, shape) in each_tier(SHAPES) {
        let MatmulShape { m, n, k } = shape;
        for trans_b in [false, true] {
            let (b_rows, b_cols) = if trans_b { (n, k) } else { (k, n) };
            let (a, b) = (ordinary(m * (k + 3), 1), ordinary(b_rows * (b_cols + 5), 2));
            let problem = Matmul {
                shape,
                a: &a,
                a_row_stride: k + 3,
                b: &b,
                b_row_stride: b_cols + 5,
                trans_b,
                bias: None,
                packed_b: None,
            };
            let mut want = vec![0.0; m * n];
            reference::matmul(&problem, &mut want);
            let mut c = vec![77.0; m * (n + 2)];
            kernels.matmul(&problem, MatrixMut::new(&mut c, m, n, n + 2), &mut MatmulScratch::new());
            for (row, want) in c.chunks_exact(n + 2).zip(want.chunks_exact(n)) {
                check_close(&row[..n], want, tolerance(shape), (kernels.tier, shape, trans_b));
                assert_eq!(row[n..], [77.0, 77.0], "{} {shape:?}", kernels.tier);
            }
        }
    }
}

/// Two by two parts of the product, cut at these rows and columns, on threads of their own.
fn in_quarters(kernels: &Kernels, problem: Matmul<'_>, row: usize, col: usize) -> Vec<f32> {
    let MatmulShape { m, n, .. } = problem.shape;
    let mut c = vec![f32::NAN; m * n];
    let (top, bottom) = MatrixMut::dense(&mut c, m, n).split_rows(row);
    std::thread::scope(|scope| {
        for (rows, c) in [(0..row, top), (row..m, bottom)] {
            let (left, right) = c.split_cols(col);
            for (cols, c) in [(0..col, left), (col..n, right)] {
                let part = problem.rows(rows.clone()).cols(cols);
                scope.spawn(move || kernels.matmul(&part, c, &mut MatmulScratch::new()));
            }
        }
    });
    c
}

#[test]
fn quarters_make_the_whole() {
    for (kernels, shape) in each_tier(&[MatmulShape { m: 29, n: 70, k: 40 }]) {
        let Operands { a, b, bias } = &Operands::of(shape);
        for dense in [Matmul::new(shape, a, b), Matmul::transposed(shape, a, b)] {
            let problem = Matmul { bias: Some(bias), ..dense };
            let mut want = vec![0.0; 29 * 70];
            reference::matmul(&problem, &mut want);
            check_close(&in_quarters(kernels, problem, 13, 37), &want, tolerance(shape), kernels.tier);

            let packed = packed(kernels, &problem);
            let problem = Matmul { packed_b: Some(&packed), ..problem };
            check_close(&in_quarters(kernels, problem, 13, 32), &want, tolerance(shape), (kernels.tier, "packed"));
            check_close(&in_quarters(kernels, problem, 28, 64), &want, tolerance(shape), (kernels.tier, "packed"));
        }
    }
}

#[test]
#[should_panic(expected = "column 37 is within a strip")]
fn a_packed_b_is_cut_between_strips_only() {
    let shape = MatmulShape { m: 1, n: 70, k: 4 };
    let Operands { a, b, .. } = &Operands::of(shape);
    let packed = packed(Kernels::best(), &Matmul::new(shape, a, b));
    Matmul { packed_b: Some(&packed), ..Matmul::new(shape, a, b) }.cols(37..70);
}

#[test]
#[should_panic(expected = "the packed b is another")]
fn a_packed_b_of_another_shape_is_refused() {
    let shape = MatmulShape { m: 1, n: 33, k: 4 };
    let Operands { a, b, .. } = &Operands::of(shape);
    let problem = Matmul { packed_b: Some(&[0.0; 32 * 4]), ..Matmul::new(shape, a, b) };
    Kernels::best().matmul(&problem, MatrixMut::dense(&mut [0.0; 33], 1, 33), &mut MatmulScratch::new());
}

#[test]
fn nan_and_infinity_stay_in_their_row_and_column() {
    for (kernels, shape) in each_tier(&[MatmulShape { m: 14, n: 35, k: 19 }]) {
        let Operands { mut a, b, .. } = Operands::of(shape);
        a[3 * 19 + 18] = f32::NAN;
        a[13 * 19] = f32::INFINITY;
        check(kernels, Matmul::new(shape, &a, &b));
        check(kernels, Matmul::transposed(shape, &a, &b));
    }
}

#[test]
fn nothing_to_sum_leaves_the_bias() {
    for (kernels, m) in each_tier(&[1, 3]) {
        let (shape, mut c) = (MatmulShape { m, n: 2, k: 0 }, vec![f32::NAN; 2 * m]);
        let problem = Matmul { bias: Some(&[1.0, 2.0]), ..Matmul::new(shape, &[], &[]) };
        kernels.matmul(&problem, MatrixMut::dense(&mut c, m, 2), &mut MatmulScratch::new());
        assert_eq!(c, [1.0, 2.0].repeat(m));
    }
}

#[test]
fn a_used_scratch_does_not_show() {
    for (kernels, shape) in each_tier(&[MatmulShape { m: 5, n: 20, k: 11 }]) {
        let large = MatmulShape { m: 2, n: 64, k: 64 };
        let (nan, mut ignored, mut scratch) = (vec![f32::NAN; 64 * 64], vec![0.0; 128], MatmulScratch::new());
        kernels.matmul(&Matmul::new(large, &nan, &nan), MatrixMut::dense(&mut ignored, 2, 64), &mut scratch);
        let Operands { a, b, .. } = &Operands::of(shape);
        let (mut got, mut want) = (vec![0.0; 100], vec![0.0; 100]);
        for problem in [Matmul::new(shape, a, b), Matmul::transposed(shape, a, b)] {
            kernels.matmul(&problem, MatrixMut::dense(&mut got, 5, 20), &mut scratch);
            reference::matmul(&problem, &mut want);
            check_close(&got, &want, tolerance(shape), kernels.tier);
        }
    }
}

#[test]
fn an_empty_part_is_nothing_to_do() {
    let (shape, mut c) = (MatmulShape { m: 2, n: 3, k: 1 }, [7.0; 6]);
    let problem = Matmul { a_row_stride: 5, ..Matmul::new(shape, &[1.0; 6], &[1.0; 3]) };
    let (c_before, c_empty) = MatrixMut::dense(&mut c, 2, 3).split_rows(2);
    Kernels::best().matmul(&problem.rows(2..2), c_empty, &mut MatmulScratch::new());
    let (_, c_empty) = c_before.split_cols(3);
    Kernels::best().matmul(&problem.cols(3..3), c_empty, &mut MatmulScratch::new());
    assert_eq!(c, [7.0; 6]);
}

#[test]
#[should_panic(expected = "a is shorter")]
fn sizes_that_overflow_are_refused() {
    let shape = MatmulShape { m: 1 << 62, n: 0, k: 8 };
    let problem = Matmul::new(shape, &[], &[]);
    Kernels::best().matmul(&problem, MatrixMut::dense(&mut [], 1 << 62, 0), &mut MatmulScratch::new());
}

#[test]
#[should_panic(expected = "b is shorter than 3×4")]
fn a_short_operand_is_refused() {
    let (shape, mut c) = (MatmulShape { m: 2, n: 4, k: 3 }, [0.0; 8]);
    let problem = Matmul::new(shape, &[0.0; 6], &[0.0; 11]);
    Kernels::best().matmul(&problem, MatrixMut::dense(&mut c, 2, 4), &mut MatmulScratch::new());
}

proptest! {
    #[test]
    fn any_shape_equals_the_formula(m in 1_usize..40, n in 1_usize..80, k in 1_usize..60, with_bias: bool, trans_b: bool) {
        let shape = MatmulShape { m, n, k };
        let Operands { a, b, bias } = &Operands::of(shape);
        let dense = if trans_b { Matmul::transposed(shape, a, b) } else { Matmul::new(shape, a, b) };
        for (kernels, bias) in each_tier(&[with_bias.then_some(&bias[..])]) {
            check(kernels, Matmul { bias, ..dense });
        }
    }
}
