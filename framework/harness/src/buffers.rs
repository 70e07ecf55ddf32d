//! The host's operands: who owns them decides how precise a comparison is (METHOD §2.3).

use std::slice;

use smbench_abi::DType;

use crate::environment::shortage;

/// Operands a workload asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// In the order in which the workload will name them.
    pub slots: Vec<Slot>,
}

impl Layout {
    /// Why its operands do not fit the memory that is there, if they do not.
    pub fn too_large(&self) -> Option<String> {
        let bytes: u128 = self.slots.iter().map(|slot| slot.elements() as u128 * 4).sum();
        shortage(bytes).map(|shortage| format!("its operands need {shortage}"))
    }
}

/// One operand, of elements of four bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// Name in messages.
    pub name: String,
    /// Row-major.
    pub dims: Vec<usize>,
    /// What the bytes mean.
    pub dtype: DType,
    /// Written by the backend; the others must stay as they are.
    pub output: bool,
}

impl Slot {
    /// Numbers that must stay as they are.
    pub fn input(name: impl Into<String>, dims: &[usize]) -> Self {
        Self { name: name.into(), dims: dims.to_vec(), dtype: DType::F32, output: false }
    }

    /// Numbers that the backend writes.
    pub fn output(name: impl Into<String>, dims: &[usize]) -> Self {
        Self { output: true, ..Self::input(name, dims) }
    }

    /// The same of another type.
    pub fn of(self, dtype: DType) -> Self {
        Self { dtype, ..self }
    }

    /// Elements.
    pub fn elements(&self) -> usize {
        self.dims.iter().product()
    }
}

/// Memory for a [`Layout`]. Lives as long as its owner: an arena or a set of guarded mappings.
#[derive(Debug)]
pub struct Buffers {
    slots: Vec<(Slot, *mut f32)>,
}

// SAFETY: the memory belongs to this process's mappings, and one thread at a time works on it.
unsafe impl Send for Buffers {}
// SAFETY: as above; the plugin writes through the same addresses only while nobody holds a slice.
unsafe impl Sync for Buffers {}

impl Buffers {
    /// Puts slots and their places together.
    ///
    /// # Safety
    /// Every place must be valid for reading and writing its slot's elements, aligned to 4 bytes, for
    /// as long as the value lives, and no two may overlap.
    pub(crate) unsafe fn new(slots: Vec<(Slot, *mut f32)>) -> Self {
        Self { slots }
    }

    /// Number of operands.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// No operand at all?
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Where operand `index` lies.
    pub fn place(&self, index: usize) -> *mut f32 {
        self.slots[index].1
    }

    /// What operand `index` is.
    pub fn slot(&self, index: usize) -> &Slot {
        &self.slots[index].0
    }

    /// The values of operand `index`. Not to be held while a backend runs.
    pub fn values(&self, index: usize) -> &[f32] {
        let (slot, place) = &self.slots[index];
        // SAFETY: valid and aligned by `new`'s contract.
        unsafe { slice::from_raw_parts(*place, slot.elements()) }
    }

    /// The bytes of operand `index`. Not to be held while a backend runs.
    pub fn bytes(&self, index: usize) -> &[u8] {
        let values = self.values(index);
        // SAFETY: the same memory, as bytes.
        unsafe { slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
    }

    /// Writes operand `index`.
    pub fn write(&self, index: usize, write: impl FnOnce(&mut [f32])) {
        let (slot, place) = &self.slots[index];
        // SAFETY: valid and aligned by `new`'s contract; the slice ends with the call, and slots do not overlap.
        write(unsafe { slice::from_raw_parts_mut(*place, slot.elements()) });
    }

    /// Fills all outputs with a NaN that no kernel writes.
    pub fn poison(&self) {
        for index in (0..self.len()).filter(|&index| self.slot(index).output) {
            self.write(index, |values| values.fill(smbench_ops::POISON));
        }
    }

    /// A hash of each input, to see whether somebody wrote into it.
    pub fn input_hashes(&self) -> Vec<u64> {
        let inputs = (0..self.len()).filter(|&index| !self.slot(index).output);
        inputs.map(|index| hash(self.values(index))).collect()
    }

    /// Name of the `n`th input.
    pub fn input_name(&self, n: usize) -> &str {
        let mut inputs = self.slots.iter().filter(|(slot, _)| !slot.output);
        inputs.nth(n).map_or("?", |(slot, _)| slot.name.as_str())
    }
}

/// One hash of several.
pub(crate) fn hash_together(parts: impl Iterator<Item = u64>) -> u64 {
    parts.fold(0x5eed, mix)
}

fn mix(hash: u64, part: u64) -> u64 {
    (hash ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
}

/// Multiply-and-rotate over the bits; every element reaches the result. Not against malice, only mistakes. In four chains,
/// because one multiplication waits for the last, and a model's weights are millions.
fn hash(values: &[f32]) -> u64 {
    let (blocks, rest) = values.as_chunks::<4>();
    let mut chains = [0x5eed, 0x5eed1, 0x5eed2, 0x5eed3];
    for block in blocks {
        chains.iter_mut().zip(block).for_each(|(chain, value)| *chain = mix(*chain, value.to_bits().into()));
    }
    let tail = rest.iter().fold(0, |hash, value| mix(hash, value.to_bits().into()));
    chains.into_iter().fold(tail, |hash, chain| mix(hash, ((chain ^ (chain >> 32)) as u32).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_input_changes_its_hash() {
        let mut memory = [1.0_f32, 2.0, 3.0, 4.0];
        let slot = |name: &str, output| Slot { output, ..Slot::input(name, &[2]) };
        let place = memory.as_mut_ptr();
        // SAFETY: two disjoint halves of `memory`, which outlives the buffers.
        let buffers = unsafe { Buffers::new(vec![(slot("a", false), place), (slot("c", true), place.add(2))]) };
        let before = buffers.input_hashes();
        buffers.poison();
        assert!(buffers.values(1).iter().all(|value| value.is_nan()));
        assert_eq!(buffers.input_hashes(), before);
        buffers.write(0, |values| values[1] = -2.0);
        assert_ne!(buffers.input_hashes(), before);
    }
}
