//! What is wrong is rejected.

use smbench_ops::{POISON, Regime};

use crate::textbook::Mistake;
use crate::trial::{Trial, trials, trials_of};

/// Rejected at every check size where `spoil` changes something, of which there must be some.
#[track_caller]
fn check_rejected(spoil: impl Fn(&mut Trial) -> bool) {
    let mut spoiled = std::collections::HashSet::new();
    for mut trial in trials().map(|trial| trial.run(Mistake::None)) {
        if spoil(&mut trial) {
            spoiled.insert(trial.op.name());
            assert!(trial.verify_all().is_err(), "{} passed", trial.title());
        }
    }
    assert_eq!(spoiled.len(), smbench_ops::OPS.len(), "only {spoiled:?} were tried");
}

#[test]
fn an_element_off_by_a_thousandth() {
    check_rejected(|trial| {
        let largest = trial.largest();
        let value = &mut trial.outputs[0][largest];
        *value *= 1.001;
        // Gelu and silu answer for 2e-6, whatever the value.
        value.abs() > 1e-2 && !trial.has_huge_scores()
    });
}

#[test]
fn an_element_never_written() {
    check_rejected(|trial| {
        let last = trial.outputs[0].len() - 1;
        trial.outputs[0][last] = POISON;
        true
    });
}

#[test]
fn nan_and_infinity() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        check_rejected(|trial| {
            let middle = trial.outputs[0].len() / 2;
            trial.outputs[0][middle] = value;
            true
        });
    }
}

#[test]
fn a_swapped_pair() {
    check_rejected(|trial| {
        let output = &mut trial.outputs[0];
        let order = |&a: &usize, &b: &usize| output[a].total_cmp(&output[b]);
        let (least, most) = ((0..output.len()).min_by(order).unwrap(), (0..output.len()).max_by(order).unwrap());
        output.swap(least, most);
        (output[least] - output[most]).abs() > 1e-2
    });
}

#[test]
fn outputs_of_other_inputs() {
    check_rejected(|trial| {
        let stale = Trial::new(trial.op, &trial.problem.size, trial.regime, 8).run(Mistake::None);
        let differ = |(a, b): (&f32, &f32)| (a - b).abs() > 1e-2;
        let differs = stale.outputs[0].iter().zip(&trial.outputs[0]).any(differ);
        trial.outputs = stale.outputs;
        differs
    });
}

/// An op with a mistake is rejected at every check size that `applies`, of which there must be some.
#[track_caller]
fn check_mistake(name: &str, mistake: Mistake, applies: impl Fn(&[usize], Regime) -> bool) {
    let mut tried = 0;
    for trial in trials_of(name).filter(|trial| applies(&trial.problem.size, trial.regime)) {
        let trial = trial.run(mistake);
        assert!(trial.verify_all().is_err(), "{} passed with {mistake:?}", trial.title());
        tried += 1;
    }
    assert!(tried > 0, "{name} was not tried with {mistake:?}");
}

#[test]
fn a_matmul_of_one_product_too_few() {
    for name in ["matmul", "matmul_trans_b", "matmul_bias"] {
        check_mistake(name, Mistake::ShortK, |_, _| true);
    }
}

#[test]
fn a_matmul_that_reads_b_the_other_way() {
    check_mistake("matmul", Mistake::Transposed, |size, _| size[1] > 1 && size[2] > 1);
    check_mistake("matmul_trans_b", Mistake::Transposed, |size, _| size[1] > 1 && size[2] > 1);
}

#[test]
fn a_matmul_in_bf16() {
    check_mistake("matmul", Mistake::Bf16, |size, _| size[0] * size[1] > 1);
}

#[test]
fn a_forgotten_bias() {
    check_mistake("matmul_bias", Mistake::NoBias, |_, _| true);
    check_mistake("layernorm", Mistake::NoBias, |_, _| true);
    check_mistake("add_layernorm", Mistake::NoBias, |_, _| true);
}

#[test]
fn the_other_gelu() {
    // They differ by 5e-4 at most, near ±2.
    check_mistake("gelu_tanh", Mistake::OtherForm, |size, _| size[0] > 1);
    check_mistake("gelu_erf", Mistake::OtherForm, |size, _| size[0] > 1);
}

#[test]
fn a_layernorm_with_unbiased_variance() {
    check_mistake("layernorm", Mistake::UnbiasedVariance, |_, _| true);
    check_mistake("add_layernorm", Mistake::UnbiasedVariance, |_, _| true);
}

#[test]
fn a_norm_without_gamma() {
    // x - mean is 0 where there is one column.
    check_mistake("layernorm", Mistake::NoGamma, |size, _| size[1] > 1);
    check_mistake("add_layernorm", Mistake::NoGamma, |size, _| size[1] > 1);
    check_mistake("rmsnorm", Mistake::NoGamma, |_, _| true);
}

#[test]
fn a_norm_without_eps() {
    check_mistake("layernorm", Mistake::NoEps, |size, _| size[1] == 1);
    check_mistake("add_layernorm", Mistake::NoEps, |size, _| size[1] == 1);
}

#[test]
fn an_add_layernorm_that_forgets_a_half_of_it() {
    check_mistake("add_layernorm", Mistake::SumNotStored, |_, _| true);
    check_mistake("add_layernorm", Mistake::NoResidual, |_, _| true);
}

#[test]
fn an_rmsnorm_that_subtracts_the_mean() {
    check_mistake("rmsnorm", Mistake::Centred, |_, _| true);
}

#[test]
fn a_softmax_of_exponentials_only() {
    // Among outliers the largest alone may have all the weight, and that is 1 either way.
    for name in ["softmax", "softmax_causal"] {
        check_mistake(name, Mistake::NotNormalised, |size, regime| size[1] > 1 && regime == Regime::Usual);
    }
}

#[test]
fn a_softmax_without_the_maximum() {
    // Where there are enough outliers for one above 88.
    check_mistake("softmax", Mistake::NoMaximum, |size, regime| size[0] * size[1] > 512 && regime == Regime::Outliers);
}

#[test]
fn a_causal_mask_off_by_one() {
    check_mistake("softmax_causal", Mistake::MaskedEarly, |_, regime| regime == Regime::Usual);
    check_mistake("softmax_causal", Mistake::MaskedLate, |size, regime| size[0] > 1 && regime == Regime::Usual);
    check_mistake("attention", Mistake::MaskedEarly, |_, regime| regime == Regime::Usual);
    check_mistake("attention", Mistake::MaskedLate, |size, regime| size[1] > 1 && regime == Regime::Usual);
}

#[test]
fn an_attention_without_scale() {
    // Among outliers one key may have all the weight, scaled or not.
    for name in ["attention", "attention_full"] {
        let applies = |size: &[usize]| size[2] > 1 && size[4] > 1;
        check_mistake(name, Mistake::NoScale, |size, regime| applies(size) && regime == Regime::Usual);
    }
}

#[test]
fn an_attention_that_mixes_up_heads() {
    for name in ["attention", "attention_full"] {
        let applies = |size: &[usize]| size[2] > 1 && size[3] > 1;
        check_mistake(name, Mistake::OtherHead, |size, regime| applies(size) && regime == Regime::Usual);
    }
}

#[test]
fn an_attention_of_exponentials_and_bf16() {
    // The first size has one key, whose weight is 1 however it is found.
    check_mistake("attention", Mistake::NotNormalised, |size, regime| size[2] > 1 && regime == Regime::Usual);
    check_mistake("attention", Mistake::Bf16, |size, regime| size[2] > 1 && regime == Regime::Usual);
}

#[test]
fn an_embedding_off_by_one_row() {
    check_mistake("embedding", Mistake::NextRow, |size, _| size[1] > 1);
}

#[test]
fn messages_name_the_place_and_the_values() {
    let mut trial = trials_of("softmax").find(|trial| trial.problem.size == [5, 33]).unwrap().run(Mistake::None);
    trial.outputs[0][3 * 33 + 17] = 1.5;
    let wrong = trial.verify_all().unwrap_err();
    assert!(wrong.starts_with("out[3, 17] is 1.5e0, expected "), "{wrong}");
    trial.outputs[0][2 * 33] = POISON;
    let wrong = trial.verify_all().unwrap_err();
    assert_eq!(wrong, "out[2, 0] was never written: it still holds what the host poisoned it with");
}
