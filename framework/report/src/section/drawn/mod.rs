//! From studies to drawings, one file each; a drawing without anything in it is none.

mod bytes;
mod ratios;
mod roofs;
mod samples;
mod spans;
mod trends;

pub use bytes::bytes;
pub use ratios::{heat, ratios};
pub use roofs::roofs;
pub use samples::samples;
pub use spans::spans;
pub use trends::{means, times, trends};
