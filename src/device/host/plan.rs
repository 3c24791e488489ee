//! What of a scenario a device can play, and who does each of its steps. Pure, and known before anything starts.

use super::drive::{Kind, Way, way};
use crate::live::world::unsupported;
use crate::scenario::{Scenario, Step, When, World};
use crate::trace::{OnPhone, What};

/// Why `scenario` is not played on a device, if it is not.
pub fn not_on_devices(scenario: &Scenario) -> Option<String> {
    if !scenario.worlds.contains(&World::Device) {
        return Some("its key `worlds` does not have \"device\"".into());
    }
    if scenario.devices != 1 {
        return Some(format!("it has {} devices, and one phone plays it", scenario.devices));
    }
    if scenario.phases.is_some() {
        return Some("it has [phases], and what people did to a phone cannot be undone".into());
    }
    if scenario.network.trace.is_some() {
        return Some("it follows a connectivity trace, and a phone follows its network".into());
    }
    unsupported(scenario).map(|what| format!("it needs {what}"))
}

/// A step, and who does it.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned {
    /// Its place in the scenario's list.
    pub step: usize,
    /// How it is done.
    pub way: Way,
    /// Why it never comes to that, if so.
    pub never: Option<String>,
}

impl Planned {
    /// Why the step cannot be done, if so.
    pub fn impossible(&self) -> Option<String> {
        match (&self.never, &self.way) {
            (Some(why), _) => Some(why.clone()),
            (None, Way::Cannot(why)) => Some((*why).to_owned()),
            (None, Way::Host(_) | Way::Agent | Way::Tool(_) | Way::Person(_)) => None,
        }
    }
}

/// Who does each step of `scenario` on such a device.
pub fn plan(scenario: &Scenario, kind: Kind) -> Vec<Planned> {
    let one = |(step, entry): (usize, &Step)| Planned {
        step,
        way: way(entry.act, kind),
        never: unheard(&entry.when),
    };
    scenario.steps.iter().enumerate().map(one).collect()
}

/// Events that a phone does not tell of, and the host sees itself.
const SEEN_BY_HOST: &[&str] = &["path", "internet", "captive-portal", "nat-forgot"];

/// Why nobody hears in time of the event that a step waits for, if so.
fn unheard(when: &When) -> Option<String> {
    let When::After { event, .. } = when else { return None };
    let name = event.event();
    let row = What::TABLE.iter().find(|row| row.name == name)?;
    if SEEN_BY_HOST.contains(&name) {
        return None;
    }
    match row.on_phone {
        OnPhone::Observed => None,
        OnPhone::Inferred => {
            Some(format!("it waits for `{name}`, which only follows from what a phone tells later"))
        }
        OnPhone::ModelOnly => Some(format!("it waits for `{name}`, which only a model knows")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode};

    fn scenario(text: &str) -> Scenario {
        let text = format!("name = \"a\"\n{text}");
        decode(&text, &Presets::built_in(), &[]).unwrap()
    }

    #[test]
    fn what_a_device_cannot_play_is_told_before_anything_starts() {
        let hour = "duration = \"1h\"\n";
        assert_eq!(not_on_devices(&scenario(hour)), None);
        for (text, why) in [
            (format!("{hour}worlds = [\"sim\", \"live\"]"), "worlds"),
            (format!("{hour}devices = 2"), "2 devices"),
            ("[phases]\nsafety = \"1h\"\nliveness = \"1h\"".into(), "[phases]"),
            (format!("{hour}[client]\nuse = \"sip-udp\""), "UDP"),
        ] {
            let found = not_on_devices(&scenario(&text)).unwrap_or_default();
            assert!(found.contains(why), "{text}: {found}");
        }
    }

    #[test]
    fn a_step_that_waits_for_what_nobody_hears_is_never_done() {
        let waits = |event: &str| {
            let text =
                format!("[[step]]\nafter = {{ event = \"{event}\" }}\ndo = \"user.foreground\"\n");
            plan(&scenario(&format!("duration = \"1h\"\n{text}")), Kind::Fake)[0].impossible()
        };
        assert_eq!(waits("client.connected"), None);
        assert_eq!(waits("nat-forgot"), None, "the host sees it");
        assert!(waits("state to=suspended").unwrap().contains("later"));
        assert!(waits("reachable").unwrap().contains("only a model"));
    }
}
