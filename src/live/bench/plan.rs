//! What is to be measured, and whether the machine allows it.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::error::BenchError;
use super::machine;

/// What a process needs beside its connections: standard streams, epoll, a store, a control API.
const BESIDE: u64 = 64;

/// The push server that is measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Server {
    /// Started for each run.
    Own,
    /// One that runs already.
    Running {
        /// Where it listens.
        address: SocketAddr,
        /// The token of its control API.
        token: String,
        /// Its process, to look at its memory and processor time.
        pid: Option<u32>,
    },
}

/// What is to be measured.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// This program, which also is the echo server and the generator.
    pub program: PathBuf,
    /// The push server.
    pub server: Server,
    /// How many connections.
    pub connections: u32,
    /// Over how many generators they are spread; as few as descriptors allow when absent.
    pub processes: Option<u32>,
    /// Over how many servers; as few as descriptors allow when absent.
    pub servers: Option<u32>,
    /// How often all is measured.
    pub runs: u32,
    /// How many pushes go to all in a run.
    pub rounds: u32,
    /// How many pushes go to one in a run.
    pub messages: u32,
    /// How many of these are under way at most.
    pub window: u32,
    /// How many pings there are in a run, one at a time and again several at once.
    pub pings: u32,
    /// How many at once.
    pub at_once: u32,
    /// How long a payload is.
    pub payload: usize,
}

/// How many processes share the connections.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Shares {
    pub(super) generators: u32,
    pub(super) servers: u32,
}

impl Plan {
    /// How many processes there are to be; an error if descriptors do not suffice for them.
    pub(super) fn shares(&self) -> Result<Shares, BenchError> {
        self.shares_within(machine::descriptors())
    }

    fn shares_within(&self, allowed: Option<u64>) -> Result<Shares, BenchError> {
        let all = u64::from(self.connections);
        let few = |asked: Option<u32>| match (asked, allowed) {
            (Some(asked), _) => u64::from(asked),
            (None, Some(allowed)) => all.div_ceil(allowed.saturating_sub(2 * BESIDE).max(1)),
            (None, None) => 1,
        };
        let own = self.server == Server::Own;
        let servers = if own { few(self.servers) } else { 1 };
        let generators = few(self.processes);
        if servers > all || generators > all {
            return Err(BenchError::Options("more processes than connections".into()));
        }
        // The echo server holds them as well, whoever starts the push server.
        let needed = all.div_ceil(servers) + BESIDE;
        machine::allows(allowed, needed, "each server", "--servers")?;
        let needed = all.div_ceil(generators) + servers + BESIDE;
        machine::allows(allowed, needed, "each generator", "--processes")?;
        Ok(Shares { generators: generators as u32, servers: servers as u32 })
    }
}

/// The first and the number of part `part` of `all` in `parts` parts that differ by one at most.
pub(super) fn part(all: u32, parts: u32, part: u32) -> (u32, u32) {
    let start = |part: u32| (u64::from(all) * u64::from(part) / u64::from(parts)) as u32;
    (start(part), start(part + 1) - start(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(connections: u32, processes: Option<u32>, servers: Option<u32>) -> Plan {
        Plan {
            program: PathBuf::new(),
            server: Server::Own,
            connections,
            processes,
            servers,
            runs: 1,
            rounds: 1,
            messages: 1,
            window: 1,
            pings: 1,
            at_once: 1,
            payload: 32,
        }
    }

    #[test]
    fn connections_are_spread_over_as_few_processes_as_descriptors_allow() {
        let shares = |connections| {
            let shares = plan(connections, None, None).shares_within(Some(20_000)).expect("enough");
            (shares.generators, shares.servers)
        };
        assert_eq!(shares(10_000), (1, 1));
        assert_eq!(shares(19_000), (1, 1));
        assert_eq!(shares(100_000), (6, 6));
    }

    #[test]
    fn too_few_processes_are_told_before_anything_starts() {
        let error = plan(30_000, None, Some(1)).shares_within(Some(20_000)).expect_err("too few");
        assert!(error.to_string().contains("`ulimit -n 30064`"), "{error}");
        let error = plan(30_000, Some(1), None).shares_within(Some(20_000)).expect_err("too few");
        assert!(error.to_string().contains("--processes"), "{error}");
        assert!(plan(3, Some(4), None).shares_within(None).is_err());
    }

    #[test]
    fn parts_are_all_of_it_and_even() {
        for (all, parts) in [(10, 3), (100_000, 6), (7, 7)] {
            let sizes: Vec<u32> = (0..parts).map(|n| part(all, parts, n).1).collect();
            assert_eq!(sizes.iter().sum::<u32>(), all);
            assert!(sizes.iter().max().zip(sizes.iter().min()).is_some_and(|(a, b)| a - b <= 1));
        }
    }
}
