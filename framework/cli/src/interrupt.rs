//! Ctrl-C: the first ends the run and keeps what was measured, the second ends the process.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// A flag that the first SIGINT or SIGTERM sets; the second one exits with 130.
pub fn watch() -> io::Result<Arc<AtomicBool>> {
    let cancelled = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the exit is armed by the flag that the second registration sets.
        flag::register_conditional_shutdown(signal, 130, Arc::clone(&cancelled))?;
        flag::register(signal, Arc::clone(&cancelled))?;
    }
    Ok(cancelled)
}
