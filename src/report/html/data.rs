//! What the script of the page draws a scenario from.

use serde::Serialize;

use super::events::{Packed, Words, pack};
use super::lanes::{Lanes, lanes};
use super::pack::exact;
use crate::report::history::limit;
use crate::report::timeline::MOST_DEVICES;
use crate::report::{Entry, Run};
use crate::scenario::{Act, Scenario, Step};
use crate::trace::Event;

/// A scenario, as the page reads it.
#[derive(Serialize)]
pub(super) struct Data {
    /// Microseconds.
    duration: i64,
    /// How many devices there are.
    of: u32,
    devices: Vec<Lanes>,
    /// How many wakes are allowed within how many microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<(u32, i64)>,
    /// What each step does, in order.
    steps: Vec<String>,
    words: Vec<String>,
    events: Packed,
}

impl Data {
    pub(super) fn of(entry: &Entry, run: &Run, events: &[Event]) -> Data {
        let scenario = &entry.subject.scenario;
        let drawn = drawn(scenario, run);
        let mut words = Words::default();
        let limit = limit(&scenario.platform.values);
        Data {
            duration: exact(scenario.duration.as_micros()),
            of: scenario.devices,
            devices: drawn
                .iter()
                .map(|device| lanes(scenario, events, *device, &mut words))
                .collect(),
            limit: limit.map(|(most, window)| (most, exact(window.as_micros()))),
            steps: scenario.steps.iter().map(|step| label(scenario, step)).collect(),
            events: {
                let wanted = |event: &Event| event.owner == 0 || drawn.contains(&event.owner);
                pack(events, wanted, &scenario.names, &mut words)
            },
            words: words.list(),
        }
    }
}

/// The devices that are drawn: the first few, and those that expectations point at.
pub(super) fn drawn(scenario: &Scenario, run: &Run) -> Vec<u32> {
    let pointed = run.outcome.judgements.iter().filter_map(|judgement| judgement.look_at);
    let pointed = pointed.map(|(_, device)| device).filter(|device| *device > 0);
    let mut drawn: Vec<u32> = (1..=scenario.devices.min(MOST_DEVICES)).collect();
    drawn.extend(pointed.take(MOST_DEVICES as usize));
    drawn.sort_unstable();
    drawn.dedup();
    drawn
}

/// A step as it is called in its lane.
fn label(scenario: &Scenario, step: &Step) -> String {
    let action = step.act.name();
    match step.act {
        Act::ServerPush { push, .. } | Act::ServerCancel { push } => {
            format!("{action} {}", scenario.names.push(push))
        }
        Act::NetworkSwitch { to } => format!("{action} {to}"),
        Act::ServerRestart { how, .. } => format!("{action} {how}"),
        Act::ServerDrop { how } => format!("{action} {how}"),
        Act::UserLowPower { on }
        | Act::PhoneScreen { on }
        | Act::PhoneActivity { on }
        | Act::PhoneVoiceCall { on }
        | Act::NetworkAirplane { on }
        | Act::NetworkSilence { on, .. }
        | Act::NetworkInternet { on }
        | Act::NetworkCaptivePortal { on, .. }
        | Act::NetworkDns { on, .. }
        | Act::ServerMedia { on, .. }
        | Act::AppAudio { on } => format!("{action} {}", if on { "on" } else { "off" }),
        Act::UserBackground
        | Act::UserForeground
        | Act::UserLock
        | Act::UserUnlock
        | Act::UserForceQuit
        | Act::UserForceQuitOther
        | Act::UserNotifications { .. }
        | Act::UserSetClock { .. }
        | Act::PhoneCharger { .. }
        | Act::PhoneMemoryPressure { .. }
        | Act::PhoneMemoryKill
        | Act::PhoneReboot
        | Act::NetworkReaddress
        | Act::NetworkNatForget
        | Act::AppExit { .. }
        | Act::AppHang { .. } => action.to_owned(),
    }
}
