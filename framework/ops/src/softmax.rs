//! softmax: `out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i)` over the last dimension.

use core::ffi::CStr;

use smbench_abi::op::SoftmaxArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Cost, Expected, Fill, Op, Operand, Problem};

/// Softmax of every row; a size is `rows×cols`, or `cols` for one row.
pub struct Softmax {
    /// Row `i` sees columns `j <= i + cols - rows`; the others become 0.
    pub causal: bool,
}

/// Where kernels stop caring how small an exponential is: `e^-69`, long before f32 ends at `e^-87`.
const NEGLIGIBLE: f64 = 1e-30;

impl Op for Softmax {
    fn name(&self) -> &'static str {
        if self.causal { "softmax_causal" } else { "softmax" }
    }

    fn id(&self) -> &'static CStr {
        SoftmaxArgs::ID
    }

    fn formula(&self) -> &'static str {
        match self.causal {
            false => "out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i)",
            true => "out[i,j] = e^(x[i,j] - max_i) / Σ_j e^(x[i,j] - max_i) over j ≤ i + cols - rows, else 0",
        }
    }

    fn dims(&self) -> &'static [&'static str] {
        &["rows", "cols"]
    }

    fn shortest(&self) -> usize {
        1
    }

    /// No causal size has more rows than columns: nobody needs queries that see nothing.
    fn check_sizes(&self) -> &'static [&'static [usize]] {
        match self.causal {
            false => &[&[1, 1], &[3, 1], &[1, 7], &[4, 16], &[5, 33], &[17, 64], &[3, 127], &[2, 768], &[1, 1030]],
            true => &[&[1, 1], &[7, 7], &[1, 16], &[16, 16], &[5, 33], &[33, 64], &[65, 65], &[2, 768], &[1, 1030]],
        }
    }

    fn problem(&self, size: &[usize]) -> Problem {
        let &[rows, cols] = size else { unreachable!("sizes have as many numbers as `dims`") };
        // ±8 puts e^16 between the least and the most likely; outliers overflow whoever forgets the maximum.
        let x = Operand::new("x", size).filled(Fill::Range(8.0));
        // Maximum, difference, exponential, sum, division.
        let flops = (Cost::TRANSCENDENTAL + 4) * self.seen_by_all(rows, cols);
        Problem::new(size, vec![x], vec![Operand::new("out", size)], flops)
    }

    /// The tolerance is relative to the value. In roundings (half epsilons): one per summand, as all are
    /// positive (Higham 2002, §4.2); `2·(max - x)` because the difference and its reduction are rounded
    /// before they are an exponent; 16 for two exponentials, the division and the exponents within the sum.
    fn element(&self, problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let (rows, cols) = (problem.size[0], problem.size[1]);
        let (row, column) = (index / cols, index % cols);
        let seen = self.seen_by(row, rows, cols);
        if column >= seen {
            return Expected::new(0.0, 0.0, 0.0);
        }
        let x = &inputs[0][row * cols..row * cols + seen];
        let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let below = |x: f32| f64::from(x) - f64::from(largest);
        let sum: f64 = x.iter().map(|&x| below(x).exp()).sum();
        let exponent = below(x[column]);
        let value = exponent.exp() / sum;
        Expected::new(value, value.max(NEGLIGIBLE), seen as f64 / 2.0 - exponent + 8.0)
    }

    fn element_work(&self, problem: &Problem) -> usize {
        // An exponential in f64 takes about four times as long as a strided load.
        4 * problem.size[1]
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(SoftmaxArgs {
            header: ArgsHeader::of::<SoftmaxArgs>(),
            causal: u32::from(self.causal),
            reserved: 0,
            x: tensors[0],
            out: tensors[1],
        })
    }
}

impl Softmax {
    /// How many columns row `row` sees.
    fn seen_by(&self, row: usize, rows: usize, cols: usize) -> usize {
        if self.causal { (row + 1 + cols).saturating_sub(rows) } else { cols }
    }

    /// How many elements of the matrix are seen: of a causal one its lower right trapezoid.
    fn seen_by_all(&self, rows: usize, cols: usize) -> u64 {
        let (longest, rows_seeing) = (cols as u64, rows.min(cols) as u64);
        match self.causal {
            false => rows as u64 * longest,
            true => rows_seeing * longest - rows_seeing * (rows_seeing - 1) / 2,
        }
    }
}
