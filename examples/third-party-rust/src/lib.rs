//! A backend as somebody else might ship it: two ops, kernel tiers, threads, an option, tensors from a pool, receipts.

use std::ffi::CStr;

use smbench_sdk::extension::{self, Memory, Receipt, Receipts, Session};
use smbench_sdk::memory::{Allocator, TensorPool};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, OpEntry, Result, ThreadPool, op};

mod relu;
mod softmax;
mod tier;

use tier::Tier;

/// A context: nothing in it is shared with another one.
struct ThirdParty {
    tier: Tier,
    threads: ThreadPool,
    /// Elements below which an op stays on the caller's thread.
    grain: usize,
    tensors: TensorPool,
    /// Threads that the last op took, for its receipt.
    took: usize,
}

/// About what it costs to wake a thread, in elements of relu. Option `grain` overrides it.
const GRAIN: usize = 65_536;

impl Backend for ThirdParty {
    const NAME: &'static CStr = c"third-party-rust";
    const VENDOR: &'static CStr = c"smbench examples";
    const OPS: &'static [OpEntry<Self>] =
        &[op::relu::entry().runs("one loop"), op::softmax::entry().runs("three passes a row")];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] =
        &[extension::memory::entry(), extension::session::entry(), extension::receipt::entry()];
    const OPTIONS: &'static [&'static str] = &["grain"];

    fn tiers() -> Vec<&'static str> {
        Tier::available().into_iter().map(Tier::name).collect()
    }

    fn create(args: &CreateArgs<'_>) -> Result<Self> {
        let unknown = || Error::unsupported(format!("no tier `{}` here", args.tier));
        let tier = Tier::available().into_iter().find(|tier| tier.name() == args.tier).ok_or_else(unknown)?;
        let number = |text: &str| text.parse().map_err(|_| Error::unsupported(format!("grain is `{text}`: give a number")));
        let grain = args.option("grain").map_or(Ok(GRAIN), number)?;
        Ok(Self { tier, threads: ThreadPool::new(args.threads)?, grain, tensors: TensorPool::new(), took: 0 })
    }
}

impl ThirdParty {
    /// Elements that stay together: of much work `unit`, of little all.
    fn unit(&self, elements: usize, unit: usize) -> usize {
        if elements < self.grain { elements } else { unit }
    }
}

impl Memory for ThirdParty {
    type Allocator = TensorPool;

    fn allocator(&mut self) -> &mut TensorPool {
        &mut self.tensors
    }
}

impl Session for ThirdParty {
    type Runner = ThreadPool;

    fn runner(&self) -> ThreadPool {
        self.threads.clone()
    }
}

impl Receipts for ThirdParty {
    fn receipt(&self, _: &OpEntry<Self>) -> Receipt {
        let tier = self.tier.name().to_owned();
        Receipt { tier, threads: self.took, pool: self.tensors.stats(), ..Receipt::default() }
    }
}

smbench_sdk::export_backend!(ThirdParty);

#[cfg(test)]
mod tests {
    use smbench_sdk::conformance::{assert_conforms, check_backend};

    /// Both ops in every tier, on one thread and on two.
    #[test]
    fn conforms() {
        assert_conforms(&check_backend::<super::ThirdParty>());
    }
}
