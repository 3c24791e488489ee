//! The seam between the server and what keeps its pushes: batches of writes in, their completion out.
//!
//! A push counts as accepted only when the batch that adds it is done.

use std::sync::Arc;

/// One change of what is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Write {
    /// A push was accepted.
    Add {
        /// Its id.
        id: u64,
        /// For which device.
        device: Arc<str>,
        /// One line of text.
        payload: Arc<str>,
        /// When it is not worth delivering any more, in milliseconds since 1970.
        expires_unix_ms: Option<u64>,
    },
    /// A push was acknowledged or given up.
    Remove {
        /// Its id.
        id: u64,
        /// For which device.
        device: Arc<str>,
    },
}

/// A batch is finished.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// Its number.
    pub batch: u64,
    /// Whether all of it is kept for good, or why none of it is.
    pub result: Result<(), String>,
}

/// A push that was kept from before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its id.
    pub id: u64,
    /// For which device.
    pub device: Arc<str>,
    /// One line of text.
    pub payload: Arc<str>,
    /// When it is not worth delivering any more, in milliseconds since 1970.
    pub expires_unix_ms: Option<u64>,
}

/// What was kept when the server starts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loaded {
    /// All pushes, in the order of their ids.
    pub pushes: Vec<Stored>,
    /// An id above every id that was ever given.
    pub next_id: u64,
}

impl Default for Loaded {
    fn default() -> Self {
        Loaded { pushes: Vec::new(), next_id: 1 }
    }
}

/// Keeps pushes.
pub trait Store: Send {
    /// Takes a batch; all of it is kept, or none. Never blocks for long: the thread of all connections calls
    /// it. Batches are kept in the order in which they are submitted.
    fn submit(&mut self, batch: u64, writes: Vec<Write>);

    /// Which batches were finished since the last call. Whoever finishes one in another thread wakes the
    /// server by the waker that the store was made with.
    fn finished(&mut self, done: &mut Vec<Done>);
}
