//! Conformance finds nothing in a right backend, and says what is wrong with a wrong one.

use std::ffi::CStr;

use smbench_sdk::conformance::{Outcome, Placement, assert_conforms, check_backend};
use smbench_sdk::extension::{self, Role, Weights};
use smbench_sdk::op::{self, Matmul, MatmulArgs, Relu, ReluArgs};
use smbench_sdk::{Backend, CreateArgs, Error, ExtensionEntry, Matrix, OpEntry, Result};

/// A backend with a defect.
struct Acme<const DEFECT: u8> {
    calls: usize,
}

const NONE: u8 = 0;
/// Forgets the last element where there are more than 16.
const TAIL: u8 = 1;
/// Writes to the gap behind a row.
const GAP: u8 = 2;
/// Is right the first time only.
const LATER: u8 = 3;
/// Does not do what it should.
const REFUSES: u8 = 4;
/// Prepares weights as if there were no gaps between rows.
const PREPARES: u8 = 5;

impl<const DEFECT: u8> Backend for Acme<DEFECT> {
    const NAME: &'static CStr = c"acme";
    const VENDOR: &'static CStr = c"acme corp";
    const OPS: &'static [OpEntry<Self>] = &[op::matmul::entry(), op::relu::entry()];
    const EXTENSIONS: &'static [ExtensionEntry<Self>] = &[extension::weights::entry()];

    fn create(_args: &CreateArgs<'_>) -> Result<Self> {
        Ok(Self { calls: 0 })
    }
}

/// A copy of `b`.
struct Copied(Vec<f32>);

impl<const DEFECT: u8> Weights for Acme<DEFECT> {
    type Prepared = Copied;

    fn prepare(&mut self, b: Matrix<'_>, role: Role) -> Result<Copied> {
        if role == Role::MatmulBTransposed {
            return Err(Error::unsupported("b transposed"));
        }
        let elements = b.rows() * b.cols();
        Ok(Copied(match DEFECT {
            PREPARES => b.data()[..elements].to_vec(),
            _ => (0..b.rows()).flat_map(|row| b.row(row)).copied().collect(),
        }))
    }
}

impl<const DEFECT: u8> Matmul for Acme<DEFECT> {
    fn matmul(&mut self, mut args: MatmulArgs<'_>) -> Result {
        if args.trans_b {
            return Err(Error::unsupported("b transposed"));
        }
        let prepared = args.b_prepared.map(|prepared| prepared.downcast_ref::<Copied>().unwrap());
        let (k, n) = (args.shape.k, args.shape.n);
        let b = prepared.map_or(args.b, |copied| Matrix::new(&copied.0, k, n, n));
        for i in 0..args.shape.m {
            let c = args.c.row(i);
            c.fill(0.0);
            c.iter_mut().zip(args.bias.unwrap_or(&[])).for_each(|(c, bias)| *c = *bias);
            for (k, &a) in args.a.row(i).iter().enumerate() {
                c.iter_mut().zip(b.row(k)).for_each(|(c, &b)| *c += a * b);
            }
        }
        if DEFECT == GAP && !args.c.is_contiguous() {
            let cols = args.shape.n;
            args.c.data()[cols] = 0.0;
        }
        Ok(())
    }
}

impl<const DEFECT: u8> Relu for Acme<DEFECT> {
    fn relu(&mut self, args: ReluArgs<'_>) -> Result {
        self.calls += 1;
        let many = args.io.x().len() > 16;
        match DEFECT {
            TAIL if many => _ = args.io.split_at(16).0.map(|x| x.max(0.0)),
            LATER if self.calls > 1 => _ = args.io.map(|x| x),
            REFUSES => return Err(Error::failed("no relu today")),
            _ => _ = args.io.map(|x| if x < 0.0 { 0.0 } else { x }),
        }
        Ok(())
    }
}

#[test]
fn a_right_backend_conforms() {
    let findings = check_backend::<Acme<NONE>>();
    assert_conforms(&findings);
    let refused: Vec<_> = findings.iter().filter(|f| matches!(f.outcome, Outcome::Unsupported(_))).collect();
    assert!(refused.iter().all(|finding| finding.case.op == "matmul_trans_b") && !refused.is_empty());
    for placement in [Placement::Strided, Placement::Prepared] {
        assert!(findings.iter().any(|finding| finding.case.placement == placement), "{placement:?}");
    }
}

/// Some finding says this, and all that is wrong is with this op.
#[track_caller]
fn check<const DEFECT: u8>(op: &str, want: &str) {
    let findings = check_backend::<Acme<DEFECT>>();
    let failures: Vec<_> = findings.iter().filter(|finding| finding.is_failure()).collect();
    assert!(failures.iter().all(|finding| finding.case.op.starts_with(op)));
    let texts: Vec<_> = failures.iter().map(|finding| finding.to_string()).collect();
    assert!(texts.iter().any(|text| text.contains(want)), "{texts:#?}");
}

#[test]
fn a_forgotten_tail_is_found() {
    check::<TAIL>("relu", "was never written");
}

#[test]
fn a_write_into_a_gap_is_found() {
    check::<GAP>("matmul", "memory beside `c` was written to");
}

#[test]
fn weights_prepared_wrong_are_found() {
    check::<PREPARES>("matmul", "Prepared Usual");
}

#[test]
fn a_result_that_is_wrong_the_second_time_is_found() {
    check::<LATER>("relu", "expected 0");
}

#[test]
fn an_error_is_a_failure() {
    check::<REFUSES>("relu", "failed: status 4: no relu today");
}
