//! A scenario's steps as changes of the path: what a proxy can do of them, and what it cannot.

use super::fault::{Direction, Fault, RefuseHow};
use crate::net::{Access, Conditions, NatExpiry, Portal};
use crate::port::{Draws, Interface, Purpose, Span, Time};
use crate::scenario::{Act, Scenario, Step, When};
use crate::settings::Dist;

/// What is to be changed at a time.
#[derive(Clone, PartialEq, Debug)]
pub struct Planned {
    /// When.
    pub at: Time,
    /// The step's act, or what else makes the change.
    pub why: &'static str,
    /// The faults that are set from then on, and no others of the scenario's.
    pub faults: Vec<Fault>,
    /// What is done at once.
    pub at_once: Vec<Fault>,
}

/// What a proxy does of a scenario.
#[derive(Clone, PartialEq, Debug)]
pub struct Script {
    /// The changes, in order. The first is what holds from the beginning.
    pub planned: Vec<Planned>,
    /// What it cannot do, a sentence each.
    pub notes: Vec<String>,
    /// How long the scenario is.
    pub duration: Span,
}

/// The path at a moment.
#[derive(Clone, PartialEq, Debug)]
struct Path {
    interface: Interface,
    airplane: bool,
    silent: bool,
    no_internet: bool,
    portal: Option<Portal>,
    voice_call: bool,
    row: Option<Conditions>,
}

/// One thing that changes the path.
#[derive(Copy, Clone, PartialEq, Debug)]
enum Turn {
    Act(Act),
    EndSilence,
    Row(Conditions),
    Heal,
}

/// The device whose path it is, of a scenario that has several.
const DEVICE: u32 = 1;

impl Script {
    /// What a proxy does of `scenario`, under `seed`.
    pub fn of(scenario: &Scenario, seed: u64) -> Script {
        let mut notes = notes(scenario);
        let mut turns = turns(scenario, Draws::new(seed, DEVICE));
        // Those of one time stay in the order of the file.
        turns.sort_by_key(|(at, _)| *at);
        let beginning = scenario.network.initial;
        let mut path = Path::new(beginning);
        let first = path.faults(scenario);
        let mut planned =
            vec![Planned { at: Time::ZERO, why: "network", faults: first, at_once: Vec::new() }];
        for (at, turn) in turns {
            let at_once = path.turn(turn, scenario, beginning);
            let faults = path.faults(scenario);
            let same = planned.last().is_some_and(|last| last.faults == faults);
            if !same || !at_once.is_empty() {
                planned.push(Planned { at, why: turn.name(), faults, at_once });
            }
        }
        notes.sort();
        notes.dedup();
        Script { planned, notes, duration: scenario.duration }
    }
}

impl Turn {
    fn name(self) -> &'static str {
        match self {
            Turn::Act(act) => act.name(),
            Turn::EndSilence => "end of network.silence",
            Turn::Row(_) => "network.trace",
            Turn::Heal => "end of phases.safety",
        }
    }
}

/// What happens when. What waits for an event is left out, and what is on another device.
fn turns(scenario: &Scenario, draws: Draws) -> Vec<(Time, Turn)> {
    let end = scenario.duration.from_start();
    let mut turns = Vec::new();
    for (place, step) in scenario.steps.iter().enumerate() {
        if !is_of_the_path(&step.act) || step.device.is_some_and(|device| device != DEVICE) {
            continue;
        }
        for (member, at) in times(step, place, end, draws).into_iter().enumerate() {
            let lasts = step
                .lasts
                .as_ref()
                .map(|lasts| draw(lasts, draws, Purpose::StepLasts, place, member as u32));
            let act = lasts.map_or(step.act, |lasts| step.act.lasting(lasts));
            turns.push((at, Turn::Act(act)));
            if let Act::NetworkSilence { on: true, lasts: Some(lasts) } = act {
                turns.push((at + lasts, Turn::EndSilence));
            }
        }
    }
    let rows = scenario.network.trace.iter().flat_map(|trace| &trace.rows);
    turns.extend(rows.map(|row| (row.at, Turn::Row(row.conditions))));
    if let Some(phases) = scenario.phases {
        turns.push((phases.safety.from_start(), Turn::Heal));
    }
    turns.retain(|(at, _)| *at <= end);
    turns
}

/// The times of a step, drawn as the simulated run draws them (`run::luck`).
fn times(step: &Step, place: usize, end: Time, draws: Draws) -> Vec<Time> {
    match &step.when {
        When::At(at) => vec![draw(at, draws, Purpose::StepTime, place, 0).from_start()],
        When::Every { period, from, .. } => {
            let gap = |member: u32| {
                let n = u64::from(member) << 32 | place as u64;
                period.sample(draws.draw(Purpose::StepGap, Time::ZERO, n))
            };
            let first = match from {
                Some(from) => draw(from, draws, Purpose::StepTime, place, 0),
                None => gap(0),
            };
            let (mut at, mut all, mut member) = (first.from_start(), Vec::new(), 0);
            while at <= end && step.goes_on_at(at) {
                all.push(at);
                member += 1;
                at += gap(member);
            }
            all
        }
        When::After { .. } => Vec::new(),
    }
}

fn draw(dist: &Dist, draws: Draws, purpose: Purpose, place: usize, member: u32) -> Span {
    dist.sample(draws.draw(purpose, Time::ZERO, u64::from(member) << 32 | place as u64))
}

/// Whether an act is about what is between the phone and the server.
fn is_of_the_path(act: &Act) -> bool {
    match act {
        Act::NetworkSwitch { .. }
        | Act::NetworkAirplane { .. }
        | Act::NetworkSilence { .. }
        | Act::NetworkReaddress
        | Act::NetworkInternet { .. }
        | Act::NetworkCaptivePortal { .. }
        | Act::NetworkNatForget
        | Act::PhoneVoiceCall { .. } => true,
        Act::NetworkDns { .. }
        | Act::UserBackground
        | Act::UserForeground
        | Act::UserLock
        | Act::UserUnlock
        | Act::UserForceQuit
        | Act::UserForceQuitOther
        | Act::UserNotifications { .. }
        | Act::UserLowPower { .. }
        | Act::UserSetClock { .. }
        | Act::PhoneCharger { .. }
        | Act::PhoneScreen { .. }
        | Act::PhoneActivity { .. }
        | Act::PhoneMemoryPressure { .. }
        | Act::PhoneMemoryKill
        | Act::PhoneReboot
        | Act::ServerPush { .. }
        | Act::ServerCancel { .. }
        | Act::ServerMedia { .. }
        | Act::ServerRestart { .. }
        | Act::ServerDrop { .. }
        | Act::AppExit { .. }
        | Act::AppAudio { .. }
        | Act::AppHang { .. } => false,
    }
}

/// What of `scenario` a proxy cannot do.
fn notes(scenario: &Scenario) -> Vec<String> {
    let mut notes = Vec::new();
    for (place, step) in scenario.steps.iter().enumerate() {
        let (number, name) = (place + 1, step.act.name());
        if let Act::NetworkDns { .. } = step.act {
            notes
                .push(format!("step {number} ({name}): a proxy resolves no names for its clients"));
        } else if !is_of_the_path(&step.act) {
            notes.push(format!("step {number} ({name}): not of the path"));
        } else if let Some(device) = step.device.filter(|device| *device != DEVICE) {
            notes.push(format!(
                "step {number} ({name}): on device {device}, the proxy is device 1's"
            ));
        } else if let When::After { .. } = step.when {
            notes.push(format!("step {number} ({name}): waits for an event, which no proxy sees"));
        }
    }
    let loses = |access: &Access| access.loss.ppm() > 0;
    let network = &scenario.network;
    if loses(&network.wifi.values) || loses(&network.cellular.values) {
        notes.push("loss: a proxy loses no segments, and no kernel would repeat them".into());
    }
    notes
}

impl Path {
    fn new(interface: Interface) -> Path {
        Path {
            interface,
            airplane: false,
            silent: false,
            no_internet: false,
            portal: None,
            voice_call: false,
            row: None,
        }
    }

    fn carrying(&self) -> Interface {
        if self.airplane { Interface::None } else { self.interface }
    }

    /// Answers what is done at once.
    fn turn(&mut self, turn: Turn, scenario: &Scenario, beginning: Interface) -> Vec<Fault> {
        let before = self.carrying();
        let mut at_once = Vec::new();
        // Nobody is told that the address is gone, and nothing comes back to it.
        let address_gone = Fault::NatForgetNow { on_expiry: NatExpiry::Silent };
        match turn {
            Turn::Act(act) => match self.act(act) {
                Effect::State => {}
                Effect::Readdress => at_once.push(address_gone.clone()),
                Effect::NatForgets => at_once.extend(
                    access(scenario, before)
                        .map(|access| Fault::NatForgetNow { on_expiry: access.nat_on_expiry }),
                ),
            },
            Turn::EndSilence => self.silent = false,
            Turn::Row(row) => {
                self.interface = row.interface;
                self.row = Some(row);
            }
            Turn::Heal => {
                let home = match beginning {
                    Interface::None => Interface::Wifi,
                    Interface::Wifi | Interface::Cellular => beginning,
                };
                let interface = match self.interface {
                    Interface::None => home,
                    Interface::Wifi | Interface::Cellular => self.interface,
                };
                *self = Path::new(interface);
            }
        }
        if before != Interface::None && self.carrying() != before {
            at_once.push(address_gone);
        }
        at_once
    }

    fn act(&mut self, act: Act) -> Effect {
        if let Act::NetworkSwitch { to } = act {
            self.interface = to;
        } else if let Act::NetworkAirplane { on } = act {
            self.airplane = on;
        } else if let Act::NetworkSilence { on, .. } = act {
            self.silent = on;
        } else if let Act::NetworkInternet { on } = act {
            self.no_internet = !on;
        } else if let Act::NetworkCaptivePortal { on, how } = act {
            self.portal = on.then_some(how.unwrap_or(Portal::Answers));
        } else if let Act::PhoneVoiceCall { on } = act {
            self.voice_call = on;
        } else if let Act::NetworkReaddress = act {
            return Effect::Readdress;
        } else if let Act::NetworkNatForget = act {
            return Effect::NatForgets;
        }
        Effect::State
    }

    /// The faults that are this path.
    fn faults(&self, scenario: &Scenario) -> Vec<Fault> {
        let mut faults = Vec::new();
        let carrying = self.carrying();
        let Some(access) = access(scenario, carrying) else {
            // The phone has no way out: it is told so at once, which a refusal is nearest to.
            faults.push(Fault::Silence { direction: Direction::Both });
            faults.push(Fault::Refuse { how: RefuseHow::Close });
            return faults;
        };
        let row = self.row.filter(|row| row.interface == carrying);
        let latency = match row.and_then(|row| row.latency) {
            Some(latency) => Dist::Constant(latency),
            None => access.latency.clone(),
        };
        if latency != Dist::default() {
            let (direction, jitter) = (Direction::Both, Dist::default());
            faults.push(Fault::Delay { direction, latency, jitter });
        }
        if let Some(idle_timeout) = access.nat_idle_timeout {
            faults.push(Fault::NatForget { idle_timeout, on_expiry: access.nat_on_expiry });
        }
        let wifi = carrying == Interface::Wifi;
        let portal = self.portal.filter(|_| wifi);
        let silent = self.silent
            || self.row.is_some_and(|row| row.down)
            || (self.voice_call && access.voice_call_stalls_data)
            || (self.no_internet && wifi)
            || portal.is_some();
        if silent {
            faults.push(Fault::Silence { direction: Direction::Both });
        }
        match portal {
            Some(Portal::Answers) => faults.push(Fault::AcceptSilent),
            Some(Portal::Reset) => faults.push(Fault::Refuse { how: RefuseHow::Close }),
            None => {}
        }
        faults
    }
}

/// What an act comes to, beside what it sets.
enum Effect {
    State,
    Readdress,
    NatForgets,
}

fn access(scenario: &Scenario, interface: Interface) -> Option<&Access> {
    match interface {
        Interface::None => None,
        Interface::Wifi => Some(&scenario.network.wifi.values),
        Interface::Cellular => Some(&scenario.network.cellular.values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::proxy::FaultSpec;
    use crate::scenario::{Presets, decode};

    fn script(text: &str) -> Script {
        let text = format!(
            "name = \"x\"\nduration = \"1h\"\n[network]\nwifi = \"ideal\"\n\
             cellular = \"carrier-resets-255s\"\n{text}"
        );
        let scenario = decode(&text, &Presets::built_in(), &[]);
        Script::of(&scenario.unwrap_or_else(|problems| panic!("{problems:#?}")), 1)
    }

    /// When, what is set, what is done at once.
    fn shown(script: &Script) -> Vec<String> {
        let text = |fault: &Fault| FaultSpec::from(fault.clone()).to_string();
        let one = |planned: &Planned| {
            let faults: Vec<String> = planned.faults.iter().map(text).collect();
            let at_once: Vec<String> = planned.at_once.iter().map(text).collect();
            let secs = planned.at.as_micros() / 1_000_000;
            format!("{secs}: {} ! {}", faults.join(" + "), at_once.join(" + "))
        };
        script.planned.iter().map(one).collect()
    }

    const WIFI: &str = "delay latency=20ms jitter=0s direction=both";

    #[test]
    fn a_silence_that_lasts_ends_and_repeats() {
        let found = script(
            "[[step]]\nevery = \"20m\"\nuntil = \"50m\"\ndo = \"network.silence\"\nlasts = \"1m\"",
        );
        let silent = format!("{WIFI} + silence direction=both ! ");
        let whole = format!("{WIFI} ! ");
        assert_eq!(
            shown(&found),
            [
                format!("0: {whole}"),
                format!("1200: {silent}"),
                format!("1260: {whole}"),
                format!("2400: {silent}"),
                format!("2460: {whole}"),
            ]
        );
    }

    #[test]
    fn an_interface_that_is_left_takes_its_connections_along() {
        let found = shown(&script(
            "[[step]]\nat = \"1m\"\ndo = \"network.airplane\"\non = true\n\
             [[step]]\nat = \"2m\"\ndo = \"network.switch\"\nto = \"cellular\"\n\
             [[step]]\nat = \"3m\"\ndo = \"network.airplane\"\non = false\n\
             [[step]]\nat = \"4m\"\ndo = \"network.nat-forget\"\n\
             [[step]]\nat = \"5m\"\ndo = \"network.readdress\"",
        ));
        let gone = "! nat-forget now=true on-expiry=silent";
        assert_eq!(found[1], format!("60: silence direction=both + refuse how=close {gone}"));
        let cellular = "nat-forget idle-timeout=255s on-expiry=reset";
        assert!(found[2].starts_with("180: delay") && found[2].contains(cellular), "{found:?}");
        assert!(found[2].ends_with("! "), "{found:?}");
        assert!(found[3].ends_with("! nat-forget now=true on-expiry=reset"), "{found:?}");
        assert!(found[4].ends_with(gone), "{found:?}");
    }

    #[test]
    fn a_portal_and_a_lost_uplink_are_the_wifis_own() {
        let found = shown(&script(
            "[[step]]\nat = \"1m\"\ndo = \"network.captive-portal\"\non = true\n\
             [[step]]\nat = \"2m\"\ndo = \"network.captive-portal\"\non = true\nhow = \"reset\"\n\
             [[step]]\nat = \"3m\"\ndo = \"network.captive-portal\"\non = false\n\
             [[step]]\nat = \"4m\"\ndo = \"network.internet\"\non = false\n\
             [[step]]\nat = \"5m\"\ndo = \"network.switch\"\nto = \"cellular\"",
        ));
        assert_eq!(found[1], format!("60: {WIFI} + silence direction=both + accept-silent ! "));
        assert_eq!(found[2], format!("120: {WIFI} + silence direction=both + refuse how=close ! "));
        assert_eq!(found[3], format!("180: {WIFI} ! "));
        assert_eq!(found[4], format!("240: {WIFI} + silence direction=both ! "));
        assert!(!found[5].contains("silence direction"), "{found:?}");
    }

    #[test]
    fn at_the_end_of_the_safety_phase_everything_is_whole() {
        let text = "name = \"x\"\n[phases]\nsafety = \"10m\"\nliveness = \"10m\"\n\
             [network]\nwifi = \"ideal\"\n\
             [[step]]\nat = \"1m\"\ndo = \"network.switch\"\nto = \"none\"\n\
             [[step]]\nat = \"2m\"\ndo = \"network.silence\"";
        let scenario = decode(text, &Presets::built_in(), &[]).unwrap();
        let found = shown(&Script::of(&scenario, 1));
        assert_eq!(found.last(), Some(&format!("600: {WIFI} ! ")));
    }

    #[test]
    fn what_it_cannot_do_is_said_step_by_step() {
        let found = script(
            "[[step]]\nat = \"1m\"\ndo = \"network.dns\"\non = false\n\
             [[step]]\nat = \"2m\"\ndo = \"user.background\"\n\
             [[step]]\nafter = \"state to=suspended\"\ndo = \"network.silence\"",
        );
        assert_eq!(found.planned.len(), 1);
        for (place, part) in
            ["step 1 (network.dns)", "step 2 (user.background)", "waits for an event"]
                .into_iter()
                .enumerate()
        {
            assert!(found.notes.iter().any(|note| note.contains(part)), "{place}: {found:?}");
        }
    }
}
