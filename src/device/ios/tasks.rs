//! Background tasks of UIApplication, and the keep-alive handler: what the app asks to be given run time for.
//!
//! Only a phone can tell how long a task is given, whether the keep-alive handler is ever called, and whether a task
//! that is not ended after its expiration handler has returned ends the process.

use std::collections::BTreeMap;

use block2::RcBlock;
use objc2::rc::Retained;
use objc2_foundation::NSString;
use objc2_ui_kit::{UIApplication, UIBackgroundTaskIdentifier, UIBackgroundTaskInvalid};

use super::legacy;
use super::voice::{Voice, guarded};
use crate::port::{Callback, Span, TaskId};

/// More seconds than any run has: in the foreground the remaining time is `DBL_MAX`.
const FOREGROUND: f64 = 1e12;

/// A handler, kept for as long as the system may call it.
type Handler = RcBlock<dyn Fn()>;

pub(super) struct Tasks {
    app: Retained<UIApplication>,
    voice: Voice,
    last: u32,
    tasks: BTreeMap<u32, (UIBackgroundTaskIdentifier, Handler)>,
    keep_alive: Option<Handler>,
}

impl Tasks {
    pub(super) fn new(app: Retained<UIApplication>, voice: Voice) -> Tasks {
        Tasks { app, voice, last: 0, tasks: BTreeMap::new(), keep_alive: None }
    }

    pub(super) fn begin(&mut self) -> Option<TaskId> {
        let (number, voice) = (self.last + 1, self.voice);
        // On the main thread; the process ends when the task is not ended soon after.
        let expired = move || guarded(|| voice.tell(Callback::TaskExpiring(TaskId(number))));
        let handler: Handler = RcBlock::new(expired);
        let name = NSString::from_str(&format!("holdline {number}"));
        let task =
            self.app.beginBackgroundTaskWithName_expirationHandler(Some(&name), Some(&handler));
        // SAFETY: a constant of UIKit, never written.
        if task == unsafe { UIBackgroundTaskInvalid } {
            return None;
        }
        self.last = number;
        self.tasks.insert(number, (task, handler));
        Some(TaskId(number))
    }

    /// Ends a task; answers whether there was such a one.
    pub(super) fn end(&mut self, task: TaskId) -> bool {
        let ended = self.tasks.remove(&task.0);
        if let Some((identifier, _)) = &ended {
            self.app.endBackgroundTask(*identifier);
        }
        ended.is_some()
    }

    pub(super) fn remaining(&self) -> Span {
        span(self.app.backgroundTimeRemaining())
    }

    /// `setKeepAliveTimeout:handler:`; answers what it answers. The time is not less than asked for.
    pub(super) fn set_keep_alive(&mut self, timeout: Span) -> bool {
        let voice = self.voice;
        let handler: Handler = RcBlock::new(move || guarded(|| voice.tell(Callback::KeepAlive)));
        let seconds = std::time::Duration::from_micros(timeout.as_micros()).as_secs_f64();
        let installed = legacy::set_keep_alive(&self.app, seconds, &handler);
        if installed {
            self.keep_alive = Some(handler);
        }
        installed
    }

    pub(super) fn clear_keep_alive(&mut self) {
        legacy::clear_keep_alive(&self.app);
        self.keep_alive = None;
    }
}

impl Drop for Tasks {
    /// Another run begins in this process: who leaves a task behind is ended for it.
    fn drop(&mut self) {
        for (identifier, _) in self.tasks.values() {
            self.app.endBackgroundTask(*identifier);
        }
        if self.keep_alive.is_some() {
            legacy::clear_keep_alive(&self.app);
        }
    }
}

/// Seconds as a span; what is not a time at all is none.
fn span(seconds: f64) -> Span {
    if seconds >= FOREGROUND {
        return Span::MAX;
    }
    let duration = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
    Span::from_micros(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX))
}
