//! A phone's log beside the model: what agrees, what differs, and which keys are found that explain it.
#![cfg(feature = "cli")]

mod found;
#[path = "../scenarios/library.rs"]
#[expect(dead_code, reason = "not all of it is needed here")]
mod library;
mod phone;
mod recall;

use holdline::device::host::PhoneLog;
use holdline::device::host::compare::{Agreement, Asked, Compared, MOST_RUNS, WITHIN, compare};
use holdline::scenario::Scenario;
use holdline::study::compare::Knows;

pub(crate) fn asked(scenario: &Scenario, most_runs: usize) -> Asked {
    Asked { within: WITHIN, seed: scenario.seed, knows: Knows::Observed, most_runs }
}

pub(crate) fn compared(log: &PhoneLog, scenario: &Scenario, most_runs: usize) -> Compared {
    compare(log, scenario, asked(scenario, most_runs), &mut || ())
}

/// The scenarios that ship, of one device.
pub(crate) fn of_one_device() -> Vec<Scenario> {
    let all = library::everything().into_iter().map(|(_, scenario)| scenario);
    all.filter(|scenario| scenario.devices == 1).collect()
}

#[test]
fn the_model_agrees_with_itself_on_another_clock() {
    let mut wrong = String::new();
    for scenario in of_one_device() {
        let log = phone::phone(&scenario, &scenario);
        let found = compared(&log, &scenario, MOST_RUNS);
        let off = found.found.offset - phone::AHEAD as i64;
        if found.agreement != Agreement::Agrees || off.abs() > 400_000 {
            let first = found.unexplained.first().map(|group| group.first().clone());
            wrong += &format!("{}: {:?}, {off}, {first:?}\n", scenario.name, found.agreement);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
