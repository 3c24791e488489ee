//! The kernel: order of events, and equal bytes from equal seeds.

use holdline::run::{Mode, header};
use holdline::scenario::Scenario;
use holdline::trace::{Event, write_event, write_header};
use proptest::prelude::*;

use crate::generate::{Wildness, plans};
use crate::{cases, trace, trace_of};

fn text(scenario: &Scenario, seed: u64, events: &[Event]) -> String {
    let mut out = String::new();
    write_header(&mut out, &header(scenario, seed));
    for event in events {
        write_event(&mut out, event, &scenario.names);
    }
    out
}

proptest! {
    #![proptest_config(cases(40))]

    /// The trace is sorted by (time, owner, sequence). That each owner's numbers then count up without
    /// a gap says that its time never went back.
    #[test]
    fn nothing_happens_in_the_past_or_after_the_end(plan in plans(Wildness::Anything, 3, 60)) {
        let scenario = plan.scenario();
        let events = trace(&scenario);
        let end = scenario.duration.from_start();
        let mut counts = vec![0u64; scenario.devices as usize + 1];
        for event in &events {
            let count = &mut counts[event.owner as usize];
            *count += 1;
            prop_assert_eq!(event.seq, *count, "{:?}", event);
            prop_assert!(event.at < end, "{:?}", event);
        }
        prop_assert!(events.windows(2).all(|two| two[0].key() < two[1].key()));
    }

    #[test]
    fn equal_seeds_give_equal_bytes_on_any_thread(plan in plans(Wildness::Anything, 3, 60)) {
        let scenario = plan.scenario();
        let here = text(&scenario, scenario.seed, &trace(&scenario));
        let again = text(&scenario, scenario.seed, &trace(&scenario));
        prop_assert!(here == again);
        let elsewhere = std::thread::scope(|scope| {
            scope.spawn(|| text(&scenario, scenario.seed, &trace(&scenario))).join()
        });
        prop_assert!(elsewhere.is_ok_and(|there| there == here));
    }

    #[test]
    fn running_devices_apart_gives_the_bytes_of_running_them_together(
        plan in plans(Wildness::Anything, 5, 45),
    ) {
        let scenario = plan.scenario();
        let bytes = |mode| text(&scenario, scenario.seed, &trace_of(&scenario, scenario.seed, mode));
        prop_assert!(bytes(Mode::Apart) == bytes(Mode::Together), "{}", plan.text("", ""));
    }
}

/// Chance is the seed's: were it not, every seed would give one trace.
#[test]
fn another_seed_gives_another_trace() {
    let scenario = crate::generate::read(
        "name = \"luck\"\nduration = \"10m\"\n[network]\nuse = \"wifi-home\"\n",
    );
    let bytes = |seed| text(&scenario, 0, &trace_of(&scenario, seed, Mode::Apart));
    assert_ne!(bytes(1), bytes(2));
}
