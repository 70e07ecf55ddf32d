//! acme: a backend for smbench.

use std::ffi::CStr;

use smbench_sdk::{Backend, CreateArgs, OpEntry, Result, op};

mod relu;

/// What a context keeps between calls: buffers, tables, threads. So far nothing.
struct Acme;

impl Backend for Acme {
    const NAME: &'static CStr = c"acme";
    const VENDOR: &'static CStr = c"acme";

    /// A line for each op; its kernel is a file: `op::softmax::entry()` wants an `impl Softmax for Acme`.
    const OPS: &'static [OpEntry<Self>] = &[op::relu::entry()];

    fn create(_: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self)
    }
}

smbench_sdk::export_backend!(Acme);

#[cfg(test)]
mod tests {
    use smbench_sdk::conformance::{assert_conforms, check_backend};

    /// All ops of the list against f64: ragged and large sizes, outliers, in place, guards round every operand.
    #[test]
    fn conforms() {
        assert_conforms(&check_backend::<super::Acme>());
    }
}
