//! smbench backend `naive`: textbook loops, f32, one thread. What a first version would look like, and the floor that
//! others are compared with. Each op is its formula as code; tensors are allocated and freed every time.

#![deny(unsafe_code)]

mod op;

use std::ffi::CStr;

use smbench_sdk::extension::{self, Memory, Receipt, Receipts};
use smbench_sdk::memory::{Allocator, PlainAllocator};
use smbench_sdk::{Backend, CreateArgs, ExtensionEntry, OpEntry, Result, op as sdk};

/// Has no state but its allocator.
struct Naive {
    allocator: PlainAllocator,
}

impl Backend for Naive {
    const NAME: &'static CStr = c"naive";
    const VENDOR: &'static CStr = c"smbench";

    const OPS: &'static [OpEntry<Self>] = &[
        sdk::matmul::entry().runs("loops i-k-j; i-j-k where b is transposed"),
        sdk::add::entry().runs("one loop"),
        sdk::mul::entry().runs("one loop"),
        sdk::broadcast_add::entry().runs("loops i-j"),
        sdk::scale::entry().runs("one loop"),
        sdk::gelu::entry().runs("one loop, libm tanh and erf"),
        sdk::silu::entry().runs("one loop, libm exp"),
        sdk::relu::entry().runs("one loop"),
        sdk::softmax::entry().runs("per row: maximum, exponentials, sum, quotients"),
        sdk::layernorm::entry().runs("per row: mean, variance, result"),
        sdk::add_layernorm::entry().runs("one loop, then layernorm"),
        sdk::rmsnorm::entry().runs("per row: mean square, result"),
        sdk::attention::entry().runs("per query: scores, softmax, weighted sum"),
        sdk::embedding::entry().runs("rows copied"),
    ];

    // No `weights`: a textbook reads them as they lie.
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[extension::memory::entry(), extension::receipt::entry()];

    fn create(_args: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self { allocator: PlainAllocator::new() })
    }
}

impl Memory for Naive {
    type Allocator = PlainAllocator;

    fn allocator(&mut self) -> &mut PlainAllocator {
        &mut self.allocator
    }
}

impl Receipts for Naive {
    fn receipt(&self, _op: &OpEntry<Self>) -> Receipt {
        Receipt { threads: 1, pool: self.allocator.stats(), ..Receipt::default() }
    }
}

smbench_sdk::export_backend!(Naive);
