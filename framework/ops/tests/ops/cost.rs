//! What a call counts as.

use smbench_ops::{Cost, find, full_size};

#[track_caller]
fn check(name: &str, size: &[usize], flops: u64, bytes: u64) {
    let op = find(name).unwrap();
    let problem = op.problem(&full_size(op, size).unwrap());
    assert_eq!(problem.cost, Cost { flops, bytes }, "{name} {size:?}");
}

#[test]
fn costs() {
    //     op                size          flops                  bytes
    check("matmul", &[2, 3, 5], 2 * 30, 4 * (10 + 15 + 6));
    check("matmul_trans_b", &[2, 3, 5], 2 * 30, 4 * (10 + 15 + 6));
    check("matmul_bias", &[2, 3, 5], 2 * 30 + 6, 4 * (10 + 15 + 3 + 6));
    check("matmul", &[1024, 1024, 1024], 1 << 31, 12 << 20);
    check("add", &[100], 100, 1200);
    check("mul", &[100], 100, 1200);
    check("broadcast_add", &[10, 20], 200, 4 * (200 + 20 + 200));
    check("scale", &[100], 100, 800);
    check("gelu_tanh", &[100], 1800, 800);
    check("gelu_erf", &[100], 1800, 800);
    check("silu", &[100], 1300, 800);
    check("relu", &[100], 100, 800);
    check("softmax", &[10, 20], 14 * 200, 1600);
    check("softmax", &[256], 14 * 256, 2048);
    check("softmax_causal", &[4, 4], 14 * 10, 128);
    check("softmax_causal", &[2, 5], 14 * (4 + 5), 80);
    check("softmax_causal", &[5, 2], 14 * (1 + 2), 80);
    check("layernorm", &[10, 20], 8 * 200 + 10 * 10, 4 * (200 + 20 + 20 + 200));
    check("add_layernorm", &[10, 20], 9 * 200 + 10 * 10, 4 * (200 + 200 + 20 + 20 + 200 + 200));
    check("rmsnorm", &[10, 20], 4 * 200 + 10 * 10, 4 * (200 + 20 + 200));
    let (q, kv) = (2 * 3 * 4 * 8, 2 * 5 * 4 * 8);
    check("attention_full", &[2, 3, 5, 4, 8], (4 * 8 + 15) * 8 * (3 * 5), 4 * (2 * q + 2 * kv) as u64);
    check("attention", &[2, 3, 5, 4, 8], (4 * 8 + 15) * 8 * (3 + 4 + 5), 4 * (2 * q + 2 * kv) as u64);
    check("attention", &[1, 5, 2, 1, 1], (4 + 15) * (1 + 2 + 2 + 2 + 2), 4 * (10 + 4));
    check("attention", &[1, 1, 100, 1, 64], (4 * 64 + 15) * 100, 4 * 202 * 64);
    check("embedding", &[10, 1000, 20], 0, 4 * (10 + 200 + 200));
}
