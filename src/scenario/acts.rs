//! What a step can do: one row an act, with its arguments.

use super::library::Library;
use super::model::Act;
use super::pushes::Pushes;
use super::table::{KeyInfo, Reader};
use super::values::{ClockStep, ExitCode, Word};
use crate::net::{Portal, Resolver};
use crate::port::{Interface, Span};
use crate::server::DropHow;
use crate::settings::{Dist, Setting};
use crate::trace::RestartKind;

/// One row of the table of acts.
pub struct ActInfo {
    /// The act's name, after `do`.
    pub name: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// Its arguments.
    pub args: &'static [KeyInfo],
    /// Makes the act; `None` when an argument is wrong, which is reported.
    make: fn(&mut Args<'_, '_>) -> Option<Act>,
}

/// The arguments of one act.
pub(super) struct Args<'r, 'a> {
    pub(super) reader: &'r Reader<'a>,
    pub(super) pushes: &'r mut Pushes,
    /// The number of members when the step is repeated.
    pub(super) series: super::pushes::Series,
    pub(super) library: &'a dyn Library,
    /// How long what the act begins lasts, if that varies.
    pub(super) lasts: Option<Dist>,
}

impl Args<'_, '_> {
    fn get<T: Setting>(&self, name: &str) -> Option<T> {
        self.reader.get(name)
    }

    fn maybe<T: Setting>(&self, name: &str) -> Option<Option<T>> {
        self.reader.maybe(name)
    }

    /// How long what the act begins lasts.
    fn lasting(&mut self, name: &str) -> Option<Span> {
        let dist = self.reader.get_varying(name, self.library)?;
        Some(self.noted(dist))
    }

    fn maybe_lasting(&mut self, name: &str) -> Option<Option<Span>> {
        let dist = self.reader.maybe_varying(name, self.library)?;
        Some(dist.map(|dist| self.noted(dist)))
    }

    /// The span itself, or the median of one that varies, which is kept.
    fn noted(&mut self, dist: Dist) -> Span {
        let (constant, median) = (dist.constant(), dist.median());
        self.lasts = constant.is_none().then_some(dist);
        constant.unwrap_or(median)
    }
}

impl ActInfo {
    /// The row of the act called `name`.
    pub fn find(name: &str) -> Option<&'static ActInfo> {
        ACTS.iter().find(|row| row.name == name)
    }

    pub(super) fn make(&self, args: &mut Args<'_, '_>) -> Option<Act> {
        (self.make)(args)
    }
}

const fn row(
    name: &'static str,
    doc: &'static str,
    args: &'static [KeyInfo],
    make: fn(&mut Args<'_, '_>) -> Option<Act>,
) -> ActInfo {
    ActInfo { name, doc, args, make }
}

/// Everything a step can do.
pub const ACTS: &[ActInfo] = &[
    row("user.background", "The user leaves the app.", &[], |_| Some(Act::UserBackground)),
    row("user.foreground", "The user opens the app.", &[], |_| Some(Act::UserForeground)),
    row(
        "user.lock",
        "The user locks the screen; the app goes to the background if it was on screen.",
        &[],
        |_| Some(Act::UserLock),
    ),
    row(
        "user.unlock",
        "The user unlocks the screen; the app that was on screen comes back.",
        &[],
        |_| Some(Act::UserUnlock),
    ),
    row("user.force-quit", "The user removes the app from the app switcher.", &[], |_| {
        Some(Act::UserForceQuit)
    }),
    row(
        "user.force-quit-other",
        "The user removes another app from the app switcher.",
        &[],
        |_| Some(Act::UserForceQuitOther),
    ),
    row(
        "user.notifications",
        "The user allows or forbids notifications.",
        &[KeyInfo::required::<bool>("allowed", "Whether they are shown.")],
        |args| Some(Act::UserNotifications { allowed: args.get("allowed")? }),
    ),
    row(
        "user.low-power",
        "The user switches low-power mode.",
        &[KeyInfo::required::<bool>("on", "Whether it is on.")],
        |args| Some(Act::UserLowPower { on: args.get("on")? }),
    ),
    row(
        "user.set-clock",
        "The user sets the clock.",
        &[KeyInfo::required::<ClockStep>("by", "How far, with a sign.")],
        |args| Some(Act::UserSetClock { by: args.get::<ClockStep>("by")?.0 }),
    ),
    row(
        "phone.charger",
        "The charger is plugged in or pulled out.",
        &[KeyInfo::required::<bool>("connected", "Whether it is plugged in.")],
        |args| Some(Act::PhoneCharger { connected: args.get("connected")? }),
    ),
    row(
        "phone.screen",
        "The screen goes on or off by itself, without a lock.",
        &[KeyInfo::required::<bool>("on", "Whether it is on.")],
        |args| Some(Act::PhoneScreen { on: args.get("on")? }),
    ),
    row(
        "phone.activity",
        "Something else on the phone keeps the device awake, or stops doing so.",
        &[KeyInfo::required::<bool>("on", "Whether there is such activity.")],
        |args| Some(Act::PhoneActivity { on: args.get("on")? }),
    ),
    row(
        "phone.memory-pressure",
        "Memory is short: apps that run are warned.",
        &[KeyInfo::or::<bool>("critical", "false", "Whether suspended apps are killed.")],
        |args| Some(Act::PhoneMemoryPressure { critical: args.get("critical")? }),
    ),
    row(
        "phone.memory-kill",
        "The app's memory is taken: it is killed in whatever state it is.",
        &[],
        |_| Some(Act::PhoneMemoryKill),
    ),
    row(
        "phone.voice-call",
        "A telephone call begins or ends; on some networks data stands still meanwhile.",
        &[KeyInfo::required::<bool>("on", "Whether the phone is in a call.")],
        |args| Some(Act::PhoneVoiceCall { on: args.get("on")? }),
    ),
    row("phone.reboot", "The device boots again.", &[], |_| Some(Act::PhoneReboot)),
    row(
        "network.switch",
        "The interface that carries traffic changes.",
        &[KeyInfo::required::<Interface>("to", "To which.")],
        |args| Some(Act::NetworkSwitch { to: args.get("to")? }),
    ),
    row(
        "network.airplane",
        "Airplane mode is switched.",
        &[KeyInfo::required::<bool>("on", "Whether it is on.")],
        |args| Some(Act::NetworkAirplane { on: args.get("on")? }),
    ),
    row(
        "network.silence",
        "The path swallows everything, or works again.",
        &[
            KeyInfo::or::<bool>("on", "true", "Whether it is silent."),
            KeyInfo::optional::<Dist>("lasts", "It heals by itself after so long."),
        ],
        |args| {
            let (on, lasts) = (args.get("on"), args.maybe_lasting("lasts"));
            Some(Act::NetworkSilence { on: on?, lasts: lasts? })
        },
    ),
    row("network.readdress", "The phone's address changes under the same interface.", &[], |_| {
        Some(Act::NetworkReaddress)
    }),
    row(
        "network.internet",
        "The Wi-Fi loses its way to the internet and stays associated, or has it again.",
        &[KeyInfo::required::<bool>("on", "Whether the internet is there.")],
        |args| Some(Act::NetworkInternet { on: args.get("on")? }),
    ),
    row(
        "network.captive-portal",
        "A captive portal stands between the Wi-Fi and the internet, or lets pass.",
        &[
            KeyInfo::required::<bool>("on", "Whether it stands in the way."),
            KeyInfo::optional::<Portal>(
                "how",
                "What it does with new connections; `\"answers\"` when absent.",
            ),
        ],
        |args| {
            let (on, how) = (args.get("on"), args.maybe("how"));
            Some(Act::NetworkCaptivePortal { on: on?, how: how? })
        },
    ),
    row(
        "network.dns",
        "Names are not resolved any more, or again.",
        &[
            KeyInfo::required::<bool>("on", "Whether they are resolved."),
            KeyInfo::optional::<Resolver>(
                "how",
                "What becomes of a name meanwhile; `\"silent\"` when absent.",
            ),
        ],
        |args| {
            let (on, how) = (args.get("on"), args.maybe("how"));
            Some(Act::NetworkDns { on: on?, how: how? })
        },
    ),
    row("network.nat-forget", "The NAT forgets every connection.", &[], |_| {
        Some(Act::NetworkNatForget)
    }),
    row(
        "server.push",
        "A push is sent.",
        &[
            KeyInfo::required::<Word>(
                "push",
                "Its name; a repeated step sends `name-1`, `name-2`, ….",
            ),
            KeyInfo::optional::<Span>(
                "ttl",
                "How long it is worth delivering; the server's default when absent.",
            ),
        ],
        |args| {
            let ttl = args.maybe("ttl");
            let name = args.get::<Word>("push")?;
            let push = args.pushes.declare(args.reader, name.0, args.series)?;
            Some(Act::ServerPush { push, ttl: ttl? })
        },
    ),
    row(
        "server.cancel",
        "A push is withdrawn.",
        &[KeyInfo::required::<Word>("push", "Its name; a step further up sends it.")],
        |args| {
            let name = args.get::<Word>("push")?;
            Some(Act::ServerCancel { push: args.pushes.single(args.reader, &name.0)? })
        },
    ),
    row(
        "server.media",
        "The server sends a media stream, or stops.",
        &[
            KeyInfo::or::<bool>("on", "true", "Whether it does."),
            KeyInfo::optional::<Dist>("lasts", "It stops by itself after so long."),
        ],
        |args| {
            let (on, lasts) = (args.get("on"), args.maybe_lasting("lasts"));
            Some(Act::ServerMedia { on: on?, lasts: lasts? })
        },
    ),
    row(
        "server.restart",
        "The server goes down and comes back.",
        &[
            KeyInfo::or::<RestartKind>("how", "\"process\"", "What it looks like from outside."),
            KeyInfo::or::<Dist>("down-for", "\"30s\"", "For how long; `0s` when it drains."),
        ],
        |args| {
            let (how, down_for) = (args.get("how"), args.lasting("down-for"));
            let drains = how? == RestartKind::Drain && !args.reader.has("down-for");
            let down_for = if drains { Span::ZERO } else { down_for? };
            Some(Act::ServerRestart { how: how?, down_for })
        },
    ),
    row(
        "server.drop",
        "The server drops the device's connection.",
        &[KeyInfo::or::<DropHow>("how", "\"fin\"", "What it looks like from outside.")],
        |args| Some(Act::ServerDrop { how: args.get("how")? }),
    ),
    row(
        "app.exit",
        "The app exits.",
        &[KeyInfo::required::<ExitCode>("code", "Other than zero is a crash.")],
        |args| Some(Act::AppExit { code: args.get::<ExitCode>("code")?.0 }),
    ),
    row(
        "app.audio",
        "The app begins or ends to play or record sound, as in a call.",
        &[KeyInfo::required::<bool>("on", "Whether it does.")],
        |args| Some(Act::AppAudio { on: args.get("on")? }),
    ),
    row(
        "app.hang",
        "The app's main thread hangs.",
        &[KeyInfo::required::<Dist>("lasts", "For how long.")],
        |args| Some(Act::AppHang { lasts: args.lasting("lasts")? }),
    ),
];

/// Their names.
pub(super) const NAMES: [&str; ACTS.len()] = {
    let mut names = [""; ACTS.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = ACTS[place].name;
        place += 1;
    }
    names
};

impl Act {
    /// The act's name, as written after `do` and in traces.
    pub const fn name(self) -> &'static str {
        match self {
            Act::UserBackground => "user.background",
            Act::UserForeground => "user.foreground",
            Act::UserLock => "user.lock",
            Act::UserUnlock => "user.unlock",
            Act::UserForceQuit => "user.force-quit",
            Act::UserForceQuitOther => "user.force-quit-other",
            Act::UserNotifications { .. } => "user.notifications",
            Act::UserLowPower { .. } => "user.low-power",
            Act::UserSetClock { .. } => "user.set-clock",
            Act::PhoneCharger { .. } => "phone.charger",
            Act::PhoneScreen { .. } => "phone.screen",
            Act::PhoneActivity { .. } => "phone.activity",
            Act::PhoneMemoryPressure { .. } => "phone.memory-pressure",
            Act::PhoneMemoryKill => "phone.memory-kill",
            Act::PhoneVoiceCall { .. } => "phone.voice-call",
            Act::PhoneReboot => "phone.reboot",
            Act::NetworkSwitch { .. } => "network.switch",
            Act::NetworkAirplane { .. } => "network.airplane",
            Act::NetworkSilence { .. } => "network.silence",
            Act::NetworkReaddress => "network.readdress",
            Act::NetworkInternet { .. } => "network.internet",
            Act::NetworkCaptivePortal { .. } => "network.captive-portal",
            Act::NetworkDns { .. } => "network.dns",
            Act::NetworkNatForget => "network.nat-forget",
            Act::ServerPush { .. } => "server.push",
            Act::ServerCancel { .. } => "server.cancel",
            Act::ServerMedia { .. } => "server.media",
            Act::ServerRestart { .. } => "server.restart",
            Act::ServerDrop { .. } => "server.drop",
            Act::AppExit { .. } => "app.exit",
            Act::AppAudio { .. } => "app.audio",
            Act::AppHang { .. } => "app.hang",
        }
    }

    /// The same act, where what it begins lasts so long.
    pub const fn lasting(self, span: Span) -> Act {
        if let Act::NetworkSilence { on, lasts: Some(_) } = self {
            Act::NetworkSilence { on, lasts: Some(span) }
        } else if let Act::ServerMedia { on, lasts: Some(_) } = self {
            Act::ServerMedia { on, lasts: Some(span) }
        } else if let Act::ServerRestart { how, .. } = self {
            Act::ServerRestart { how, down_for: span }
        } else if let Act::AppHang { .. } = self {
            Act::AppHang { lasts: span }
        } else {
            self
        }
    }

    /// An argument that says nothing beside the others: its key, why, and what it goes with.
    pub(super) const fn vain_argument(self) -> Option<(&'static str, &'static str, &'static str)> {
        if let Act::NetworkSilence { on: false, lasts: Some(_) } = self {
            Some(("lasts", "a path that works again needs no `lasts`", "only with `on = true`"))
        } else if let Act::NetworkCaptivePortal { on: false, how: Some(_) } = self {
            Some(("how", "a portal that lets pass needs no `how`", "only with `on = true`"))
        } else if let Act::NetworkDns { on: true, how: Some(_) } = self {
            Some(("how", "names that are resolved need no `how`", "only with `on = false`"))
        } else if let Act::ServerMedia { on: false, lasts: Some(_) } = self {
            Some(("lasts", "a stream that stops needs no `lasts`", "only with `on = true`"))
        } else {
            None
        }
    }

    /// Whether the act breaks something, so that it belongs into the safety phase of a run that has phases.
    ///
    /// A fault takes something away that the device needs in order to be reached: its network, its address, its
    /// connection, the server, its process. What ends a fault is none, and neither is what people do with a
    /// phone that works: leave the app, lock the screen, set the clock, forbid notifications. Any change of the
    /// interface is a fault, because the connection dies with the old address.
    pub const fn is_fault(self) -> bool {
        match self {
            Act::UserForceQuit
            | Act::UserForceQuitOther
            | Act::PhoneMemoryKill
            | Act::PhoneReboot
            | Act::NetworkSwitch { .. }
            | Act::NetworkReaddress
            | Act::NetworkNatForget
            | Act::ServerRestart { .. }
            | Act::ServerDrop { .. }
            | Act::AppExit { .. }
            | Act::AppHang { .. } => true,
            Act::PhoneMemoryPressure { critical } => critical,
            Act::PhoneVoiceCall { on }
            | Act::NetworkAirplane { on }
            | Act::NetworkSilence { on, .. }
            | Act::NetworkCaptivePortal { on, .. }
            | Act::ServerMedia { on, .. } => on,
            Act::NetworkInternet { on } | Act::NetworkDns { on, .. } => !on,
            Act::UserBackground
            | Act::UserForeground
            | Act::UserLock
            | Act::UserUnlock
            | Act::UserNotifications { .. }
            | Act::UserLowPower { .. }
            | Act::UserSetClock { .. }
            | Act::PhoneCharger { .. }
            | Act::PhoneScreen { .. }
            | Act::PhoneActivity { .. }
            | Act::ServerPush { .. }
            | Act::ServerCancel { .. }
            | Act::AppAudio { .. } => false,
        }
    }

    /// Whether the act is about what all devices share, so that it cannot be on one device.
    pub const fn server_wide(self) -> bool {
        matches!(self, Act::ServerRestart { .. })
    }
}
