//! No kernel touches memory outside its slices: every operand lies against an unreadable page, at its end or its start.
//!
//! A violation is a segmentation fault, which fails the whole test binary.

#![cfg(target_os = "linux")]

use std::ffi::{c_int, c_void};
use std::ops::{Deref, DerefMut};

use smbench_kernels::{
    Attention, AttentionScratch, AttentionShape, HeadStrides, Heads, Kernels, Matmul, MatmulScratch, MatmulShape,
    MatrixMut, Norm, RowShape, Tier,
};

/// Two sizes of huge page are a multiple of this one, so it is right on every Linux of today.
const PAGE: usize = 65_536;

const PROT_READ_WRITE: c_int = 3;
const MAP_PRIVATE_ANONYMOUS: c_int = 0x22;

// The C library is linked by std; these two functions are not worth a dependency.
unsafe extern "C" {
    fn mmap(at: *mut c_void, len: usize, prot: c_int, flags: c_int, fd: c_int, offset: i64) -> *mut c_void;
    fn mprotect(at: *mut c_void, len: usize, prot: c_int) -> c_int;
}

/// Which end of the slice touches an unreadable page.
#[derive(Clone, Copy)]
enum Side {
    Start,
    End,
}

/// Floats between two unreadable pages, against one of them. Never unmapped; the process is short.
struct Guarded {
    data: *mut f32,
    len: usize,
}

impl Guarded {
    fn new(len: usize, side: Side) -> Guarded {
        let bytes = len * size_of::<f32>();
        let inside = bytes.next_multiple_of(PAGE);
        // SAFETY: a fresh private mapping; its first and last page are closed, the data stay inside the others.
        let data = unsafe {
            let map = mmap(std::ptr::null_mut(), inside + 2 * PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1, 0);
            assert_ne!(map as isize, -1, "mmap failed");
            assert_eq!(mprotect(map, PAGE, 0), 0);
            assert_eq!(mprotect(map.byte_add(PAGE + inside), PAGE, 0), 0);
            let gap = match side {
                Side::Start => 0,
                Side::End => inside - bytes,
            };
            map.byte_add(PAGE + gap).cast::<f32>()
        };
        Guarded { data, len }
    }
}

impl Deref for Guarded {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        // SAFETY: `len` zeroed floats that nobody else knows.
        unsafe { std::slice::from_raw_parts(self.data, self.len) }
    }
}

impl DerefMut for Guarded {
    fn deref_mut(&mut self) -> &mut [f32] {
        // SAFETY: `len` zeroed floats that nobody else knows.
        unsafe { std::slice::from_raw_parts_mut(self.data, self.len) }
    }
}

const SIDES: [Side; 2] = [Side::Start, Side::End];

fn each_tier() -> impl Iterator<Item = &'static Kernels> {
    Tier::available().into_iter().filter_map(Kernels::for_tier)
}

#[test]
fn element_wise_kernels_stay_inside() {
    for len in [1, 7, 8, 9, 15, 16, 17, 31, 33, 127] {
        for side in SIDES {
            let [a, b, mut out] = [(); 3].map(|()| Guarded::new(len, side));
            for kernels in each_tier() {
                kernels.add(&a, &b, &mut out);
                kernels.mul(&a, &b, &mut out);
                kernels.add_in_place(&mut out, &b);
                kernels.scale(2.0, &a, &mut out);
                kernels.relu(&a, &mut out);
                kernels.silu(&a, &mut out);
                kernels.gelu_erf(&a, &mut out);
                kernels.gelu_tanh(&a, &mut out);
                kernels.gelu_tanh_in_place(&mut out);
            }
        }
    }
}

#[test]
fn row_kernels_stay_inside() {
    for (rows, cols) in [(1, 1), (3, 7), (2, 16), (5, 17), (2, 31), (1, 65), (3, 127)] {
        let shape = RowShape { rows, cols };
        for side in SIDES {
            let [gamma, beta] = [(); 2].map(|()| Guarded::new(cols, side));
            let [a, b, mut sum, mut out] = [(); 4].map(|()| Guarded::new(rows * cols, side));
            let norm = Norm { gamma: &gamma, beta: &beta, eps: 1e-5 };
            for kernels in each_tier() {
                kernels.broadcast_add(shape, &a, &gamma, &mut out);
                kernels.softmax(shape, &a, &mut out);
                kernels.softmax_causal(shape, &a, &mut out);
                kernels.layernorm(shape, &a, norm, &mut out);
                kernels.add_layernorm(shape, [&a, &b], norm, &mut sum, &mut out);
                kernels.rmsnorm(shape, &a, &gamma, 1e-5, &mut out);
            }
        }
    }
}

#[test]
fn matmul_stays_inside() {
    for (m, n, k) in [
        (1, 1, 1),
        (1, 127, 33),
        (1, 150, 17),
        (2, 15, 31),
        (7, 33, 9),
        (13, 65, 40),
        (25, 97, 7),
        (6, 530, 3),
        (1, 256, 5),
        (97, 1030, 2),
    ] {
        for side in SIDES {
            let shape = MatmulShape { m, n, k };
            let [a, b, bias, mut c] = [m * k, k * n, n, m * n].map(|len| Guarded::new(len, side));
            let mut packed = Guarded::new(shape.packed_len(), side);
            for kernels in each_tier() {
                for problem in [Matmul::new(shape, &a, &b), Matmul::transposed(shape, &a, &b)] {
                    let problem = Matmul { bias: Some(&bias), ..problem };
                    kernels.matmul(&problem, MatrixMut::dense(&mut c, m, n), &mut MatmulScratch::new());
                    kernels.pack_b(&problem, &mut packed);
                    let problem = Matmul { packed_b: Some(&packed), ..problem };
                    kernels.matmul(&problem, MatrixMut::dense(&mut c, m, n), &mut MatmulScratch::new());
                }
            }
        }
    }
}

#[test]
fn attention_stays_inside() {
    for (queries, keys, heads, head_dim) in
        [(1, 1, 1, 1), (1, 33, 2, 16), (4, 9, 3, 33), (5, 5, 1, 7), (13, 40, 2, 31), (25, 70, 1, 64), (12, 32, 1, 32)]
    {
        let shape = AttentionShape { batch: 1, queries, keys, heads, kv_heads: heads, head_dim };
        let [of_q, of_k] = [queries, keys].map(|len| HeadStrides::dense(len, heads, head_dim));
        for side in SIDES {
            let [q, mut out] = [(); 2].map(|()| Guarded::new(queries * heads * head_dim, side));
            let [k, v] = [(); 2].map(|()| Guarded::new(keys * heads * head_dim, side));
            let (q, k, v) = (
                Heads { data: &q, strides: of_q },
                Heads { data: &k, strides: of_k },
                Heads { data: &v, strides: of_k },
            );
            for kernels in each_tier() {
                for past_len in [None, Some(keys - queries.min(keys))] {
                    let problem = Attention { shape, q, k, v, scale: 0.5, past_len };
                    kernels.attention(&problem, &mut out, of_q, &mut AttentionScratch::new());
                }
            }
        }
    }
}
