//! smbench backend `pooled`: SIMD kernels in tiers, tensors from a pool, rayon in a pool of its own per context.

#![deny(unsafe_code)]

mod op;
mod parallel;
mod weights;

use std::ffi::CStr;

use smbench_kernels::{AttentionScratch, Kernels, MatmulScratch, Tier};
use smbench_sdk::extension::{self, Memory, Receipt, Receipts, Session};
use smbench_sdk::memory::{Allocator, TensorPool};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, OpEntry, Result, ThreadPool, op as sdk};

/// A context: what to compute with, and memory that is kept between calls.
struct Pooled {
    kernels: &'static Kernels,
    threads: ThreadPool,
    /// For packed panels; one per thread.
    scratch: Vec<MatmulScratch>,
    attention: AttentionScratch,
    tensors: TensorPool,
    /// Threads that the last op used.
    used: usize,
}

impl Backend for Pooled {
    const NAME: &'static CStr = c"pooled";
    const VENDOR: &'static CStr = c"smbench";

    const OPS: &'static [OpEntry<Self>] = &[
        sdk::matmul::entry().runs("packed tiles, a in place"),
        sdk::add::entry().runs("vectors"),
        sdk::mul::entry().runs("vectors"),
        sdk::broadcast_add::entry().runs("vectors"),
        sdk::scale::entry().runs("vectors"),
        sdk::gelu::entry().runs("vectors, exp and erf by polynomial"),
        sdk::silu::entry().runs("vectors, exp by polynomial"),
        sdk::relu::entry().runs("vectors"),
        sdk::softmax::entry().runs("vectors, exp by polynomial"),
        sdk::layernorm::entry().runs("vectors"),
        sdk::add_layernorm::entry().runs("vectors, fused"),
        sdk::rmsnorm::entry().runs("vectors"),
        sdk::attention::entry().runs("keys packed, matmul tiles; few queries one by one"),
        sdk::embedding::entry().runs("rows copied"),
    ];

    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[
        extension::memory::entry(),
        extension::weights::entry(),
        extension::session::entry(),
        extension::receipt::entry(),
    ];

    fn tiers() -> Vec<&'static str> {
        Tier::available().into_iter().rev().map(Tier::name).collect()
    }

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        let tier = args.tier.parse().map_err(|error| Error::unsupported(format!("{error}")))?;
        let kernels = Kernels::for_tier(tier).ok_or_else(|| Error::unsupported("not on this machine"))?;
        let scratch = (0..args.threads).map(|_| MatmulScratch::new()).collect();
        let threads = ThreadPool::new(args.threads)?;
        let attention = AttentionScratch::new();
        Ok(Self { kernels, threads, scratch, attention, tensors: TensorPool::new(), used: 0 })
    }
}

impl Memory for Pooled {
    type Allocator = TensorPool;

    fn allocator(&mut self) -> &mut TensorPool {
        &mut self.tensors
    }
}

impl Session for Pooled {
    type Runner = ThreadPool;

    fn runner(&self) -> ThreadPool {
        self.threads.clone()
    }
}

impl Receipts for Pooled {
    fn receipt(&self, _op: &OpEntry<Self>) -> Receipt {
        let tier = self.kernels.tier.name().to_owned();
        Receipt { tier, threads: self.used, pool: self.tensors.stats(), ..Receipt::default() }
    }
}

smbench_sdk::export_backend!(Pooled);
