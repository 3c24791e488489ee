//! Why nothing could be measured.

use std::fmt;
use std::io;

/// Why nothing could be measured: what, and what to do about it.
#[derive(Debug)]
pub enum BenchError {
    /// The options contradict each other.
    Options(String),
    /// A process may not hold so many descriptors.
    Descriptors {
        /// `a server` or `a generator`.
        who: &'static str,
        /// How many it needs.
        needed: u64,
        /// How many it may have.
        allowed: u64,
        /// The option that spreads them.
        option: &'static str,
    },
    /// The system refused something.
    Io {
        /// What was tried.
        what: String,
        /// What it said.
        source: io::Error,
    },
    /// A server or a generator did something else than it should.
    Failed(String),
    /// Ctrl-c, or a signal to end.
    Interrupted,
}

impl fmt::Display for BenchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BenchError::Options(why) | BenchError::Failed(why) => f.write_str(why),
            BenchError::Descriptors { who, needed, allowed, option } => write!(
                f,
                "{who} needs {needed} descriptors, and {allowed} are allowed: \
                 `ulimit -n {needed}` allows them, or spread the connections with {option}"
            ),
            BenchError::Io { what, source } => write!(f, "{what}: {source}"),
            BenchError::Interrupted => f.write_str("interrupted; all processes are ended"),
        }
    }
}

impl std::error::Error for BenchError {}

/// What was tried when the system refused it.
pub(super) trait Trying<T> {
    /// Names it.
    fn trying(self, what: impl FnOnce() -> String) -> Result<T, BenchError>;
}

impl<T> Trying<T> for io::Result<T> {
    fn trying(self, what: impl FnOnce() -> String) -> Result<T, BenchError> {
        self.map_err(|source| BenchError::Io { what: what(), source })
    }
}
