//! The list of ops.

use std::collections::HashSet;

use smbench_abi::op::IDS;
use smbench_ops::{InPlace, OPS, find};

#[test]
fn names_are_unique_and_found() {
    let names: HashSet<&str> = OPS.iter().map(|op| op.name()).collect();
    assert_eq!(names.len(), OPS.len());
    for op in OPS {
        assert_eq!(find(op.name()).map(|found| found.name()), Some(op.name()));
    }
    assert!(find("conv2d").is_none());
}

#[test]
fn formulas_and_forms_differ() {
    let formulas: HashSet<&str> = OPS.iter().map(|op| op.formula()).collect();
    assert_eq!(formulas.len(), OPS.len());
}

#[test]
fn every_id_is_in_the_contract() {
    for op in OPS {
        assert!(IDS.contains(&op.id()), "{} asks for {:?}", op.name(), op.id());
    }
}

#[test]
fn every_op_of_the_contract_is_defined() {
    for id in IDS {
        assert!(OPS.iter().any(|op| op.id() == *id), "{id:?}");
    }
}

#[test]
fn in_place_is_the_first_input_and_the_output_of_one_shape() {
    for op in OPS.iter().filter(|op| op.in_place() != InPlace::Never) {
        let problem = op.problem(op.check_sizes()[0]);
        assert_eq!(problem.inputs[0].dims, problem.outputs[0].dims, "{}", op.name());
    }
}
