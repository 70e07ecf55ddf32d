//! Whole decoders, which a plugin with the extension `model` builds and runs by itself.

use std::ffi::{CString, c_void};
use std::ptr;

use smbench_abi::extension::{Extension, Model, ModelSpec, NamedTensor};
use smbench_abi::{Error, Status, Tensor};

use super::{CallError, Instance};

/// A decoder that a plugin has built.
#[derive(Debug)]
pub struct BuiltModel(*mut c_void);

// SAFETY: a handle is an address that only its plugin follows, in a context of one caller at a time.
unsafe impl Send for BuiltModel {}

/// Weights as a plugin is given them. They lie in the host's buffers.
pub struct NamedWeights {
    tensors: Vec<NamedTensor>,
    /// What the names in `tensors` point to.
    _names: Vec<CString>,
}

// SAFETY: the pointers inside lead to names that are held here, and to buffers that any one thread at a time may use.
unsafe impl Send for NamedWeights {}
// SAFETY: as above; nothing changes them.
unsafe impl Sync for NamedWeights {}

impl NamedWeights {
    /// Of names, which hold no NUL, and tensors.
    pub fn new<'n>(weights: impl Iterator<Item = (&'n str, Tensor)>) -> Self {
        let (names, tensors): (Vec<CString>, Vec<Tensor>) =
            weights.map(|(name, tensor)| (CString::new(name).expect("a name holds no NUL"), tensor)).unzip();
        let named = names.iter().zip(tensors).map(|(name, tensor)| NamedTensor { name: name.as_ptr(), tensor });
        Self { tensors: named.collect(), _names: names }
    }
}

impl Instance {
    fn models(&self) -> Option<Model> {
        self.model.filter(|model| model.build.is_some() && model.forward.is_some() && model.release.is_some())
    }

    /// Has the plugin build a decoder of these weights, which outlive it; `None` if the host is to compose it of ops.
    pub fn build(&self, spec: &ModelSpec, weights: &NamedWeights) -> Result<Option<BuiltModel>, CallError> {
        let Some(build) = self.models().and_then(|model| model.build) else { return Ok(None) };
        let (mut handle, mut error) = (ptr::null_mut(), Error::EMPTY);
        let (weights, count) = (weights.tensors.as_ptr(), weights.tensors.len());
        // SAFETY: all pointers are valid for the call, and the weights outlive the handle by the workload's design.
        match unsafe { build(self.context, spec, weights, count, &mut handle, &mut error) } {
            Status::Ok if handle.is_null() => {
                let message = "its `model` gave no handle for what it says it has built".to_owned();
                Err(CallError { status: Status::Failed, message })
            }
            Status::Ok => Ok(Some(BuiltModel(handle))),
            Status::Unsupported => Ok(None),
            status => Err(CallError::of_op(Model::ID, status, &error)),
        }
    }

    /// Runs the positions from `past_len` on of a decoder that the plugin has built. The tensors lie in the host's buffers.
    pub fn forward(&self, model: &BuiltModel, ids: &Tensor, past_len: usize, logits: Tensor) -> Result<(), CallError> {
        let forward = self.model.and_then(|model| model.forward).expect("`build` has seen that it is there");
        let mut error = Error::EMPTY;
        // SAFETY: a live context, a handle that it made, and tensors over live memory.
        match unsafe { forward(self.context, model.0, ids, past_len as u64, &logits, &mut error) } {
            Status::Ok => Ok(()),
            status => Err(CallError::of_op(Model::ID, status, &error)),
        }
    }

    /// Ends what [`Self::build`] made.
    pub fn unbuild(&self, model: BuiltModel) {
        if let Some(release) = self.model.and_then(|model| model.release) {
            // SAFETY: a live context, and a handle it made, which is moved here and so not used again.
            unsafe { release(self.context, model.0) };
        }
    }
}
