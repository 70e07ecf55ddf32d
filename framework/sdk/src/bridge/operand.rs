//! From a foreign `Tensor` to a slice, with every doubt settled on the way.
//!
//! Checks come first and touch no memory: dtype, rank, sizes, strides, alignment, overlap. Only then does an operand
//! become a slice.

use smbench_abi::{DType, MAX_RANK, Tensor};

use crate::{Error, Heads, HeadsMut, HeadsShape, HeadsStrides, Io, Matrix, MatrixMut, Result, RowShape};

/// A checked operand that is not yet a slice: of f32, or of u32 where it is ids.
#[derive(Clone, Copy)]
pub(crate) struct Operand<'a> {
    name: &'static str,
    tensor: &'a Tensor,
    /// From the first element to the last, gaps included.
    span: usize,
    row_stride: usize,
}

impl<'a> Operand<'a> {
    /// An operand of any shape, row-major without gaps.
    #[inline(always)]
    pub fn contiguous(name: &'static str, tensor: &'a Tensor) -> Result<Self> {
        match contiguous_span(tensor, DType::F32) {
            Some(span) => Ok(Self { name, tensor, span, row_stride: tensor.dims[tensor.rank as usize - 1] as usize }),
            None => Err(why_not_contiguous(name, tensor, DType::F32)),
        }
    }

    /// A vector of u32, contiguous.
    #[inline(always)]
    pub fn ids(name: &'static str, tensor: &'a Tensor) -> Result<Self> {
        let ids = match contiguous_span(tensor, DType::U32) {
            Some(span) => Self { name, tensor, span, row_stride: span },
            None => return Err(why_not_contiguous(name, tensor, DType::U32)),
        };
        if tensor.rank == 1 { Ok(ids) } else { Err(ids.not_ids()) }
    }

    /// `[len]`, contiguous.
    #[inline(always)]
    pub fn vector(name: &'static str, tensor: &'a Tensor, len: usize) -> Result<Self> {
        let vector = Self::contiguous(name, tensor)?;
        if tensor.rank == 1 && vector.span == len { Ok(vector) } else { Err(vector.not_sized(&[len])) }
    }

    /// `[rows×cols]`, any row stride that does not make rows overlap.
    #[inline(always)]
    pub fn matrix(name: &'static str, tensor: &'a Tensor) -> Result<Self> {
        match matrix_span(tensor) {
            Some((span, row_stride)) => Ok(Self { name, tensor, span, row_stride }),
            None => Err(why_no_matrix(name, tensor)),
        }
    }

    /// `[batch × len × heads × head_dim]`: any strides that do not run backwards, but 1 for the last dimension and whole
    /// vectors from position to position.
    #[inline]
    pub fn heads(name: &'static str, tensor: &'a Tensor) -> Result<Self> {
        match heads_span(tensor) {
            Some(span) => Ok(Self { name, tensor, span, row_stride: tensor.dims[MAX_RANK - 1] as usize }),
            None => Err(why_no_heads(name, tensor)),
        }
    }

    /// Fails where two vectors of [`heads`](Self::heads) share an element: they are to be written.
    #[inline]
    pub fn without_overlap(self) -> Result<Self> {
        let apart = heads_strides(self.tensor).is_some_and(|strides| strides.keep_apart(self.heads_shape()));
        if apart { Ok(self) } else { Err(self.not_without_overlap()) }
    }

    /// Fails unless the sizes are those of `other`.
    #[inline(always)]
    pub fn shaped_like(self, other: &Operand<'_>) -> Result<Self> {
        // All four sizes: those beyond the rank are 1, and a fixed length compares without a call.
        let same = self.tensor.rank == other.tensor.rank && self.tensor.dims == other.tensor.dims;
        if same { Ok(self) } else { Err(self.not_shaped_like(other)) }
    }

    /// Fails unless the sizes are these.
    #[inline(always)]
    pub fn sized(self, rows: usize, cols: usize) -> Result<Self> {
        let [first, second, ..] = self.tensor.dims;
        let same = self.tensor.rank == 2 && first == rows as u64 && second == cols as u64;
        if same { Ok(self) } else { Err(self.not_sized(&[rows, cols])) }
    }

    /// Fails if the memory of `other` reaches into this one's.
    #[inline(always)]
    pub fn apart_from(self, other: &Operand<'_>) -> Result<Self> {
        let (a, b) = (self.range(), other.range());
        if a.end <= b.start || b.end <= a.start { Ok(self) } else { Err(self.not_apart_from(other)) }
    }

    /// Rows and columns; a vector is one row.
    #[inline(always)]
    pub fn rows(&self) -> Result<RowShape> {
        let [first, second, ..] = self.tensor.dims.map(|size| size as usize);
        match self.tensor.rank {
            1 => Ok(RowShape { rows: 1, cols: first }),
            2 => Ok(RowShape { rows: first, cols: second }),
            _ => Err(self.not_rows()),
        }
    }

    /// Sizes of [`heads`](Self::heads).
    #[inline]
    pub fn heads_shape(&self) -> HeadsShape {
        let [batch, len, heads, head_dim] = self.tensor.dims.map(|size| size as usize);
        HeadsShape { batch, len, heads, head_dim }
    }

    /// From the first element to the last, gaps included.
    #[inline(always)]
    pub fn elements(&self) -> usize {
        self.span
    }

    /// The operand to read.
    ///
    /// # Safety
    /// The memory is readable and unchanged for `'s`.
    #[inline(always)]
    pub unsafe fn slice<'s>(self) -> &'s [f32] {
        // SAFETY: not NULL, aligned, no longer than the address space; the rest says the caller.
        unsafe { std::slice::from_raw_parts(self.tensor.data.cast(), self.span) }
    }

    /// The operand to write.
    ///
    /// # Safety
    /// The memory is writable and nobody else's for `'s`.
    #[inline(always)]
    pub unsafe fn slice_mut<'s>(self) -> &'s mut [f32] {
        // SAFETY: not NULL, aligned, no longer than the address space; the rest says the caller.
        unsafe { std::slice::from_raw_parts_mut(self.tensor.data.cast(), self.span) }
    }

    /// The matrix to read.
    ///
    /// # Safety
    /// As [`slice`](Self::slice).
    #[inline(always)]
    pub unsafe fn matrix_ref<'s>(self) -> Matrix<'s> {
        let [rows, cols, ..] = self.tensor.dims.map(|size| size as usize);
        // SAFETY: says the caller.
        Matrix::new(unsafe { self.slice() }, rows, cols, self.row_stride)
    }

    /// The matrix to write.
    ///
    /// # Safety
    /// As [`slice_mut`](Self::slice_mut).
    #[inline(always)]
    pub unsafe fn matrix_mut<'s>(self) -> MatrixMut<'s> {
        let [rows, cols, ..] = self.tensor.dims.map(|size| size as usize);
        // SAFETY: says the caller.
        MatrixMut::new(unsafe { self.slice_mut() }, rows, cols, self.row_stride)
    }

    /// The ids to read.
    ///
    /// # Safety
    /// As [`slice`](Self::slice).
    #[inline(always)]
    pub unsafe fn ids_ref<'s>(self) -> &'s [u32] {
        // SAFETY: not NULL, aligned, no longer than the address space; the rest says the caller.
        unsafe { std::slice::from_raw_parts(self.tensor.data.cast(), self.span) }
    }

    /// The vectors to read.
    ///
    /// # Safety
    /// As [`slice`](Self::slice).
    #[inline]
    pub unsafe fn heads_ref<'s>(self) -> Heads<'s> {
        let strides = heads_strides(self.tensor).expect("checked by `heads`");
        // SAFETY: says the caller.
        Heads::new(unsafe { self.slice() }, self.heads_shape(), strides)
    }

    /// The vectors to write.
    ///
    /// # Safety
    /// As [`slice_mut`](Self::slice_mut).
    #[inline]
    pub unsafe fn heads_mut<'s>(self) -> HeadsMut<'s> {
        let strides = heads_strides(self.tensor).expect("checked by `heads`");
        // SAFETY: says the caller.
        HeadsMut::new(unsafe { self.slice_mut() }, self.heads_shape(), strides)
    }

    /// Reads this operand and writes `out`, which may be the same memory but not part of it.
    ///
    /// # Safety
    /// As [`slice`](Self::slice) for this one and [`slice_mut`](Self::slice_mut) for `out`.
    #[inline(always)]
    pub unsafe fn into_io<'s>(self, out: Operand<'_>) -> Result<Io<'s>> {
        let out = out.shaped_like(&self)?;
        if self.tensor.data == out.tensor.data {
            // SAFETY: says the caller.
            return Ok(Io::InPlace(unsafe { out.slice_mut() }));
        }
        out.apart_from(&self)?;
        // SAFETY: says the caller; the two do not overlap.
        Ok(unsafe { Io::Separate { x: self.slice(), out: out.slice_mut() } })
    }

    #[inline(always)]
    fn range(&self) -> std::ops::Range<usize> {
        let start = self.tensor.data.addr();
        start..start.saturating_add(self.span * size_of::<f32>())
    }
}

// The checks say yes or no, in a nanosecond, because they are in every timed call.

/// Elements from the first to the last, if this is a contiguous operand of that type.
#[inline(always)]
fn contiguous_span(tensor: &Tensor, dtype: DType) -> Option<usize> {
    let mut span = 1_usize;
    for axis in (0..rank_of(tensor, dtype)?).rev() {
        let (size, stride) = (tensor.dims[axis], tensor.strides[axis]);
        // The stride of a dimension of size 1 is never used.
        if size != 1 && stride != span as i64 {
            return None;
        }
        span = grow(span, size)?;
    }
    Some(span)
}

/// Elements from the first to the last and from row to row, if this is an f32 matrix with whole rows.
#[inline(always)]
fn matrix_span(tensor: &Tensor) -> Option<(usize, usize)> {
    let ([rows, cols, ..], [row_stride, col_stride, ..]) = (tensor.dims, tensor.strides);
    if rank_of(tensor, DType::F32)? != 2 || (cols != 1 && col_stride != 1) {
        return None;
    }
    let cols = grow(1, cols)?;
    let row_stride = if rows == 1 { cols } else { usize::try_from(row_stride).ok()? };
    let span = grow(row_stride, rows)?;
    (row_stride >= cols).then(|| (span - row_stride + cols, row_stride))
}

/// Elements from the first to the last, if these are f32 vectors of heads.
#[inline]
fn heads_span(tensor: &Tensor) -> Option<usize> {
    let ([.., last_size], [.., last]) = (tensor.dims, tensor.strides);
    if rank_of(tensor, DType::F32)? != 4 || (last_size != 1 && last != 1) {
        return None;
    }
    // What lies upon each other counts as often as it is looked at: no operand is larger than memory could be.
    tensor.dims.iter().try_fold(1, |span, &size| grow(span, size))?;
    let [batch, len, heads, head_dim] = tensor.dims.map(|size| size as usize);
    let strides = heads_strides(tensor)?;
    let span = strides.span(HeadsShape { batch, len, heads, head_dim })?;
    let whole = len == 1 || strides.position >= head_dim;
    if whole { grow(span, 1) } else { None }
}

/// Strides of heads, none of them negative; 0 for that of a dimension of size 1, which is never used.
#[inline]
fn heads_strides(tensor: &Tensor) -> Option<HeadsStrides> {
    let stride = |axis: usize| match tensor.dims[axis] {
        1 => Some(0),
        _ => usize::try_from(tensor.strides[axis]).ok(),
    };
    Some(HeadsStrides { batch: stride(0)?, position: stride(1)?, head: stride(2)? })
}

/// The rank, if there is an operand of that type; both types have four bytes.
#[inline(always)]
fn rank_of(tensor: &Tensor, dtype: DType) -> Option<usize> {
    let rank = tensor.rank as usize;
    let there = !tensor.data.is_null() && tensor.data.cast::<f32>().is_aligned();
    (there && tensor.dtype == dtype && (1..=MAX_RANK).contains(&rank)).then_some(rank)
}

/// `span · size`, if that is not zero and fits the address space.
#[inline(always)]
fn grow(span: usize, size: u64) -> Option<usize> {
    const MOST: usize = isize::MAX as usize / size_of::<f32>();
    let grown = span.checked_mul(usize::try_from(size).ok()?)?;
    (grown != 0 && grown <= MOST).then_some(grown)
}

// Why the answer was no is found out afterwards.

impl Operand<'_> {
    #[cold]
    fn not_shaped_like(&self, other: &Operand<'_>) -> Error {
        let (a, b) = (sizes(self.tensor), sizes(other.tensor));
        Error::invalid(format!("`{}` is {a}, but `{}` is {b}", self.name, other.name))
    }

    #[cold]
    fn not_sized(&self, want: &[usize]) -> Error {
        Error::invalid(format!("`{}` is {}, not {}", self.name, sizes(self.tensor), list(want)))
    }

    #[cold]
    fn not_apart_from(&self, other: &Operand<'_>) -> Error {
        Error::invalid(format!("the memory of `{}` and `{}` overlaps", self.name, other.name))
    }

    #[cold]
    fn not_without_overlap(&self) -> Error {
        Error::invalid(format!("`{}` has vectors that overlap", self.name))
    }

    #[cold]
    fn not_ids(&self) -> Error {
        Error::invalid(format!("`{}` has rank {}, not 1", self.name, self.tensor.rank))
    }

    #[cold]
    pub(crate) fn not_attending(&self, keys: &Operand<'_>) -> Error {
        let (q, k) = (sizes(self.tensor), sizes(keys.tensor));
        Error::invalid(format!(
            "`{}` is {q} and `{}` is {k}: batch and head_dim must be the same, and heads a multiple",
            self.name, keys.name
        ))
    }

    #[cold]
    fn not_rows(&self) -> Error {
        Error::unsupported(format!("`{}` has rank {}, not 1 or 2", self.name, self.tensor.rank))
    }
}

#[cold]
fn why_not_contiguous(name: &str, tensor: &Tensor, dtype: DType) -> Error {
    why_no_operand(name, tensor, dtype).unwrap_or_else(|| Error::unsupported(format!("`{name}` is not contiguous")))
}

#[cold]
fn why_no_matrix(name: &str, tensor: &Tensor) -> Error {
    let ([rows, cols, ..], [row_stride, col_stride, ..]) = (tensor.dims, tensor.strides);
    if let Some(error) = why_no_operand(name, tensor, DType::F32) {
        error
    } else if tensor.rank != 2 {
        Error::invalid(format!("`{name}` has rank {}, not 2", tensor.rank))
    } else if cols != 1 && col_stride != 1 {
        Error::unsupported(format!("`{name}` has column stride {col_stride}, not 1"))
    } else if rows != 1 && row_stride < cols.cast_signed() {
        Error::invalid(format!("`{name}` has row stride {row_stride}, less than a row"))
    } else {
        Error::invalid(format!("`{name}` is larger than the address space"))
    }
}

#[cold]
fn why_no_heads(name: &str, tensor: &Tensor) -> Error {
    let ([_, len, _, head_dim], strides) = (tensor.dims, tensor.strides);
    if let Some(error) = why_no_operand(name, tensor, DType::F32) {
        error
    } else if tensor.rank != 4 {
        Error::invalid(format!("`{name}` has rank {}, not 4", tensor.rank))
    } else if head_dim != 1 && strides[3] != 1 {
        Error::unsupported(format!("`{name}` has stride {} in its last dimension, not 1", strides[3]))
    } else if heads_strides(tensor).is_none() {
        Error::unsupported(format!("`{name}` has a negative stride"))
    } else if len != 1 && strides[1] < head_dim.cast_signed() {
        Error::unsupported(format!(
            "`{name}` has {} elements from position to position, less than a vector",
            strides[1]
        ))
    } else {
        Error::invalid(format!("`{name}` is larger than the address space"))
    }
}

/// What is wrong before strides are looked at.
fn why_no_operand(name: &str, tensor: &Tensor, dtype: DType) -> Option<Error> {
    if tensor.data.is_null() {
        return Some(Error::invalid(format!("`{name}` is missing")));
    }
    if tensor.dtype != dtype {
        let want = if dtype == DType::U32 { "u32" } else { "f32" };
        return Some(Error::unsupported(format!("`{name}` has dtype {}, not {want}", tensor.dtype.0)));
    }
    if !(1..=MAX_RANK).contains(&(tensor.rank as usize)) {
        return Some(Error::invalid(format!("`{name}` has rank {}, not 1 to {MAX_RANK}", tensor.rank)));
    }
    if !tensor.data.cast::<f32>().is_aligned() {
        return Some(Error::invalid(format!("`{name}` is not aligned to its elements")));
    }
    let dims = &tensor.dims[..tensor.rank as usize];
    if dims.contains(&0) {
        return Some(Error::invalid(format!("`{name}` has a dimension of size 0")));
    }
    let fits = dims.iter().try_fold(1, |span, &size| grow(span, size)).is_some();
    (!fits).then(|| Error::invalid(format!("`{name}` is larger than the address space")))
}

fn sizes(tensor: &Tensor) -> String {
    list(&tensor.dims[..tensor.rank as usize])
}

fn list(sizes: &[impl ToString]) -> String {
    let sizes: Vec<_> = sizes.iter().map(ToString::to_string).collect();
    format!("[{}]", sizes.join("×"))
}

#[cfg(test)]
mod tests {
    use std::ffi::c_void;

    use proptest::prelude::*;

    use super::*;

    const HERE: *mut c_void = std::ptr::without_provenance_mut(4096);

    fn tensor(dims: &[usize]) -> Tensor {
        Tensor::contiguous(HERE, DType::F32, dims)
    }

    #[track_caller]
    fn check<T>(result: Result<T>, want: &str) {
        assert_eq!(result.map(drop).map_err(|error| error.to_string()), Err(want.to_owned()));
    }

    #[test]
    fn hostile_descriptors_are_refused() {
        let mut x = tensor(&[2, 3]);
        assert!(Operand::contiguous("x", &x).is_ok());
        check(Operand::contiguous("x", &Tensor::NONE), "`x` is missing");
        check(Operand::contiguous("x", &Tensor { dtype: DType::U32, ..x }), "`x` has dtype 2, not f32");
        check(Operand::contiguous("x", &Tensor { rank: 0, ..x }), "`x` has rank 0, not 1 to 4");
        check(Operand::contiguous("x", &Tensor { rank: 5, ..x }), "`x` has rank 5, not 1 to 4");
        check(Operand::contiguous("x", &Tensor { strides: [9, 1, 0, 0], ..x }), "`x` is not contiguous");
        check(Operand::contiguous("x", &Tensor { strides: [-3, 1, 0, 0], ..x }), "`x` is not contiguous");
        check(Operand::contiguous("x", &tensor(&[2, 0])), "`x` has a dimension of size 0");
        x.data = std::ptr::without_provenance_mut(4097);
        check(Operand::contiguous("x", &x), "`x` is not aligned to its elements");
    }

    #[test]
    fn sizes_that_overflow_are_refused() {
        let mut x = tensor(&[1, 1]);
        (x.dims, x.strides) = ([u64::MAX, 8, 1, 1], [8, 1, 0, 0]);
        check(Operand::contiguous("x", &x), "`x` is larger than the address space");
        check(Operand::matrix("x", &x), "`x` is larger than the address space");
        (x.dims, x.strides) = ([2, 8, 1, 1], [i64::MAX, 1, 0, 0]);
        check(Operand::matrix("x", &x), "`x` is larger than the address space");
    }

    #[test]
    fn a_matrix_may_have_gaps_between_its_rows_only() {
        let x = Tensor { strides: [9, 1, 0, 0], ..tensor(&[2, 3]) };
        assert_eq!(Operand::matrix("x", &x).unwrap().span, 12);
        let single = Tensor { strides: [0, 1, 0, 0], ..tensor(&[1, 3]) };
        assert_eq!(Operand::matrix("x", &single).unwrap().span, 3);
        check(Operand::matrix("x", &tensor(&[6])), "`x` has rank 1, not 2");
        check(Operand::matrix("x", &Tensor { strides: [9, 3, 0, 0], ..x }), "`x` has column stride 3, not 1");
        check(Operand::matrix("x", &Tensor { strides: [2, 1, 0, 0], ..x }), "`x` has row stride 2, less than a row");
        check(Operand::matrix("x", &Tensor { strides: [-9, 1, 0, 0], ..x }), "`x` has row stride -9, less than a row");
    }

    fn heads(strides: [i64; 4]) -> Tensor {
        Tensor { strides, ..tensor(&[2, 3, 4, 8]) }
    }

    #[test]
    fn heads_may_lie_apart_or_upon_each_other_but_not_backwards() {
        let x = tensor(&[2, 3, 4, 8]);
        assert_eq!(Operand::heads("x", &x).unwrap().span, 192);
        assert_eq!(Operand::heads("x", &heads([1000, 100, 8, 1])).unwrap().span, 1000 + 200 + 24 + 8);
        assert_eq!(Operand::heads("x", &heads([0, 8, 0, 1])).unwrap().span, 24);
        let single = Tensor { strides: [-1, i64::MIN, i64::MAX, 7], ..tensor(&[1, 1, 1, 1]) };
        assert_eq!(Operand::heads("x", &single).unwrap().span, 1);
        check(Operand::heads("x", &tensor(&[2, 3, 32])), "`x` has rank 3, not 4");
        check(Operand::heads("x", &heads([96, 32, 8, 2])), "`x` has stride 2 in its last dimension, not 1");
        check(Operand::heads("x", &heads([-96, 32, 8, 1])), "`x` has a negative stride");
        check(
            Operand::heads("x", &heads([96, 0, 8, 1])),
            "`x` has 0 elements from position to position, less than a vector",
        );
        check(Operand::heads("x", &heads([i64::MAX, 32, 8, 1])), "`x` is larger than the address space");
        check(Operand::heads("x", &heads([96, 1 << 60, 8, 1])), "`x` is larger than the address space");
        let endless = Tensor { dims: [1 << 62, 3, 4, 8], ..heads([0, 32, 8, 1]) };
        check(Operand::heads("x", &endless), "`x` is larger than the address space");
    }

    #[track_caller]
    fn check_overlap(strides: [i64; 4], overlaps: bool) {
        let x = heads(strides);
        let error = Operand::heads("x", &x).unwrap().without_overlap().err().map(|error| error.to_string());
        assert_eq!(error, overlaps.then(|| "`x` has vectors that overlap".to_owned()));
    }

    #[test]
    fn heads_to_write_do_not_overlap() {
        check_overlap([96, 32, 8, 1], false);
        check_overlap([96, 8, 24, 1], false); // head by head
        check_overlap([32, 64, 8, 1], false); // position by position
        check_overlap([0, 32, 8, 1], true);
        check_overlap([96, 32, 7, 1], true);
        check_overlap([96, 31, 8, 1], true);
        check_overlap([95, 32, 8, 1], true);
    }

    #[test]
    fn ids_are_a_vector_of_u32() {
        let ids = Tensor { dtype: DType::U32, ..tensor(&[5]) };
        assert_eq!(Operand::ids("ids", &ids).unwrap().elements(), 5);
        check(Operand::ids("ids", &tensor(&[5])), "`ids` has dtype 1, not u32");
        check(Operand::ids("ids", &Tensor { strides: [2, 0, 0, 0], ..ids }), "`ids` is not contiguous");
        let table = Tensor { dtype: DType::U32, ..tensor(&[5, 1]) };
        check(Operand::ids("ids", &table), "`ids` has rank 2, not 1");
    }

    #[test]
    fn shapes_must_agree() {
        let (x, y, v) = (tensor(&[2, 3]), tensor(&[3, 2]), tensor(&[6]));
        let (a, b) = (Operand::contiguous("a", &x).unwrap(), Operand::contiguous("b", &y).unwrap());
        check(b.shaped_like(&a), "`b` is [3×2], but `a` is [2×3]");
        check(a.sized(2, 4), "`a` is [2×3], not [2×4]");
        check(Operand::vector("v", &v, 5), "`v` is [6], not [5]");
        check(Operand::vector("v", &x, 6), "`v` is [2×3], not [6]");
        check(Operand::contiguous("x", &tensor(&[1, 1, 1])).unwrap().rows(), "`x` has rank 3, not 1 or 2");
    }

    #[test]
    fn memory_is_shared_wholly_or_not_at_all() {
        let mut data = [0.0_f32; 8];
        let at = |offset: usize, data: &mut [f32; 8]| {
            Tensor::contiguous(data[offset..].as_mut_ptr().cast(), DType::F32, &[4])
        };
        let (x, shifted, far) = (at(0, &mut data), at(3, &mut data), at(4, &mut data));
        let io = |out: &Tensor| {
            let (x, out) = (Operand::contiguous("x", &x).unwrap(), Operand::contiguous("out", out).unwrap());
            // SAFETY: `data` outlives the call, and the slices are not used.
            unsafe { x.into_io(out) }.map(|io| matches!(io, Io::InPlace(_)))
        };
        assert_eq!((io(&x), io(&far)), (Ok(true), Ok(false)));
        check(io(&shifted), "the memory of `out` and `x` overlaps");
    }

    fn sizes() -> impl Strategy<Value = [u64; 4]> {
        prop::array::uniform4(prop_oneof![0..5_u64, Just(1 << 32), Just(1 << 62), Just(u64::MAX), any::<u64>()])
    }

    fn steps() -> impl Strategy<Value = [i64; 4]> {
        prop::array::uniform4(prop_oneof![
            -9..30_i64,
            Just(1),
            Just(1 << 61),
            Just(i64::MAX),
            Just(i64::MIN),
            any::<i64>()
        ])
    }

    /// Elements from the first to the last that the descriptor leads to.
    fn reach(x: &Tensor) -> i128 {
        let last = |axis: usize| (i128::from(x.dims[axis]) - 1) * i128::from(x.strides[axis]);
        1 + (0..x.rank as usize).map(last).sum::<i128>()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(5000) })]

        /// Whatever a descriptor says: it is refused in a line, or what becomes a slice is what it leads to.
        #[test]
        fn a_slice_is_what_its_descriptor_leads_to(
            data in prop_oneof![Just(0_usize), Just(1), 4096..5000_usize],
            dtype in 0..4_u32,
            rank in 0..6_u32,
            dims in sizes(),
            strides in steps(),
        ) {
            let data = std::ptr::without_provenance_mut(data);
            let x = Tensor { data, dtype: DType(dtype), rank, dims, strides };
            let views = [Operand::contiguous, Operand::ids, Operand::matrix, Operand::heads].map(|view| view("x", &x));
            for view in views {
                match view {
                    Ok(operand) => {
                        prop_assert_eq!(operand.span as i128, reach(&x));
                        prop_assert!(operand.span <= isize::MAX as usize / 4);
                        let _ = (operand.elements(), operand.rows(), operand.without_overlap());
                    }
                    Err(error) => prop_assert_eq!(error.to_string().lines().count(), 1),
                }
            }
        }
    }
}
