//! The main thread: one turn at a time, and a turn may take long. What watches it does not wait.

use super::{Context, Delivery, Os};
use crate::port::{AppState, Callback, Span, StreamEvent, Time, Token};
use crate::trace::{KillRule, LeaseReason, LogLine, Observer, What};

/// What the main thread is doing.
#[derive(Clone, Debug)]
pub(super) struct MainThread {
    /// The callback whose turn it is, and since when.
    turn: Option<(Callback, Time)>,
    /// Until when the thread is blocked, and what continues then.
    blocked: Option<Blocked>,
    /// When a watchdog ends the process, and by which rule.
    watchdog: (Time, KillRule),
    /// When an expiration handler has run too long; beside the watchdog, which may wait behind it.
    expiry_ends: Time,
    /// The code the app exits with when its turn ends.
    exit: Option<i32>,
}

#[derive(Copy, Clone, Debug)]
struct Blocked {
    until: Time,
    /// `None` when the scenario blocked the thread, not the app.
    token: Option<Token>,
}

impl Default for MainThread {
    fn default() -> Self {
        let watchdog = (Time::NEVER, KillRule::LaunchTooSlow);
        MainThread { turn: None, blocked: None, watchdog, expiry_ends: Time::NEVER, exit: None }
    }
}

impl MainThread {
    /// When the thread goes on.
    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.blocked.map_or(Time::NEVER, |blocked| blocked.until)
    }

    /// When a watchdog ends the process.
    #[inline]
    pub(super) fn watchdog(&self) -> Time {
        self.watchdog.0.min(self.expiry_ends)
    }

    /// The watchdogs that run, each with its rule.
    pub(super) fn watchdogs(&self) -> impl Iterator<Item = (Time, KillRule)> {
        let expiry = (self.expiry_ends, KillRule::ExpiryHandlerTooSlow);
        [self.watchdog, expiry].into_iter().filter(|(at, _)| *at != Time::NEVER)
    }

    /// Whose turn it is.
    pub(super) fn turn(&self) -> Option<Callback> {
        self.turn.map(|(callback, _)| callback)
    }

    pub(super) fn watch(&mut self, until: Time, rule: KillRule) {
        self.watchdog = (until, rule);
    }

    pub(super) fn unwatch(&mut self) {
        self.watchdog.0 = Time::NEVER;
        self.expiry_ends = Time::NEVER;
    }

    /// Whether a callback can be delivered now.
    #[inline]
    pub(super) fn idle(&self) -> bool {
        self.blocked.is_none()
    }

    /// Whether the app is in the middle of a turn.
    pub(super) fn in_turn(&self) -> bool {
        self.turn.is_some()
    }

    /// Whether the thread is blocked.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.is_some()
    }

    /// Whether the turn is that of an expiration handler.
    pub(super) fn in_expiry(&self) -> bool {
        matches!(self.turn, Some((Callback::TaskExpiring(_), _)))
    }

    /// Whether the app has called `exit`: its code does not go on behind that.
    pub(super) fn exits(&self) -> bool {
        self.exit.is_some()
    }

    pub(super) fn exit_after_turn(&mut self, code: i32) {
        self.exit = Some(code);
    }

    pub(super) fn block(&mut self, until: Time, token: Option<Token>) {
        self.blocked = Some(Blocked { until, token });
    }

    /// Time stood still for the thread during `span`.
    pub(super) fn shift(&mut self, span: Span) {
        if let Some((_, began)) = &mut self.turn {
            *began += span;
        }
        if let Some(blocked) = &mut self.blocked {
            blocked.until += span;
        }
    }
}

impl Os {
    /// Whether the app can be told something now.
    #[inline]
    pub fn has_delivery(&self) -> bool {
        match self.pending.front() {
            None => false,
            Some(Delivery::Forget) => true,
            Some(Delivery::Callback(_)) => self.state.runs() && self.main.idle(),
        }
    }

    /// What the app is to be told now, if its main thread can be told anything. The caller lets the app
    /// handle it and then says [`turn_over`](Os::turn_over).
    #[inline]
    pub fn next_delivery<O: Observer>(&mut self, cx: &mut Context<'_, O>) -> Option<Delivery> {
        loop {
            match *self.pending.front()? {
                Delivery::Forget => {
                    self.pending.pop_front();
                    return Some(Delivery::Forget);
                }
                Delivery::Callback(callback) => {
                    if !self.state.runs() || !self.main.idle() {
                        return None;
                    }
                    debug_assert!(
                        !self.main.in_turn() || matches!(callback, Callback::Continue(_)),
                        "a continuation comes before everything else"
                    );
                    self.pending.pop_front();
                    if self.still_wanted(callback) {
                        self.begin_turn(callback, cx);
                        return Some(Delivery::Callback(callback));
                    }
                    if let Callback::Stream(stream, event) = callback {
                        self.stream_not_told(stream, event);
                    }
                }
            }
        }
    }

    fn begin_turn<O: Observer>(&mut self, callback: Callback, cx: &mut Context<'_, O>) {
        // A continuation belongs to the turn that was blocked: only its end ends that turn.
        self.main.turn.get_or_insert((callback, cx.now()));
        self.enter_state_for(callback, cx);
        if let Callback::TaskExpiring(_) = callback {
            self.main.expiry_ends = cx.now() + cx.profile.task_expiry_handler_budget;
        }
        if let Callback::Stream(stream, event) = callback {
            self.stream_told(stream, event, cx);
        }
        cx.probe.emit(What::Callback { name: callback.name(), id: callback.id() });
    }

    /// The app has returned from the callback it was given.
    #[inline]
    pub fn turn_over<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.main.blocked.is_some() {
            // The continuation belongs to the same turn: its end is the turn's end.
            return;
        }
        let Some((callback, began)) = self.main.turn.take() else { return };
        let took = cx.now().since(began);
        cx.probe.emit(What::CallbackReturned { name: callback.name(), took });
        if let Some(code) = self.main.exit.take() {
            return self.exit_process(code, cx);
        }
        match callback {
            Callback::Launched(_) | Callback::WillEnterForeground => self.main.unwatch(),
            Callback::TaskExpiring(_) => self.main.expiry_ends = Time::NEVER,
            Callback::EnteredBackground => {
                // If the user came back and left again meanwhile, the lease is for the last time.
                if !self.pending.contains(&Delivery::Callback(Callback::EnteredBackground)) {
                    self.end_lease(LeaseReason::EnteredBackground, cx);
                }
            }
            Callback::KeepAlive => self.end_lease(LeaseReason::KeepAliveHandler, cx),
            Callback::WillTerminate => self.terminate_after_callback(cx),
            Callback::BecameActive
            | Callback::WillResignActive
            | Callback::MemoryWarning
            | Callback::ProtectedDataAvailable
            | Callback::Timer(_)
            | Callback::Stream(..)
            | Callback::ReachabilityChanged(_)
            | Callback::LowPowerModeChanged(_)
            | Callback::Continue(_) => {}
        }
    }

    /// The thread is no longer blocked: the turn goes on with its continuation.
    pub(super) fn continue_turn(&mut self) {
        if let Some(Blocked { token: Some(token), .. }) = self.main.blocked.take() {
            self.pending.push_front(Delivery::Callback(Callback::Continue(token)));
        }
    }

    /// A watchdog's time is up.
    pub(super) fn watchdog_bites<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let (at, rule) = self.main.watchdog;
        if self.main.expiry_ends < at {
            self.main.expiry_ends = Time::NEVER;
            self.kill_for(KillRule::ExpiryHandlerTooSlow, cx);
        } else {
            self.main.watchdog.0 = Time::NEVER;
            self.kill_for(rule, cx);
        }
    }

    /// The main thread hangs for `span`, whatever the app wanted.
    pub fn hang<O: Observer>(&mut self, span: Span, cx: &mut Context<'_, O>) {
        if self.state.runs() && !self.main.is_blocked() {
            cx.probe.emit(What::Busy { span });
            self.main.block(cx.now() + span, None);
        } else if self.state == AppState::Suspended {
            let line = LogLine::NO_HANG;
            cx.probe.emit(What::SystemLog { line, id: 0 });
        }
    }

    /// Tells the app when its turn comes.
    pub(super) fn tell(&mut self, callback: Callback) {
        self.pending.push_back(Delivery::Callback(callback));
    }

    /// Tells the app before anything else that waits.
    pub(super) fn tell_first(&mut self, callback: Callback) {
        self.pending.push_front(Delivery::Callback(callback));
    }

    /// Whether a callback waits for its turn, or has it.
    pub(super) fn waits_or_runs(&self, callback: Callback) -> bool {
        self.main.turn.is_some_and(|(running, _)| running == callback)
            || self.pending.contains(&Delivery::Callback(callback))
    }

    /// Whether a callback that waited still means something.
    fn still_wanted(&self, callback: Callback) -> bool {
        match callback {
            Callback::Stream(stream, event) => {
                self.streams.is_told(stream)
                    && (event != StreamEvent::HasBytesAvailable || self.streams.has_bytes(stream))
            }
            Callback::TaskExpiring(task) => self.tasks.holds(task),
            Callback::Launched(_)
            | Callback::BecameActive
            | Callback::WillResignActive
            | Callback::EnteredBackground
            | Callback::WillEnterForeground
            | Callback::WillTerminate
            | Callback::MemoryWarning
            | Callback::ProtectedDataAvailable
            | Callback::KeepAlive
            | Callback::Timer(_)
            | Callback::ReachabilityChanged(_)
            | Callback::LowPowerModeChanged(_)
            | Callback::Continue(_) => true,
        }
    }

    /// Whether such a callback waits for its turn.
    pub(super) fn waits(&self, wanted: impl Fn(Callback) -> bool) -> bool {
        self.pending.iter().any(|delivery| match delivery {
            Delivery::Forget => false,
            Delivery::Callback(callback) => wanted(*callback),
        })
    }

    pub(super) fn forget_callbacks(&mut self, unwanted: impl Fn(Callback) -> bool) {
        self.pending.retain(|delivery| match delivery {
            Delivery::Forget => true,
            Delivery::Callback(callback) => !unwanted(*callback),
        });
    }
}

#[cfg(test)]
impl Os {
    /// A test asked the phone outside of a callback; what it asked for at the end of a turn happens now.
    pub(super) fn end_loose_turn<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if let Some(code) = self.main.exit.take() {
            self.exit_process(code, cx);
        }
    }
}
