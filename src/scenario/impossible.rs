//! What the platform and the steps together make impossible: a step the platform knows nothing of, an
//! expectation that no run can meet.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Problems, part};
use super::model::{Act, Expectation, Scenario, When};
use super::overrides::Overrides;
use crate::port::PushId;
use crate::trace::Pattern;

/// Reports what can never be. What is set from outside for one run may well ask what becomes of a scenario on
/// another platform: that is for the run to show.
pub(super) fn check(scenario: &Scenario, overrides: &Overrides<'_>, problems: &Problems) {
    withdrawn_early(scenario, problems);
    if overrides.preset("platform").iter().all(|(_, over)| over.place().is_some()) {
        steps(scenario, problems);
        expectations(scenario, problems);
    }
}

/// Steps that need what the platform does not have.
fn steps(scenario: &Scenario, problems: &Problems) {
    let platform = &scenario.platform;
    for step in &scenario.steps {
        if let Act::UserLowPower { on: true } = step.act
            && !platform.values.low_power_available
        {
            let message = format!("`{}` has no low-power mode", platform.name);
            let help = "iOS 9 brought it: choose a later platform, or remove the step";
            let problem = Diagnostic::new(message, step.span.clone(), "not on this platform");
            problems.report(problem.help(help).see(part::STEPS));
        }
    }
}

/// Pushes that are withdrawn before they are sent.
fn withdrawn_early(scenario: &Scenario, problems: &Problems) {
    let Scenario { steps, names, .. } = scenario;
    for step in steps {
        let (Act::ServerCancel { push }, When::At(at)) = (step.act, &step.when) else { continue };
        let sends =
            |act: Act| matches!(act, Act::ServerPush { push: sent, .. } if sent.name == push.name);
        let sent = steps.iter().find(|other| sends(other.act)).map(|other| &other.when);
        let Some(When::At(sent)) = sent else { continue };
        // Only what no draw can mend.
        let (Some(at), sent) = (at.most(), sent.least()) else { continue };
        if at < sent {
            let name = names.push(PushId { member: 0, ..push });
            let message =
                format!("the push `{name}` is withdrawn at {at}, before it is sent at {sent}");
            let help = "withdraw it after the step that sends it has acted";
            let problem = Diagnostic::new(message, step.span.clone(), "in the past of the push");
            problems.report(problem.help(help).see(part::STEPS));
        }
    }
}

/// Expectations on events that this platform never shows.
fn expectations(scenario: &Scenario, problems: &Problems) {
    for expect in &scenario.expects {
        let wanted: Vec<&Pattern> = match &expect.that {
            Expectation::Event { event, min: 1.., .. } => vec![event],
            Expectation::Order { events, .. } => events.iter().collect(),
            Expectation::Event { .. }
            | Expectation::PushReceived { .. }
            | Expectation::PushNotified { .. }
            | Expectation::PushLost { .. }
            | Expectation::Metric { .. }
            | Expectation::Converges { .. } => continue,
        };
        for pattern in wanted {
            if let Some(why) = never(scenario, &pattern.to_string()) {
                report(pattern, &why, expect.span.clone(), problems);
            }
        }
    }
}

fn report(pattern: &Pattern, why: &str, span: Range<usize>, problems: &Problems) {
    let message = format!("`{pattern}` can never happen: {why}");
    let help = "choose a platform that has it, or expect `count = 0`";
    let problem = Diagnostic::new(message, span, "no run can meet this");
    problems.report(problem.help(help).see(part::EXPECTS));
}

/// Why an event can never happen on the platform of `scenario`, if it cannot.
fn never(scenario: &Scenario, pattern: &str) -> Option<String> {
    let (platform, profile) = (&scenario.platform.name, &scenario.platform.values);
    let has = |word: &str| pattern.split(' ').any(|known| known == word);
    let handler = (has("callback") && has("name=keep-alive"))
        || (has("wake") && has("reason=keep-alive"))
        || has("keep-alive-unscheduled");
    if handler && !profile.keep_alive_available {
        return Some(format!("`{platform}` calls no keep-alive handlers"));
    }
    if (has("low-power-mode") || has("name=low-power-mode-changed")) && !profile.low_power_available
    {
        return Some(format!("`{platform}` has no low-power mode"));
    }
    None
}
