//! Background tasks: each is begun for a purpose and ended exactly once, unless the strategy leaks it.

use super::app::Client;
use super::{Strategy, TaskEnd};
use crate::port::{Phone, TaskId};

/// What a background task is held for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Slot {
    /// What the keep-alive handler began.
    KeepAlive,
    /// The way back to a connection.
    Reconnect,
    /// The app's going into the background.
    Background,
    /// What a socket brought.
    Wake,
}

const SLOTS: [Slot; 4] = [Slot::KeepAlive, Slot::Reconnect, Slot::Background, Slot::Wake];

/// The tasks the client remembers; one for each purpose.
#[derive(Copy, Clone, Debug, Default)]
pub(super) struct Tasks {
    held: [Option<TaskId>; SLOTS.len()],
}

impl Tasks {
    /// Begins a task for `slot` unless it holds one. One that is never ended is begun anew each time,
    /// and its identifier overwritten: that is how it leaks.
    pub(super) fn begin(&mut self, slot: Slot, end: TaskEnd, phone: &mut impl Phone) {
        let held = &mut self.held[slot as usize];
        if held.is_none() || end == TaskEnd::Never {
            *held = phone.begin_background_task();
        }
    }

    /// Begins another task and forgets the one that `slot` held.
    pub(super) fn overwrite(&mut self, slot: Slot, phone: &mut impl Phone) {
        self.held[slot as usize] = phone.begin_background_task();
    }

    /// Begins another task before the one that `slot` holds is ended, so that there is always one.
    pub(super) fn renew(&mut self, slot: Slot, phone: &mut impl Phone) {
        let before = self.held[slot as usize].take();
        self.held[slot as usize] = phone.begin_background_task();
        if let Some(task) = before {
            phone.end_background_task(task);
        }
    }

    /// Ends the task of `slot`, if it holds one.
    pub(super) fn end(&mut self, slot: Slot, phone: &mut impl Phone) {
        if let Some(task) = self.held[slot as usize].take() {
            phone.end_background_task(task);
        }
    }

    /// Whether any task is held.
    pub(super) fn any(&self) -> bool {
        self.held.iter().any(Option::is_some)
    }

    fn slot_of(&self, task: TaskId) -> Option<Slot> {
        SLOTS.into_iter().find(|slot| self.held[*slot as usize] == Some(task))
    }
}

fn end_of(slot: Slot, strategy: &Strategy) -> TaskEnd {
    match slot {
        Slot::KeepAlive => strategy.keep_alive_task_end,
        Slot::Background => strategy.background_task_end,
        Slot::Reconnect | Slot::Wake => TaskEnd::Done,
    }
}

impl Client {
    /// The expiration handler. It knows a task by the identifier that the client still remembers.
    pub(super) fn expire(&mut self, task: TaskId, phone: &mut impl Phone) {
        let Some(slot) = self.state.tasks.slot_of(task) else { return };
        if self.strategy.expiry_begin_again {
            self.state.tasks.overwrite(slot, phone);
            if end_of(slot, &self.strategy) != TaskEnd::Never {
                phone.end_background_task(task);
            }
        } else if end_of(slot, &self.strategy) != TaskEnd::Never {
            self.state.tasks.end(slot, phone);
        }
    }

    /// Whether there is time to end a task that is begun now. After the expiration handlers were called
    /// there is not, and nobody would be called for it again.
    pub(super) fn has_time_for_task(&self, phone: &impl Phone) -> bool {
        phone.background_time_remaining() >= self.strategy.task_time_needed
    }

    /// Ends what was to last until the client knows how it stands with its connection.
    pub(super) fn settled(&mut self, phone: &mut impl Phone) {
        for slot in [Slot::KeepAlive, Slot::Reconnect, Slot::Background] {
            if end_of(slot, &self.strategy) == TaskEnd::Done {
                self.state.tasks.end(slot, phone);
            }
        }
    }
}
