//! Calls on an op's own output.

use smbench_ops::{InPlace, OPS, Op, Problem, Regime, Undo, inputs, verify_all};

use crate::textbook::{Mistake, call};
use crate::trial::{slices, tensor};

/// Runs the op with its first input as output.
fn run(op: &dyn Op, problem: &Problem, values: &mut [Vec<f32>]) {
    let tensors = tensors(problem, values);
    call(op.id(), &op.bind(problem, &tensors), Mistake::None);
}

fn tensors(problem: &Problem, values: &mut [Vec<f32>]) -> Vec<smbench_abi::Tensor> {
    let mut tensors: Vec<_> =
        problem.inputs.iter().zip(values).map(|(operand, values)| tensor(operand, values)).collect();
    tensors.push(tensors[0]);
    tensors
}

fn undo(op: &dyn Op, problem: &Problem, values: &mut [Vec<f32>]) {
    let tensors = tensors(problem, values);
    match op.undo(problem, &tensors).expect("a reversible op has an undo") {
        Undo::With(args) => call(op.id(), &args, Mistake::None),
        Undo::NegatedInput => {
            let mut values = values.to_vec();
            values[1].iter_mut().for_each(|value| *value = -*value);
            undo_into(op, problem, &mut values, &tensors[0]);
        }
    }
}

/// Runs over negated copies, but on the first input itself.
fn undo_into(op: &dyn Op, problem: &Problem, negated: &mut [Vec<f32>], first: &smbench_abi::Tensor) {
    let mut tensors = tensors(problem, negated);
    let last = tensors.len() - 1;
    (tensors[0], tensors[last]) = (*first, *first);
    call(op.id(), &op.bind(problem, &tensors), Mistake::None);
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn a_thousand_pairs_change_no_bit() {
    let mut names = Vec::new();
    for op in OPS.iter().copied().filter(|op| op.in_place() == InPlace::Reversible) {
        names.push(op.name());
        for (size, regime) in
            op.check_sizes()[..5].iter().flat_map(|size| [(size, Regime::Usual), (size, Regime::Outliers)])
        {
            let problem = op.problem(size);
            let mut values = inputs(&problem, regime, 5);
            let before = values.clone();
            for _ in 0..1000 {
                run(op, &problem, &mut values);
                undo(op, &problem, &mut values);
            }
            // As numbers: 0 may have come back as -0.
            assert_eq!(values, before, "{} {size:?} {regime:?}", op.name());
        }
    }
    assert_eq!(names, ["add", "broadcast_add", "scale"]);
}

#[test]
fn only_reversible_ops_have_an_undo() {
    for op in OPS {
        let problem = op.problem(op.check_sizes()[0]);
        let tensors = vec![smbench_abi::Tensor::NONE; 5];
        let has_undo = op.undo(&problem, &tensors).is_some();
        assert_eq!(has_undo, op.in_place() == InPlace::Reversible, "{}", op.name());
    }
}

#[test]
fn idempotent_ops_change_nothing_the_second_time() {
    for op in OPS.iter().copied().filter(|op| op.in_place() == InPlace::Idempotent) {
        let problem = op.problem(op.check_sizes()[4]);
        let mut values = inputs(&problem, Regime::Usual, 5);
        run(op, &problem, &mut values);
        let once = values.clone();
        run(op, &problem, &mut values);
        assert_eq!(bits(&values[0]), bits(&once[0]), "{}", op.name());
    }
}

#[test]
fn a_call_in_place_gives_what_a_call_out_of_place_gives() {
    for op in OPS.iter().copied().filter(|op| op.in_place() != InPlace::Never) {
        let problem = op.problem(op.check_sizes()[3]);
        let before = inputs(&problem, Regime::Usual, 5);
        let mut values = before.clone();
        run(op, &problem, &mut values);
        verify_all(op, &problem, &slices(&before), &[&values[0]]).unwrap();
    }
}
