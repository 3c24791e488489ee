//! Rules over one device's trace: each is a small machine that is shown the events one by one.

use holdline::scenario::Scenario;
use holdline::trace::{Event, What, write_event};
use proptest::test_runner::TestCaseError;

use crate::generate::Plan;

/// A rule over the trace of one device.
pub(crate) trait Rule {
    /// Takes note of an event; an error says how it breaks the rule.
    fn see(&mut self, event: &Event) -> Result<(), String>;

    /// All that happens at one moment has happened.
    fn moment_over(&mut self) -> Result<(), String> {
        Ok(())
    }
}

/// Shows every device's events to a rule of its own.
pub(crate) fn hold<R: Rule>(
    plan: &Plan,
    scenario: &Scenario,
    rule: impl Fn() -> R,
) -> Result<(), TestCaseError> {
    hold_in(&crate::trace(scenario), plan, scenario, rule)
}

/// Shows every device's part of `events` to a rule of its own.
pub(crate) fn hold_in<R: Rule>(
    events: &[Event],
    plan: &Plan,
    scenario: &Scenario,
    rule: impl Fn() -> R,
) -> Result<(), TestCaseError> {
    for device in 1..=scenario.devices {
        let mut rule = rule();
        // What happens to the server all devices share concerns each of them.
        let mine: Vec<&Event> =
            events.iter().filter(|event| event.owner == device || event.owner == 0).collect();
        for (place, event) in mine.iter().enumerate() {
            let last = mine.get(place + 1).is_none_or(|next| next.at > event.at);
            let mut seen = rule.see(event);
            if last {
                seen = seen.and_then(|()| rule.moment_over());
            }
            seen.map_err(|why| {
                broken(&why, &mine[place.saturating_sub(40)..=place], plan, scenario)
            })?;
        }
    }
    Ok(())
}

/// The failure with what happened before it, and the scenario.
fn broken(why: &str, before: &[&Event], plan: &Plan, scenario: &Scenario) -> TestCaseError {
    let mut lines = String::new();
    for event in before {
        write_event(&mut lines, event, &scenario.names);
    }
    TestCaseError::fail(format!("{why}\n{lines}\n{}", plan.text("", "")))
}

/// The name of the callback that begins, if the event is one.
pub(crate) fn callback(event: &Event) -> Option<&'static str> {
    if let What::Callback { name, .. } = event.what { Some(name) } else { None }
}
