//! Ctrl-C: the first one asks for a clean stop, the second one ends the program at once.
//!
//! Long loops ask [`requested`] between two pieces of work; training then writes a checkpoint, sampling removes its partial file.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Exit status of a program ended by an interrupt (128 + SIGINT), as shells expect it.
pub const STATUS: u8 = 130;

/// Installs the handlers for SIGINT and SIGTERM; later calls do nothing, and a system that refuses them leaves the default (stop at once).
pub fn install() {
    FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // The order matters: the shutdown is armed by a flag that an *earlier* signal has set.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, i32::from(STATUS), Arc::clone(&flag));
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
        }
        flag
    });
}

/// Whether a clean stop has been asked for.
pub fn requested() -> bool {
    FLAG.get().is_some_and(|flag| flag.load(Ordering::Relaxed))
}

/// [`crate::Error::Interrupted`] if a clean stop has been asked for; for use with `?` between two pieces of work.
pub fn check() -> Result<(), crate::Error> {
    if requested() { Err(crate::Error::Interrupted) } else { Ok(()) }
}
