//! One file per op.

mod add;
mod gelu;
mod layernorm;
mod matmul;
mod mul;
mod scale;
mod softmax;
