//! What the events say of a device and of the server's host beside its connections.

use std::net::Ipv4Addr;

use super::addresses::Addresses;
use crate::net::Host;
use crate::port::{Interface, Time};
use crate::trace::{Event, RestartKind, What};

/// What the server's host does with what arrives, in the course of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Hosts(Vec<(Time, Host)>);

impl Hosts {
    pub(super) fn of(events: &[Event]) -> Hosts {
        let mut hosts = Hosts::default();
        for event in events {
            if let What::ServerDown { how, .. } = event.what {
                let host = match how {
                    RestartKind::Process => Host::Refusing,
                    RestartKind::HostDown => Host::Silent,
                    RestartKind::Drain => continue,
                };
                hosts.0.push((event.at, host));
            } else if let What::ServerUp {} = event.what {
                hosts.0.push((event.at, Host::Up));
            }
        }
        hosts
    }

    pub(super) fn at(&self, at: Time) -> Host {
        let next = self.0.partition_point(|(since, _)| *since <= at);
        next.checked_sub(1).map_or(Host::Up, |last| self.0[last].1)
    }
}

/// A phone: its interface and address, whether names are resolved.
#[derive(Clone, Debug)]
pub(super) struct Around {
    pub(super) interface: Interface,
    pub(super) resolves: bool,
    /// The address from each time on.
    held: Vec<(Time, Option<Ipv4Addr>)>,
}

impl Around {
    pub(super) fn new(interface: Interface, addresses: &mut Addresses) -> Around {
        let held = vec![(Time::ZERO, addresses.private(interface))];
        Around { interface, resolves: true, held }
    }

    /// The address that the phone has now.
    pub(super) fn address(&self) -> Option<Ipv4Addr> {
        self.held.last().and_then(|(_, address)| *address)
    }

    /// Whether the phone has this address then.
    pub(super) fn holds(&self, address: Ipv4Addr, at: Time) -> bool {
        let next = self.held.partition_point(|(since, _)| *since <= at);
        next.checked_sub(1).is_some_and(|last| self.held[last].1 == Some(address))
    }

    pub(super) fn event(&mut self, event: &Event, addresses: &mut Addresses) {
        if let What::InterfaceChanged { to } = event.what {
            self.interface = to;
            self.held.push((event.at, addresses.private(to)));
        } else if let What::AddressChanged {} = event.what {
            self.held.push((event.at, addresses.private(self.interface)));
        } else if let What::DnsChanged { on } = event.what {
            self.resolves = on;
        }
    }
}
