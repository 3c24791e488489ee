//! Background tasks: each is begun for a purpose and ended exactly once, unless the strategy leaks it.

use super::app::Client;
use super::{Strategy, TaskEnd, timers};
use crate::port::{Clock, Phone, Span, TaskId, Time};

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

/// The variable that the identifier of a slot's task is in.
#[derive(Copy, Clone, Debug, Default)]
struct Variable {
    task: Option<TaskId>,
    /// Another thread was asked to end the task: for the main thread there is none any more.
    given_away: bool,
}

impl Variable {
    /// The task, if the main thread has one.
    fn held(self) -> Option<TaskId> {
        self.task.filter(|_| !self.given_away)
    }
}

/// What another thread was asked to end.
#[derive(Copy, Clone, Debug)]
enum Errand {
    /// This task.
    Task(TaskId),
    /// Whatever the slot's variable holds when the thread gets to it.
    Variable(Slot),
}

/// The tasks the client remembers; one for each purpose.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks {
    variables: [Variable; SLOTS.len()],
    /// What another thread is to end, and when it gets to it, in continuous time.
    errands: Vec<(Time, Errand)>,
}

impl Tasks {
    /// Begins a task for `slot` unless it holds one. One that is never ended is begun anew each time,
    /// and its identifier overwritten: that is how it leaks.
    pub(super) fn begin(&mut self, slot: Slot, end: TaskEnd, phone: &mut impl Phone) {
        if self.held(slot).is_none() || end == TaskEnd::Never {
            self.overwrite(slot, phone);
        }
    }

    /// Begins another task and forgets the one that `slot` held.
    pub(super) fn overwrite(&mut self, slot: Slot, phone: &mut impl Phone) {
        let task = phone.begin_background_task();
        self.variables[slot as usize] = Variable { task, given_away: false };
    }

    /// Begins another task before the one that `slot` holds is ended, so that there is always one.
    pub(super) fn renew(&mut self, slot: Slot, phone: &mut impl Phone) {
        let before = self.held(slot);
        self.overwrite(slot, phone);
        if let Some(task) = before {
            phone.end_background_task(task);
        }
    }

    /// Ends the task of `slot`, if it holds one.
    pub(super) fn end(&mut self, slot: Slot, phone: &mut impl Phone) {
        let variable = &mut self.variables[slot as usize];
        if let Some(task) = variable.task {
            *variable = Variable::default();
            phone.end_background_task(task);
        }
    }

    /// Whether any task is held.
    pub(super) fn any(&self) -> bool {
        SLOTS.into_iter().any(|slot| self.held(slot).is_some())
    }

    fn held(&self, slot: Slot) -> Option<TaskId> {
        self.variables[slot as usize].held()
    }

    fn slot_of(&self, task: TaskId) -> Option<Slot> {
        SLOTS.into_iter().find(|slot| self.held(*slot) == Some(task))
    }

    /// Gives the task of `slot` to another thread, which gets to it at `at`.
    fn give_away(&mut self, slot: Slot, at: Time, by_variable: bool) {
        let Some(task) = self.held(slot) else { return };
        let variable = &mut self.variables[slot as usize];
        let errand = if by_variable {
            variable.given_away = true;
            Errand::Variable(slot)
        } else {
            *variable = Variable::default();
            Errand::Task(task)
        };
        self.errands.push((at, errand));
    }

    /// Takes an errand that is due at `now`.
    fn due(&mut self, now: Time) -> Option<Errand> {
        let place = self.errands.iter().position(|(at, _)| *at <= now)?;
        Some(self.errands.remove(place).1)
    }

    fn next(&self) -> Option<Time> {
        self.errands.iter().map(|(at, _)| *at).min()
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
    /// The work that `slot` stands for is done.
    #[inline]
    pub(super) fn end_task(&mut self, slot: Slot, phone: &mut impl Phone) {
        self.end_task_after(self.strategy.task_end_after, slot, phone);
    }

    #[inline]
    fn end_task_after(&mut self, after: Span, slot: Slot, phone: &mut impl Phone) {
        if after == Span::ZERO {
            return self.state.tasks.end(slot, phone);
        }
        let at = phone.now().continuous + after;
        self.state.tasks.give_away(slot, at, self.strategy.task_end_by_variable);
        self.await_errands(phone);
    }

    /// Another thread gets to what it was asked to end.
    pub(super) fn end_due_tasks(&mut self, phone: &mut impl Phone) {
        while let Some(errand) = self.state.tasks.due(phone.now().continuous) {
            match errand {
                Errand::Task(task) => phone.end_background_task(task),
                Errand::Variable(slot) => self.state.tasks.end(slot, phone),
            }
        }
        self.await_errands(phone);
    }

    fn await_errands(&self, phone: &mut impl Phone) {
        if let Some(next) = self.state.tasks.next() {
            let after = next.since(phone.now().continuous);
            phone.set_timer(timers::TASK_END, after, Clock::Continuous);
        }
    }

    /// The expiration handler. It knows a task by the identifier that the client still remembers.
    pub(super) fn expire(&mut self, task: TaskId, phone: &mut impl Phone) {
        let Some(slot) = self.state.tasks.slot_of(task) else { return };
        if self.strategy.expiry_begin_again {
            self.state.tasks.overwrite(slot, phone);
            if end_of(slot, &self.strategy) != TaskEnd::Never {
                phone.end_background_task(task);
            }
        } else if end_of(slot, &self.strategy) != TaskEnd::Never {
            self.end_task_after(self.strategy.expiry_end_after, slot, phone);
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
                self.end_task(slot, phone);
            }
        }
    }
}
