//! What of a scenario a device can play, for people: refusals, and who does which step.

use std::io::{IsTerminal, Write};

use crate::cli::exit::{CliError, Exit};
use crate::cli::format::Format;
use crate::device::host::drive::{Kind, Sign, Way};
use crate::device::host::plan::{Planned, not_on_devices, plan};
use crate::report::Subject;
use crate::report::style::{FAINT, HEADING, UNSURE, paint};
use crate::scenario::{Scenario, Step, When};

/// Says whether a device can play it.
///
/// # Errors
/// [`CliError::WrongInput`] when it cannot: why.
pub(super) fn playable(subject: &Subject) -> Result<(), CliError> {
    match not_on_devices(&subject.scenario) {
        None => Ok(()),
        Some(why) => {
            let file = &subject.file;
            Err(CliError::WrongInput(format!("{file}: no device plays it: {why}")))
        }
    }
}

/// Whether a person is there for what only a person can do; refused when somebody has to be, and is not.
///
/// # Errors
/// [`CliError::WrongInput`] for steps that nobody would do, unless it is `unattended`.
pub(super) fn attended(
    scenario: &Scenario,
    kind: Kind,
    unattended: bool,
) -> Result<bool, CliError> {
    let there = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if unattended {
        return Ok(false);
    }
    let mut missing = String::new();
    for planned in plan(scenario, kind) {
        let step = &scenario.steps[planned.step];
        let head = format!("\n  step {} ({})", planned.step + 1, step.act.name());
        match (planned.impossible(), &planned.way) {
            (Some(why), _) => missing.push_str(&format!("{head}: {why}")),
            (None, Way::Person(_)) if !there => {
                missing.push_str(&format!("{head}: a person does it, and there is no terminal"));
            }
            (None, Way::Host(_) | Way::Agent | Way::Tool(_) | Way::Person(_) | Way::Cannot(_)) => {}
        }
    }
    if missing.is_empty() {
        return Ok(there);
    }
    Err(CliError::WrongInput(format!(
        "some steps would not be done:{missing}\n\
         With --unattended they are left out, and what is expected behind them is undetermined."
    )))
}

/// Writes who does what.
pub(super) fn show(
    scenario: &Scenario,
    kind: Kind,
    format: Format,
    out: &mut dyn Write,
) -> Result<Exit, CliError> {
    let steps = plan(scenario, kind);
    let json = serde_json::json!({
        "scenario": scenario.name,
        "device": kind.as_str(),
        "steps": steps.iter().map(|planned| step_json(scenario, planned)).collect::<Vec<_>>(),
    });
    format.write(out, text(scenario, kind, &steps), json)
}

/// Who does it, in a word.
pub(super) fn who(planned: &Planned) -> &'static str {
    match (&planned.never, &planned.way) {
        (Some(_), _) | (None, Way::Cannot(_)) => "nobody",
        (None, Way::Host(_)) => "host",
        (None, Way::Agent) => "agent",
        (None, Way::Tool(_)) => "tool",
        (None, Way::Person(_)) => "person",
    }
}

/// How it is done, or why not.
fn how(planned: &Planned) -> String {
    match (planned.impossible(), &planned.way) {
        (Some(why), _) => why,
        (None, Way::Person(ask)) => {
            let signs: Vec<String> = ask.signs.iter().map(|sign: &Sign| sign.words()).collect();
            format!("{} Shown by {}.", ask.what, signs.join(" or "))
        }
        (None, Way::Tool(act)) => act.to_string(),
        (None, Way::Host(_) | Way::Agent | Way::Cannot(_)) => String::new(),
    }
}

/// When a step acts.
fn when(step: &Step) -> String {
    match &step.when {
        When::At(at) => format!("at {}", at.median()),
        When::After { event, by, .. } => format!("{} after `{event}`", by.median()),
        When::Every { period, .. } => format!("every {}", period.median()),
    }
}

fn text(scenario: &Scenario, kind: Kind, steps: &[Planned]) -> String {
    let mut out = format!("{}\n", paint(HEADING, &format!("on a device of kind {kind}")));
    let act = |planned: &Planned| scenario.steps[planned.step].act.name();
    let width = steps.iter().map(|planned| act(planned).len()).max().unwrap_or(0);
    for planned in steps {
        let step = &scenario.steps[planned.step];
        let who = match planned.impossible() {
            Some(_) => paint(UNSURE, &format!("{:6}", who(planned))).to_string(),
            None => format!("{:6}", who(planned)),
        };
        let (number, act) = (planned.step + 1, act(planned));
        out.push_str(&format!("{number:3}  {who}  {act:width$}  {}\n", when(step)));
        let how = how(planned);
        if !how.is_empty() {
            out.push_str(&format!("             {}\n", paint(FAINT, &how)));
        }
    }
    if steps.is_empty() {
        out.push_str("it has no steps\n");
    }
    out
}

/// A step and who does it, for programs.
pub(super) fn step_json(scenario: &Scenario, planned: &Planned) -> serde_json::Value {
    let step = &scenario.steps[planned.step];
    serde_json::json!({
        "step": planned.step + 1,
        "do": step.act.name(),
        "when": when(step),
        "who": who(planned),
        "how": how(planned),
    })
}
