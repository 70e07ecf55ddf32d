//! The table of kernels, and the one place where generic code meets a CPU.
//!
//! A kernel is a value, its operands, that runs on any register: [`Kernel`]. Three entry functions compile it for a
//! tier each, and a table holds pointers to them. Adding a kernel is a file, a field below and a line in `table!`.

use crate::add::Add;
use crate::add_layernorm::AddLayernorm;
use crate::attention::AttentionTask;
use crate::broadcast_add::BroadcastAdd;
use crate::elementwise::{Map, Zip};
use crate::gelu_erf::GeluErf;
use crate::gelu_tanh::GeluTanh;
use crate::layernorm::Layernorm;
use crate::matmul::{MatmulTask, PackTask};
use crate::mul::Mul;
use crate::relu::Relu;
use crate::rmsnorm::Rmsnorm;
use crate::scale::Scale;
use crate::silu::Silu;
use crate::simd::Simd;
#[cfg(target_arch = "x86_64")]
use crate::simd::{avx2::Avx2, avx512::Avx512};
use crate::softmax::Softmax;
use crate::tier::Tier;

/// The kernels of one tier, chosen once and kept for good. The methods are in the files of the kernels.
pub struct Kernels {
    /// What these kernels were compiled for.
    pub tier: Tier,
    pub(crate) matmul: Entry<MatmulTask>,
    pub(crate) pack_b: Entry<PackTask>,
    pub(crate) add: Entry<Zip<Add>>,
    pub(crate) mul: Entry<Zip<Mul>>,
    pub(crate) scale: Entry<Map<Scale>>,
    pub(crate) broadcast_add: Entry<BroadcastAdd>,
    pub(crate) gelu_tanh: Entry<Map<GeluTanh>>,
    pub(crate) gelu_erf: Entry<Map<GeluErf>>,
    pub(crate) silu: Entry<Map<Silu>>,
    pub(crate) relu: Entry<Map<Relu>>,
    pub(crate) softmax: Entry<Softmax>,
    pub(crate) layernorm: Entry<Layernorm>,
    pub(crate) add_layernorm: Entry<AddLayernorm>,
    pub(crate) rmsnorm: Entry<Rmsnorm>,
    pub(crate) attention: Entry<AttentionTask>,
}

macro_rules! table {
    ($tier:ident, $entry:ident) => {
        Kernels {
            tier: Tier::$tier,
            matmul: $entry,
            pack_b: $entry,
            add: $entry,
            mul: $entry,
            scale: $entry,
            broadcast_add: $entry,
            gelu_tanh: $entry,
            gelu_erf: $entry,
            silu: $entry,
            relu: $entry,
            softmax: $entry,
            layernorm: $entry,
            add_layernorm: $entry,
            rmsnorm: $entry,
            attention: $entry,
        }
    };
}

static PORTABLE: Kernels = table!(Portable, portable);
#[cfg(target_arch = "x86_64")]
static AVX2: Kernels = table!(Avx2, avx2);
#[cfg(target_arch = "x86_64")]
static AVX512: Kernels = table!(Avx512, avx512);

impl Kernels {
    /// The kernels of `tier`; `None` when this CPU lacks it.
    pub fn for_tier(tier: Tier) -> Option<&'static Kernels> {
        tier.is_available().then(|| compiled(tier))
    }

    /// The kernels of the widest tier this CPU has.
    pub fn best() -> &'static Kernels {
        compiled(Tier::best())
    }
}

#[cfg(target_arch = "x86_64")]
fn compiled(tier: Tier) -> &'static Kernels {
    match tier {
        Tier::Portable => &PORTABLE,
        Tier::Avx2 => &AVX2,
        Tier::Avx512 => &AVX512,
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn compiled(_tier: Tier) -> &'static Kernels {
    &PORTABLE
}

/// A computation with its operands, written once for every register.
pub(crate) trait Kernel {
    /// Computes. Implementations are `#[inline(always)]`, so that the entry function's target features reach them.
    ///
    /// # Safety
    /// The pointers are valid for the sizes the value carries, inputs for reading and outputs for writing; an output
    /// overlaps an input only where both start at the same address. The CPU has `S`.
    unsafe fn run<S: Simd>(self);
}

/// A kernel compiled for one tier.
///
/// # Safety
/// [`Kernel::run`]'s, and the CPU has the tier.
type Entry<K> = unsafe fn(K);

unsafe fn portable<K: Kernel>(kernel: K) {
    // SAFETY: the caller's promise; every CPU has the baseline.
    unsafe { kernel.run::<wide::f32x8>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn avx2<K: Kernel>(kernel: K) {
    // SAFETY: the caller's promise, the CPU included.
    unsafe { kernel.run::<Avx2>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
unsafe fn avx512<K: Kernel>(kernel: K) {
    // SAFETY: the caller's promise, the CPU included.
    unsafe { kernel.run::<Avx512>() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_exists_exactly_where_the_tier_is_available() {
        for tier in Tier::ALL {
            let found = Kernels::for_tier(tier).map(|kernels| kernels.tier);
            assert_eq!(found, tier.is_available().then_some(tier));
        }
    }

    #[test]
    fn the_best_table_is_the_best_tier() {
        assert_eq!(Kernels::best().tier, Tier::best());
    }
}
