//! What is said on a connection, and what it is answered.

use std::sync::Arc;

use super::api::To;
use super::connection::Role;
use super::hub::Hub;
use super::pushes::Publisher;
use crate::port::{Frame, Time};
use crate::wire::{ClientMessage, ServerMessage, VERSION, frame_id, is_device_name};

impl Hub {
    /// A line came on the connection at `place`.
    pub(super) fn said(&mut self, place: usize, line: &str, now: Time) {
        let Some(connection) = self.connections.get(place) else { return };
        let (role, number) = (connection.role, connection.number);
        let message = match ClientMessage::decode(line) {
            Ok(message) => message,
            Err(wrong) => return self.refuse(place, wrong.reason(), wrong.text(), now),
        };
        match role {
            Role::Closing => {}
            Role::Fresh => self.introduced(place, message, now),
            Role::Publisher => self.publishes(place, number, message, now),
            Role::Device(device) => self.device_said(place, number, device, message, now),
        }
    }

    /// The first line of a connection.
    fn introduced(&mut self, place: usize, message: ClientMessage<'_>, now: Time) {
        let (version, device, side) = match message {
            ClientMessage::Hello { version, device } => (version, device, false),
            ClientMessage::Side { version, device } => (version, device, true),
            ClientMessage::Auth { version, token } => {
                return self.authenticated(place, version, token, now);
            }
            // A sign of life before anything else is as good as none.
            ClientMessage::Blank => return,
            ClientMessage::Ping { .. }
            | ClientMessage::Pong { .. }
            | ClientMessage::Ack { .. }
            | ClientMessage::Publish { .. }
            | ClientMessage::PublishAll { .. } => {
                let text = "the first line is HELLO, SIDE or AUTH";
                return self.refuse(place, "not-hello", text, now);
            }
        };
        if !self.speaks(place, version, now) {
            return;
        }
        if !is_device_name(device) {
            let text = "a device is 1 to 64 of A-Z a-z 0-9 . _ : @ -";
            return self.refuse(place, "device-name", text, now);
        }
        if side {
            return self.joins(place, device, now);
        }
        let Some(device) = self.devices.intern(device, self.limits.devices) else {
            let text = "the server knows as many devices as it can";
            return self.refuse(place, "too-many-devices", text, now);
        };
        if let Some(number) = self.attach(place, device, now) {
            let hello = Frame::Hello { device };
            self.on_session(device, now, |session, cx| session.frame(number, hello, cx));
        }
    }

    fn speaks(&mut self, place: usize, version: u32, now: Time) -> bool {
        if version != VERSION {
            let text = format!("the server speaks version {VERSION}");
            self.refuse(place, "version", &text, now);
        }
        version == VERSION
    }

    /// A second connection of a device that is connected.
    fn joins(&mut self, place: usize, device: &str, now: Time) {
        let known = self.devices.number(device);
        let Some(device) = known.filter(|number| self.devices.is_connected(*number)) else {
            let text = "SIDE needs a device that has said HELLO on another connection";
            return self.refuse(place, "no-session", text, now);
        };
        if let Some(number) = self.attach(place, device, now) {
            let hello = Frame::HelloSide { device };
            self.on_session(device, now, |session, cx| session.frame(number, hello, cx));
        }
    }

    fn authenticated(&mut self, place: usize, version: u32, token: &str, now: Time) {
        if !self.speaks(place, version, now) {
            return;
        }
        if !self.token.as_ref().is_some_and(|right| same(right.as_bytes(), token.as_bytes())) {
            return self.refuse(place, "token", "that is not the token", now);
        }
        self.connections[place].role = Role::Publisher;
        let mut line = Vec::new();
        ServerMessage::Welcome { version: VERSION }.encode(&mut line);
        self.send(place, &line);
    }

    fn publishes(&mut self, place: usize, number: u32, message: ClientMessage<'_>, now: Time) {
        let (reference, to, ttl, payload) = match message {
            ClientMessage::Publish { reference, device, ttl, payload } => {
                (reference, To::Device(device.to_owned()), ttl, payload)
            }
            ClientMessage::PublishAll { reference, ttl, payload } => {
                (reference, To::All, ttl, payload)
            }
            ClientMessage::Ping { n } => {
                let mut line = Vec::new();
                ServerMessage::Pong { n }.encode(&mut line);
                return self.send(place, &line);
            }
            ClientMessage::Pong { .. } | ClientMessage::Blank => return,
            ClientMessage::Hello { .. }
            | ClientMessage::Side { .. }
            | ClientMessage::Auth { .. }
            | ClientMessage::Ack { .. } => {
                return self.refuse(place, "syntax", "a publisher says PUB or ALL", now);
            }
        };
        self.connections[place].unanswered += 1;
        let publisher = Publisher::Connection(number, reference);
        self.publish(&to, Arc::from(payload), ttl, publisher, now);
    }

    fn device_said(
        &mut self,
        place: usize,
        number: u32,
        device: u32,
        message: ClientMessage<'_>,
        now: Time,
    ) {
        // A connection whose device was forgotten: the session ended without a word.
        if self.devices.get(device).is_none() {
            return self.reset(place);
        }
        let own = |name: &str| self.devices.number(name) == Some(device);
        let frame = match message {
            ClientMessage::Hello { device: name, .. } if own(name) => Frame::Hello { device },
            ClientMessage::Side { device: name, .. } if own(name) => Frame::HelloSide { device },
            ClientMessage::Ping { n } => Frame::Ping { n },
            ClientMessage::Pong { n } => Frame::Pong { n },
            ClientMessage::Ack { id } => Frame::Ack { id: frame_id(id) },
            ClientMessage::Blank => Frame::WhiteSpace,
            ClientMessage::Hello { .. } | ClientMessage::Side { .. } => {
                return self.refuse(place, "device-name", "a connection has one device", now);
            }
            ClientMessage::Auth { .. }
            | ClientMessage::Publish { .. }
            | ClientMessage::PublishAll { .. } => {
                return self.refuse(place, "syntax", "a device does not publish", now);
            }
        };
        self.on_session(device, now, |session, cx| session.frame(number, frame, cx));
    }
}

/// Whether two secrets are the same; how long it takes says only how long they are.
pub(crate) fn same(right: &[u8], given: &[u8]) -> bool {
    let differs = right.iter().zip(given).fold(0, |differs, (a, b)| differs | (a ^ b));
    right.len() == given.len() && differs == 0
}
