//! Connections that are served though no session is theirs: what a server has that overwrites the entry of a
//! device and does not think of the old connection.

use std::collections::VecDeque;

/// How many of one device are held.
const MOST: usize = 4;

/// The connections, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Strays {
    held: VecDeque<u32>,
}

impl Strays {
    pub(super) fn contains(&self, connection: u32) -> bool {
        self.held.contains(&connection)
    }

    pub(super) fn newest(&self) -> Option<u32> {
        self.held.back().copied()
    }

    /// Holds one more; answers the one that has to go for it.
    pub(super) fn add(&mut self, connection: u32) -> Option<u32> {
        self.held.push_back(connection);
        if self.held.len() > MOST { self.held.pop_front() } else { None }
    }

    /// Holds it no more; answers whether it was held.
    pub(super) fn remove(&mut self, connection: u32) -> bool {
        let found = self.held.iter().position(|held| *held == connection);
        found.and_then(|index| self.held.remove(index)).is_some()
    }

    /// Gives up all of them.
    pub(super) fn take(&mut self) -> VecDeque<u32> {
        std::mem::take(&mut self.held)
    }
}
