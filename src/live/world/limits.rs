//! What a scenario asks for that real sockets cannot show, and how fast its time may pass over them.

use crate::port::Span;
use crate::run::beyond_sockets;
use crate::scenario::{Act, Expectation, Scenario, When};
use crate::trace::Pattern;

/// What a kernel, a loop and a thread of a busy machine may need for what takes no time in the model. A deadline
/// is still told from its overrun when it is this long on the machine's clock.
pub const NOISE: Span = Span::from_millis(20);

/// More devices than this are not played over real sockets: each has a proxy and sockets of its own.
pub const MOST_DEVICES: u32 = 50;

/// Why a scenario is not played over real sockets.
pub fn unsupported(scenario: &Scenario) -> Option<String> {
    let client = &scenario.client.values;
    let server = &scenario.server.values;
    if scenario.devices > MOST_DEVICES {
        return Some(format!("more than {MOST_DEVICES} devices"));
    }
    if let Some(why) = beyond_sockets(scenario) {
        return Some(why.into());
    }
    if client.tcp_keep_alive_idle.is_some() || server.tcp_keep_alive_idle.is_some() {
        return Some("TCP keep-alive, whose timers are the kernel's and do not scale".into());
    }
    let lossy = [&scenario.network.wifi, &scenario.network.cellular]
        .into_iter()
        .any(|access| access.values.loss.ppm() > MOST_LOSS_PPM);
    if lossy {
        return Some(
            "a path that loses many segments: a proxy cannot make a kernel send again".into(),
        );
    }
    if let Some(event) = patterns(scenario).find(|event| OF_A_KERNEL.contains(event)) {
        return Some(format!(
            "the event `{event}`, which only a kernel's own retransmission brings"
        ));
    }
    None
}

/// What a scenario does to its server that cannot be done to one that runs elsewhere.
pub fn not_elsewhere(scenario: &Scenario) -> Option<String> {
    let own = |act: &&Act| {
        matches!(
            act,
            Act::ServerCancel { .. }
                | Act::ServerMedia { .. }
                | Act::ServerRestart { .. }
                | Act::ServerDrop { .. }
        )
    };
    let act = scenario.steps.iter().map(|step| &step.act).find(own)?;
    Some(format!("a server of its own for `{}`", act.name()))
}

/// Events that no run over real sockets has.
const OF_A_KERNEL: [&str; 3] = ["retransmitted", "lost", "timed-out"];

/// The events that steps wait for and expectations speak of.
fn patterns(scenario: &Scenario) -> impl Iterator<Item = &'static str> {
    let waited = scenario.steps.iter().filter_map(|step| match &step.when {
        When::After { event, .. } => Some(event.event()),
        When::At(_) | When::Every { .. } => None,
    });
    let expected = scenario.expects.iter().flat_map(|entry| match &entry.that {
        Expectation::Event { event, .. } => vec![event.event()],
        Expectation::Order { events, .. } => events.iter().map(Pattern::event).collect(),
        Expectation::PushReceived { .. }
        | Expectation::PushNotified { .. }
        | Expectation::PushLost { .. }
        | Expectation::Metric { .. }
        | Expectation::Converges { .. } => Vec::new(),
    });
    waited.chain(expected)
}

/// A share of losses up to this is left out: 1 %, in millionths. Few runs meet one.
const MOST_LOSS_PPM: u32 = 10_000;

/// The highest speed at which deadlines can still be told from their overruns, and the deadline that sets it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Highest {
    /// How many times as fast as the machine's clock.
    pub speed: u32,
    /// What sets it: `ping.reply-within = 8s`.
    pub because: String,
}

/// How fast the time of a scenario may pass; as fast as 32 bits count when it has no deadline.
pub fn highest_speed(scenario: &Scenario) -> Highest {
    let client = &scenario.client.values;
    let server = &scenario.server.values;
    let platform = &scenario.platform.values;
    let mut deadlines: Vec<(String, Span)> = Vec::new();
    let keys = [
        ("client.ping.reply-within", client.ping_reply_within),
        ("client.connect.timeout", client.connect_timeout),
        (
            "server.heartbeat.reply-within",
            server.heartbeat_interval.and(server.heartbeat_reply_within),
        ),
        ("platform.keep-alive.handler-budget", Some(platform.keep_alive_handler_budget)),
        ("platform.voip-wake.runtime", Some(platform.voip_wake_runtime)),
        ("platform.entered-background.budget", Some(platform.entered_background_budget)),
        ("platform.background-task.budget", Some(platform.task_budget)),
    ];
    for (name, span) in keys {
        deadlines.extend(span.map(|span| (format!("{name} = {span}"), span)));
    }
    for (place, expect) in scenario.expects.iter().enumerate() {
        let within = match &expect.that {
            Expectation::PushReceived { within, .. }
            | Expectation::PushNotified { within, .. }
            | Expectation::PushLost { within, .. }
            | Expectation::Order { within, .. } => *within,
            Expectation::Converges { within } => Some(*within),
            Expectation::Event { .. } | Expectation::Metric { .. } => None,
        };
        let number = place + 1;
        deadlines.extend(
            within.map(|within| (format!("within = {within} of expectation {number}"), within)),
        );
    }
    let shortest =
        deadlines.into_iter().filter(|(_, span)| *span > Span::ZERO).min_by_key(|(_, span)| *span);
    match shortest {
        None => Highest { speed: u32::MAX, because: "no deadline".into() },
        Some((because, span)) => {
            let times = span.as_micros() / NOISE.as_micros();
            Highest { speed: u32::try_from(times).unwrap_or(u32::MAX).max(1), because }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Presets, decode};

    fn scenario(text: &str) -> Scenario {
        let text = format!("name = \"a\"\nduration = \"1h\"\n{text}");
        decode(&text, &Presets::built_in(), &[]).unwrap()
    }

    #[test]
    fn the_shortest_deadline_sets_the_highest_speed() {
        let quick = "[[step]]\nat = \"1m\"\ndo = \"server.push\"\npush = \"a\"\n\
                     [[expect]]\nthat = \"push-received\"\npush = \"a\"\nwithin = \"1s\"";
        let found = highest_speed(&scenario(quick));
        assert_eq!(found.speed, 50);
        assert_eq!(found.because, "within = 1s of expectation 1");
    }

    #[test]
    fn a_client_that_waits_for_pongs_sets_it_too() {
        let text = "[client]\nset = { ping.reply-within = \"2s\" }";
        let found = highest_speed(&scenario(text));
        assert_eq!((found.speed, &*found.because), (100, "client.ping.reply-within = 2s"));
    }

    #[test]
    fn what_a_kernel_does_by_its_own_clock_is_not_played() {
        assert_eq!(unsupported(&scenario("")), None);
        for (text, why) in [
            ("[client]\nuse = \"sip-udp\"", "UDP"),
            ("[server]\nuse = \"tcp-keep-alive\"", "keep-alive"),
            ("[network]\nset = { loss = \"5%\" }", "loses"),
            ("devices = 51", "devices"),
        ] {
            let found = unsupported(&scenario(text)).unwrap_or_default();
            assert!(found.contains(why), "{text}: {found}");
        }
    }
}
