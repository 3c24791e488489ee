//! Pushes: with a queue that lasts and a client that remembers, none is lost and none is shown twice.

use std::collections::BTreeMap;

use holdline::port::PushId;
use holdline::trace::What;
use proptest::prelude::*;

use crate::generate::{Wildness, plans, read};
use crate::{cases, trace};

/// What a client needs so that no push is lost or shown twice.
const REMEMBERS: &str = "push.dedupe = \"storage\", push.idempotent-id = true";

/// How long things may go wrong before everything heals.
const CHAOS_MINUTES: u64 = 45;

/// Everything works again, and for half an hour nothing goes wrong any more. The user leaves and comes
/// back a few times: a client that looks after its connection only then has its chance, and so has one
/// whose process was ended just before.
fn healing() -> String {
    let minute = CHAOS_MINUTES + 5;
    let mut text = String::new();
    let mut step = |minute: u64, what: &str| {
        text.push_str(&format!("[[step]]\nat = \"{minute}m\"\n{what}\n"));
    };
    for what in [
        "do = \"network.airplane\"\non = false",
        "do = \"network.silence\"\non = false",
        "do = \"network.internet\"\non = true",
        "do = \"network.captive-portal\"\non = false",
        "do = \"network.dns\"\non = true",
        "do = \"phone.voice-call\"\non = false",
        "do = \"network.switch\"\nto = \"wifi\"",
        "do = \"phone.charger\"\nconnected = true",
        "do = \"user.notifications\"\nallowed = true",
    ] {
        step(minute, what);
    }
    for round in 0..4 {
        step(minute + 1 + round * 7, "do = \"user.foreground\"");
        step(minute + 5 + round * 7, "do = \"user.background\"");
    }
    step(minute + 29, "do = \"user.foreground\"");
    text
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn no_accepted_push_is_lost_and_none_is_shown_twice(
        plan in plans(Wildness::CanHeal, 2, CHAOS_MINUTES),
    ) {
        let server = "set = { queue.kind = \"durable\", queue.delivered-when = \"acknowledged\", \
                      resume.window = \"never\" }\n";
        let text = plan
            .text(REMEMBERS, &healing())
            .replace(&format!("duration = \"{CHAOS_MINUTES}m\""), "duration = \"82m\"")
            // The section of the server is the last before the steps.
            .replacen("[[step]]", &format!("{server}[[step]]"), 1);
        let scenario = read(&text);
        let events = trace(&scenario);
        // By device and push: received how often; by device and notification: for which push.
        let mut received: BTreeMap<(u32, PushId), u32> = BTreeMap::new();
        let mut shown: BTreeMap<(u32, u64), PushId> = BTreeMap::new();
        let mut ids: BTreeMap<(u32, PushId), u64> = BTreeMap::new();
        for event in &events {
            let device = event.owner;
            match event.what {
                What::PushAccepted { push, .. } => {
                    received.entry((device, push)).or_default();
                }
                What::PushReceived { push, .. } => {
                    *received.entry((device, push)).or_default() += 1;
                }
                What::Notified { push, id } | What::NotNotified { push, id } => {
                    let other = *shown.entry((device, id)).or_insert(push);
                    prop_assert_eq!(other, push, "one notification for two pushes\n{}", text);
                    let other = *ids.entry((device, push)).or_insert(id);
                    prop_assert_eq!(other, id, "two notifications for one push\n{}", text);
                }
                _ => {}
            }
        }
        let lost: Vec<_> = received.iter().filter(|(_, times)| **times == 0).collect();
        prop_assert!(lost.is_empty(), "{:?} accepted and never received\n{}", lost, text);
    }
}

/// The property above means something: a client that remembers nothing shows pushes twice.
#[test]
fn a_client_that_remembers_nothing_shows_a_push_twice() {
    let scenario = read(
        "name = \"an acknowledgement is lost\"\nduration = \"30m\"\n\
         [network]\nuse = \"ideal\"\nother = \"lte-carrier\"\n\
         [client]\nuse = \"shows-twice\"\n\
         [[step]]\nat = \"1m\"\ndo = \"user.background\"\n\
         [[step]]\nat = \"2m\"\ndo = \"server.push\"\npush = \"p\"\n\
         [[step]]\nafter = \"push-received\"\ndo = \"server.restart\"\n",
    );
    let events = trace(&scenario);
    let shown = events.iter().filter(|event| matches!(event.what, What::Notified { .. })).count();
    assert_eq!(shown, 2);
}
