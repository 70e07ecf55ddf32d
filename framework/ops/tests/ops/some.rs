//! What a look at some elements finds.

use smbench_ops::{POISON, Regime, find, is_poison, is_poisoned};

use crate::textbook::Mistake;
use crate::trial::Trial;

const LATE: usize = 64;

fn trial(name: &str, size: &[usize]) -> Trial {
    Trial::new(find(name).unwrap(), size, Regime::Usual, 3).run(Mistake::None)
}

#[track_caller]
fn check_found(mut trial: Trial, index: usize, value: f32) {
    trial.verify_some(LATE, 1).unwrap();
    trial.outputs[0][index] = value;
    assert!(trial.verify_some(LATE, 1).is_err(), "{} [{index}] = {value} was not found", trial.title());
}

#[test]
fn one_element_never_written_or_not_finite_among_many() {
    for value in [POISON, f32::NAN, f32::INFINITY] {
        check_found(trial("gelu_tanh", &[1 << 20]), 123_457, value);
        check_found(trial("matmul", &[96, 96, 96]), 50 * 96 + 50, value);
        check_found(trial("softmax", &[300, 300]), 12_345, value);
    }
}

#[test]
fn corners_and_the_end_of_rows() {
    for column in [0, 284, 290, 299] {
        for row in [0, 199] {
            check_found(trial("layernorm", &[200, 300]), row * 300 + column, 100.0);
        }
    }
}

#[test]
fn half_of_an_output_left_zero() {
    for (name, size) in [("add", vec![100_000]), ("rmsnorm", vec![100, 300]), ("matmul", vec![96, 96, 96])] {
        let mut trial = trial(name, &size);
        let half = trial.outputs[0].len() / 2;
        trial.outputs[0][..half].fill(0.0);
        assert!(trial.verify_some(LATE, 1).is_err(), "{}", trial.title());
    }
}

/// A single wrong element flips no sign of the check: Freivalds finds it whatever the seed, random elements rarely do.
#[test]
fn freivalds_finds_one_wrong_element_of_a_matmul() {
    for name in ["matmul", "matmul_trans_b", "matmul_bias"] {
        let mut trial = trial(name, &[128, 96, 64]);
        trial.outputs[0][50 * 96 + 50] += 1.0;
        for seed in 0..20 {
            assert!(trial.verify_some(0, seed).unwrap_err().contains("c[50, ..] fails Freivalds'"), "{name}");
        }
    }
}

#[test]
fn small_outputs_are_checked_in_full() {
    let mut trial = trial("silu", &[1000]);
    for index in 0..1000 {
        trial.outputs[0][index] += 1e-2;
        assert!(trial.verify_some(4096, 1).is_err());
        trial.outputs[0][index] -= 1e-2;
    }
}

#[test]
fn an_expensive_element_is_checked_a_few_times_only() {
    // Of a million columns: 4096 elements would be 4 G exponentials.
    trial("softmax", &[1 << 20]).verify_some(4096, 1).unwrap();
}

#[test]
fn poison_is_one_nan_of_many() {
    assert!(POISON.is_nan() && is_poison(POISON) && !is_poison(f32::NAN));
    assert!(is_poisoned(&[&[1.0], &[2.0, POISON]]));
    assert!(!is_poisoned(&[&[1.0], &[2.0, f32::NAN]]));
}

/// Not a test of correctness: run by hand, in release, after a change of `WORK`.
#[test]
#[ignore = "takes a second and judges the machine"]
fn matmul_1024_is_checked_in_under_a_third_of_a_second() {
    for name in ["matmul", "matmul_trans_b", "matmul_bias"] {
        let trial = Trial::new(find(name).unwrap(), &[1024, 1024, 1024], Regime::Usual, 3).run(Mistake::None);
        for count in [LATE, 4096] {
            let start = std::time::Instant::now();
            trial.verify_some(count, 1).unwrap();
            let seconds = start.elapsed().as_secs_f64();
            println!("{name} {count}: {:.1} ms", seconds * 1e3);
            assert!(seconds < 0.3, "{name} {count}: {seconds} s");
        }
    }
}
