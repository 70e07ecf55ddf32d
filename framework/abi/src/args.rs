//! What every op's argument struct has in common.

use core::ffi::CStr;

/// First fields of every argument struct.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ArgsHeader {
    /// `sizeof` the whole argument struct as the host was compiled.
    pub struct_size: u32,
    /// Zero.
    pub reserved: u32,
}

impl ArgsHeader {
    /// The header of a `T`.
    pub const fn of<T>() -> Self {
        Self { struct_size: size_of::<T>() as u32, reserved: 0 }
    }
}

/// An op's argument struct: `#[repr(C)]`, starting with an [`ArgsHeader`], frozen per revision.
///
/// # Safety
/// The type is `#[repr(C)]`, plain data, and its first field is an [`ArgsHeader`].
pub unsafe trait OpArgs: Copy + 'static {
    /// Id with revision, as a plugin is asked for it.
    const ID: &'static CStr;
}

/// Are the bytes beyond `known` of a struct of `struct_size` bytes all zero? If not, it asks for what its reader does not
/// know.
///
/// # Safety
/// `theirs` must point to at least `struct_size` readable bytes.
pub unsafe fn tail_is_zero(theirs: *const u8, struct_size: usize, known: usize) -> bool {
    // SAFETY: `struct_size` bytes are readable, says the caller.
    (known..struct_size).all(|at| unsafe { *theirs.add(at) } == 0)
}

/// Copies an argument struct into the front of `words`, for a host that keeps structs of many types.
///
/// # Panics
/// If `words` is too short.
pub fn copy_to_words<T: OpArgs>(args: &T, words: &mut [u64]) {
    const { assert!(align_of::<T>() <= align_of::<u64>()) };
    assert!(size_of::<T>() <= size_of_val(words), "an argument struct of {} bytes", size_of::<T>());
    // SAFETY: `words` holds at least `size_of::<T>()` bytes, and `T` is plain data by `OpArgs`' contract.
    unsafe {
        core::ptr::copy_nonoverlapping(
            (&raw const *args).cast::<u8>(),
            words.as_mut_ptr().cast::<u8>(),
            size_of::<T>(),
        );
    }
}
