//! matmul: `c[m×n] = a[m×k] · b[k×n] (+ bias[n])`.

use core::ffi::CStr;

use smbench_abi::op::MatmulArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Expected, Fill, InPlace, Op, Operand, Problem, Regime, fill};

/// Matrix multiplication; a size is `m×n×k`.
pub struct Matmul {
    /// `b` is stored `[n×k]`.
    pub trans_b: bool,
    /// `bias[n]` is added to every row.
    pub bias: bool,
}

impl Op for Matmul {
    fn name(&self) -> &'static str {
        match (self.trans_b, self.bias) {
            (false, false) => "matmul",
            (true, false) => "matmul_trans_b",
            (false, true) => "matmul_bias",
            (true, true) => "matmul_trans_b_bias",
        }
    }

    fn id(&self) -> &'static CStr {
        MatmulArgs::ID
    }

    fn formula(&self) -> &'static str {
        match (self.trans_b, self.bias) {
            (false, false) => "c[m×n] = a[m×k] · b[k×n]",
            (true, false) => "c[m×n] = a[m×k] · b[n×k]ᵀ",
            (false, true) => "c[m×n] = a[m×k] · b[k×n] + bias[n]",
            (true, true) => "c[m×n] = a[m×k] · b[n×k]ᵀ + bias[n]",
        }
    }

    fn dims(&self) -> &'static [&'static str] {
        &["m", "n", "k"]
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[
            &[1, 1, 1],
            &[2, 3, 5],
            &[64, 64, 64],
            &[127, 65, 33],
            &[1, 130, 257],
            &[33, 1, 17],
            &[5, 96, 1],
            &[32, 100, 64],
        ]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        let &[m, n, k] = size else { unreachable!("sizes have as many numbers as `dims`") };
        let b = if self.trans_b { [n, k] } else { [k, n] };
        let mut inputs = vec![Operand::new("a", &[m, k]), Operand::new("b", &b)];
        if self.bias {
            inputs.push(Operand::new("bias", &[n]));
        }
        let flops = 2 * (m * n * k) as u64 + if self.bias { (m * n) as u64 } else { 0 };
        Problem::new(size, inputs, vec![Operand::new("c", &[m, n])], flops)
    }

    /// The tolerance is the forward error bound of any order of summation: `k` roundings of
    /// `Σ |a||b|` (Higham, Accuracy and Stability of Numerical Algorithms, 2002, §3.5).
    fn element(&self, problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let (n, k) = (problem.size[1], problem.size[2]);
        let (row, column) = (index / n, index % n);
        let mut sum = if self.bias { f64::from(inputs[2][column]) } else { 0.0 };
        let mut scale = sum.abs();
        for p in 0..k {
            let b = if self.trans_b { inputs[1][column * k + p] } else { inputs[1][p * n + column] };
            let product = f64::from(inputs[0][row * k + p]) * f64::from(b);
            sum += product;
            scale += product.abs();
        }
        Expected::new(sum, scale, k as f64 + 2.0)
    }

    fn element_work(&self, problem: &Problem) -> usize {
        problem.size[2]
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        let bias = if self.bias { tensors[2] } else { Tensor::NONE };
        Args::from(MatmulArgs {
            header: ArgsHeader::of::<MatmulArgs>(),
            trans_b: u32::from(self.trans_b),
            reserved: 0,
            a: tensors[0],
            b: tensors[1],
            c: tensors[tensors.len() - 1],
            bias,
            b_prepared: core::ptr::null(),
        })
    }

    fn in_place(&self) -> InPlace {
        InPlace::Never
    }

    /// Freivalds (1979): `c·r = a·(b·r)` for a random `r` of ±1, in `O(mn + nk + mk)`.
    fn whole(&self, problem: &Problem, inputs: &[&[f32]], outputs: &[&[f32]], seed: u64) -> Result<(), String> {
        let &[m, n, k] = problem.size.as_slice() else { unreachable!("sizes have as many numbers as `dims`") };
        let signs = signs(n, seed);
        // Along the rows of `b` as it is stored: the other way is ten times slower at 4096.
        let mut br = vec![(0.0, 0.0); k];
        for (outer, row) in inputs[1].chunks_exact(if self.trans_b { k } else { n }).enumerate() {
            for (inner, &b) in row.iter().enumerate() {
                let (p, j) = if self.trans_b { (inner, outer) } else { (outer, inner) };
                br[p] = add(br[p], f64::from(b) * signs[j]);
            }
        }
        let bias = if self.bias { inputs[2] } else { &[] };
        let bias = bias.iter().zip(&signs).fold((0.0, 0.0), |sum, (&bias, sign)| add(sum, f64::from(bias) * sign));
        for row in 0..m {
            let (value, scale) = (0..k).fold(bias, |(sum, scale), p| {
                let a = f64::from(inputs[0][row * k + p]);
                (sum + a * br[p].0, scale + a.abs() * br[p].1)
            });
            let got: f64 = (0..n).map(|j| f64::from(outputs[0][row * n + j]) * signs[j]).sum();
            let expected = Expected::new(value, scale, k as f64 + 2.0);
            let right = (got - expected.value).abs() <= expected.tolerance; // false for NaN
            if !right {
                return Err(format!(
                    "c[{row}, ..] fails Freivalds' check: its signed sum is {got:e}, expected {value:e}"
                ));
            }
        }
        Ok(())
    }
}

/// Sum and sum of magnitudes.
fn add((sum, scale): (f64, f64), term: f64) -> (f64, f64) {
    (sum + term, scale + term.abs())
}

fn signs(n: usize, seed: u64) -> Vec<f64> {
    let mut uniform = vec![0.0; n];
    fill(&mut uniform, Fill::Uniform, Regime::Usual, seed);
    uniform.into_iter().map(|value| if value < 0.0 { -1.0 } else { 1.0 }).collect()
}
