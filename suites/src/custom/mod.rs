//! An op of a vendor's own, whose right results another backend knows.

mod entry;
mod formula;

use std::ffi::{CStr, CString};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smbench_abi::DType;
use smbench_core::outcome::Extremes;
use smbench_core::schedule::CallRule;
use smbench_harness::{Answers, Bound, Buffers, CallError, CustomCall, Instance, Layout, Look, Slot, Workload};
use smbench_ops::{Deviation, Expected, Fill, Furthest, Regime};

use crate::extremes::extremes;

pub use entry::{CustomEntry, Declared};
pub use formula::Formula;

/// The op at a size, every number worked out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustomSpec {
    /// `acme.topk/1`.
    pub op: String,
    /// Where it is measured.
    pub at: Shaped,
    /// Where it is checked besides.
    pub check: Vec<Shaped>,
    /// How far results may be from the oracle's.
    pub tolerance: Tolerance,
}

/// Operands at a size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shaped {
    /// As written.
    pub size: Vec<usize>,
    /// What is read.
    pub inputs: Vec<Tensor>,
    /// What is written.
    pub outputs: Vec<Tensor>,
    /// Numbers by name.
    pub attributes: Vec<(String, f64)>,
}

/// An operand of f32, row-major without gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tensor {
    /// For messages.
    pub name: String,
    /// Outermost first.
    pub dims: Vec<usize>,
}

/// A result is right within `abs + rel · |oracle's|`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tolerance {
    /// Absolute part.
    pub abs: f64,
    /// Relative part.
    pub rel: f64,
}

impl Default for Tolerance {
    /// What the order of a few thousand additions in f32 may change.
    fn default() -> Self {
        Self { abs: 1e-5, rel: 1e-5 }
    }
}

/// The workload.
pub struct Custom {
    /// Of a process that ends with its launch.
    id: &'static CStr,
    spec: CustomSpec,
    /// What is right; only the oracle itself may do without.
    answers: Option<Arc<Answers>>,
}

impl Custom {
    /// The workload of `spec`, with the oracle's results.
    pub fn new(spec: CustomSpec, answers: Option<Answers>) -> Result<Self, String> {
        let id = CString::new(spec.op.as_str()).map_err(|_| format!("`{}` holds a NUL", spec.op.escape_debug()))?;
        Ok(Self { id: Box::leak(id.into_boxed_c_str()), spec, answers: answers.map(Arc::new) })
    }

    fn tensors(&self, buffers: &Buffers) -> [Vec<smbench_abi::Tensor>; 2] {
        let Shaped { inputs, outputs, .. } = &self.spec.at;
        let tensor = |(index, operand): (usize, &Tensor)| {
            smbench_abi::Tensor::contiguous(buffers.place(index).cast(), DType::F32, &operand.dims)
        };
        let mut all = inputs.iter().chain(outputs).enumerate().map(tensor);
        [all.by_ref().take(inputs.len()).collect(), all.collect()]
    }

    /// Is an output what the oracle has made of the same inputs?
    fn compare(&self, tensor: &Tensor, actual: &[f32], right: &[f32]) -> Result<Deviation, String> {
        let Tolerance { abs, rel } = self.spec.tolerance;
        let expected = |value: f32| {
            let value = f64::from(value);
            Expected { value, tolerance: abs + rel * value.abs() }
        };
        let elements =
            actual.iter().zip(right).enumerate().map(|(index, (&actual, &right))| (index, actual, expected(right)));
        smbench_ops::compare(elements).map_err(|wrong| smbench_ops::describe(&tensor.name, &tensor.dims, &wrong))
    }
}

impl Workload for Custom {
    fn variants(&self) -> Vec<Box<dyn Workload>> {
        let at = |shaped: &Shaped| -> Box<dyn Workload> {
            let spec = CustomSpec { at: shaped.clone(), check: Vec::new(), ..self.spec.clone() };
            Box::new(Self { id: self.id, spec, answers: self.answers.clone() })
        };
        self.spec.check.iter().map(at).collect()
    }

    fn receipt_id(&self, _instance: &Instance) -> &'static CStr {
        self.id
    }

    fn title(&self) -> String {
        let size: Vec<String> = self.spec.at.size.iter().map(ToString::to_string).collect();
        format!("{} {}", self.spec.op, size.join("x"))
    }

    fn layout(&self) -> Layout {
        let Shaped { inputs, outputs, .. } = &self.spec.at;
        let inputs = inputs.iter().map(|input| Slot::input(&input.name, &input.dims));
        Layout { slots: inputs.chain(outputs.iter().map(|output| Slot::output(&output.name, &output.dims))).collect() }
    }

    fn calls(&self) -> CallRule {
        CallRule::default()
    }

    fn fill(&self, buffers: &Buffers, regime: Regime, seed: u64) {
        for index in 0..self.spec.at.inputs.len() {
            buffers.write(index, |values| {
                smbench_ops::fill(values, Fill::Uniform, regime, smbench_ops::seed_of(seed, index));
            });
        }
    }

    fn bind<'a>(&'a self, instance: &'a Instance, buffers: &'a Buffers) -> Result<Box<dyn Bound + 'a>, CallError> {
        let call = instance.custom(self.id, self.tensors(buffers), &self.spec.at.attributes, buffers)?;
        Ok(Box::new(Bind(call)))
    }

    fn verify(&self, buffers: &Buffers, _look: Look) -> Result<Extremes, String> {
        let Some(answers) = &self.answers else {
            return Err("nobody says what is right: it is checked in a run, beside its oracle".to_owned());
        };
        let right = answers.find(buffers).ok_or("its inputs are not what they were: somebody wrote into them")?;
        let mut deviation = Deviation::default();
        // A size that the oracle declines has no answers: then nobody knows better.
        for (number, (tensor, right)) in self.spec.at.outputs.iter().zip(right).enumerate() {
            let actual = buffers.values(self.spec.at.inputs.len() + number);
            let mut of_this = self.compare(tensor, actual, right)?;
            of_this.furthest.iter_mut().for_each(|furthest| furthest.output = number);
            deviation = deviation.worst(of_this);
        }
        Ok(extremes(&deviation, |&Furthest { output, index, actual, exact }| {
            let tensor = &self.spec.at.outputs[output];
            let place = smbench_ops::place(&tensor.name, &tensor.dims, index);
            format!("{}: {place} is {actual:e}, by the oracle {exact:e}", self.title())
        }))
    }
}

struct Bind<'a>(CustomCall<'a>);

impl Bound for Bind<'_> {
    fn run(&mut self, calls: u64) -> Result<(), CallError> {
        self.0.repeat(calls)
    }
}
