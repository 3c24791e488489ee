//! What outlives a process of the agent: which run it is, how many processes it has had, and when it began.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::orders::write_whole;

const FILE: &str = "holdline-life.json";

/// A run as its processes know it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Life {
    /// The nonce of the run.
    pub run: String,
    /// How many processes there have been, this one included.
    pub process: u32,
    /// When the run began, if it has: by a clock that goes on from one process to the next.
    pub began: Option<u64>,
}

impl Life {
    /// A process of the run with this nonce begins, on the files in `dir`.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn next(dir: &Path, run: &str) -> io::Result<Life> {
        let before = std::fs::read(dir.join(FILE)).ok();
        let before = before.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let life = match before.filter(|life: &Life| life.run == run) {
            Some(life) => Life { process: life.process.saturating_add(1), ..life },
            None => Life { run: run.to_owned(), process: 1, began: None },
        };
        life.keep(dir)?;
        Ok(life)
    }

    /// The run begins at `now`, unless it has begun; answers when it did.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub fn begin(&mut self, dir: &Path, now: u64) -> io::Result<u64> {
        if let Some(began) = self.began {
            return Ok(began);
        }
        self.began = Some(now);
        self.keep(dir)?;
        Ok(now)
    }

    fn keep(&self, dir: &Path) -> io::Result<()> {
        write_whole(dir, FILE, &serde_json::to_vec(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_of_a_run_counts_and_the_run_begins_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = Life::next(dir.path(), "a").unwrap();
        assert_eq!((first.process, first.began), (1, None));
        assert_eq!(first.begin(dir.path(), 7).unwrap(), 7);
        let mut second = Life::next(dir.path(), "a").unwrap();
        assert_eq!((second.process, second.begin(dir.path(), 9).unwrap()), (2, 7));
        let other = Life::next(dir.path(), "b").unwrap();
        assert_eq!((other.process, other.began), (1, None));
    }
}
