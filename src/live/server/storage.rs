//! Where pushes are kept over a restart: the seam between the hub and a store.

use std::sync::Arc;

/// One thing to be written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Write {
    /// A push that is to be kept.
    Add {
        /// Its id; ids only grow.
        id: u64,
        /// For which device.
        device: Arc<str>,
        /// What it says.
        payload: Arc<str>,
        /// From when on it is not worth delivering, in milliseconds since 1970.
        expires_unix_ms: Option<u64>,
    },
    /// A push that is done with.
    Remove {
        /// Its id.
        id: u64,
        /// Of which device.
        device: Arc<str>,
    },
}

/// A push that a store kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stored {
    /// Its id.
    pub id: u64,
    /// For which device.
    pub device: Arc<str>,
    /// What it says.
    pub payload: Arc<str>,
    /// From when on it is not worth delivering, in milliseconds since 1970.
    pub expires_unix_ms: Option<u64>,
}

/// What became of a batch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Done {
    /// The number that `submit` was given.
    pub batch: u64,
    /// Written for good; or why nothing of it was.
    pub result: Result<(), String>,
}

/// A store, which works on a thread of its own.
pub trait Store: Send {
    /// Takes a batch, which is written as a whole or not at all. Batches are written in the order of their numbers.
    fn submit(&mut self, batch: u64, writes: Vec<Write>);

    /// A batch that is done, if one is. Whoever made the store is woken when there is one.
    fn done(&mut self) -> Option<Done>;
}
