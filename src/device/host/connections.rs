//! Which of the phone's connections the server speaks of: the port says, which the agent tells.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use crate::live::world::{Own, Relay};
use crate::trace::Event;

/// So long an event of the server waits for the agent to say which connection it is of.
const PATIENCE: Duration = Duration::from_secs(2);

/// The phone's numbers of connections.
#[derive(Default)]
pub(super) struct Connections {
    /// The pair of streams, by the phone's port.
    pairs: BTreeMap<u16, u32>,
    held: VecDeque<Held>,
}

/// An event of a connection that nobody has numbered yet.
struct Held {
    since: Instant,
    event: Event,
    /// Where the server sees it.
    at: SocketAddr,
}

impl Connections {
    /// The agent says which pair of streams has this port.
    pub(super) fn told(&mut self, pair: u32, port: u16) {
        self.pairs.insert(port, pair);
    }

    /// The pair over the connection that comes from the phone at `client`.
    pub(super) fn pair(&self, client: SocketAddr) -> Option<u32> {
        self.pairs.get(&client.port()).copied()
    }

    /// The events of the server until now, with the phone's numbers, as far as they are known; with what seems most
    /// likely when nobody says so in time, or `all` are wanted.
    pub(super) fn numbered(&mut self, own: &mut Own, relay: &mut Relay, all: bool) -> Vec<Event> {
        let mut ready = Vec::new();
        for held in std::mem::take(&mut self.held) {
            let client = relay.client_of(held.at);
            let late = all || held.since.elapsed() >= PATIENCE;
            let known = client.and_then(|client| self.pair(client));
            match known.or_else(|| late.then(|| self.guess(client))) {
                Some(pair) => {
                    let what = own.renumber_as(held.event.what, pair);
                    ready.push(Event { what, ..held.event });
                }
                None => self.held.push_back(held),
            }
        }
        while let Some(event) = own.happened() {
            let mut seen = None;
            let numbered = own.renumber(event.what, |at| {
                seen = Some(at);
                self.pair(relay.client_of(at)?)
            });
            match (numbered, seen) {
                (Some(what), _) => ready.push(Event { what, ..event }),
                (None, Some(at)) => {
                    self.held.push_back(Held { since: Instant::now(), event, at });
                }
                // Of a connection that had ended before anybody knew of it.
                (None, None) => {}
            }
        }
        ready
    }

    /// Whether an event waits.
    pub(super) fn wait(&self) -> bool {
        !self.held.is_empty()
    }

    /// The next number after all that are known: phones number their pairs as they make them.
    fn guess(&mut self, client: Option<SocketAddr>) -> u32 {
        let next = self.pairs.values().max().map_or(1, |last| last + 1);
        if let Some(client) = client {
            self.pairs.insert(client.port(), next);
        }
        next
    }
}
