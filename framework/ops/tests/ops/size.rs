//! Sizes as people write them.

use proptest::collection::vec;
use proptest::prelude::*;
use smbench_ops::{OPS, Regime, find, full_size};

use crate::textbook::Mistake;
use crate::trial::Trial;

#[track_caller]
fn check(name: &str, size: &[usize], want: Result<&[usize], &str>) {
    let got = full_size(find(name).unwrap(), size);
    assert_eq!(got.as_deref().map_err(String::as_str), want);
}

#[test]
fn missing_rows_are_one() {
    check("softmax", &[256], Ok(&[1, 256]));
    check("softmax", &[3, 256], Ok(&[3, 256]));
    check("layernorm", &[768], Ok(&[1, 768]));
    check("add", &[1000], Ok(&[1000]));
    check("matmul", &[1, 2, 3], Ok(&[1, 2, 3]));
}

#[test]
fn messages_say_what_to_write() {
    check("matmul", &[512], Err("size `512` does not fit `matmul`, which takes m×n×k; write one number for each"));
    check(
        "softmax",
        &[2, 3, 4],
        Err("size `2x3x4` does not fit `softmax`, which takes rows×cols or cols; write one number for each"),
    );
    check("add", &[], Err("size `` does not fit `add`, which takes n; write one number for each"));
    check("rmsnorm", &[0, 7], Err("size `0x7` makes `rows` of `rmsnorm` zero; write at least 1"));
}

#[test]
fn what_fits_no_memory_is_refused() {
    check("add", &[1 << 40], Ok(&[1 << 40]));
    for (name, size) in [
        ("add", vec![(1 << 40) + 1]),
        ("add", vec![usize::MAX]),
        ("softmax", vec![1 << 21, 1 << 20]),
        ("matmul", vec![1 << 19, 1 << 19, 1 << 19]),
        ("matmul", vec![usize::MAX, usize::MAX, usize::MAX]),
    ] {
        let error = full_size(find(name).unwrap(), &size).unwrap_err();
        assert!(error.contains("is too large for"), "{error}");
    }
}

fn dim() -> impl Strategy<Value = usize> {
    prop_oneof![0..5_usize, 0..100_000_usize, any::<usize>(), (0..64_u32).prop_map(|bit| 1 << bit)]
}

proptest! {
    #[test]
    fn no_size_panics(size in vec(dim(), 0..7)) {
        for op in OPS {
            if let Ok(full) = full_size(*op, &size) {
                let problem = op.problem(&full);
                prop_assert_eq!(full.len(), op.dims().len());
                prop_assert!(problem.cost.bytes >= 8);
                prop_assert!(op.element_work(&problem) >= 1);
            }
        }
    }

    #[test]
    fn small_sizes_are_right(op in 0..OPS.len(), size in vec(1..24_usize, 5), seed: u64) {
        let op = OPS[op];
        // A causal mask that hides whole rows is nobody's (and the textbook's least) concern.
        let mut size = size[..op.dims().len()].to_vec();
        size.sort_unstable();
        if size.len() > 3 {
            // Five dimensions multiply up to millions.
            size.iter_mut().for_each(|dim| *dim = dim.div_ceil(3));
        }
        for regime in [Regime::Usual, Regime::Outliers] {
            let trial = Trial::new(op, &size, regime, seed).run(Mistake::None);
            prop_assert_eq!(trial.verify_all().err(), None, "{}", trial.title());
            prop_assert_eq!(trial.verify_some(16, seed).err(), None, "{}", trial.title());
        }
    }
}
