//! The backend in a process without UIKit: what a test binary on a phone or in the simulator can have.
//!
//! There is a main run loop and nothing of an app's life. Under a debugger, which does not let anything be suspended,
//! that is enough for the foreground path of streams.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::c_void;
use std::path::Path;
use std::time::{Duration, Instant};

use objc2_core_foundation::{CFRunLoop, kCFRunLoopDefaultMode};

use super::backend::IosBackend;
use super::clocks;
use super::store::Kept;
use super::voice::Voice;
use crate::device::Backend;
use crate::device::system::clocks::RunClock;
use crate::port::{Callback, ServiceType, StreamId};

thread_local! {
    static TOLD: RefCell<VecDeque<Callback>> = const { RefCell::new(VecDeque::new()) };
    static SAID: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

const VOICE: Voice = Voice {
    tell: |callback| TOLD.with_borrow_mut(|told| told.push_back(callback)),
    say: |text| SAID.with_borrow_mut(|said| said.push(text)),
};

/// A source fires: the run loop returns, and who runs it looks for itself.
extern "C" fn look(_: *mut c_void) {}

/// So many values of the app are kept.
const CAPACITY: u32 = 16;

/// The backend of a process without an app. It is made and used on the main thread.
pub struct Smoke {
    backend: IosBackend,
}

impl Smoke {
    /// A run that begins now, whose values are kept in `dir`.
    pub fn new(dir: &Path) -> Smoke {
        let clock = RunClock::begin(String::new(), clocks::read());
        let kept = Kept::new(dir, CAPACITY);
        Smoke { backend: IosBackend::new(clock, kept, None, VOICE, look) }
    }

    /// What is below.
    pub fn backend(&mut self) -> &mut impl Backend {
        &mut self.backend
    }

    /// Runs the main run loop until there is something to tell, or for so long.
    pub fn pump(&mut self, within: Duration) -> Option<Callback> {
        let until = Instant::now() + within;
        loop {
            let due = self.backend.due().into_iter().map(Callback::Timer);
            TOLD.with_borrow_mut(|told| told.extend(due));
            let left = until.saturating_duration_since(Instant::now());
            let next = TOLD.with_borrow_mut(VecDeque::pop_front);
            if next.is_some() || left.is_zero() {
                return next;
            }
            // SAFETY: a constant of Core Foundation, never written.
            let mode = unsafe { kCFRunLoopDefaultMode };
            CFRunLoop::run_in_mode(mode, left.as_secs_f64(), true);
        }
    }

    /// The service type that the stream says it has.
    pub fn service_type(&self, stream: StreamId) -> Option<ServiceType> {
        self.backend.service_type(stream)
    }

    /// Takes the lines that were for a person.
    pub fn said(&mut self) -> Vec<String> {
        SAID.take()
    }
}
