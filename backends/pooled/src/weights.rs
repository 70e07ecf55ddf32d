//! weights: `b` of a matmul, packed once into the strips that every product with it would pack again.

use std::alloc::Layout;

use smbench_kernels::{Matmul as Problem, MatmulShape};
use smbench_sdk::extension::{Role, Weights};
use smbench_sdk::memory::{Allocator, Block};
use smbench_sdk::{Error, Matrix, Result};

use crate::Pooled;

/// A packed `b`, in memory from the context's pool.
pub struct PackedB {
    block: Block,
    n: usize,
    k: usize,
    role: Role,
}

impl Weights for Pooled {
    type Prepared = PackedB;

    fn prepare(&mut self, source: Matrix<'_>, role: Role) -> Result<PackedB> {
        let trans_b = role == Role::MatmulBTransposed;
        let (k, n) = if trans_b { (source.cols(), source.rows()) } else { (source.rows(), source.cols()) };
        let shape = MatmulShape { m: 0, n, k };
        let b = Problem { b_row_stride: source.row_stride(), trans_b, ..Problem::new(shape, &[], source.data()) };
        let layout = Layout::array::<f32>(shape.packed_len()).and_then(|layout| layout.align_to(64));
        let layout = layout.map_err(|_| Error::out_of_memory("the packed weights exceed the address space"))?;
        let mut block = self.tensors.acquire(layout)?;
        self.kernels.pack_b(&b, block.floats_mut());
        Ok(PackedB { block, n, k, role })
    }

    fn release(&mut self, prepared: PackedB) {
        self.tensors.release(prepared.block);
    }
}

impl PackedB {
    /// The strips, for a product of this shape.
    pub fn strips(&self, shape: MatmulShape, trans_b: bool) -> Result<&[f32]> {
        let role = if trans_b { Role::MatmulBTransposed } else { Role::MatmulB };
        if (self.n, self.k, self.role) != (shape.n, shape.k, role) {
            return Err(Error::invalid("`b_prepared` was made of another `b`"));
        }
        Ok(self.block.floats())
    }
}
