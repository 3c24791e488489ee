//! What a phone would notice of what the model knows.

use crate::device::agent::SHORTEST_GAP;
use crate::device::agent::log::on_phone;
use crate::device::agent::unseen::Unseen;
use crate::port::{AppState, Time};
use crate::trace::{Event, Observer, OnPhone, What};

/// The events that a phone reports, and what it makes of not having run.
#[derive(Default, Debug)]
pub(super) struct Notes {
    events: Vec<Event>,
    suspended: Option<Time>,
    /// The app runs again, and has done nothing since.
    ran_again: Option<Event>,
    /// What changed while the app had no run time, and what of that is new.
    unseen: Unseen,
    beneath: Vec<Event>,
}

impl Observer for Notes {
    fn event(&mut self, event: &Event) {
        if let What::State { from, to } = event.what {
            self.state(from, to, event);
        }
        if on_phone(&event.what) != OnPhone::Observed {
            return;
        }
        if self.unseen.keeps(event) {
            self.beneath.push(*event);
        } else {
            self.settled();
            self.events.push(*event);
        }
    }
}

impl Notes {
    /// What a phone would have noticed since somebody asked.
    pub(super) fn take(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.events)
    }

    /// What changed since somebody asked while the app could not see it.
    pub(super) fn take_beneath(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.beneath)
    }

    fn state(&mut self, from: AppState, to: AppState, event: &Event) {
        if to == AppState::Suspended {
            self.suspended = Some(event.at);
        } else if from == AppState::Suspended {
            let after = self.suspended.take().map(|since| event.at.since(since));
            let after = after.filter(|after| to.runs() && *after >= SHORTEST_GAP);
            self.ran_again = after.map(|after| {
                let what = What::RanAgain { after };
                Event { lane: what.lane(), what, ..*event }
            });
        }
        self.unseen.state(to, event.at);
        // Ended before it could notice that it ran.
        if to == AppState::NotRunning {
            self.ran_again = None;
        }
    }

    /// Whatever happened at this moment has: an app that runs has noticed that it does.
    pub(super) fn settled(&mut self) {
        self.events.extend(self.ran_again.take());
        self.events.extend(self.unseen.seen());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;

    fn told(changes: &[(u64, AppState, AppState)], then: What) -> Vec<&'static str> {
        let mut notes = Notes::default();
        let mut tell = |at, what: What| {
            let (owner, seq, at) = (1, 0, Span::from_secs(at).from_start());
            notes.event(&Event { at, owner, seq, lane: what.lane(), what });
        };
        let mut last = 0;
        for (at, from, to) in changes {
            last = *at;
            tell(*at, What::State { from: *from, to: *to });
        }
        tell(last, then);
        notes.settled();
        notes.take().iter().map(|event| event.what.name()).collect()
    }

    const CALLBACK: What = What::Callback { name: "x", id: 0 };
    use AppState::{Background, NotRunning, Suspended};

    #[test]
    fn an_app_that_runs_again_says_so_before_its_next_callback() {
        let slept = [(10, Background, Suspended), (70, Suspended, Background)];
        assert_eq!(told(&slept, CALLBACK), ["ran-again", "callback"]);
        let unheard =
            What::Reachable { reachable: true, why: crate::trace::Unreachable::Reachable };
        assert_eq!(told(&slept, unheard), ["ran-again"]);
    }

    #[test]
    fn a_short_gap_is_not_told_and_neither_is_one_that_the_process_did_not_outlive() {
        let short = [(10, Background, Suspended), (12, Suspended, Background)];
        assert_eq!(told(&short, CALLBACK), ["callback"]);
        let killed = [(10, Background, Suspended), (70, Suspended, NotRunning)];
        assert_eq!(told(&killed, CALLBACK), ["callback"]);
        let woken_once_too_often = [
            (10, Background, Suspended),
            (70, Suspended, Background),
            (70, Background, NotRunning),
        ];
        assert_eq!(told(&woken_once_too_often, CALLBACK), ["callback"]);
    }

    #[test]
    fn what_changes_while_the_app_is_suspended_is_told_when_it_runs_again() {
        let mut notes = Notes::default();
        let mut tell = |at, what: What| {
            let (owner, seq, at) = (1, 0, Span::from_secs(at).from_start());
            notes.event(&Event { at, owner, seq, lane: what.lane(), what });
            notes.settled();
            let told = |events: Vec<Event>| -> Vec<_> {
                events.iter().map(|event| (event.at.as_micros(), event.what.name())).collect()
            };
            (told(notes.take()), told(notes.take_beneath()))
        };
        let state = |from, to| What::State { from, to };
        assert_eq!(tell(10, state(Background, Suspended)), (vec![], vec![]));
        let charger = tell(30, What::Charger { connected: true });
        assert_eq!(charger, (vec![], vec![(30_000_000, "charger")]));
        let again = vec![(70_000_000, "ran-again"), (70_000_000, "charger")];
        assert_eq!(tell(70, state(Suspended, Background)), (again, vec![]));
        let charger = tell(80, What::Charger { connected: false });
        assert_eq!(charger, (vec![(80_000_000, "charger")], vec![]));
    }

    #[test]
    fn what_only_the_model_knows_is_no_note() {
        let slept = [(10, Background, Suspended)];
        assert_eq!(told(&slept, What::DeviceSlept {}), Vec::<&str>::new());
    }
}
