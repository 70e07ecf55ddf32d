//! The floating-point mode: a plugin built with `-ffast-math` sets flush-to-zero for everybody it shares a thread with.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use std::arch::asm;

/// Control bits only; the sticky exception flags change with every computation. MXCSR below, the control word of the x87 unit,
/// which computes with `long double`, from bit 16.
#[cfg(target_arch = "x86_64")]
const CONTROL: u64 = 0x0f3f_ffc0;
#[cfg(not(target_arch = "x86_64"))]
const CONTROL: u64 = u64::MAX;

/// The mode of this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FloatMode(u64);

impl FloatMode {
    /// What a thread starts with: round to nearest, denormals kept, nothing trapped.
    #[cfg(target_arch = "x86_64")]
    pub const DEFAULT: Self = Self(0x033f_1f80);
    /// What a thread starts with: round to nearest, denormals kept, nothing trapped.
    #[cfg(not(target_arch = "x86_64"))]
    pub const DEFAULT: Self = Self(0);

    /// Puts the default back and says what was there, if it was another.
    pub fn restore() -> Option<Self> {
        let found = Self(read() & CONTROL);
        (found != Self::DEFAULT).then(|| {
            write(Self::DEFAULT.0);
            found
        })
    }
}

impl std::fmt::Display for FloatMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "changed the floating-point mode ({:#x}, was {:#x})", self.0, Self::DEFAULT.0)
    }
}

#[cfg(target_arch = "x86_64")]
fn read() -> u64 {
    let (mut sse, mut x87) = (0_u32, 0_u16);
    // SAFETY: stores four bytes and two to locals.
    unsafe { asm!("stmxcsr [{}]", "fnstcw [{}]", in(reg) &raw mut sse, in(reg) &raw mut x87, options(nostack)) };
    u64::from(sse) | u64::from(x87) << 16
}

#[cfg(target_arch = "x86_64")]
fn write(mode: u64) {
    let (sse, x87) = (mode as u32 & 0xffff, (mode >> 16) as u16);
    // SAFETY: loads the mode that every Rust thread starts with.
    unsafe { asm!("ldmxcsr [{}]", "fldcw [{}]", in(reg) &raw const sse, in(reg) &raw const x87, options(nostack)) };
}

#[cfg(target_arch = "aarch64")]
fn read() -> u64 {
    let mode: u64;
    // SAFETY: reads a control register.
    unsafe { asm!("mrs {}, fpcr", out(reg) mode, options(nomem, nostack)) };
    mode
}

#[cfg(target_arch = "aarch64")]
fn write(mode: u64) {
    // SAFETY: sets the mode that every Rust thread starts with.
    unsafe { asm!("msr fpcr, {}", in(reg) mode, options(nomem, nostack)) };
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn read() -> u64 {
    FloatMode::DEFAULT.0
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn write(_mode: u64) {}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn flush_to_zero_and_short_long_doubles_are_seen_and_undone() {
        assert_eq!(FloatMode::restore(), None);
        for other in [0x033f_9fc0, 0x003f_1f80] {
            write(other);
            assert_eq!(FloatMode::restore(), Some(FloatMode(other)));
            assert_eq!(FloatMode::restore(), None);
        }
    }
}
