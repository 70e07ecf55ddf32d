//! smbench backend `faer`: faer's matmul as its users call it, in a rayon pool of its own per context; the shared kernels
//! for everything else.

#![deny(unsafe_code)]

mod op;

use std::ffi::CStr;

use smbench_kernels::{AttentionScratch, Kernels};
use smbench_sdk::extension::{self, Memory, Receipt, Receipts, Session};
use smbench_sdk::memory::{Allocator, TensorPool};
use smbench_sdk::{Backend, CreateArgs, ExtensionEntry, OpEntry, Result, ThreadPool, op as sdk};

/// A context: the shared kernels and their memory, threads for faer, and a pool of tensors.
struct Faer {
    kernels: &'static Kernels,
    attention: AttentionScratch,
    threads: ThreadPool,
    tensors: TensorPool,
    /// Threads that the last matmul used.
    matmul_used: usize,
}

/// What the receipt says of matmul, and how it is told from the rest.
const FAER_MATMUL: &str = "faer 0.24 matmul";

impl Backend for Faer {
    const NAME: &'static CStr = c"faer";
    const VENDOR: &'static CStr = c"smbench";

    const OPS: &'static [OpEntry<Self>] = &[
        sdk::matmul::entry().runs(FAER_MATMUL),
        sdk::add::entry().runs("shared kernels"),
        sdk::mul::entry().runs("shared kernels"),
        sdk::broadcast_add::entry().runs("shared kernels"),
        sdk::scale::entry().runs("shared kernels"),
        sdk::gelu::entry().runs("shared kernels"),
        sdk::silu::entry().runs("shared kernels"),
        sdk::relu::entry().runs("shared kernels"),
        sdk::softmax::entry().runs("shared kernels"),
        sdk::layernorm::entry().runs("shared kernels"),
        sdk::add_layernorm::entry().runs("shared kernels"),
        sdk::rmsnorm::entry().runs("shared kernels"),
        sdk::attention::entry().runs("shared kernels"),
        sdk::embedding::entry().runs("rows copied"),
    ];

    // No `weights`: faer has no packed form that a caller could keep.
    const EXTENSIONS: &'static [ExtensionEntry<Self>] =
        &[extension::memory::entry(), extension::session::entry(), extension::receipt::entry()];

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        let threads = ThreadPool::new(args.threads)?;
        // faer packs into buffers of the thread's own (twice the L3 cache), made by its first product.
        threads.on_each(op::matmul::warm_up);
        let attention = AttentionScratch::new();
        Ok(Self { kernels: Kernels::best(), attention, threads, tensors: TensorPool::new(), matmul_used: 0 })
    }
}

impl Memory for Faer {
    type Allocator = TensorPool;

    fn allocator(&mut self) -> &mut TensorPool {
        &mut self.tensors
    }
}

impl Session for Faer {
    type Runner = ThreadPool;

    fn runner(&self) -> ThreadPool {
        self.threads.clone()
    }
}

impl Receipts for Faer {
    /// faer chooses its instructions itself and does not say which; the shared kernels use one thread.
    fn receipt(&self, op: &OpEntry<Self>) -> Receipt {
        let (tier, threads) = match op.implementation() {
            FAER_MATMUL => ("", self.matmul_used),
            _ => (self.kernels.tier.name(), 1),
        };
        Receipt { tier: tier.to_owned(), threads, pool: self.tensors.stats(), ..Receipt::default() }
    }
}

smbench_sdk::export_backend!(Faer);
