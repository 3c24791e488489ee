//! Why a command was not done.

use std::fmt;

/// A command was not done, and nothing changed. Says why, and what to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    message: String,
}

impl Refusal {
    /// Not done, because of this.
    pub fn new(message: impl Into<String>) -> Refusal {
        Refusal { message: message.into() }
    }

    /// The sentence, perhaps in several lines, with colours where something is drawn.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}
