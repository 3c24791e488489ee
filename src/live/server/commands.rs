//! What a running server is asked to do.

use std::sync::Arc;

use tracing::{error, info};

use super::api::{Command, DeviceInfo, Refused, To};
use super::hub::Hub;
use super::pushes::Publisher;
use super::stats::Gauges;
use crate::port::{Span, Time};
use crate::server::DropHow;
use crate::trace::{RestartKind, SessionEnd};
use crate::wire::frame_id;

impl Hub {
    /// Does what is asked, and answers. Whoever asked may have gone meanwhile.
    pub fn command(&mut self, command: Command, now: Time) {
        if !matches!(command, Command::Push { .. } | Command::Stats { .. }) {
            self.deliver_rest(now);
        }
        match command {
            Command::Push { to, payload, ttl, reply } => {
                self.publish(&to, payload, ttl, Publisher::Command(reply), now);
            }
            Command::Cancel { device, id, reply } => {
                let cancelled = self.number_of(&device).and_then(|number| {
                    let id = frame_id(id);
                    self.on_session(number, now, |session, cx| session.cancel(id, cx))
                        .ok_or(Refused::UnknownDevice)
                });
                drop(reply.send(cancelled));
            }
            Command::Devices { limit, after, reply } => {
                let later = |name: &Arc<str>| after.as_deref().is_none_or(|after| **name > *after);
                let names = self.devices.names().into_iter().filter(later).take(limit);
                let infos = names.filter_map(|name| self.info(self.devices.number(&name)?, now));
                let infos = infos.collect();
                drop(reply.send(Ok(infos)));
            }
            Command::Device { device, reply } => {
                let number = self.number_of(&device);
                let info = number.and_then(|n| self.info(n, now).ok_or(Refused::UnknownDevice));
                drop(reply.send(info));
            }
            Command::Heartbeat { to, reply } => {
                let asked = self.asked(&to, |hub, number| {
                    hub.on_session(number, now, |session, cx| session.ask_for_life(cx))
                });
                drop(reply.send(asked));
            }
            Command::Drop { to, how, reply } => {
                drop(reply.send(
                    self.asked(&to, |hub, number| Some(hub.drop_connection(number, how, now))),
                ));
            }
            Command::Restart { how, down_for: _, reply } => {
                self.down(how, now);
                drop(reply.send(Ok(())));
            }
            Command::Drain { grace, reply } => {
                let connected = self.connected().len();
                self.drain(grace, now);
                drop(reply.send(Ok(u32::try_from(connected).unwrap_or(u32::MAX))));
            }
            Command::Stats { reply } => {
                let gauges = Gauges {
                    connections: self.connections.len() as u64,
                    devices: self.devices.len() as u64,
                    waiting: self.pushes.payloads.len() as u64,
                    queued_bytes: self.pushes.payloads.bytes as u64,
                };
                drop(reply.send(Ok(self.journal.counters.stats(gauges))));
            }
        }
    }

    fn number_of(&self, device: &str) -> Result<u32, Refused> {
        self.devices.number(device).ok_or(Refused::UnknownDevice)
    }

    /// Asks something of one device or of all that are connected; answers of how many it was done.
    fn asked(
        &mut self,
        to: &To,
        mut ask: impl FnMut(&mut Hub, u32) -> Option<bool>,
    ) -> Result<u32, Refused> {
        let (numbers, one) = match to {
            To::Device(name) => (vec![self.number_of(name)?], true),
            To::All => (self.connected(), false),
        };
        let done = numbers.into_iter().filter(|number| ask(self, *number) == Some(true)).count();
        if one && done == 0 {
            return Err(Refused::NotConnected);
        }
        Ok(u32::try_from(done).unwrap_or(u32::MAX))
    }

    /// Ends a device's connection; answers whether there was one.
    pub fn drop_connection(&mut self, device: u32, how: DropHow, now: Time) -> bool {
        let there = self.devices.is_connected(device);
        self.on_session(device, now, |session, cx| session.drop_connection(how, cx));
        there
    }

    fn info(&self, number: u32, now: Time) -> Option<DeviceInfo> {
        let device = self.devices.get(number)?;
        let connection = device.session.connection().and_then(|one| self.place(one));
        let connection = connection.map(|place| &self.connections[place]);
        Some(DeviceInfo {
            device: device.name.to_string(),
            address: connection.map(|one| one.peer.to_string()),
            transport: connection.map(|one| one.kind.as_str()),
            connected_for: connection.map(|one| now.since(one.since)),
            heard_ago: device.session.heard().map(|heard| now.since(heard)),
            waiting: device.session.waiting(),
        })
    }

    /// The server goes down, as it looks from outside; [`Hub::up`] ends it. One that drains stays up: its clients are
    /// told to go away.
    pub fn down(&mut self, how: RestartKind, now: Time) {
        info!(how = how.as_str(), "the server goes down");
        self.deliver_rest(now);
        self.flush(now);
        for number in self.devices.numbers() {
            self.on_session(number, now, |session, cx| session.down(how, cx));
        }
        match how {
            RestartKind::Drain => {}
            RestartKind::Process => {
                self.is_down = true;
                self.finish_others(SessionEnd::Restart, now);
                // Closing listeners does not fail.
                let _ = self.listening(false);
            }
            RestartKind::HostDown => (self.is_down, self.dark) = (true, true),
        }
    }

    /// The server serves again.
    pub fn up(&mut self, now: Time) {
        self.is_down = false;
        if std::mem::take(&mut self.dark) {
            self.reset_all();
        }
        if let Err(error) = self.listening(true) {
            error!(%error, "the server cannot listen again");
        }
        for number in self.devices.numbers() {
            self.on_session(number, now, |session, cx| session.up(cx));
        }
        info!("the server serves again");
    }

    /// Everybody is told to go away, and nobody is accepted any more. Whoever has not gone within `grace` is closed.
    pub fn drain(&mut self, grace: Span, now: Time) {
        self.draining = true;
        self.options.drain_grace = grace;
        let _ = self.listening(false);
        self.finish_others(SessionEnd::Drained, now);
        for number in self.devices.numbers() {
            let how = RestartKind::Drain;
            self.on_session(number, now, |session, cx| session.down(how, cx));
        }
    }

    /// Whether nobody is connected any more.
    pub fn is_empty(&self) -> bool {
        self.connections.is_empty()
    }
}
