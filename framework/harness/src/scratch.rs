//! Tensors between the ops of a composed workload: the backend's own, or the host's where it has no `memory`.

use std::cell::RefCell;

use smbench_abi::{DType, MAX_RANK, Tensor};

use crate::instance::{CallError, Instance};

/// Where the results of ops go until the next op has read them.
pub struct Scratch<'a> {
    instance: &'a Instance,
    /// Blocks of the host's that are not in use; `None` where the backend has memory of its own.
    spare: Option<RefCell<Vec<Box<[Line]>>>>,
}

// SAFETY: one thread at a time works on it, as on the instance.
unsafe impl Send for Scratch<'_> {}

/// A cache line, so that the host's blocks are aligned as a backend's are.
#[repr(align(64))]
#[derive(Clone, Copy)]
#[expect(dead_code, reason = "read and written through tensors only")]
struct Line([f32; 16]);

const LINE: usize = size_of::<Line>() / size_of::<f32>();

impl<'a> Scratch<'a> {
    /// The backend's memory if it has some.
    pub fn new(instance: &'a Instance) -> Self {
        Self { instance, spare: (!instance.has_memory()).then(RefCell::default) }
    }

    /// A contiguous tensor of f32 on a cache line; its content is undefined.
    pub fn acquire(&self, dims: &[usize]) -> Result<Tensor, CallError> {
        match &self.spare {
            None => self.instance.acquire(dims, false),
            Some(spare) => Ok(own(&mut spare.borrow_mut(), dims)),
        }
    }

    /// Gives back what [`Self::acquire`] gave.
    pub fn release(&self, tensor: &Tensor) {
        match &self.spare {
            None => self.instance.release(tensor),
            Some(spare) => {
                let lines = tensor.elements().div_ceil(LINE);
                let block = std::ptr::slice_from_raw_parts_mut(tensor.data.cast::<Line>(), lines);
                // SAFETY: a block of `own`, of so many lines, which nobody else holds.
                spare.borrow_mut().push(unsafe { Box::from_raw(block) });
            }
        }
    }
}

/// A spare block of the right size, else a new one; in steady state nothing is allocated.
fn own(spare: &mut Vec<Box<[Line]>>, dims: &[usize]) -> Tensor {
    let lines = dims.iter().product::<usize>().div_ceil(LINE);
    let found = spare.iter().rposition(|block| block.len() == lines).map(|index| spare.swap_remove(index));
    let block = found.unwrap_or_else(|| vec![Line([0.0; 16]); lines].into_boxed_slice());
    Tensor::contiguous(Box::into_raw(block).cast(), DType::F32, dims)
}

/// Copies the elements of `from` to `to`: tensors of the same sizes, rows of the last dimension without gaps.
pub fn copy(from: &Tensor, to: &Tensor) {
    assert!(from.dims == to.dims && from.rank == to.rank, "tensors of two shapes");
    let last = (from.rank as usize).clamp(1, MAX_RANK) - 1;
    let outer: usize = from.dims[..last].iter().product::<u64>() as usize;
    let row = from.dims[last] as usize;
    for index in 0..outer {
        let (source, target) = (row_of(from, last, index), row_of(to, last, index));
        // SAFETY: rows of two tensors that the workload has made over live memory, which never overlap.
        unsafe { std::ptr::copy_nonoverlapping(source, target, row) };
    }
}

/// First element of row `index`, rows counted row-major over all dimensions but the last.
fn row_of(tensor: &Tensor, last: usize, index: usize) -> *mut f32 {
    let mut rest = index as u64;
    let mut offset = 0;
    for axis in (0..last).rev() {
        offset += (rest % tensor.dims[axis]) as i64 * tensor.strides[axis];
        rest /= tensor.dims[axis];
    }
    tensor.data.cast::<f32>().wrapping_offset(offset as isize)
}

/// Writes one element in every page of a tensor, so that all of it is there.
pub fn touch(tensor: &Tensor) {
    const PAGE: usize = 4096 / size_of::<f32>();
    // A tensor need not begin with a page: its last element may lie in one more.
    let last = tensor.data.cast::<f32>().wrapping_add(tensor.elements() - 1);
    elements(tensor, PAGE).chain([last]).for_each(|element| {
        // SAFETY: an element of a contiguous tensor that `acquire` gave; volatile, so that it is really written.
        unsafe { element.write_volatile(1.0) }
    });
}

/// Element `index` of a contiguous tensor of ids in the host's buffers.
pub fn id_at(ids: &Tensor, index: usize) -> u32 {
    assert!(ids.dtype == DType::U32 && index < ids.elements(), "no such id");
    // SAFETY: an element of a tensor over the host's own memory, which the host alone writes.
    unsafe { ids.data.cast::<u32>().add(index).read() }
}

/// Writes `value` to every `step`th element of a tensor that `acquire` gave.
pub fn fill(tensor: &Tensor, value: f32, step: usize) {
    elements(tensor, step).for_each(|element| {
        // SAFETY: an element of a contiguous tensor that `acquire` gave.
        unsafe { element.write(value) }
    });
}

/// How many of every `step`th element of a tensor that `acquire` gave hold `value`.
pub fn count_of(tensor: &Tensor, value: f32, step: usize) -> usize {
    let holds = |element: &*mut f32| {
        // SAFETY: an element of a contiguous tensor that `acquire` gave; as bits, for any bits may be there.
        unsafe { element.cast::<u32>().read() == value.to_bits() }
    };
    elements(tensor, step).filter(holds).count()
}

fn elements(tensor: &Tensor, step: usize) -> impl Iterator<Item = *mut f32> {
    let first = tensor.data.cast::<f32>();
    (0..tensor.elements()).step_by(step).map(move |element| first.wrapping_add(element))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_strided_tensors_are_copied() {
        let mut from: Vec<f32> = (0..24).map(|value| value as f32).collect();
        let mut to = vec![0.0_f32; 12];
        // Two sequences of two rows of three, in rows of six.
        let mut source = Tensor::contiguous(from.as_mut_ptr().cast(), DType::F32, &[2, 2, 6]);
        source.dims[2] = 3;
        let target = Tensor::contiguous(to.as_mut_ptr().cast(), DType::F32, &[2, 2, 3]);
        copy(&source, &target);
        assert_eq!(to, [0.0, 1.0, 2.0, 6.0, 7.0, 8.0, 12.0, 13.0, 14.0, 18.0, 19.0, 20.0]);
    }

    #[test]
    fn the_hosts_blocks_are_used_again() {
        let mut spare = Vec::new();
        let first = own(&mut spare, &[3, 7]);
        assert!(first.data.addr().is_multiple_of(64) && first.elements() == 21);
        // SAFETY: the block just made, of two lines.
        spare.push(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(first.data.cast::<Line>(), 2)) });
        let again = own(&mut spare, &[20]);
        assert_eq!((again.data, spare.len()), (first.data, 0));
        // SAFETY: as above.
        drop(unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(again.data.cast::<Line>(), 2)) });
    }
}
