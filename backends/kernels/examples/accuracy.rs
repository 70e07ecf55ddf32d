//! How far every tier is from f64: the table in docs/accuracy.md.
//!
//! `cargo run --release -p smbench-kernels --example accuracy`, about a minute.

use std::fmt;

use smbench_kernels::{Kernels, Matmul, MatmulScratch, MatmulShape, MatrixMut, Norm, RowShape, Tier, reference};

fn main() {
    println!("| op | inputs | tier | max abs error | max rel error | at x (abs, rel) |");
    println!("|---|---|---|--:|--:|---|");
    for tier in Tier::available() {
        let kernels = Kernels::for_tier(tier).expect("it is available");
        elements("gelu_tanh", kernels, Kernels::gelu_tanh, reference::gelu_tanh_of);
        elements("gelu_erf", kernels, Kernels::gelu_erf, reference::gelu_erf_of);
        elements("silu", kernels, Kernels::silu, reference::silu_of);
        rows(kernels);
        products(kernels);
    }
}

/// Every so many of all floats, a prime, so that all exponents get mantissas of all kinds: 17 million.
const STEP: usize = 251;

/// Beyond it, values and results are compared as one another only: infinite, or 0 and denormal.
const WORTH: f64 = f32::MIN_POSITIVE as f64;

/// The furthest results.
#[derive(Default)]
struct Errors {
    abs: Furthest,
    rel: Furthest,
}

#[derive(Default)]
struct Furthest {
    error: f64,
    at: f64,
}

impl Furthest {
    fn see(&mut self, error: f64, at: f64) {
        if error > self.error {
            *self = Furthest { error, at };
        }
    }
}

impl Errors {
    /// `at` is what the result is of. NaN must be NaN and what overflows f32 infinite, else the run ends here.
    fn see(&mut self, got: f32, want: f64, at: f64) {
        if want.is_nan() || (want as f32).is_infinite() {
            assert!(got == want as f32 || got.is_nan() && want.is_nan(), "{got:e} instead of {want:e} at {at:e}");
            return;
        }
        let error = (f64::from(got) - want).abs();
        // One rounding of a large result says nothing about the formula: such results are judged by their relative error.
        if want.abs() <= 16.0 {
            self.abs.see(error, at);
        }
        if want.abs() >= WORTH {
            self.rel.see(error / want.abs(), at);
        }
    }

    fn print(&self, op: &str, inputs: impl fmt::Display, tier: Tier) {
        let Errors { abs, rel } = self;
        println!(
            "| {op} | {inputs} | {tier} | {:.1e} | {:.1e} | {:.4e}, {:.4e} |",
            abs.error, rel.error, abs.at, rel.at
        );
    }
}

/// All of f32, NaN, infinities and denormals among them; and apart from that, what models put in.
fn elements(op: &str, kernels: &Kernels, ours: impl Fn(&Kernels, &[f32], &mut [f32]), exact: impl Fn(f64) -> f64) {
    let all: Vec<f32> = (0..=u32::MAX).step_by(STEP).map(f32::from_bits).collect();
    let usual: Vec<f32> = (-4_000_000..=4_000_000).map(|i| i as f32 / 500_000.0).collect();
    for (inputs, x) in [("all floats", all), ("-8 to 8", usual)] {
        let (mut out, mut errors) = (vec![0.0; x.len()], Errors::default());
        ours(kernels, &x, &mut out);
        x.iter().zip(&out).for_each(|(&x, &out)| errors.see(out, exact(f64::from(x)), f64::from(x)));
        errors.print(op, inputs, kernels.tier);
    }
}

/// Numbers in -1..1 that look random and are the same on every machine.
fn random(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9E37_79B9) | 1;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223); // Numerical Recipes' generator
        (state >> 8) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

const ROWS: RowShape = RowShape { rows: 200, cols: 1021 };

const EPS: f32 = 1e-5;

/// Rows of usual values; the same with one value of 10⁴ in each, first or elsewhere; far from 0; denormal.
fn rows(kernels: &Kernels) {
    let usual: Vec<f32> = random(ROWS.len(), 1).iter().map(|x| 4.0 * x).collect();
    let outlier = |i: usize| i % ROWS.cols == 700 * (i / ROWS.cols % 2);
    let inputs = [
        ("-4 to 4", usual.clone()),
        ("one of 10⁴", (0..ROWS.len()).map(|i| if outlier(i) { 1e4 } else { usual[i] }).collect()),
        ("around 1000", usual.iter().map(|x| 1000.0 + x).collect()),
        ("denormal", usual.iter().map(|x| 1e-39 * x).collect()),
    ];
    let (gamma, beta) = (vec![1.0; ROWS.cols], vec![0.0; ROWS.cols]);
    let norm = Norm { gamma: &gamma, beta: &beta, eps: EPS };
    let layernorm_of = |x: &[f64]| reference::layernorm_of(x, EPS);
    let rmsnorm_of = |x: &[f64]| reference::rmsnorm_of(x, EPS);
    for (name, x) in &inputs {
        compare("softmax", name, kernels, x, |out| kernels.softmax(ROWS, x, out), reference::softmax_of);
        compare("layernorm", name, kernels, x, |out| kernels.layernorm(ROWS, x, norm, out), layernorm_of);
        compare("rmsnorm", name, kernels, x, |out| kernels.rmsnorm(ROWS, x, &gamma, EPS, out), rmsnorm_of);
    }
}

/// Relative errors are those of the row's largest result: what cancels in a small one is no more than that.
fn compare(
    op: &str,
    inputs: &str,
    kernels: &Kernels,
    x: &[f32],
    ours: impl Fn(&mut [f32]),
    exact: impl Fn(&[f64]) -> Vec<f64>,
) {
    let (mut out, mut errors) = (vec![f32::NAN; x.len()], Errors::default());
    ours(&mut out);
    for (x, out) in x.chunks(ROWS.cols).zip(out.chunks(ROWS.cols)) {
        let want = exact(&x.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
        let largest = want.iter().fold(f64::MIN_POSITIVE, |largest, want| largest.max(want.abs()));
        for ((&got, &want), &x) in out.iter().zip(&want).zip(x) {
            let error = (f64::from(got) - want).abs();
            errors.abs.see(error, f64::from(x));
            errors.rel.see(error / largest, f64::from(x));
        }
    }
    errors.print(op, inputs, kernels.tier);
}

/// Products of values in -1..1; relative to `Σ|a·b|`, which is what sums in another order are bounded by.
fn products(kernels: &Kernels) {
    for shape in [MatmulShape { m: 1, n: 512, k: 2048 }, MatmulShape { m: 127, n: 65, k: 1033 }] {
        let MatmulShape { m, n, k } = shape;
        let (a, b, mut c) = (random(m * k, 1), random(k * n, 2), vec![f32::NAN; m * n]);
        let c_view = MatrixMut::new(&mut c, m, n, n);
        kernels.matmul(&Matmul::new(shape, &a, &b), c_view, &mut MatmulScratch::new());
        let mut errors = Errors::default();
        for (at, &got) in c.iter().enumerate() {
            let (row, col) = (at / n, at % n);
            let products = (0..k).map(|p| f64::from(a[row * k + p]) * f64::from(b[p * n + col]));
            let error = (f64::from(got) - products.clone().sum::<f64>()).abs();
            errors.abs.see(error, f64::from(got));
            errors.rel.see(error / products.map(f64::abs).sum::<f64>(), f64::from(got));
        }
        errors.print("matmul", format_args!("{m}x{n}x{k}, -1 to 1"), kernels.tier);
    }
}
