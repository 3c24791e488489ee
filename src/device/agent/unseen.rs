//! What an app finds out only while it runs: a phone tells of it late, when the app has run time again.

use crate::port::{AppState, Time};
use crate::trace::{Event, What};

/// What changed around an app, until it looks.
#[derive(Clone, Default, Debug)]
pub struct Unseen {
    runs: bool,
    kept: Vec<Event>,
}

impl Unseen {
    /// The app is in this state from now on.
    pub fn state(&mut self, to: AppState, at: Time) {
        self.runs = to.runs();
        if self.runs {
            for event in &mut self.kept {
                event.at = at;
            }
        }
    }

    /// Keeps an event back if the app cannot see yet that it happened; answers whether it does.
    pub fn keeps(&mut self, event: &Event) -> bool {
        let unseen = !self.runs && is_looked_at(&event.what);
        if unseen {
            // Of two changes only the last is there to be seen.
            self.kept.retain(|known| known.what.name() != event.what.name());
            self.kept.push(*event);
        }
        unseen
    }

    /// What an app that runs sees now, each at the time at which it began to run.
    pub fn seen(&mut self) -> Vec<Event> {
        if self.runs { std::mem::take(&mut self.kept) } else { Vec::new() }
    }
}

/// Whether an app finds this out by looking, or is told of it by the system while it runs.
fn is_looked_at(what: &What) -> bool {
    matches!(
        what,
        What::InterfaceChanged { .. }
            | What::AddressChanged {}
            | What::Charger { .. }
            | What::VoiceCall { .. }
            | What::LowPowerMode { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::{Interface, Span};

    fn event(at: u64, what: What) -> Event {
        let at = Span::from_secs(at).from_start();
        Event { at, owner: 1, seq: 0, lane: what.lane(), what }
    }

    #[test]
    fn a_change_is_seen_when_the_app_runs_again_and_only_the_last_of_its_kind() {
        let at = |seconds| Span::from_secs(seconds).from_start();
        let interface = |at, to| event(at, What::InterfaceChanged { to });
        let mut unseen = Unseen::default();
        unseen.state(AppState::Active, at(0));
        assert!(!unseen.keeps(&interface(1, Interface::None)));
        unseen.state(AppState::Suspended, at(2));
        assert!(unseen.keeps(&interface(3, Interface::None)));
        assert!(unseen.keeps(&event(4, What::Charger { connected: true })));
        assert!(unseen.keeps(&interface(5, Interface::Cellular)));
        assert!(!unseen.keeps(&event(6, What::DeviceSlept {})));
        assert_eq!(unseen.seen(), []);
        unseen.state(AppState::Background, at(9));
        let seen = [event(9, What::Charger { connected: true }), interface(9, Interface::Cellular)];
        assert_eq!(unseen.seen(), seen);
        assert_eq!(unseen.seen(), []);
    }
}
