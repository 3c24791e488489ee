//! Dead connections, and when each side finds out.

use crate::port::{Span, Time};
use crate::trace::DeadCause;

/// A connection that can carry nothing any more while somebody believes in it.
#[derive(Copy, Clone, Debug)]
struct Dead {
    connection: u32,
    by_restart: bool,
    since: Time,
    client_unaware: bool,
    server_unaware: bool,
}

/// Lengths of time, as far as a maximum and a mean go.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub struct Delays {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: Span,
    /// The longest.
    pub max: Span,
}

impl Delays {
    pub(super) fn add(&mut self, delay: Span) {
        self.count += 1;
        self.sum += delay;
        self.max = self.max.max(delay);
    }

    pub(super) fn merge(&mut self, other: &Delays) {
        self.count += other.count;
        self.sum += other.sum;
        self.max = self.max.max(other.max);
    }

    /// The mean, rounded down; `None` of none.
    pub fn mean(&self) -> Option<Span> {
        (self.count > 0).then(|| Span::from_micros(self.sum.as_micros() / self.count))
    }
}

/// How many dead connections a device can be unaware of at once before the oldest is forgotten.
const MOST: usize = 64;

/// The dead connections of one device.
#[derive(Clone, Debug, Default)]
pub(super) struct Outages {
    dead: Vec<Dead>,
    pub(super) client: Delays,
    /// Those of `client` in which the server had forgotten the connection.
    pub(super) restart: Delays,
    /// The others.
    pub(super) outage: Delays,
    pub(super) server: Delays,
    pub(super) missed: u64,
    /// Those of `missed` in which the server had forgotten the connection.
    pub(super) missed_restart: u64,
}

impl Outages {
    /// A connection is dead since now; `restart` when the server goes down at this moment.
    pub(super) fn died(&mut self, connection: u32, cause: DeadCause, since: Time, restart: bool) {
        if self.dead.iter().any(|dead| dead.connection == connection) {
            return;
        }
        // Who made it die knows already; for the app, its own end is nothing to find out.
        let (client_unaware, server_unaware) = match cause {
            DeadCause::Interface
            | DeadCause::Address
            | DeadCause::Silence
            | DeadCause::NoInternet
            | DeadCause::CaptivePortal
            | DeadCause::VoiceCall
            | DeadCause::Nat => (true, true),
            DeadCause::Server => (true, false),
            DeadCause::Reclaimed => (true, true),
            DeadCause::Process => (false, true),
        };
        if self.dead.len() == MOST {
            let oldest = self.dead.remove(0);
            self.miss(oldest);
        }
        let by_restart = restart && cause == DeadCause::Server;
        self.dead.push(Dead { connection, by_restart, since, client_unaware, server_unaware });
    }

    pub(super) fn healed(&mut self, connection: u32) {
        self.dead.retain(|dead| dead.connection != connection);
    }

    pub(super) fn client_knows(&mut self, connection: u32, at: Time) {
        if let Some(dead) = self.dead.iter_mut().find(|dead| dead.connection == connection)
            && std::mem::take(&mut dead.client_unaware)
        {
            let delay = at.since(dead.since);
            self.client.add(delay);
            let kind = if dead.by_restart { &mut self.restart } else { &mut self.outage };
            kind.add(delay);
        }
        self.sweep();
    }

    pub(super) fn server_knows(&mut self, connection: u32, at: Time) {
        if let Some(dead) = self.dead.iter_mut().find(|dead| dead.connection == connection)
            && std::mem::take(&mut dead.server_unaware)
        {
            self.server.add(at.since(dead.since));
        }
        self.sweep();
    }

    /// The app's process ended: what it had not found out it never will.
    pub(super) fn process_ended(&mut self) {
        for dead in &mut self.dead {
            dead.client_unaware = false;
        }
        self.sweep();
    }

    fn sweep(&mut self) {
        self.dead.retain(|dead| dead.client_unaware || dead.server_unaware);
    }

    pub(super) fn finish(&mut self) {
        for dead in std::mem::take(&mut self.dead) {
            self.miss(dead);
        }
    }

    /// Nobody will hear of `dead` any more.
    fn miss(&mut self, dead: Dead) {
        self.missed += u64::from(dead.client_unaware);
        self.missed_restart += u64::from(dead.client_unaware && dead.by_restart);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    #[test]
    fn each_side_is_counted_from_the_death_to_its_own_discovery() {
        let mut outages = Outages::default();
        outages.died(1, DeadCause::Nat, at(300), true);
        outages.client_knows(1, at(608));
        outages.server_knows(1, at(1_300));
        outages.server_knows(1, at(1_400));
        assert_eq!(outages.client.max, Span::from_secs(308));
        assert_eq!((outages.server.count, outages.server.max), (1, Span::from_secs(1_000)));
    }

    #[test]
    fn a_connection_that_heals_unnoticed_counts_for_nobody() {
        let mut outages = Outages::default();
        outages.died(1, DeadCause::Silence, at(1), true);
        outages.healed(1);
        outages.client_knows(1, at(50));
        outages.finish();
        assert_eq!((outages.client.count, outages.missed), (0, 0));
    }

    #[test]
    fn only_a_connection_that_the_server_took_down_with_it_counts_as_a_restart() {
        let mut outages = Outages::default();
        outages.died(1, DeadCause::Server, at(10), true);
        outages.client_knows(1, at(20));
        outages.died(2, DeadCause::Server, at(30), true);
        outages.died(3, DeadCause::Nat, at(30), true);
        outages.died(4, DeadCause::Server, at(40), false);
        outages.finish();
        assert_eq!(outages.restart.max, Span::from_secs(10));
        assert_eq!((outages.missed, outages.missed_restart), (3, 1));
    }

    #[test]
    fn what_nobody_noticed_until_the_end_is_missed() {
        let mut outages = Outages::default();
        outages.died(1, DeadCause::Interface, at(1), true);
        outages.finish();
        assert_eq!(outages.missed, 1);
    }
}
