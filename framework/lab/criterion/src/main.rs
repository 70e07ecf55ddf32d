//! smbench's kernels under criterion. `LAB_CASES` says which, as in `matmul/32x32x32,add/10_000`; the command line is
//! criterion's.

use std::env;
use std::hint::black_box;

use criterion::{Bencher, Criterion};
use smbench_kernels::{Kernels, Matmul, MatmulScratch, MatmulShape, MatrixMut, Norm, RowShape};

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for case in env::var("LAB_CASES").expect("LAB_CASES says which cases").split(',') {
        let (op, size) = case.split_once('/').expect("OP/SIZE");
        let size: Vec<usize> = size.split('x').map(|part| part.replace('_', "").parse().expect("a number")).collect();
        criterion.bench_function(case, |bencher| bench(bencher, op, &size));
    }
    criterion.final_summary();
}

/// One kernel into a buffer that stays, as smbench's cases do.
fn bench(bencher: &mut Bencher<'_>, op: &str, size: &[usize]) {
    let kernels = Kernels::best();
    match (op, size) {
        ("matmul", &[m, n, k]) => matmul(bencher, kernels, MatmulShape { m, n, k }),
        ("add", &[n]) => binary(bencher, n, |a, b, out| kernels.add(a, b, out)),
        ("mul", &[n]) => binary(bencher, n, |a, b, out| kernels.mul(a, b, out)),
        ("gelu_tanh", &[n]) => unary(bencher, n, |x, out| kernels.gelu_tanh(x, out)),
        ("softmax", &[rows, cols]) => {
            unary(bencher, rows * cols, |x, out| kernels.softmax(RowShape { rows, cols }, x, out));
        }
        ("layernorm", &[rows, cols]) => {
            let (gamma, beta) = (vector(cols), vector(cols));
            let norm = Norm { gamma: &gamma, beta: &beta, eps: 1e-5 };
            unary(bencher, rows * cols, |x, out| kernels.layernorm(RowShape { rows, cols }, x, norm, out));
        }
        _ => panic!("no kernel for {op} at {size:?}"),
    }
}

fn matmul(bencher: &mut Bencher<'_>, kernels: &Kernels, shape: MatmulShape) {
    let (a, b, mut c) = (vector(shape.m * shape.k), vector(shape.k * shape.n), vector(shape.m * shape.n));
    let mut scratch = MatmulScratch::new();
    bencher.iter(|| {
        let problem = Matmul::new(shape, black_box(&a), black_box(&b));
        kernels.matmul(&problem, MatrixMut::new(black_box(&mut c), shape.m, shape.n, shape.n), &mut scratch);
    });
}

fn unary(bencher: &mut Bencher<'_>, n: usize, kernel: impl Fn(&[f32], &mut [f32])) {
    let (x, mut out) = (vector(n), vector(n));
    bencher.iter(|| kernel(black_box(&x), black_box(&mut out)));
}

fn binary(bencher: &mut Bencher<'_>, n: usize, kernel: impl Fn(&[f32], &[f32], &mut [f32])) {
    let (a, b, mut out) = (vector(n), vector(n), vector(n));
    bencher.iter(|| kernel(black_box(&a), black_box(&b), black_box(&mut out)));
}

/// Values between -1 and 1.
fn vector(n: usize) -> Vec<f32> {
    (0..n).map(|i| (i as f32 * 0.7).sin()).collect()
}
