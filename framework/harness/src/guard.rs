//! Checked buffers: an inaccessible page on both sides of every operand, and a witness for whoever touches one.

use std::io;
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicPtr, AtomicUsize};

use smbench_core::attribution::{Page, Text};

use crate::buffers::{Buffers, Layout, Slot};

const PAGE: usize = 4096;

/// Which edge of an operand meets its guard page; the other edge has slack up to the next page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// The last byte is the last before the guard: finds what is touched past the end.
    End,
    /// The first byte is the first after the guard: finds what is touched before the start.
    Start,
}

/// Guarded mappings for a layout; unmapped on drop.
#[derive(Debug)]
pub struct Guarded {
    buffers: Buffers,
    mappings: Vec<(*mut libc::c_void, usize)>,
}

impl Guarded {
    /// Maps every operand with guards and tells the witness about them.
    pub fn new(layout: &Layout, edge: Edge) -> io::Result<Self> {
        let mut mappings = Vec::with_capacity(layout.slots.len());
        let mut slots = Vec::with_capacity(layout.slots.len());
        WATCHED.store(0, Release);
        for slot in &layout.slots {
            let (mapping, place) = map(slot, edge)?;
            watch(mappings.len(), slot, place.addr());
            mappings.push(mapping);
            slots.push((slot.clone(), place));
        }
        // SAFETY: each place lies inside a mapping of its own that lives as long as `self`.
        Ok(Self { buffers: unsafe { Buffers::new(slots) }, mappings })
    }

    /// The operands.
    pub fn buffers(&self) -> &Buffers {
        &self.buffers
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        WATCHED.store(0, Release);
        for &(base, size) in &self.mappings {
            // SAFETY: mapped by `map`, with this size, and nobody keeps a slice of it.
            unsafe { libc::munmap(base, size) };
        }
    }
}

type Mapping = (*mut libc::c_void, usize);

fn map(slot: &Slot, edge: Edge) -> io::Result<(Mapping, *mut f32)> {
    let bytes = slot.elements() * size_of::<f32>();
    let inner = bytes.next_multiple_of(PAGE);
    let size = inner + 2 * PAGE;
    // SAFETY: a fresh anonymous mapping, all of it inaccessible at first.
    let base =
        unsafe { libc::mmap(ptr::null_mut(), size, libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0) };
    if base == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let first = base.wrapping_byte_add(PAGE);
    // SAFETY: the inner pages belong to the mapping just made.
    if unsafe { libc::mprotect(first, inner, libc::PROT_READ | libc::PROT_WRITE) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let offset = if edge == Edge::End { inner - bytes } else { 0 };
    Ok(((base, size), first.wrapping_byte_add(offset).cast()))
}

/// What the signal handler may look at: fixed tables of atomics, no locks, no allocation.
const MOST_WATCHED: usize = 512; // a decoder of 40 layers has as many weights
static WATCHED: AtomicUsize = AtomicUsize::new(0);
static STARTS: [AtomicUsize; MOST_WATCHED] = [const { AtomicUsize::new(0) }; MOST_WATCHED];
static SIZES: [AtomicUsize; MOST_WATCHED] = [const { AtomicUsize::new(0) }; MOST_WATCHED];
static NAMES: [Text<2>; MOST_WATCHED] = [const { Text::new() }; MOST_WATCHED];
static PAGE_OF_HOST: AtomicPtr<Page> = AtomicPtr::new(ptr::null_mut());

fn watch(index: usize, slot: &Slot, start: usize) {
    if index < MOST_WATCHED {
        STARTS[index].store(start, Relaxed);
        SIZES[index].store(slot.elements() * size_of::<f32>(), Relaxed);
        NAMES[index].set(&slot.name);
        WATCHED.store(index + 1, Release);
    }
}

/// Installs the witness: a SIGSEGV near a guarded operand is written to the host's page, then kills as always.
pub fn install_witness(page: &'static Page) {
    PAGE_OF_HOST.store(ptr::from_ref(page).cast_mut(), Release);
    for signal in [libc::SIGSEGV, libc::SIGBUS] {
        // SAFETY: the handler is async-signal-safe (atomics only) and runs on the alternate stack that std installs.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = witness as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_RESETHAND;
            libc::sigaction(signal, &action, ptr::null_mut());
        }
    }
}

/// SA_RESETHAND has put the default action back: returning repeats the access, and that kills.
extern "C" fn witness(_signal: i32, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo and context to an SA_SIGINFO handler.
    let (address, stack) = unsafe { ((*info).si_addr().addr(), stack_pointer(&*context.cast())) };
    // SAFETY: 'static by `install_witness`, if it is there.
    let Some(page) = (unsafe { PAGE_OF_HOST.load(Acquire).as_ref() }) else { return };
    match locate(address) {
        Some((operand, distance)) => page.hit(&NAMES[operand], distance),
        None if stack.is_some_and(|stack| address.abs_diff(stack) < FRAME) => page.overflow(),
        None => {}
    }
}

/// Memory this near to the top of the stack is missing only where the stack ends.
const FRAME: usize = 64 << 10;

#[cfg(target_arch = "x86_64")]
fn stack_pointer(context: &libc::ucontext_t) -> Option<usize> {
    Some(context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize)
}

#[cfg(target_arch = "aarch64")]
fn stack_pointer(context: &libc::ucontext_t) -> Option<usize> {
    Some(context.uc_mcontext.sp as usize)
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn stack_pointer(_context: &libc::ucontext_t) -> Option<usize> {
    None
}

/// The nearest operand within whose guard page an address lies, and how far beyond its edge.
fn locate(address: usize) -> Option<(usize, i64)> {
    let near = (0..WATCHED.load(Acquire)).filter_map(|operand| {
        let start = STARTS[operand].load(Relaxed);
        let end = start + SIZES[operand].load(Relaxed);
        let past = address.checked_sub(end).map(|past| past as i64);
        let before = start.checked_sub(address).filter(|&before| before > 0).map(|before| -(before as i64));
        let distance = past.or(before)?;
        (distance.unsigned_abs() < 2 * PAGE as u64).then_some((operand, distance))
    });
    // Mappings often lie side by side, and then their guards do.
    near.min_by_key(|(_, distance)| distance.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        let slot = |name: &str, elements: usize| Slot::input(name, &[elements]);
        Layout { slots: vec![slot("a", 33), slot("b", 2048)] }
    }

    #[test]
    fn the_edge_asked_for_meets_the_guard() {
        let end = Guarded::new(&layout(), Edge::End).unwrap();
        assert_eq!((end.buffers().place(0).addr() + 33 * 4) % PAGE, 0);
        let start = Guarded::new(&layout(), Edge::Start).unwrap();
        assert_eq!(start.buffers().place(0).addr() % PAGE, 0);
    }

    #[test]
    fn a_touch_is_located_by_operand_and_distance() {
        let guarded = Guarded::new(&layout(), Edge::End).unwrap();
        let a = guarded.buffers().place(0).addr();
        assert_eq!(locate(a + 33 * 4), Some((0, 0)));
        assert_eq!(locate(a - 4), Some((0, -4)));
        assert_eq!(locate(a + 8), None);
    }
}
