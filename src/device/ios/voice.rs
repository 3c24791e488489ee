//! The way back to the main thread from what the system calls, and what a panic there means.

use std::panic::{AssertUnwindSafe, catch_unwind};

use dispatch2::DispatchQueue;
use objc2::MainThreadMarker;

use crate::port::Callback;

/// Whom the parts of the backend tell what the system told them. They are functions and no closures: the system keeps
/// them for as long as it likes, and may call on any thread.
#[derive(Copy, Clone, Debug)]
pub(super) struct Voice {
    /// Takes a callback for the app; on the main thread.
    pub(super) tell: fn(Callback),
    /// Takes a line for a person; on the main thread.
    pub(super) say: fn(String),
}

impl Voice {
    /// Tells a callback on the main thread: at once when this is it.
    pub(super) fn tell(self, callback: Callback) {
        on_main(move || (self.tell)(callback));
    }

    /// Says something on the main thread: at once when this is it.
    pub(super) fn say(self, text: String) {
        on_main(move || (self.say)(text));
    }
}

/// Does `work` on the main thread: at once when this is it, else as soon as its run loop comes round.
pub(super) fn on_main(work: impl FnOnce() + Send + 'static) {
    if MainThreadMarker::new().is_some() {
        guarded(work);
    } else {
        DispatchQueue::main().exec_async(move || guarded(work));
    }
}

/// Runs what the system called. A panic is a bug, and must not unwind into the system: the process ends here, and the
/// host finds that it did.
pub(super) fn guarded(work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        std::process::abort();
    }
}
