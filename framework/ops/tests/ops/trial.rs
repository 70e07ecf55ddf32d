//! An op at a size with inputs and, after a run, outputs.

use smbench_abi::Tensor;
use smbench_ops::{Deviation, OPS, Op, Operand, POISON, Problem, Regime, full_size, inputs, verify_all, verify_some};

use crate::textbook::{Mistake, call};

pub struct Trial {
    pub op: &'static dyn Op,
    pub problem: Problem,
    pub inputs: Vec<Vec<f32>>,
    pub outputs: Vec<Vec<f32>>,
    pub regime: Regime,
}

impl Trial {
    pub fn new(op: &'static dyn Op, size: &[usize], regime: Regime, seed: u64) -> Self {
        let problem = op.problem(&full_size(op, size).unwrap());
        let outputs = problem.outputs.iter().map(|operand| vec![POISON; operand.elements()]).collect();
        Self { op, inputs: inputs(&problem, regime, seed), outputs, problem, regime }
    }

    /// The textbook's outputs for the same inputs.
    pub fn run(mut self, mistake: Mistake) -> Self {
        let inputs = self.problem.inputs.iter().zip(&mut self.inputs);
        let outputs = self.problem.outputs.iter().zip(&mut self.outputs);
        let tensors: Vec<Tensor> = inputs.chain(outputs).map(|(operand, values)| tensor(operand, values)).collect();
        call(self.op.id(), &self.op.bind(&self.problem, &tensors), mistake);
        self
    }

    pub fn verify_all(&self) -> Result<Deviation, String> {
        verify_all(self.op, &self.problem, &slices(&self.inputs), &slices(&self.outputs))
    }

    pub fn verify_some(&self, count: usize, seed: u64) -> Result<Deviation, String> {
        verify_some(self.op, &self.problem, &slices(&self.inputs), &slices(&self.outputs), count, seed)
    }

    pub fn title(&self) -> String {
        format!("{} {:?} {:?}", self.op.name(), self.problem.size, self.regime)
    }

    /// Attention's scores reach a million where outliers meet, and in f32 have a digit or two after the point: of two keys
    /// that are nearly equal, the weights are then uncertain by a percent.
    pub fn has_huge_scores(&self) -> bool {
        self.op.name().starts_with("attention") && self.regime == Regime::Outliers
    }

    /// Index of the output's largest magnitude.
    pub fn largest(&self) -> usize {
        let magnitude = |&index: &usize| self.outputs[0][index].abs();
        (0..self.outputs[0].len()).max_by(|a, b| magnitude(a).total_cmp(&magnitude(b))).unwrap()
    }
}

/// Every op at its check sizes in both regimes.
pub fn trials() -> impl Iterator<Item = Trial> {
    let sizes = OPS.iter().flat_map(|&op| op.check_sizes().iter().map(move |&size| (op, size)));
    sizes.flat_map(|(op, size)| [Regime::Usual, Regime::Outliers].map(|regime| Trial::new(op, size, regime, 7)))
}

/// The same for one op.
pub fn trials_of(name: &str) -> impl Iterator<Item = Trial> {
    trials().filter(move |trial| trial.op.name() == name)
}

pub fn tensor(operand: &Operand, values: &mut [f32]) -> Tensor {
    assert_eq!(values.len(), operand.elements());
    Tensor::contiguous(values.as_mut_ptr().cast(), operand.dtype(), &operand.dims)
}

pub fn slices(values: &[Vec<f32>]) -> Vec<&[f32]> {
    values.iter().map(Vec::as_slice).collect()
}
