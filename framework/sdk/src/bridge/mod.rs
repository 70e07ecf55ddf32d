//! Where foreign calls become safe ones: all `unsafe` of this crate is here, in the shims of `op/` and `extension/`, and, for
//! memory as f32, in `memory/block.rs`.
//!
//! A call arrives in [`call`], which catches panics and turns errors into a status; finds its backend in [`context`];
//! and reads its operands with [`operand`]. [`table`] is what the host holds.

pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod operand;
pub(crate) mod table;
