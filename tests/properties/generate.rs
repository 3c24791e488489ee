//! Random scenarios, written as TOML, so that the decoder is put to the test as well.

use std::fmt::Write;

use holdline::scenario::{Presets, Scenario, decode};
use proptest::prelude::*;
use proptest::sample::select;

const PLATFORMS: &[&str] =
    &["ios-4", "ios-5", "ios-6", "ios-7", "ios-8", "ios-9", "ios-10", "ios-11", "ios-13", "ios-16"];

const NETWORKS: &[&str] = &[
    "wifi-home",
    "wifi-home-5m",
    "wifi-home-strict",
    "lte-carrier",
    "carrier-255s-rst",
    "edge",
    "gprs",
    "lte-2021",
    "lte-ipv6-only",
];

/// The strategies that would come back to a server if they were let.
pub(crate) const WILLING: &[&str] = &[
    "default",
    "closes-scheduled",
    "ends-task-too-late",
    "ends-wrong-task",
    "gcd-async-socket",
    "gcd-async-socket-outside",
    "long-poll",
    "pings-after-handler",
    "disconnects-in-background",
    "exits-in-background",
    "hangs-in-background",
    "hangs-in-expiry",
    "hangs-in-handler",
    "heartbeat-only",
    "infinite-heartbeat",
    "leaks-task",
    "leaks-task-in-handler",
    "ping-in-handler",
    "ping-without-task",
    "plain-socket",
    "reconnect-in-handler",
    "reconnect-without-task",
    "shows-twice",
    "sip-tcp",
    "sip-two-sockets",
    "tags-too-late",
    "white-space-in-handler",
];

/// The others: nothing is ever heard from them, they never get as far as connecting, or what is sent to them
/// is lost for good.
const UNWILLING: &[&str] = &[
    "forgets-run-loop",
    "handles-end-twice",
    "hangs-at-launch",
    "schedules-in-wrong-mode",
    "sip-udp",
    "workload",
];

const SERVERS: &[&str] = &[
    "default",
    "heartbeat-4m",
    "heartbeat-9s",
    "heartbeat-15s",
    "memory-queue",
    "mqtt",
    "tcp-keep-alive",
    "xmpp",
];

/// What a server can be asked to do besides.
const SERVER_SETS: &[&str] = &[
    "",
    "",
    "set = { registration.expires = \"200s\", retransmit.first = \"500ms\" }",
    "set = { push.via = \"second\", push.knock = true, retransmit.first = \"2s\" }",
    "set = { queue.kind = \"none\", retransmit.first = \"500ms\", media.interval = \"1s\" }",
];

/// Overrides that make rare rules frequent.
const PLATFORM_SETS: &[&str] = &[
    "",
    "set = { keep-alive.on-overrun = \"suspend\", keep-alive.handler-budget = \"10s\" }",
    "set = { background-task.limit = 1 }",
    "set = { background-task.on-overrun = \"suspend\" }",
    "set = { background-task.expiry-handler-budget = \"2s\", wake-limit.count = 2, wake-limit.window-kind = \"fixed\" }",
    "set = { background-task.expiry-handler-budget = \"2s\", wake-limit.count = 3, wake-limit.counts-keep-alive = true }",
    "set = { background-task.expiry-handler-budget = \"2s\", voip-wake.data-extends = true, voip-socket.wakes-in-handshake = false, reachability.wakes = true }",
    "set = { background-task.expiry-handler-budget = \"2s\", voip-socket.event-on-network-change = true, socket-reclaim.trigger = \"suspension\" }",
    "set = { background-task.refused = true }",
    "set = { stream.told-after-close = true, suspension.delay = \"0s\" }",
    "set = { background-task.expiry-handler-budget = \"2s\", suspension.delay = \"0s\", keep-alive.suspension-delay = \"0s\" }",
];

const CLIENT_SETS: &[&str] = &[
    "",
    "ping.interval = \"45s\"",
    "push.work = \"4s\", wake.task = false",
    "push.notify = \"always\"",
    "second.open = true, second.transport = \"udp\", push.acknowledge = false, keep-alive.action = \"register\"",
    "second.open = true, second.service-type = \"voip\", register.interval = \"90s\"",
    "keep-alive.install = \"launch\"",
    "background.task = true, background.task-end = \"expiry\", expiry.hang = \"10s\"",
    "background.task = true, background.task-end = \"expiry\", expiry.begin-again = true",
    "keep-alive.task-end = \"return\"",
    "connect.tls-round-trips = 2",
    "terminate.hang = \"30s\"",
    "foreground.check = false",
    "connect.by = \"ipv4-literal\"",
];

const EVENTS: &[&str] = &[
    "state to=suspended",
    "state to=not-running",
    "client.connected",
    "client.disconnected",
    "wake",
    "kill",
    "server.session-closed",
    "callback name=entered-background",
    "interface",
    "lease-ended",
    "push-received",
];

/// The acts that change something and need no name, with their arguments.
const ACTS: &[(u32, &str)] = &[
    (6, "do = \"user.background\""),
    (6, "do = \"user.foreground\""),
    (4, "do = \"user.lock\""),
    (4, "do = \"user.unlock\""),
    (1, "do = \"user.force-quit\""),
    (1, "do = \"user.force-quit-other\""),
    (1, "do = \"user.notifications\"\nallowed = false"),
    (1, "do = \"user.notifications\"\nallowed = true"),
    (1, "do = \"user.low-power\"\non = true"),
    (1, "do = \"user.set-clock\"\nby = \"-1h\""),
    (1, "do = \"phone.charger\"\nconnected = true"),
    (1, "do = \"phone.charger\"\nconnected = false"),
    (1, "do = \"phone.screen\"\non = true"),
    (1, "do = \"phone.activity\"\non = true"),
    (1, "do = \"phone.activity\"\non = false"),
    (1, "do = \"phone.memory-pressure\""),
    (1, "do = \"phone.memory-pressure\"\ncritical = true"),
    (1, "do = \"phone.memory-kill\""),
    (1, "do = \"phone.reboot\""),
    (2, "do = \"network.switch\"\nto = \"cellular\""),
    (2, "do = \"network.switch\"\nto = \"wifi\""),
    (1, "do = \"network.switch\"\nto = \"none\""),
    (1, "do = \"network.airplane\"\non = true"),
    (1, "do = \"network.airplane\"\non = false"),
    (1, "do = \"network.silence\""),
    (1, "do = \"network.silence\"\non = false"),
    (2, "do = \"network.silence\"\nlasts = \"90s\""),
    (2, "do = \"network.nat-forget\""),
    (1, "do = \"network.readdress\""),
    (1, "do = \"network.internet\"\non = false"),
    (1, "do = \"network.internet\"\non = true"),
    (1, "do = \"network.captive-portal\"\non = true"),
    (1, "do = \"network.captive-portal\"\non = true\nhow = \"reset\""),
    (1, "do = \"network.captive-portal\"\non = false"),
    (1, "do = \"network.dns\"\non = false"),
    (1, "do = \"network.dns\"\non = false\nhow = \"fails\""),
    (1, "do = \"network.dns\"\non = true"),
    (1, "do = \"phone.voice-call\"\non = true"),
    (1, "do = \"phone.voice-call\"\non = false"),
    (1, "do = \"server.drop\""),
    (1, "do = \"server.drop\"\nhow = \"reset\""),
    (1, "do = \"server.drop\"\nhow = \"silent\""),
    (1, "do = \"server.media\"\nlasts = \"20s\""),
    (1, "do = \"app.exit\"\ncode = 0"),
    (1, "do = \"app.exit\"\ncode = 3"),
    (1, "do = \"app.audio\"\non = true"),
    (1, "do = \"app.audio\"\non = false"),
    (2, "do = \"app.hang\"\nlasts = \"4s\""),
    (1, "do = \"app.hang\"\nlasts = \"45s\""),
];

/// The acts on the server that all devices share.
const SHARED_ACTS: &[&str] = &[
    "do = \"server.restart\"",
    "do = \"server.restart\"\ndown-for = \"2s\"",
    "do = \"server.restart\"\nhow = \"host-down\"\ndown-for = \"40s\"",
    "do = \"server.restart\"\nhow = \"host-down\"\ndown-for = \"4m\"",
    "do = \"server.restart\"\nhow = \"drain\"",
];

/// What a step does, before it has a place in time.
#[derive(Clone, Debug)]
enum Doing {
    /// One of [`ACTS`], on one device or, with 0, on all.
    OnDevice(&'static str, u32),
    /// One of [`SHARED_ACTS`].
    Shared(&'static str),
    /// A push, on one device or on all; its name comes from its place.
    Push(u32),
    /// The last push above that is sent once is withdrawn, on one device or on all; without one nothing
    /// happens.
    Cancel(u32),
}

/// When it does it.
#[derive(Clone, Debug)]
enum When {
    /// At this many microseconds.
    At(u64),
    /// After one of [`EVENTS`], by so many seconds.
    After(&'static str, u64),
    /// Every so many seconds.
    Every(u64),
}

/// A random scenario before it is text.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    platform: &'static str,
    platform_set: &'static str,
    voip: bool,
    sdk: u32,
    network: &'static str,
    client: &'static str,
    client_set: &'static str,
    server: &'static str,
    server_set: &'static str,
    devices: u32,
    seed: u64,
    minutes: u64,
    steps: Vec<(When, Doing)>,
}

/// How wild a plan may be.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Wildness {
    /// Anything the language can say.
    Anything,
    /// Steps at times only, and a client that wants to be connected: what can heal.
    CanHeal,
}

fn doing() -> impl Strategy<Value = Doing> {
    let act = select(
        ACTS.iter()
            .flat_map(|(weight, act)| std::iter::repeat_n(*act, *weight as usize))
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        12 => (act, 0u32..4).prop_map(|(act, device)| Doing::OnDevice(act, device)),
        1 => select(SHARED_ACTS).prop_map(Doing::Shared),
        4 => (0u32..4).prop_map(Doing::Push),
        1 => (0u32..4).prop_map(Doing::Cancel),
    ]
}

fn when(minutes: u64, wildness: Wildness) -> BoxedStrategy<When> {
    let last = minutes * 60 - 1;
    // Round times so that much happens at once, and odd ones so that it falls in between.
    let at = prop_oneof![
        3 => (0..=last / 5).prop_map(|n| When::At(n * 5_000_000)),
        1 => (0..last * 1_000_000).prop_map(When::At),
    ];
    match wildness {
        Wildness::CanHeal => at.boxed(),
        Wildness::Anything => prop_oneof![
            12 => at,
            2 => (select(EVENTS), 0u64..12).prop_map(|(event, by)| When::After(event, by)),
            1 => (20u64..900).prop_map(When::Every),
        ]
        .boxed(),
    }
}

/// Random scenarios of at most `minutes` minutes and `devices` devices.
pub(crate) fn plans(wildness: Wildness, devices: u32, minutes: u64) -> impl Strategy<Value = Plan> {
    let clients = match wildness {
        Wildness::Anything => [WILLING, UNWILLING].concat(),
        Wildness::CanHeal => WILLING.to_vec(),
    };
    let client_sets = match wildness {
        Wildness::Anything => CLIENT_SETS.to_vec(),
        // All but the one that never looks after its connection when the user comes back.
        Wildness::CanHeal => {
            CLIENT_SETS.iter().copied().filter(|set| !set.contains("foreground.check")).collect()
        }
    };
    let what_app = (select(PLATFORMS), select(PLATFORM_SETS), prop::bool::weighted(0.9), 8u32..18);
    let server_sets = match wildness {
        Wildness::Anything => SERVER_SETS,
        // What is to heal says itself what the server keeps.
        Wildness::CanHeal => &SERVER_SETS[..1],
    };
    let server = (select(SERVERS), select(server_sets));
    let who = (select(NETWORKS), select(clients), select(client_sets), server);
    let steps = prop::collection::vec((when(minutes, wildness), doing()), 5..25);
    (what_app, who, 1..=devices, any::<u32>(), steps).prop_map(
        move |(app, who, devices, seed, steps)| {
            let (platform, platform_set, voip, sdk) = app;
            let (network, client, client_set, (server, server_set)) = who;
            Plan {
                platform,
                platform_set,
                voip,
                // Mostly an SDK that is granted the legacy features. With a modern one the app is
                // trapped on iOS 16 whenever it connects, and nothing heals that.
                sdk: if sdk < 14 || wildness == Wildness::CanHeal { 9 } else { sdk },
                network,
                client,
                client_set,
                server,
                server_set,
                devices,
                seed: u64::from(seed),
                minutes,
                steps,
            }
        },
    )
}

impl Plan {
    /// The plan as a scenario.
    pub(crate) fn scenario(&self) -> Scenario {
        read(&self.text("", ""))
    }

    /// The plan as the text of a scenario, with more keys for the client, and more text at the end.
    pub(crate) fn text(&self, client_set: &str, more: &str) -> String {
        let Plan { platform, platform_set, voip, sdk, network, client, server, .. } = self;
        let server_set = self.server_set;
        let Plan { seed, devices, minutes, .. } = self;
        let modes = if *voip { "[\"voip\", \"audio\"]" } else { "[\"audio\"]" };
        let set = [self.client_set, client_set];
        let set: Vec<&str> = set.into_iter().filter(|text| !text.is_empty()).collect();
        let set = set.join(", ");
        let mut text = format!(
            "name = \"random\"\nseed = {seed}\ndevices = {devices}\nduration = \"{minutes}m\"\n\
             [platform]\nuse = \"{platform}\"\n{platform_set}\n\
             [app]\nbackground-modes = {modes}\nsdk = {sdk}\n\
             [network]\nuse = \"{network}\"\n\
             [client]\nuse = \"{client}\"\nset = {{ {set} }}\n\
             [server]\nuse = \"{server}\"\n{server_set}\n"
        );
        let mut last_push = None;
        // Low-power mode came with iOS 9, and what an older one does not have is a mistake.
        let low_power = !["ios-4", "ios-5", "ios-6", "ios-7", "ios-8"].contains(platform);
        for (place, (when, doing)) in self.steps.iter().enumerate() {
            // So is a push that is withdrawn before it is sent.
            let cancelled_early = match (doing, last_push, when) {
                (Doing::Cancel(_), None, _) => true,
                (Doing::Cancel(_), Some((_, Some(sent))), When::At(at)) => *at < sent,
                (_, _, _) => false,
            };
            let foreign =
                matches!(doing, Doing::OnDevice(act, _) if act.contains("low-power") && !low_power);
            if cancelled_early || foreign {
                continue;
            }
            match (doing, when) {
                (Doing::Push(_), When::At(at)) => last_push = Some((place, Some(*at))),
                (Doing::Push(_), When::After(..)) => last_push = Some((place, None)),
                (_, _) => {}
            }
            text.push_str("[[step]]\n");
            let _ = match when {
                When::At(micros) => writeln!(text, "at = \"{micros}us\""),
                When::After(event, by) => {
                    writeln!(text, "after = {{ event = \"{event}\", by = \"{by}s\" }}")
                }
                When::Every(period) => writeln!(text, "every = \"{period}s\""),
            };
            let _ = match doing {
                Doing::OnDevice(act, device) => writeln!(text, "{act}\n{}", self.on(*device)),
                Doing::Shared(act) => writeln!(text, "{act}"),
                Doing::Push(device) => {
                    writeln!(
                        text,
                        "do = \"server.push\"\npush = \"p{place}\"\n{}",
                        self.on(*device)
                    )
                }
                Doing::Cancel(device) => {
                    let push = last_push.map_or(place, |(push, _)| push);
                    writeln!(
                        text,
                        "do = \"server.cancel\"\npush = \"p{push}\"\n{}",
                        self.on(*device)
                    )
                }
            };
        }
        text + more
    }

    fn on(&self, device: u32) -> String {
        if (1..=self.devices).contains(&device) {
            format!("device = {device}")
        } else {
            String::new()
        }
    }
}

/// Reads a scenario that has to be without mistakes.
pub(crate) fn read(text: &str) -> Scenario {
    decode(text, &Presets::built_in(), &[])
        .unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
}
