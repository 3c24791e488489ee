//! A wish to stop, which a long command looks for between two moments.

use std::sync::atomic::{AtomicBool, Ordering};

/// Set by whoever wants a command to end early, from any thread or signal handler.
#[derive(Debug, Default)]
pub struct Interrupt(AtomicBool);

impl Interrupt {
    /// Nobody wants to stop.
    pub const fn new() -> Interrupt {
        Interrupt(AtomicBool::new(false))
    }

    /// The command that runs is to stop where it is.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// The next command may run.
    pub fn clear(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    /// Whether somebody wants to stop.
    pub fn raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
