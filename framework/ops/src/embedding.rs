//! embedding: `out[i] = table[ids[i]]`.

use core::ffi::CStr;

use smbench_abi::op::EmbeddingArgs;
use smbench_abi::{ArgsHeader, OpArgs, Tensor};

use crate::{Args, Cost, Expected, Fill, InPlace, Op, Operand, Problem};

/// Rows of a table by their numbers; a size is `count×vocabulary×width`.
pub struct Embedding;

impl Op for Embedding {
    fn name(&self) -> &'static str {
        "embedding"
    }

    fn id(&self) -> &'static CStr {
        EmbeddingArgs::ID
    }

    fn formula(&self) -> &'static str {
        "out[i] = table[ids[i]]"
    }

    fn dims(&self) -> &'static [&'static str] {
        &["count", "vocabulary", "width"]
    }

    fn check_sizes(&self) -> &'static [&'static [usize]] {
        &[&[1, 1, 1], &[1, 100, 7], &[5, 2, 33], &[16, 64, 16], &[33, 5, 1], &[10, 257, 96], &[2, 3, 1030]]
    }

    fn problem(&self, size: &[usize]) -> Problem {
        let &[count, vocabulary, width] = size else { unreachable!("sizes have as many numbers as `dims`") };
        let table = Operand::new("table", &[vocabulary, width]);
        let ids = Operand::new("ids", &[count]).filled(Fill::Ids(vocabulary));
        let problem = Problem::new(size, vec![table, ids], vec![Operand::new("out", &[count, width])], 0);
        // Of the table the rows that are named are read, each for itself.
        let bytes = 4 * (count + 2 * count * width) as u64;
        Problem { cost: Cost { flops: 0, bytes }, ..problem }
    }

    /// A copy is exact.
    fn element(&self, problem: &Problem, inputs: &[&[f32]], _output: usize, index: usize) -> Expected {
        let width = problem.size[2];
        let (i, column) = (index / width, index % width);
        let id = inputs[1][i].to_bits() as usize;
        Expected::new(f64::from(inputs[0][id * width + column]), 0.0, 0.0)
    }

    fn bind(&self, _problem: &Problem, tensors: &[Tensor]) -> Args {
        Args::from(EmbeddingArgs {
            header: ArgsHeader::of::<EmbeddingArgs>(),
            table: tensors[0],
            ids: tensors[1],
            out: tensors[2],
        })
    }

    fn in_place(&self) -> InPlace {
        InPlace::Never
    }
}
