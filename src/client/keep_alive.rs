//! The keep-alive handler of the legacy VoIP mode.

use super::app::Client;
use super::connection::Link;
use super::tasks::Slot;
use super::{HandlerAction, TaskEnd};
use crate::port::{Frame, Phone};

impl Client {
    /// Asks for the handler. Nothing is to be done about a refusal.
    pub(super) fn install_keep_alive(&mut self, phone: &mut impl Phone) {
        phone.set_keep_alive_timeout(self.strategy.keep_alive_timeout);
    }

    /// The handler, after it hung for as long as the strategy says.
    pub(super) fn keep_alive(&mut self, phone: &mut impl Phone) {
        let end = self.strategy.keep_alive_task_end;
        if self.strategy.keep_alive_task {
            self.state.tasks.begin(Slot::KeepAlive, end, phone);
            if self.strategy.keep_alive_task_overwrite {
                self.state.tasks.overwrite(Slot::KeepAlive, phone);
            }
        }
        match self.state.link {
            Link::Connected { .. } => self.keep_alive_connected(phone),
            Link::Idle | Link::Waiting if self.strategy.reconnect => {
                self.begin_reconnect_task(phone);
                self.connect(phone);
            }
            // The attempt slept past its timeout, and the timer with it.
            Link::Opening { due, .. }
                if due <= phone.now().continuous && self.strategy.reconnect =>
            {
                self.state.backoff.failed();
                self.begin_reconnect_task(phone);
                self.close(phone);
                self.connect(phone);
            }
            Link::Idle | Link::Waiting | Link::Opening { .. } | Link::Parked => {}
        }
        let over = match end {
            TaskEnd::Return => true,
            TaskEnd::Done => !self.unsettled(),
            TaskEnd::Expiry | TaskEnd::Never => false,
        };
        if over {
            self.state.tasks.end(Slot::KeepAlive, phone);
        }
    }

    fn keep_alive_connected(&mut self, phone: &mut impl Phone) {
        match self.strategy.keep_alive_action {
            HandlerAction::Ping | HandlerAction::Register => self.check(phone),
            HandlerAction::Reconnect => {
                self.begin_reconnect_task(phone);
                self.close(phone);
                self.connect(phone);
            }
            HandlerAction::WhiteSpace => self.send(Frame::WhiteSpace, phone),
            HandlerAction::Nothing => {}
        }
    }
}
