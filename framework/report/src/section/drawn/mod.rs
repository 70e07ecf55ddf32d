//! From studies to drawings, one file each.

mod ratios;
mod roofs;

pub use ratios::ratios;
pub use roofs::roofs;
