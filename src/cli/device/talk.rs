//! What the people around a run are told and asked, on the terminal.

use std::io::{BufRead, IsTerminal, Write};

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::cli::exit::CliError;
use crate::device::host::Word;
use crate::port::Span;
use crate::report::human;
use crate::report::paragraph::plain;
use crate::report::style::{FAINT, HEADING, UNSURE, paint};
use crate::scenario::Scenario;

/// Says on stderr what there is to know or to do.
pub(super) fn tell(scenario: &Scenario, speed: u32, word: &Word) {
    // A run goes on where nobody reads.
    let _ = writeln!(anstream::stderr().lock(), "{}", line(scenario, speed, word));
}

fn line(scenario: &Scenario, speed: u32, word: &Word) -> String {
    let name = |step: &usize| {
        let act = scenario.steps.get(*step).map_or("?", |step| step.act.name());
        format!("step {} ({act})", step + 1)
    };
    match word {
        Word::Hello(about) => {
            let takes = human::span(takes(scenario, speed));
            let text = format!(
                "the agent is there: {}, {}; the run takes {takes}",
                about.triple, about.os
            );
            paint(FAINT, &plain(&text)).to_string()
        }
        Word::Asked { step, what, signs, within } => {
            let signs = signs.join(" or ");
            format!(
                "{} {}\n  {what}\n  Shown by {signs}, within {within}.",
                paint(HEADING, "TO DO"),
                name(step)
            )
        }
        Word::Confirmed { step } => format!("done: {}", name(step)),
        Word::NotDone { step, why } => {
            format!("{} {}: {}", paint(UNSURE, "not done:"), name(step), plain(why))
        }
        Word::Note(text) => plain(text),
    }
}

/// How long the scenario takes on the host's clock.
fn takes(scenario: &Scenario, speed: u32) -> Span {
    Span::from_micros(scenario.duration.as_micros() / u64::from(speed.max(1)))
}

/// The times at which a person presses Enter; never when nobody is there.
///
/// # Errors
/// When there is no thread that waits for it.
pub(super) fn said(attended: bool) -> Result<UnboundedReceiver<()>, CliError> {
    let (say, said) = unbounded_channel();
    if attended && std::io::stdin().is_terminal() {
        // It waits for a line that may never come; it ends with the program.
        let thread = std::thread::Builder::new().name("keyboard".into());
        let waits = move || {
            let mut line = String::new();
            while matches!(std::io::stdin().lock().read_line(&mut line), Ok(1..)) {
                if say.send(()).is_err() {
                    return;
                }
                line.clear();
            }
        };
        thread
            .spawn(waits)
            .map_err(|error| CliError::Environment(format!("no thread: {error}")))?;
    }
    Ok(said)
}
