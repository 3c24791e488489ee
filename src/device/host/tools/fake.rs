//! Tools for tests: scripted answers, and a record of what was called.

use super::call::{Call, Ran, Runs, ToolError};

/// Answers calls from a script. The first entry that fits is used; one made with [`Fake::once`] only once.
#[derive(Clone, Debug, Default)]
pub struct Fake {
    script: Vec<Entry>,
    /// The calls there were, in their order.
    pub calls: Vec<Call>,
}

#[derive(Clone, Debug)]
struct Entry {
    /// What the call's line must begin with, or hold after `…`.
    wants: String,
    gives: Result<Ran, ToolError>,
    once: bool,
}

impl Fake {
    /// A machine without any tool.
    pub fn new() -> Fake {
        Fake::default()
    }

    /// Answers each call whose line, without its environment, begins with `wants`.
    #[must_use]
    pub fn answer(self, wants: &str, ran: Ran) -> Fake {
        self.with(wants, Ok(ran), false)
    }

    /// Answers the next such call only.
    #[must_use]
    pub fn once(self, wants: &str, ran: Ran) -> Fake {
        self.with(wants, Ok(ran), true)
    }

    /// Answers each such call with an error.
    #[must_use]
    pub fn error(self, wants: &str, error: ToolError) -> Fake {
        self.with(wants, Err(error), false)
    }

    fn with(mut self, wants: &str, gives: Result<Ran, ToolError>, once: bool) -> Fake {
        self.script.push(Entry { wants: wants.to_owned(), gives, once });
        self
    }

    /// What this script has no answer for, another one answers.
    #[must_use]
    pub fn chain(mut self, other: Fake) -> Fake {
        self.script.extend(other.script);
        self
    }

    /// The lines of the calls there were.
    pub fn lines(&self) -> Vec<String> {
        self.calls.iter().map(Call::to_string).collect()
    }
}

impl Runs for Fake {
    /// What the script says; a call it does not know is of a program that is not there.
    fn run(&mut self, call: &Call) -> Result<Ran, ToolError> {
        self.calls.push(call.clone());
        let line = Call { env: Vec::new(), ..call.clone() }.to_string();
        let fits = |entry: &Entry| line.starts_with(&entry.wants);
        match self.script.iter().position(fits) {
            Some(at) if self.script[at].once => self.script.remove(at).gives,
            Some(at) => self.script[at].gives.clone(),
            None => Err(super::missing(&call.program)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_answers_once_or_always_and_keeps_the_calls() {
        let mut fake = Fake::new().once("ls a", Ran::said("1")).answer("ls", Ran::said("2"));
        let mut ask = |arg: &str| fake.run(&Call::new("ls", [arg])).unwrap().text();
        assert_eq!([ask("a"), ask("a"), ask("b")], ["1", "2", "2"]);
        assert_eq!(fake.lines(), ["ls a", "ls a", "ls b"]);
        assert!(matches!(
            fake.run(&Call::new("cat", ["x"])),
            Err(ToolError::Missing { program, .. }) if program == "cat"
        ));
    }
}
