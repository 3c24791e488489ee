//! What the bundled scenarios have to show together: a green run that exercised nothing is red.

use std::collections::BTreeSet;

use holdline::net::NatExpiry;
use holdline::run::{Options, play};
use holdline::trace::{Field, Shape, What};

use crate::library::everything;

/// Every word of these fields is to be seen.
const FIELDS: &[(&str, &str)] = &[
    ("kill", "rule"),
    ("kill", "code"),
    ("lease-began", "reason"),
    ("lease-ended", "how"),
    ("wake", "reason"),
    ("relaunch-refused", "why"),
    ("keep-alive-refused", "why"),
    ("voip-tag-ignored", "why"),
    ("stream-unheard", "why"),
    ("schedule", "run-loop"),
    ("set-service-type", "service"),
    ("connection-dead", "cause"),
    ("server.down", "how"),
    ("server.session-closed", "why"),
    ("server.push-dropped", "fate"),
    ("reachable", "why"),
    ("process-started", "reason"),
    ("lost", "cause"),
    ("arrived", "how"),
];

/// What no scenario shows, and why.
const NOT_SHOWN: &[(&str, &str, &str, &str)] = &[
    ("voip-tag-ignored", "why", "too-short", "is about keep-alive timeouts only"),
    ("set-service-type", "service", "default", "what a stream has anyway is never asked for"),
    ("keep-alive-refused", "why", "datagrams", "is about sockets only"),
    ("stream-unheard", "why", "no-client", "the same as a stream that is not scheduled"),
    (
        "reachable",
        "why",
        "not-running",
        "a process takes its connections with it, so that connection-dead comes first",
    ),
    ("lost", "cause", "buffer-full", "os/sockets.rs tests it"),
];

/// What the networks of the scenarios do when a binding expires, and what none does.
const NAT_NOT_SHOWN: &[(NatExpiry, &str)] = &[(
    NatExpiry::Recreate,
    "needs no repair, so there is nothing to show; net/tests/nat.rs tests it",
)];

#[test]
fn together_they_show_every_rule() {
    let mut seen = BTreeSet::new();
    let mut expiries = BTreeSet::new();
    for (_, scenario) in everything() {
        let outcome = play(&scenario, Options { trace: true, ..Options::of(&scenario) });
        for event in outcome.events.unwrap() {
            let name = event.what.name();
            event.what.fields(&mut |field, value| {
                if let (Field::Word(word), true) = (value, FIELDS.contains(&(name, field))) {
                    seen.insert((name, field, word));
                }
            });
            if let What::NatForgot { .. } = event.what {
                expiries.insert(scenario.network.wifi.values.nat_on_expiry);
                expiries.insert(scenario.network.cellular.values.nat_on_expiry);
            }
        }
    }
    let mut report = String::new();
    for (event, field) in FIELDS {
        let info = What::TABLE.iter().find(|info| info.name == *event).unwrap();
        let shape = info.fields.iter().find(|known| known.name == *field).unwrap().shape;
        let Shape::Words(words) = shape else { panic!("{event} {field} is no word") };
        for word in words {
            let excused = NOT_SHOWN.iter().any(|(e, f, w, _)| (e, f, w) == (event, field, word));
            match (seen.contains(&(*event, *field, *word)), excused) {
                (false, false) => report += &format!("`{event} {field}={word}` is not shown\n"),
                (true, true) => report += &format!("`{event} {field}={word}` is shown after all\n"),
                (true, false) | (false, true) => {}
            }
        }
    }
    for expiry in NatExpiry::ALL {
        let excused = NAT_NOT_SHOWN.iter().any(|(known, _)| known == expiry);
        if expiries.contains(expiry) == excused {
            report += &format!("nat.on-expiry={expiry}: shown is {}\n", !excused);
        }
    }
    assert!(report.is_empty(), "\n{report}");
}
