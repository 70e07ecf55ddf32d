//! A decoder of smbench's extension `model` as an ONNX file, for the engines that read one. The file is written by hand,
//! so that there is neither `protoc` nor a generated reader of a format of which a dozen fields are enough.
//!
//! The graph is the one that engines run fastest. In particular the attention is one operator, ONNX Runtime's
//! `GroupQueryAttention`, which appends to keys and values where they lie; rten has it too.

mod decoder;
mod feed;
mod graph;
mod hugging_face;
mod protobuf;

pub use decoder::{Past, decoder, head_size, name};
pub use feed::Feed;
pub use hugging_face::hugging_face;

/// What an engine says that something failed with.
pub fn failed(error: impl std::error::Error) -> smbench_sdk::Error {
    smbench_sdk::Error::failed(error.to_string())
}
