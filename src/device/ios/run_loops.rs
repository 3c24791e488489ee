//! The run loops that a stream can be scheduled on: the right one, and those on which events never arrive.

use std::sync::mpsc;

use objc2_core_foundation::{
    CFRetained, CFRunLoop, CFRunLoopMode, CFString, kCFRunLoopCommonModes,
};

use crate::port::RunLoop;

/// A mode that no run loop is ever in.
const NEVER: &str = "holdline.never";

/// The run loops of threads, made when they are first asked for.
#[derive(Default)]
pub(super) struct RunLoops {
    stopped: Option<CFRetained<CFRunLoop>>,
    without_sources: Option<CFRetained<CFRunLoop>>,
    never: Option<CFRetained<CFString>>,
}

impl RunLoops {
    /// The run loop, and the mode in it; nothing when the system gave no thread for it.
    pub(super) fn get(
        &mut self,
        which: RunLoop,
    ) -> Option<(CFRetained<CFRunLoop>, CFRetained<CFRunLoopMode>)> {
        let run_loop = match which {
            RunLoop::Main | RunLoop::WrongMode => CFRunLoop::main()?,
            RunLoop::Stopped => kept(&mut self.stopped, || of_a_thread(|| {}))?,
            // Without a source it returns at once.
            RunLoop::WithoutSources => {
                kept(&mut self.without_sources, || of_a_thread(CFRunLoop::run))?
            }
        };
        let mode = match which {
            RunLoop::WrongMode => {
                self.never.get_or_insert_with(|| CFString::from_static_str(NEVER)).clone()
            }
            RunLoop::Main | RunLoop::Stopped | RunLoop::WithoutSources => common_modes()?.into(),
        };
        Some((run_loop, mode))
    }
}

/// `kCFRunLoopCommonModes`.
pub(super) fn common_modes() -> Option<&'static CFRunLoopMode> {
    // SAFETY: a constant of Core Foundation, never written.
    unsafe { kCFRunLoopCommonModes }
}

fn kept(
    place: &mut Option<CFRetained<CFRunLoop>>,
    make: impl FnOnce() -> Option<CFRetained<CFRunLoop>>,
) -> Option<CFRetained<CFRunLoop>> {
    if place.is_none() {
        *place = make();
    }
    place.clone()
}

/// A run loop under way from its thread.
struct Handed(CFRetained<CFRunLoop>);

// SAFETY: Core Foundation's run loops may be used from any thread ("CFRunLoop … is thread-safe", Threading Programming
// Guide, Run Loops, Thread Safety and Run Loop Objects), and retain counts are atomic.
unsafe impl Send for Handed {}

/// The run loop of a new thread that does `first`, then nothing ever again: nobody runs its loop.
fn of_a_thread(first: impl FnOnce() + Send + 'static) -> Option<CFRetained<CFRunLoop>> {
    let (hand, take) = mpsc::channel();
    let thread = std::thread::Builder::new().name("run-loop".into());
    let idle = move || {
        let own = CFRunLoop::current();
        first();
        // Who asked is waiting; when it is not, nobody wants the thread.
        if hand.send(own.map(Handed)).is_ok() {
            loop {
                // A run loop lives as long as its thread.
                std::thread::park();
            }
        }
    };
    thread.spawn(idle).ok()?;
    take.recv().ok().flatten().map(|Handed(run_loop)| run_loop)
}
