//! One process of an agent: turns of the app, one at a time, each told and on the disk before it returns.

use super::desk::{Desk, OnConnection};
use super::log::Log;
use super::policy::Situation;
use crate::device::{Backend, Endpoint};
use crate::port::{App, Callback, Span, Time};
use crate::scenario::Act;
use crate::trace::What;

/// The main thread ran if it was given run time within this: its pulse is a second, and a busy one may miss two.
pub const SHORTEST_GAP: Span = Span::from_secs(3);

/// An app on a phone, in one process.
pub struct Agent<B, A> {
    desk: Desk<B>,
    app: A,
    in_turn: bool,
    /// When the main thread was last known to run.
    ran: Time,
}

impl<B: Backend, A: App> Agent<B, A> {
    /// The app on what is below it: it says that it is called `name` to the server at `to`, and is the device of
    /// this number in the log.
    pub fn new(
        app: A,
        backend: B,
        log: Log,
        situation: Situation,
        to: Endpoint,
        name: String,
        device: u32,
    ) -> Agent<B, A> {
        let ran = backend.now().continuous;
        let desk = Desk::new(backend, log, situation, to, name, device);
        Agent { desk, app, in_turn: false, ran }
    }

    /// `tell` is told of every connection that is established.
    pub fn on_connection(&mut self, tell: OnConnection) {
        self.desk.on_connection = Some(tell);
    }

    /// What is below.
    pub fn backend(&mut self) -> &mut B {
        &mut self.desk.backend
    }

    /// The log.
    pub fn log(&mut self) -> &mut Log {
        &mut self.desk.log
    }

    /// The system tells the app something. Everything that came of it is in the log's file when this returns.
    ///
    /// A callback that comes in the middle of a turn waits until that is over; one for an app that has exited is not
    /// told.
    pub fn callback(&mut self, callback: Callback) {
        if self.is_over() {
            return;
        }
        self.desk.pending.push_back(callback);
        if self.in_turn {
            return;
        }
        self.runs();
        self.in_turn = true;
        while let Some(next) = self.desk.pending.pop_front() {
            if let Some(next) = self.desk.sort(next) {
                self.turn(next);
            }
        }
        self.in_turn = false;
        self.ran = self.desk.continuous();
        self.desk.log.flush();
    }

    /// The main thread runs. Called once a second by whoever runs its loop, so that a time without that is noticed.
    pub fn pulse(&mut self) {
        if self.is_over() {
            return;
        }
        self.runs();
        self.desk.log.flush();
    }

    /// Takes note of something that happened outside of the app's turns.
    pub fn note(&mut self, what: What) {
        if self.is_over() {
            return;
        }
        self.runs();
        self.desk.emit(what);
        self.desk.log.flush();
    }

    /// Does what a step says, if an app can do that by itself.
    ///
    /// # Errors
    /// Why it cannot.
    #[expect(clippy::wildcard_enum_match_arm, reason = "an app does few of the acts by itself")]
    pub fn act(&mut self, act: Act) -> Result<(), String> {
        if self.is_over() {
            return Err("the app has exited".into());
        }
        self.runs();
        match act {
            Act::AppExit { code } => {
                self.desk.exit = Some(code);
                self.exit();
            }
            Act::AppHang { lasts } => {
                self.desk.emit(What::Busy { span: lasts });
                self.block(lasts);
                self.desk.log.flush();
            }
            Act::AppAudio { .. } => {
                return Err("the agent plays and records no sound".into());
            }
            other => return Err(format!("`{}` is not for an app to do", other.name())),
        }
        Ok(())
    }

    /// The main thread runs now: was it kept from that?
    fn runs(&mut self) {
        let now = self.desk.continuous();
        let after = now.since(self.ran);
        self.ran = now;
        if after >= SHORTEST_GAP {
            self.desk.emit(What::RanAgain { after });
        }
    }

    /// Whether the app has exited. A process that has ended is told nothing; where it is a test that goes on, neither.
    fn is_over(&self) -> bool {
        !self.in_turn && self.desk.exit.is_some()
    }

    /// Blocks the main thread. What is on the disk by then is there when a watchdog ends the process meanwhile; a
    /// suspension meanwhile shows as more time than was asked for. Answers how long that was.
    fn block(&mut self, span: Span) -> Span {
        self.desk.log.flush();
        let began = self.desk.continuous();
        self.desk.backend.block(span);
        self.ran = self.desk.continuous();
        let after = self.ran.since(began).saturating_sub(span);
        if after < SHORTEST_GAP {
            return Span::ZERO;
        }
        self.desk.emit(What::RanAgain { after });
        after
    }

    fn turn(&mut self, callback: Callback) {
        if let Callback::Launched(reason) = callback {
            self.desk.emit(What::ProcessStarted { reason });
        }
        let began = self.desk.continuous();
        let mut suspended = Span::ZERO;
        self.begin(callback);
        while let (Some((span, token)), None) = (self.desk.busy.take(), self.desk.exit) {
            suspended += self.block(span);
            self.begin(Callback::Continue(token));
        }
        let took = self.desk.continuous().since(began).saturating_sub(suspended);
        self.desk.emit(What::CallbackReturned { name: callback.name(), took });
        self.exit();
    }

    fn begin(&mut self, callback: Callback) {
        self.desk.emit(What::Callback { name: callback.name(), id: callback.id() });
        // A watchdog or a trap may end the process in it.
        self.desk.log.flush();
        self.app.on(callback, &mut self.desk);
    }

    /// Ends the process, if the app has asked for that.
    fn exit(&mut self) {
        if let Some(code) = self.desk.exit {
            self.desk.emit(What::Exit { code });
            self.desk.log.flush();
            self.desk.pending.clear();
            self.desk.backend.exit(code);
        }
    }
}
