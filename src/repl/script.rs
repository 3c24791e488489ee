//! A session that is written down: its commands, with the lines they stand on.

use super::interrupt::Interrupt;
use super::session::{Flow, Session};

/// The commands of a text: lines, and blocks of TOML that end with an empty line.
#[derive(Clone, Debug)]
pub struct Lines<'t> {
    rest: std::iter::Enumerate<std::str::Lines<'t>>,
}

impl<'t> Lines<'t> {
    /// Those of `text`.
    pub fn of(text: &'t str) -> Lines<'t> {
        Lines { rest: text.lines().enumerate() }
    }
}

impl Iterator for Lines<'_> {
    /// The line it begins on, counted from 1, and the command.
    type Item = (usize, String);

    fn next(&mut self) -> Option<(usize, String)> {
        let (place, first) = self.rest.find(|(_, line)| !line.trim().is_empty())?;
        let mut text = format!("{first}\n");
        while Session::wants_more(&text) {
            let Some((_, line)) = self.rest.next() else { break };
            text.push_str(line);
            text.push('\n');
        }
        Some((place + 1, text))
    }
}

/// A command of a script that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// The line it is on, counted from 1.
    pub line: usize,
    /// The command.
    pub command: String,
    /// Why, if it was not done; what it looked at failed otherwise, which it has said.
    pub why: Option<String>,
}

impl Session {
    /// Does all of a script, up to the first command that fails. `tell` is given each command and what it says.
    ///
    /// # Errors
    /// [`Failure`] of that command.
    pub fn play_script(
        &mut self,
        script: &str,
        interrupt: &Interrupt,
        tell: &mut dyn FnMut(&str, &str),
    ) -> Result<(), Failure> {
        for (line, text) in Lines::of(script) {
            let mut out = String::new();
            let flow = self.execute(&text, &mut out, interrupt);
            tell(text.trim(), &out);
            let failed = |why| Failure { line, command: text.trim().to_owned(), why };
            match flow {
                Ok(Flow::Continue) => {}
                Ok(Flow::Failed) => return Err(failed(None)),
                Ok(Flow::Quit) => return Ok(()),
                Err(refusal) => return Err(failed(Some(refusal.message().to_owned()))),
            }
        }
        Ok(())
    }
}
