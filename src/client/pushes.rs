//! What the client does with a push: was it here before, who is told, who is answered.

use super::app::Client;
use super::seen::packed;
use super::{Dedupe, Notify};
use crate::port::{AppReport, Frame, Phone, PushId, StreamPair};

impl Client {
    pub(super) fn push(&mut self, push: PushId, pair: StreamPair, phone: &mut impl Phone) {
        if self.strategy.push_leak_task {
            // Its identifier is kept nowhere, so that nobody can end it.
            phone.begin_background_task();
        }
        if self.had(push, phone) {
            phone.report(AppReport::Duplicate { push });
        } else {
            self.notify(push, phone);
        }
        // A push that was here before is acknowledged too: its first acknowledgement may be lost.
        if self.strategy.push_acknowledge {
            self.answer(pair, Frame::Ack { id: push }, phone);
        }
    }

    /// The server withdraws a push: its notification is taken back. One that overtook its push keeps it from
    /// being shown, as far as the client remembers pushes.
    pub(super) fn cancelled(&mut self, push: PushId, phone: &mut impl Phone) {
        let had = self.had(push, phone) || self.strategy.dedupe == Dedupe::Off;
        if had && self.strategy.idempotent_id {
            phone.cancel_local_notification(packed(push), push);
        }
    }

    /// Whether the push was here before; remembers it if not.
    fn had(&mut self, push: PushId, phone: &mut impl Phone) -> bool {
        let window = self.strategy.dedupe_window;
        self.load_seen(phone);
        let seen = &mut self.state.seen;
        match self.strategy.dedupe {
            Dedupe::Off => false,
            Dedupe::Storage | Dedupe::Memory if seen.has(push) => true,
            Dedupe::Storage => {
                seen.store(push, window, phone);
                false
            }
            Dedupe::Memory => {
                seen.keep(push, window);
                false
            }
        }
    }

    /// Reads from storage what the client had in earlier processes, as soon as it can be read.
    pub(super) fn load_seen(&mut self, phone: &mut impl Phone) {
        match self.strategy.dedupe {
            Dedupe::Storage => self.state.seen.load(self.strategy.dedupe_window, phone),
            Dedupe::Memory | Dedupe::Off => {}
        }
    }

    fn notify(&mut self, push: PushId, phone: &mut impl Phone) {
        let shown = match self.strategy.notify {
            Notify::Background => !phone.application_state().foreground(),
            Notify::Always => true,
            Notify::Never => false,
        };
        if shown {
            // An identifier that no other notification has, or one that the same push always has.
            let id = if self.strategy.idempotent_id { packed(push) } else { phone.random() };
            phone.post_local_notification(id, push);
        }
    }
}
