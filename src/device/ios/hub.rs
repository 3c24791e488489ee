//! The one place where everything that happens on the main thread comes in, one thing at a time.
//!
//! What happens while another is being handled, because a call of the system calls back at once, waits until that is
//! over: the agent never calls itself.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::ffi::c_void;

use super::run::Run;
use super::voice::{Voice, guarded};
use crate::port::Callback;

/// What happens.
pub(super) enum Event {
    /// The system tells the app something.
    Callback(Callback),
    /// There is something for a person to know.
    Say(String),
    /// The host said something.
    Heard,
    /// A second is over.
    Pulse,
    /// A timer may be due.
    Look,
    /// It was waited for a sign that the app was launched on screen.
    Waited,
    /// The app was opened by a URL.
    Opened(String),
    /// Apple's push service gave a token.
    PushToken(String),
    /// A VoIP push came, for the push of this name.
    VoipPush(String),
    /// An incoming call was reported for it; whether the system took it.
    CallReported(String, bool),
}

thread_local! {
    static RUN: RefCell<Option<Run>> = const { RefCell::new(None) };
    static WAITING: RefCell<VecDeque<Event>> = const { RefCell::new(VecDeque::new()) };
}

/// The way here for the parts of the backend.
pub(super) const VOICE: Voice =
    Voice { tell: |callback| tell(Event::Callback(callback)), say: |text| tell(Event::Say(text)) };

/// From now on there is someone who handles it.
pub(super) fn begin(run: Run) {
    RUN.set(Some(run));
}

/// Something happens, on the main thread. It is handled when this returns, unless something else is being handled.
pub(super) fn tell(event: Event) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(event));
    RUN.with(|run| {
        let Ok(mut run) = run.try_borrow_mut() else { return };
        let Some(run) = run.as_mut() else { return };
        while let Some(next) = WAITING.with_borrow_mut(VecDeque::pop_front) {
            run.take(next);
        }
    });
}

/// Called by the sources of the app's timers.
pub(super) extern "C" fn look(_: *mut c_void) {
    guarded(|| tell(Event::Look));
}

/// Called by the source of the pulse.
pub(super) extern "C" fn pulse(_: *mut c_void) {
    guarded(|| tell(Event::Pulse));
}

/// Called by the source that waits for a sign of the foreground.
pub(super) extern "C" fn waited(_: *mut c_void) {
    guarded(|| tell(Event::Waited));
}
