//! smbench peer `gemm`: `gemm::gemm` on the operands as they lie, in a rayon pool of the context's own.

use std::ffi::CStr;

use gemm::Parallelism;
use smbench_sdk::extension::{self, Receipt, Receipts, Session};
use smbench_sdk::op::{self, Matmul, MatmulArgs};
use smbench_sdk::{Backend, CreateArgs, ExtensionEntry, MatmulShape, OpEntry, Result, ThreadPool};

/// A context: threads for gemm, which keeps everything else per thread.
struct Gemm {
    threads: ThreadPool,
}

impl Backend for Gemm {
    const NAME: &'static CStr = c"gemm";
    const VENDOR: &'static CStr = c"sarah-ek";
    const OPS: &'static [OpEntry<Self>] = &[op::matmul::entry().runs("gemm 0.19")];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[extension::session::entry(), extension::receipt::entry()];

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self { threads: ThreadPool::new(args.threads)? })
    }
}

impl Session for Gemm {
    type Runner = ThreadPool;

    fn runner(&self) -> ThreadPool {
        self.threads.clone()
    }
}

impl Receipts for Gemm {
    /// gemm says neither which instructions nor how many threads it took.
    fn receipt(&self, _: &OpEntry<Self>) -> Receipt {
        Receipt::default()
    }
}

impl Matmul for Gemm {
    /// gemm itself decides which products are worth more than one thread.
    fn matmul(&mut self, args: MatmulArgs<'_>) -> Result {
        match self.threads.threads() {
            1 => multiply(args, Parallelism::None),
            threads => self.threads.install(|| multiply(args, Parallelism::Rayon(threads))),
        }
        Ok(())
    }
}

/// `c = a · b`, on top of the bias where there is one.
fn multiply(args: MatmulArgs<'_>, parallelism: Parallelism) {
    let MatmulArgs { shape: MatmulShape { m, k, n }, a, b, trans_b, bias, mut c, .. } = args;
    if let Some(bias) = bias {
        (0..m).for_each(|i| c.row(i).copy_from_slice(bias));
    }
    let (a_row, b_row, c_row) = (a.row_stride() as isize, b.row_stride() as isize, c.row_stride() as isize);
    let (b_row, b_column) = if trans_b { (1, b_row) } else { (b_row, 1) };
    // SAFETY: the views hold m×k, k×n and m×n elements at these strides, and `c` is apart from the others.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            c.data().as_mut_ptr(),
            1,
            c_row,
            bias.is_some(),
            a.data().as_ptr(),
            1,
            a_row,
            b.data().as_ptr(),
            b_column,
            b_row,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        )
    }
}

smbench_sdk::export_backend!(Gemm);
