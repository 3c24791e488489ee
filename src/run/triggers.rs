//! Steps that wait for an event.

use crate::port::{Span, Time};
use crate::scenario::{Act, Scenario, When};
use crate::settings::Dist;
use crate::trace::{Event, Names, Observer, Pattern};

use super::agenda::Target;
use super::luck::Luck;

/// One waiting step.
#[derive(Clone, Debug)]
struct Trigger<'s> {
    step: usize,
    event: &'s Pattern,
    since: Option<usize>,
    by: &'s Dist,
    /// Server-wide: fires once, whoever it happens to.
    shared: bool,
    device: Option<u32>,
    /// For each device of the world: whether it may fire, and whether it has.
    armed: Vec<bool>,
    fired: Vec<bool>,
}

/// Watches for the events that steps wait for.
#[derive(Clone, Debug)]
pub(super) struct Triggers<'s> {
    first: u32,
    devices: u32,
    names: &'s Names,
    luck: Luck,
    waiting: Vec<Trigger<'s>>,
    /// Steps whose event has happened: when they act, on whom.
    pub(super) ready: Vec<(Time, Target, usize)>,
}

impl<'s> Triggers<'s> {
    pub(super) fn new(
        scenario: &'s Scenario,
        luck: Luck,
        first: u32,
        devices: u32,
    ) -> Triggers<'s> {
        let waiting = Vec::new();
        let names = &scenario.names;
        let mut triggers = Triggers { first, devices, names, luck, waiting, ready: Vec::new() };
        triggers.go_on_with(scenario, 0);
        triggers
    }

    /// Goes on with `scenario`, of which the steps from the place `first` on are new.
    pub(super) fn go_on_with(&mut self, scenario: &'s Scenario, first: usize) {
        let devices = self.devices as usize;
        let waiting = scenario.steps.iter().enumerate().skip(first).filter_map(|(step, entry)| {
            let When::After { event, since, by } = &entry.when else { return None };
            Some(Trigger {
                step,
                event,
                since: *since,
                by,
                shared: matches!(entry.act, Act::ServerRestart { .. }),
                device: entry.device,
                armed: vec![since.is_none(); devices],
                fired: vec![false; devices],
            })
        });
        self.waiting.extend(waiting);
        self.names = &scenario.names;
    }

    /// Whether any step waits for an event.
    #[inline]
    pub(super) fn wait(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// A step has acted: what counts only since then may fire from now on.
    pub(super) fn step_acted(&mut self, step: usize, target: Target) {
        for trigger in self.waiting.iter_mut().filter(|trigger| trigger.since == Some(step)) {
            match target {
                Target::All => trigger.armed.fill(true),
                Target::Device(number) => {
                    // A step for a device of another part of the run concerns nobody here.
                    let index = number.checked_sub(self.first).map(|index| index as usize);
                    if let Some(armed) = index.and_then(|index| trigger.armed.get_mut(index)) {
                        *armed = true;
                    }
                }
            }
        }
    }
}

impl Observer for Triggers<'_> {
    #[inline]
    fn event(&mut self, event: &Event) {
        for trigger in &mut self.waiting {
            if !trigger.event.matches(event, self.names) {
                continue;
            }
            let devices = trigger.fired.len();
            // What happens to the shared server happens to every device.
            let (from, to) = match event.owner.checked_sub(self.first) {
                Some(index) if event.owner > 0 => (index as usize, index as usize + 1),
                Some(_) | None => (0, devices),
            };
            for index in from..to.min(devices) {
                let number = self.first + index as u32;
                let wanted = trigger.device.is_none_or(|device| device == number);
                if trigger.armed[index] && !trigger.fired[index] && wanted {
                    let (shared, step) = (trigger.shared, trigger.step);
                    let target = if shared { Target::All } else { Target::Device(number) };
                    let by = self.luck.delay(trigger.by, step, target).max(Span::TICK);
                    self.ready.push((event.at + by, target, step));
                    if shared {
                        trigger.fired.fill(true);
                        break;
                    }
                    trigger.fired[index] = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::run::{Mode, Options, play};
    use crate::scenario::{Presets, decode};

    #[test]
    fn a_step_for_one_device_arms_nothing_on_another() {
        let text = r#"
name = "armed"
duration = "10m"
devices = 3
[[step]]
id = "leave"
at = "1m"
device = 1
do = "user.background"
[[step]]
after = { event = "state to=suspended", since = "leave" }
do = "user.foreground"
"#;
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        for mode in [Mode::Apart, Mode::Together] {
            let options = Options { mode, trace: true, ..Options::of(&scenario) };
            let events = play(&scenario, options).events.unwrap();
            let returned = events
                .iter()
                .filter(|event| format!("{:?}", event.what).contains("user.foreground"));
            assert_eq!(returned.map(|event| event.owner).collect::<Vec<_>>(), [1]);
        }
    }
}
