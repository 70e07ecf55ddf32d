//! Element-wise passes: one operation on every element of one or two vectors, out of place or in place.

use crate::kernels::Kernel;
use crate::simd::{Simd, Step, Width, sweep};

/// A function of one element.
pub(crate) trait Unary: Copy {
    /// The function, on a register of elements; `#[inline(always)]`.
    fn apply<S: Simd>(self, x: S) -> S;
}

/// A function of two elements.
pub(crate) trait Binary: Copy {
    /// The function, on two registers of elements; `#[inline(always)]`.
    fn apply<S: Simd>(self, a: S, b: S) -> S;
}

/// `out[i] = op(x[i])`; `x` and `out` are the same memory or disjoint.
#[derive(Clone, Copy)]
pub(crate) struct Map<F> {
    pub op: F,
    pub x: *const f32,
    pub out: *mut f32,
    pub len: usize,
}

impl<F> Map<F> {
    pub fn new(op: F, x: &[f32], out: &mut [f32]) -> Self {
        assert_eq!(x.len(), out.len(), "input and output differ in length");
        Map { op, x: x.as_ptr(), out: out.as_mut_ptr(), len: x.len() }
    }

    pub fn in_place(op: F, x: &mut [f32]) -> Self {
        let out = x.as_mut_ptr();
        Map { op, x: out, out, len: x.len() }
    }
}

impl<F: Unary> Kernel for Map<F> {
    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        // SAFETY: the caller says that both pointers are valid for `len` elements.
        unsafe { sweep::<S>(self.len, &mut self) }
    }
}

impl<S: Simd, F: Unary> Step<S> for Map<F> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside the `len` elements of both pointers.
        unsafe {
            let x: S = width.load(self.x.add(at), 0.0);
            width.store(self.op.apply(x), self.out.add(at));
        }
    }
}

/// `out[i] = op(a[i], b[i])`; `out` is `a`'s memory or disjoint from both.
#[derive(Clone, Copy)]
pub(crate) struct Zip<F> {
    pub op: F,
    pub a: *const f32,
    pub b: *const f32,
    pub out: *mut f32,
    pub len: usize,
}

impl<F> Zip<F> {
    pub fn new(op: F, a: &[f32], b: &[f32], out: &mut [f32]) -> Self {
        assert_eq!(a.len(), b.len(), "inputs differ in length");
        assert_eq!(a.len(), out.len(), "input and output differ in length");
        Zip { op, a: a.as_ptr(), b: b.as_ptr(), out: out.as_mut_ptr(), len: a.len() }
    }

    pub fn in_place(op: F, a: &mut [f32], b: &[f32]) -> Self {
        assert_eq!(a.len(), b.len(), "inputs differ in length");
        let out = a.as_mut_ptr();
        Zip { op, a: out, b: b.as_ptr(), out, len: a.len() }
    }
}

impl<F: Binary> Kernel for Zip<F> {
    #[inline(always)]
    unsafe fn run<S: Simd>(mut self) {
        // SAFETY: the caller says that all three pointers are valid for `len` elements.
        unsafe { sweep::<S>(self.len, &mut self) }
    }
}

impl<S: Simd, F: Binary> Step<S> for Zip<F> {
    #[inline(always)]
    unsafe fn step<W: Width>(&mut self, at: usize, width: W) {
        // SAFETY: `sweep` stays inside the `len` elements of all three pointers.
        unsafe {
            let a: S = width.load(self.a.add(at), 0.0);
            let b: S = width.load(self.b.add(at), 0.0);
            width.store(self.op.apply(a, b), self.out.add(at));
        }
    }
}
