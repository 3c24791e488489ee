//! Who does a step of a scenario on a device: the host, the agent, a tool, a person, or nobody. A pure table.

use crate::net::Portal;
use crate::port::{Interface, PushId, Span, words};
use crate::scenario::Act;
use crate::server::DropHow;
use crate::trace::RestartKind;

words! {
    /// What a scenario runs on.
    pub enum Kind {
        /// The agent under the model of iOS, on this machine.
        Fake = "fake",
        /// The simulator of iOS.
        Simulator = "simulator",
        /// A phone.
        Phone = "phone",
        /// A phone before iOS 17, for which no tool opens and closes apps without a debugger.
        OldPhone = "old-phone",
    }
}

/// How an act is done.
#[derive(Clone, PartialEq, Debug)]
pub enum Way {
    /// By the host itself: its server, its fault proxy.
    Host(HostAct),
    /// By the agent, which is asked to.
    Agent,
    /// By a tool of the host, on the device.
    Tool(ToolAct),
    /// By a person, who is asked to.
    Person(Ask),
    /// Not at all: why.
    Cannot(&'static str),
}

/// What the host does itself.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum HostAct {
    /// A push is sent.
    Push {
        /// Which one.
        push: PushId,
        /// How long it is worth delivering.
        ttl: Option<Span>,
    },
    /// A push is withdrawn.
    Cancel(PushId),
    /// The server sends a media stream, or stops.
    Media {
        /// Whether it does.
        on: bool,
        /// It stops by itself after so long.
        lasts: Option<Span>,
    },
    /// The server goes down and comes back.
    Restart {
        /// What it looks like.
        how: RestartKind,
        /// For how long.
        down_for: Span,
    },
    /// The server drops the connection.
    Drop(DropHow),
    /// The path swallows everything, or works again.
    Silence(bool),
    /// The path forgets every connection.
    NatForget,
    /// The Wi-Fi has a way to the internet, or none.
    Internet(bool),
    /// A captive portal stands in the way, or none.
    Portal(Option<Portal>),
}

words! {
    /// What a tool does on the device.
    pub enum ToolAct {
        /// Another app is opened, so that ours goes to the background.
        Background = "open another app",
        /// The app is opened.
        Foreground = "open the app",
        /// The app's process is ended.
        Kill = "end the app's process",
        /// The app is told that memory is short.
        MemoryWarning = "send a memory warning",
    }
}

/// What a person is asked to do, and how it is known to be done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ask {
    /// What to do.
    pub what: String,
    /// Any of these shows that it is done.
    pub signs: &'static [Sign],
}

/// How something is known to be done.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Sign {
    /// The phone tells of this event.
    Event(&'static str),
    /// The agent's connection to the host ends.
    Gone,
    /// The person says so.
    Said,
}

impl Sign {
    /// The sign in words.
    pub fn words(self) -> String {
        match self {
            Sign::Event(pattern) => format!("the event `{pattern}`"),
            Sign::Gone => "the end of the app's connection".into(),
            Sign::Said => "Enter".into(),
        }
    }
}

fn person(what: &str, signs: &'static [Sign]) -> Way {
    Way::Person(Ask { what: what.to_owned(), signs })
}

const LEFT: &[Sign] = &[Sign::Event("callback name=entered-background"), Sign::Said];
const CAME: &[Sign] =
    &[Sign::Event("callback name=will-enter-foreground"), Sign::Event("first-unlock"), Sign::Said];
const SAID: &[Sign] = &[Sign::Said];
const GONE: &[Sign] = &[Sign::Gone, Sign::Event("callback name=will-terminate")];
const WARNED: &[Sign] = &[Sign::Event("callback name=memory-warning")];
const ANOTHER_INTERFACE: &[Sign] = &[Sign::Event("interface")];

const NO_BATTERY: &str = "a simulator has no battery and never saves power";
const NO_RADIO: &str = "a simulator has the network of the Mac it runs on";
const NO_CALLS: &str = "a simulator takes no telephone calls";

const NO_NAMES: &str = "the agent connects to an address, so that no name is resolved";
const NO_SHORTAGE: &str = "no tool makes a system end its suspended apps";
const NO_SCREEN: &str = "a phone's screen does not go off or on by itself without a lock";
const KEEPS_ADDRESS: &str = "a phone keeps its address as long as it keeps its network";
const MACS_CLOCK: &str = "a simulator has the clock of the Mac it runs on";
const NO_SLEEP: &str = "a simulator does not sleep";
const NO_TOOL: &str = "before iOS 17 no tool can do that without a debugger";
const NO_BOOT: &str = "a simulator starts no app again when it boots";

/// How `act` is done on such a device.
pub fn way(act: Act, kind: Kind) -> Way {
    let [fake, simulator, phone] = ways(act);
    match kind {
        Kind::Fake => fake,
        Kind::Simulator => simulator,
        Kind::Phone => phone,
        Kind::OldPhone => by_hand(phone),
    }
}

/// The same without a tool that could do it.
fn by_hand(phone: Way) -> Way {
    match phone {
        Way::Tool(ToolAct::Background) => person("Go to the home screen.", LEFT),
        Way::Tool(ToolAct::Foreground) => person("Tap the app's icon.", CAME),
        Way::Tool(ToolAct::Kill | ToolAct::MemoryWarning) => Way::Cannot(NO_TOOL),
        Way::Host(_) | Way::Agent | Way::Person(_) | Way::Cannot(_) => phone,
    }
}

/// The same way whatever the device is.
fn host(act: HostAct) -> [Way; 3] {
    [Way::Host(act), Way::Host(act), Way::Host(act)]
}

/// The table: how an act is done by an agent under the model, in the simulator, on a phone of today.
fn ways(act: Act) -> [Way; 3] {
    use Way::{Agent, Cannot, Tool};
    match act {
        Act::UserBackground => [Agent, Tool(ToolAct::Background), Tool(ToolAct::Background)],
        Act::UserForeground => [Agent, Tool(ToolAct::Foreground), Tool(ToolAct::Foreground)],
        Act::UserLock => [
            Agent,
            person("Lock the simulator: Device > Lock.", LEFT),
            person("Lock the phone with its side button.", LEFT),
        ],
        Act::UserUnlock => [Agent, unlock("simulator"), unlock("phone")],
        Act::UserForceQuit => [Agent, quit("the app", GONE), quit("the app", GONE)],
        Act::UserForceQuitOther => [Agent, quit("another app", SAID), quit("another app", SAID)],
        Act::UserNotifications { allowed } => {
            [Agent, notifications(allowed), notifications(allowed)]
        }
        Act::UserLowPower { on } => [Agent, Cannot(NO_BATTERY), low_power(on)],
        Act::UserSetClock { by } => [Agent, Cannot(MACS_CLOCK), set_clock(by)],
        Act::PhoneCharger { connected } => [Agent, Cannot(NO_BATTERY), charger(connected)],
        Act::PhoneScreen { .. } => [Agent, Cannot(NO_SCREEN), Cannot(NO_SCREEN)],
        Act::PhoneActivity { on } => [Agent, Cannot(NO_SLEEP), activity(on)],
        Act::PhoneMemoryPressure { critical: true } => {
            [Agent, Cannot(NO_SHORTAGE), Cannot(NO_SHORTAGE)]
        }
        Act::PhoneMemoryPressure { critical: false } => [
            Agent,
            person("Choose Debug > Simulate Memory Warning.", WARNED),
            Tool(ToolAct::MemoryWarning),
        ],
        Act::PhoneMemoryKill => [Agent, Tool(ToolAct::Kill), Tool(ToolAct::Kill)],
        Act::PhoneVoiceCall { on } => [Agent, Cannot(NO_CALLS), voice_call(on)],
        Act::PhoneReboot => [
            Agent,
            Cannot(NO_BOOT),
            person("Restart the phone, and unlock it once.", &[Sign::Gone]),
        ],
        Act::NetworkSwitch { to } => [Agent, Cannot(NO_RADIO), switch(to)],
        Act::NetworkAirplane { on } => [Agent, Cannot(NO_RADIO), airplane(on)],
        Act::NetworkReaddress => [Agent, Cannot(NO_RADIO), Cannot(KEEPS_ADDRESS)],
        Act::NetworkDns { .. } => [Cannot(NO_NAMES), Cannot(NO_NAMES), Cannot(NO_NAMES)],
        Act::NetworkSilence { on, lasts: _ } => host(HostAct::Silence(on)),
        Act::NetworkNatForget => host(HostAct::NatForget),
        Act::NetworkInternet { on } => host(HostAct::Internet(on)),
        Act::NetworkCaptivePortal { on, how } => {
            host(HostAct::Portal(on.then_some(how.unwrap_or(Portal::Answers))))
        }
        Act::ServerPush { push, ttl } => host(HostAct::Push { push, ttl }),
        Act::ServerCancel { push } => host(HostAct::Cancel(push)),
        Act::ServerMedia { on, lasts } => host(HostAct::Media { on, lasts }),
        Act::ServerRestart { how, down_for } => host(HostAct::Restart { how, down_for }),
        Act::ServerDrop { how } => host(HostAct::Drop(how)),
        Act::AppExit { .. } | Act::AppAudio { .. } | Act::AppHang { .. } => [Agent, Agent, Agent],
    }
}

fn unlock(device: &str) -> Way {
    person(&format!("Unlock the {device}, so that the app shows again."), CAME)
}

fn quit(app: &str, signs: &'static [Sign]) -> Way {
    person(&format!("Remove {app} from the app switcher."), signs)
}

fn charger(connected: bool) -> Way {
    match connected {
        true => person("Plug the phone in.", &[Sign::Event("charger connected=true"), Sign::Said]),
        false => person(
            "Unplug the phone. (The host has to reach it without the cable.)",
            &[Sign::Event("charger connected=false"), Sign::Said],
        ),
    }
}

fn activity(on: bool) -> Way {
    match on {
        true => person("Let another app play music, and leave ours as it is.", SAID),
        false => person("Stop the music.", SAID),
    }
}

fn voice_call(on: bool) -> Way {
    match on {
        true => person(
            "Call the phone from another one, and take the call.",
            &[Sign::Event("voice-call on=true"), Sign::Said],
        ),
        false => person("Hang up.", &[Sign::Event("voice-call on=false"), Sign::Said]),
    }
}

fn airplane(on: bool) -> Way {
    match on {
        true => person("Switch airplane mode on, and Wi-Fi off.", ANOTHER_INTERFACE),
        false => person("Switch airplane mode off, and Wi-Fi on.", ANOTHER_INTERFACE),
    }
}

fn notifications(allowed: bool) -> Way {
    let how = if allowed { "Allow" } else { "Forbid" };
    person(&format!("{how} notifications for the app: Settings > Notifications."), SAID)
}

fn low_power(on: bool) -> Way {
    let how = if on { "on" } else { "off" };
    let what = format!("Switch Low Power Mode {how}: Settings > Battery.");
    let signs: &[Sign] = &[Sign::Event("callback name=low-power-mode-changed")];
    person(&what, signs)
}

fn set_clock(by: i64) -> Way {
    let span = Span::from_micros(by.unsigned_abs());
    let how = if by < 0 { "back" } else { "forward" };
    let what = format!("Set the clock {span} {how}: Settings > General > Date & Time.");
    person(&what, SAID)
}

fn switch(to: Interface) -> Way {
    match to {
        Interface::Wifi => person("Switch Wi-Fi on.", &[Sign::Event("interface to=wifi")]),
        Interface::Cellular => person(
            "Switch Wi-Fi off and mobile data on. (The host has to be reachable over it.)",
            &[Sign::Event("interface to=cellular")],
        ),
        Interface::None => {
            person("Switch Wi-Fi and mobile data off.", &[Sign::Event("interface to=none")])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::{OnPhone, Pattern, What};

    fn acts() -> Vec<Act> {
        let push = PushId { name: 0, member: 0 };
        vec![
            Act::UserBackground,
            Act::UserForeground,
            Act::UserLock,
            Act::UserUnlock,
            Act::UserForceQuit,
            Act::UserForceQuitOther,
            Act::UserNotifications { allowed: false },
            Act::UserLowPower { on: true },
            Act::UserSetClock { by: -60_000_000 },
            Act::PhoneCharger { connected: true },
            Act::PhoneCharger { connected: false },
            Act::PhoneScreen { on: false },
            Act::PhoneActivity { on: true },
            Act::PhoneMemoryPressure { critical: false },
            Act::PhoneMemoryPressure { critical: true },
            Act::PhoneMemoryKill,
            Act::PhoneVoiceCall { on: true },
            Act::PhoneReboot,
            Act::NetworkSwitch { to: Interface::Cellular },
            Act::NetworkAirplane { on: true },
            Act::NetworkSilence { on: true, lasts: None },
            Act::NetworkReaddress,
            Act::NetworkInternet { on: false },
            Act::NetworkCaptivePortal { on: true, how: None },
            Act::NetworkDns { on: false, how: None },
            Act::NetworkNatForget,
            Act::ServerPush { push, ttl: None },
            Act::ServerCancel { push },
            Act::ServerMedia { on: true, lasts: None },
            Act::ServerRestart { how: RestartKind::Process, down_for: Span::from_secs(1) },
            Act::ServerDrop { how: DropHow::Reset },
            Act::AppExit { code: 1 },
            Act::AppAudio { on: true },
            Act::AppHang { lasts: Span::from_secs(1) },
        ]
    }

    /// One letter a device: host, agent, tool, person, or nobody.
    fn who(act: Act) -> String {
        let letter = |kind: &Kind| match way(act, *kind) {
            Way::Host(_) => 'h',
            Way::Agent => 'a',
            Way::Tool(_) => 't',
            Way::Person(_) => 'p',
            Way::Cannot(_) => '-',
        };
        Kind::ALL.iter().map(letter).collect()
    }

    #[test]
    fn who_does_what_on_which_device() {
        let table: Vec<String> =
            acts().into_iter().map(|act| format!("{} {}", who(act), act.name())).collect();
        let expected = [
            "attp user.background",
            "attp user.foreground",
            "appp user.lock",
            "appp user.unlock",
            "appp user.force-quit",
            "appp user.force-quit-other",
            "appp user.notifications",
            "a-pp user.low-power",
            "a-pp user.set-clock",
            "a-pp phone.charger",
            "a-pp phone.charger",
            "a--- phone.screen",
            "a-pp phone.activity",
            "apt- phone.memory-pressure",
            "a--- phone.memory-pressure",
            "att- phone.memory-kill",
            "a-pp phone.voice-call",
            "a-pp phone.reboot",
            "a-pp network.switch",
            "a-pp network.airplane",
            "hhhh network.silence",
            "a--- network.readdress",
            "hhhh network.internet",
            "hhhh network.captive-portal",
            "---- network.dns",
            "hhhh network.nat-forget",
            "hhhh server.push",
            "hhhh server.cancel",
            "hhhh server.media",
            "hhhh server.restart",
            "hhhh server.drop",
            "aaaa app.exit",
            "aaaa app.audio",
            "aaaa app.hang",
        ];
        assert_eq!(table, expected);
    }

    #[test]
    fn every_act_of_the_language_is_in_the_table_above() {
        let known: Vec<&str> = acts().into_iter().map(Act::name).collect();
        let missing = crate::scenario::ACTS.iter().filter(|row| !known.contains(&row.name));
        assert_eq!(missing.map(|row| row.name).collect::<Vec<_>>(), [""; 0]);
    }

    #[test]
    fn every_sign_is_an_event_that_a_phone_tells_of() {
        let mut signs = 0;
        for act in acts() {
            for kind in Kind::ALL {
                let Way::Person(ask) = way(act, *kind) else { continue };
                assert!(!ask.signs.is_empty(), "{ask:?}");
                for sign in ask.signs {
                    let Sign::Event(text) = sign else { continue };
                    let pattern = Pattern::parse(text).unwrap();
                    let row = What::TABLE.iter().find(|row| row.name == pattern.event()).unwrap();
                    assert_eq!(row.on_phone, OnPhone::Observed, "{text}");
                    signs += 1;
                }
            }
        }
        assert!(signs > 5);
    }
}
