//! The connections of one device, each with the events that concern it.

use std::collections::BTreeMap;
use std::io;

use super::addresses::{Addresses, Ends};
use super::around::{Around, Hosts};
use super::conversation::{self, Setting};
use super::datagrams::Socket;
use super::packet::Packet;
use super::replay::{Now, Replay};
use super::text::Text;
use crate::net::{End, NatExpiry, NetConfig};
use crate::port::{AppState, ConnectBy, Interface, Span, Time};
use crate::scenario::{Act, Scenario};
use crate::server::DropHow;
use crate::trace::{Event, RestartKind, What};

/// A TCP connection.
struct Connection {
    replay: Replay,
    ends: Option<Ends>,
    about: String,
}

/// One device, as its events pass.
pub(super) struct Device<'a> {
    number: u32,
    scenario: &'a Scenario,
    config: &'a NetConfig,
    around: Around,
    connections: BTreeMap<u32, Connection>,
    sockets: BTreeMap<u32, Socket>,
}

impl<'a> Device<'a> {
    pub(super) fn new(
        number: u32,
        scenario: &'a Scenario,
        config: &'a NetConfig,
        addresses: &mut Addresses,
    ) -> Device<'a> {
        let around = Around::new(scenario.network.initial, addresses);
        let (connections, sockets) = (BTreeMap::new(), BTreeMap::new());
        Device { number, scenario, config, around, connections, sockets }
    }

    /// An event of this device, or one that concerns all.
    pub(super) fn event(&mut self, event: &Event, now: Now, addresses: &mut Addresses) {
        self.around.event(event, addresses);
        let what = &event.what;
        if let What::Connecting { connection } = *what {
            self.connecting(connection, now, addresses);
        } else if let What::CreateDatagramStream { pair } = *what {
            self.sockets.insert(pair, Socket::new(None, String::new()));
        } else if let What::Open { pair, .. } = *what {
            self.opened(pair, addresses);
        } else if let Some(connection) = connection(what) {
            if let Some(known) = self.connections.get_mut(&connection) {
                known.replay.event(what, now);
            } else if let Some(socket) = self.sockets.get_mut(&connection) {
                socket.event(what, now);
            }
        } else {
            self.all(what, now);
        }
    }

    /// What concerns every connection.
    fn all(&mut self, what: &What, now: Now) {
        let replays = self.connections.values_mut().map(|known| &mut known.replay);
        if let What::State { to: AppState::NotRunning, .. } = what {
            replays.for_each(Replay::withdraw);
        } else if let What::Reboot {} = what {
            replays.for_each(|replay| replay.vanish(End::Phone, now));
        } else if let What::ServerDown { how: RestartKind::HostDown, .. } = what {
            replays.for_each(|replay| replay.vanish(End::Server, now));
        } else if let What::DnsChanged { on: true } = what {
            for replay in replays {
                let waits = replay.syn_at == Some(Time::NEVER);
                replay.syn_at = if waits { Some(now.at + Span::TICK) } else { replay.syn_at };
            }
        } else if let What::DeviceWoke { slept } = *what {
            for at in replays.filter_map(|replay| replay.syn_at.as_mut()) {
                *at = if *at == Time::NEVER { Time::NEVER } else { *at + slept };
            }
        } else if let What::Step { number, .. } = *what {
            let step = self.scenario.steps.get((number as usize).wrapping_sub(1));
            let resets = |act| act == Act::ServerDrop { how: DropHow::Reset };
            if step.is_some_and(|step| resets(step.act)) {
                replays.for_each(|replay| replay.server.dropped = Some(now.at));
            }
        }
    }

    /// The ends of a connection that is made now, and what its first packet says.
    fn ends(&mut self, connection: u32, addresses: &mut Addresses) -> (Option<Ends>, String) {
        let Around { interface, .. } = self.around;
        let number = self.number;
        let ends = self.around.address();
        let ends = ends.map(|address| addresses.ends(number, connection, address, interface));
        (ends, format!("device {number}, connection {connection}, by {interface}"))
    }

    fn connecting(&mut self, connection: u32, now: Now, addresses: &mut Addresses) {
        let (ends, about) = self.ends(connection, addresses);
        let access = self.config.access(self.around.interface);
        let latency = access.map_or(Span::TICK, |access| access.latency.median());
        let resets = access.is_some_and(|access| access.nat_on_expiry == NatExpiry::Reset);
        let mut replay = Replay::new(now, self.config, latency, resets);
        match self.config.connect_by {
            _ if self.around.interface == Interface::None => {}
            ConnectBy::Name if !self.around.resolves => replay.syn_at = Some(Time::NEVER),
            ConnectBy::Ipv4Literal
                if access.is_some_and(|access| access.ipv6_only)
                    && !self.config.synthesises_literals => {}
            ConnectBy::Name | ConnectBy::Ipv4Literal => replay.syn(),
        }
        self.connections.insert(connection, Connection { replay, ends, about });
    }

    fn opened(&mut self, pair: u32, addresses: &mut Addresses) {
        if self.sockets.get(&pair).is_some_and(|socket| socket.about.is_empty()) {
            let (ends, about) = self.ends(pair, addresses);
            self.sockets.insert(pair, Socket::new(ends, about));
        }
    }

    /// Adds the packets of all connections to `out`; answers how many events fitted nothing.
    pub(super) fn packets(
        self,
        hosts: &Hosts,
        end: Time,
        out: &mut Vec<Packet>,
    ) -> io::Result<u32> {
        let Device { number, scenario, ref around, .. } = self;
        let setting = |ends, about| {
            let text = Text { device: number, names: &scenario.names };
            Setting { ends, about, text, around, hosts, end }
        };
        let mut unexplained = 0;
        for (number, Connection { replay, ends, about }) in self.connections {
            let story = replay.finish(end);
            unexplained += story.unexplained;
            if let Some(ends) = ends {
                conversation::packets(&story, number, &setting(ends, about), out)?;
            }
        }
        for socket in self.sockets.into_values() {
            unexplained += socket.unexplained;
            if let Some(ends) = socket.ends {
                socket.packets(&setting(ends, String::new()), out)?;
            }
        }
        Ok(unexplained)
    }
}

/// The connection that an event concerns.
fn connection(what: &What) -> Option<u32> {
    if let What::Established { connection, .. }
    | What::ConnectFailed { connection, .. }
    | What::Sent { connection, .. }
    | What::Arrived { connection, .. }
    | What::Lost { connection, .. }
    | What::Retransmitted { connection, .. }
    | What::TimedOut { connection, .. }
    | What::Ended { connection, .. }
    | What::SessionOpened { connection }
    | What::SessionClosed { connection, .. }
    | What::SideOpened { connection }
    | What::SideClosed { connection, .. }
    | What::Read { pair: connection, .. }
    | What::Close { pair: connection, .. }
    | What::SocketReclaimed { pair: connection, .. } = *what
    {
        Some(connection)
    } else {
        None
    }
}
