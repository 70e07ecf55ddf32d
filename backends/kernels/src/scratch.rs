//! Memory that a kernel keeps between calls: it grows when it must, and never shrinks.

/// Floats at the start of a cache line, so that no whole register in them straddles two.
#[derive(Default)]
pub(crate) struct Scratch {
    lines: Vec<Line>,
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f32; LINE]);

const LINE: usize = 16;

impl Scratch {
    /// Bytes held now.
    pub fn bytes(&self) -> usize {
        size_of_val(self.lines.as_slice())
    }

    /// Room for `len` floats, of any content.
    pub fn reserve(&mut self, len: usize) -> *mut f32 {
        let lines = len.div_ceil(LINE);
        if self.lines.len() < lines {
            self.lines.resize(lines, Line([0.0; LINE]));
        }
        self.lines.as_mut_ptr().cast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_grows_once_and_lies_on_cache_lines() {
        let mut scratch = Scratch::default();
        assert_eq!(scratch.bytes(), 0);
        let kept = scratch.reserve(1000);
        assert_eq!((kept.align_offset(64), scratch.bytes()), (0, 63 * 64));
        assert_eq!(scratch.reserve(999), kept);
    }
}
