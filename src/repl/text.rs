//! The session's scenario as a text: what is added stands at its end.

use super::desk::Desk;
use super::refusal::Refusal;
use crate::port::Time;
use crate::report::diagnostics::draw;
use crate::report::paragraph::plain;
use crate::scenario::{Diagnostic, Override, Presets, Scenario, decode};

/// The scenario of a session that was begun without one.
pub(super) const EMPTY: &str = "name = \"a session\"\nduration = \"24h\"\n";

/// Reads the text as the scenario at `file` would be; as the session's own when there is none.
pub(super) fn read(
    text: &str,
    desk: &dyn Desk,
    file: Option<&str>,
    set: &[Override],
) -> Result<Scenario, Vec<Diagnostic>> {
    let library = Presets { files: |path: &str| desk.read(file, path) };
    decode(text, &library, set)
}

/// `text` and then `block`, and where that begins.
pub(super) fn appended(text: &str, block: &str) -> (String, usize) {
    let mut whole = text.trim_end().to_owned();
    if !whole.is_empty() {
        whole.push_str("\n\n");
    }
    let from = whole.len();
    whole.push_str(block.trim());
    whole.push('\n');
    (whole, from)
}

/// What is wrong with a line that became a part of the text, without the text.
pub(super) fn in_short(problems: &[Diagnostic]) -> Refusal {
    let one = |problem: &Diagnostic| {
        let message = match problem.message.strip_prefix("--set ") {
            Some(rest) => rest.split_once(": ").map_or(rest, |(_, message)| message),
            None => problem.message.as_str(),
        };
        let mut lines = plain(message);
        let label = plain(&problem.label);
        if label.starts_with("did you mean") {
            lines.push_str(&format!("; {label}"));
        } else if !label.is_empty() && !message.contains(problem.label.as_str()) {
            lines.push_str(&format!("\n{label}"));
        }
        for more in problem.note.iter().chain(&problem.help) {
            lines.push_str(&format!("\n{}", plain(more)));
        }
        lines
    };
    // A value that cannot be read makes others wrong, and the first one says it all.
    Refusal::new(problems.first().map_or(String::new(), one))
}

/// What is wrong with a block that begins at `from`, as a compiler draws it.
pub(super) fn drawn(problems: &[Diagnostic], whole: &str, from: usize, width: usize) -> Refusal {
    let one = |problem: &Diagnostic| {
        if problem.file.is_some() || problem.span.start < from {
            return draw(problem, "session", whole, width);
        }
        let span = problem.span.start - from..problem.span.end - from;
        let block = Diagnostic { span, ..problem.clone() };
        draw(&block, "block", &whole[from..], width)
    };
    Refusal::new(problems.iter().map(one).collect::<String>().trim_end().to_owned())
}

/// Whether two texts are the same world, as far as it is not said by their steps and expectations.
pub(super) fn same_world(one: &Scenario, other: &Scenario) -> bool {
    let of = |scenario: &Scenario| {
        let Scenario { seed, duration, deadline, devices, phases, .. } = scenario;
        let header = crate::run::header(scenario, 0);
        let rest = (*seed, *duration, *deadline, *devices, *phases, scenario.network.initial);
        (header, rest, scenario.steps.len(), scenario.expects.len())
    };
    of(one) == of(other)
}

/// `text` with the run ending at `end`.
///
/// # Errors
/// [`Refusal`] when the text cannot be changed like that.
pub(super) fn ending_at(text: &str, scenario: &Scenario, end: Time) -> Result<String, Refusal> {
    let (path, span): (&[&str], _) = match scenario.phases {
        Some(phases) => (&["phases", "liveness"], end.since(phases.safety.from_start())),
        None => (&["duration"], end.elapsed()),
    };
    let value = format!("\"{}\"", super::times::exact_span(span));
    super::edit::set(text, path, &value)
        .map_err(|wrong| Refusal::new(format!("the scenario cannot be made longer: {wrong}")))
}
