//! Connections that are served though no session is theirs: what a server has that overwrites the entry of a
//! device and does not think of the old connection.

use std::collections::VecDeque;

use crate::port::Transport;

/// How many of one device are held.
const MOST: usize = 4;

/// The connections, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Strays {
    held: VecDeque<(u32, Transport)>,
}

impl Strays {
    pub(super) fn contains(&self, connection: u32) -> bool {
        self.transport(connection).is_some()
    }

    /// What the connection runs over, if it is held.
    pub(super) fn transport(&self, connection: u32) -> Option<Transport> {
        self.held.iter().find(|(held, _)| *held == connection).map(|(_, transport)| *transport)
    }

    pub(super) fn all(&self) -> impl Iterator<Item = (u32, Transport)> {
        self.held.iter().copied()
    }

    pub(super) fn newest(&self) -> Option<u32> {
        self.held.back().map(|(connection, _)| *connection)
    }

    /// Holds one more; answers the one that has to go for it.
    pub(super) fn add(&mut self, connection: u32, transport: Transport) -> Option<u32> {
        self.held.push_back((connection, transport));
        let over = self.held.len() > MOST;
        over.then(|| self.held.pop_front()).flatten().map(|(oldest, _)| oldest)
    }

    /// Holds it no more; answers whether it was held.
    pub(super) fn remove(&mut self, connection: u32) -> bool {
        let found = self.held.iter().position(|(held, _)| *held == connection);
        found.and_then(|index| self.held.remove(index)).is_some()
    }

    /// Gives up all of them.
    pub(super) fn take(&mut self) -> impl Iterator<Item = u32> + use<> {
        std::mem::take(&mut self.held).into_iter().map(|(connection, _)| connection)
    }
}

#[cfg(test)]
mod tests {
    use crate::port::Frame;
    use crate::server::EndedBy;
    use crate::server::tests::{HELLO, pushed, send, server};

    #[test]
    fn a_hello_on_a_connection_without_a_session_makes_it_the_session_again() {
        let mut server = server(|options| options.session_ended_by = EndedBy::Device);
        server.connect(1);
        server.connect(2);
        assert_eq!(server.session.connection(), Some(2));
        assert_eq!(server.frame(1, HELLO), [send(1, Frame::Welcome)]);
        assert_eq!(server.session.connection(), Some(1));
        assert_eq!(server.push(7), [pushed(1, 7)]);
    }
}
