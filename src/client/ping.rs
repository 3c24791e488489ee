//! Pings: is anybody still there?

use super::app::Client;
use super::connection::Link;
use super::tasks::Slot;
use super::{HandlerAction, timers};
use crate::port::{AppReport, Clock, Frame, Phone, Time};

/// The client's pings.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Pings {
    /// The number of the last one.
    n: u32,
    /// Until when its pong has to come, on the strategy's clock; `None` when no pong is owed,
    /// [`Time::NEVER`] when it may take as long as it likes.
    owed_by: Option<Time>,
}

impl Pings {
    pub(super) fn owed(&self) -> bool {
        self.owed_by.is_some()
    }

    fn overdue(&self, now: Time) -> bool {
        self.owed_by.is_some_and(|due| due <= now)
    }
}

impl Client {
    /// Finds out whether the connection still carries anything. A ping whose pong is owed since before
    /// its deadline proves that it does not: a timer cannot fire while the app is suspended, so this
    /// may be the first moment to find out.
    pub(super) fn check(&mut self, phone: &mut impl Phone) {
        if self.state.pings.overdue(self.ping_clock(phone)) {
            self.ping_timed_out(phone);
        } else if self.state.pings.owed_by.is_none_or(|due| due == Time::NEVER) {
            match self.strategy.keep_alive_action {
                HandlerAction::Register => self.register(phone),
                HandlerAction::Ping
                | HandlerAction::Reconnect
                | HandlerAction::WhiteSpace
                | HandlerAction::Nothing => self.ping(phone),
            }
            self.check_second(phone);
        }
    }

    fn ping(&mut self, phone: &mut impl Phone) {
        self.state.pings.n = self.state.pings.n.wrapping_add(1);
        self.ask(Frame::Ping { n: self.state.pings.n }, phone);
    }

    /// Registers again; the welcome answers as a pong would.
    fn register(&mut self, phone: &mut impl Phone) {
        self.ask(Frame::Hello { device: self.device }, phone);
    }

    /// Writes what is answered within the strategy's time, or the connection is dead.
    fn ask(&mut self, question: Frame, phone: &mut impl Phone) {
        let Link::Connected { pair } = self.state.link else { return };
        if phone.write(pair.write(), question).is_err() {
            return self.lost(phone);
        }
        match self.strategy.ping_reply_within {
            Some(within) => {
                self.state.pings.owed_by = Some(self.ping_clock(phone) + within);
                phone.set_timer(timers::PING_DEADLINE, within, self.strategy.ping_deadline_clock);
            }
            None => self.state.pings.owed_by = Some(Time::NEVER),
        }
    }

    /// What the clock of the pongs' deadlines says. One that stops makes the client wait on after the
    /// device slept.
    fn ping_clock(&self, phone: &impl Phone) -> Time {
        match self.strategy.ping_deadline_clock {
            Clock::Continuous => phone.now().continuous,
            Clock::Uptime => phone.now().uptime,
        }
    }

    /// A pong was read.
    pub(super) fn pong(&mut self, n: u32, phone: &mut impl Phone) {
        if n == self.state.pings.n && self.state.pings.owed() {
            self.forget_ping(phone);
            self.settled(phone);
        }
    }

    /// The server welcomed the client on a connection that it had already.
    pub(super) fn registered(&mut self, phone: &mut impl Phone) {
        self.forget_ping(phone);
        self.check_second(phone);
        self.settled(phone);
    }

    /// Starts to register again at the strategy's interval.
    pub(super) fn start_registering(&mut self, phone: &mut impl Phone) {
        if let Some(interval) = self.strategy.register_interval {
            phone.set_timer(timers::REGISTER, interval, Clock::Uptime);
        }
    }

    pub(super) fn register_interval(&mut self, phone: &mut impl Phone) {
        match self.state.link {
            Link::Connected { .. } => {
                self.start_registering(phone);
                if !self.state.pings.owed() {
                    self.register(phone);
                }
            }
            Link::Idle | Link::Parked | Link::Waiting | Link::Opening { .. } => {}
        }
    }

    pub(super) fn forget_ping(&mut self, phone: &mut impl Phone) {
        if self.state.pings.owed_by.take().is_some_and(|due| due != Time::NEVER) {
            phone.cancel_timer(timers::PING_DEADLINE);
        }
    }

    pub(super) fn ping_deadline(&mut self, phone: &mut impl Phone) {
        if self.state.pings.owed() {
            self.ping_timed_out(phone);
        }
    }

    fn ping_timed_out(&mut self, phone: &mut impl Phone) {
        phone.report(AppReport::PingTimedOut { n: self.state.pings.n });
        self.lost(phone);
    }

    /// Starts the regular pings.
    pub(super) fn start_pings(&mut self, phone: &mut impl Phone) {
        if let Some(interval) = self.strategy.ping_interval {
            phone.set_timer(timers::PING_INTERVAL, interval, Clock::Uptime);
        }
    }

    pub(super) fn ping_interval(&mut self, phone: &mut impl Phone) {
        if self.strategy.ping_renew_task && !phone.application_state().foreground() {
            self.state.tasks.renew(Slot::Background, phone);
        }
        match self.state.link {
            Link::Connected { .. } => {
                self.start_pings(phone);
                self.check(phone);
            }
            Link::Idle | Link::Parked | Link::Waiting | Link::Opening { .. } => {}
        }
    }
}
