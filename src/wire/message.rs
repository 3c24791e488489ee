//! What can be said over a connection: one line each.
//!
//! A line is UTF-8, at most as long as the server says, and ends with LF (CR LF is taken, too). Words are
//! separated by one blank; the payload of a push is the rest of its line and may hold blanks, but no control
//! characters. Over WebSocket each text message is one line, with or without its end.

use crate::port::{PushId, Span};

/// The version of the protocol, as `HELLO` and `WELCOME` name it.
pub const VERSION: u32 = 1;

/// Where a server of ours listens when nobody says otherwise.
pub const PORT: u16 = 7_400;

/// What a client says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ClientMessage<'a> {
    /// `HELLO <version> <device>`: names the device; at first on every connection of a device.
    Hello {
        /// The version of the protocol.
        version: u32,
        /// The device: 1 to 64 of `A-Z a-z 0-9 . _ : @ -`.
        device: &'a str,
    },
    /// `SIDE <version> <device>`: the second connection of a device that is connected.
    Side {
        /// The version of the protocol.
        version: u32,
        /// The device.
        device: &'a str,
    },
    /// `PING <n>`: asks for a sign of life.
    Ping {
        /// Comes back in the answer.
        n: u32,
    },
    /// `PONG <n>`: the answer to a ping.
    Pong {
        /// The number of the ping.
        n: u32,
    },
    /// `ACK <id>`: the device has the push, the server may forget it.
    Ack {
        /// The push.
        id: u64,
    },
    /// An empty line, or one of blanks: a sign of life that asks for nothing.
    Blank,
    /// `AUTH <version> <token>`: the connection publishes; at first on a connection of a publisher.
    Auth {
        /// The version of the protocol.
        version: u32,
        /// The token of the control API.
        token: &'a str,
    },
    /// `PUB <reference> <device> <ttl-seconds or -> <payload>`: a push to one device. Answered by `DONE` or
    /// `FAIL` with the same reference; many may be under way.
    Publish {
        /// Comes back in the answer.
        reference: u32,
        /// To this device.
        device: &'a str,
        /// How long it is worth delivering.
        ttl: Option<Span>,
        /// The payload.
        payload: &'a str,
    },
    /// `ALL <reference> <ttl-seconds or -> <payload>`: a push to every device that is connected.
    PublishAll {
        /// Comes back in the answer.
        reference: u32,
        /// How long it is worth delivering.
        ttl: Option<Span>,
        /// The payload.
        payload: &'a str,
    },
}

/// What the server says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ServerMessage<'a> {
    /// `WELCOME <version>`: the client is known; pushes that waited follow.
    Welcome {
        /// The version of the protocol.
        version: u32,
    },
    /// `PING <n>`: asks for a sign of life.
    Ping {
        /// Comes back in the answer.
        n: u32,
    },
    /// `PONG <n>`: the answer to a ping.
    Pong {
        /// The number of the ping.
        n: u32,
    },
    /// `PUSH <id> <payload>`.
    Push {
        /// Which one; to be acknowledged.
        id: u64,
        /// The payload.
        payload: &'a str,
    },
    /// `CANCEL <id>`: a push is withdrawn.
    Cancel {
        /// Which one.
        id: u64,
    },
    /// `KNOCK`: something comes on the other connection.
    Knock,
    /// `MEDIA <payload>`: a packet of a media stream.
    Media {
        /// Filling.
        payload: &'a str,
    },
    /// `GOAWAY`: the server drains: connect again.
    GoAway,
    /// `BYE <reason> <text>`: the server closes this connection, and nothing is wrong with what the client said:
    /// `replaced`, `idle`, `unanswered`, `drained`, `dropped`, `restart`.
    Bye {
        /// One word.
        reason: &'a str,
        /// A sentence.
        text: &'a str,
    },
    /// `ERROR <reason> <text>`: the server refuses and closes: `version`, `syntax`, `too-long`, `not-hello`,
    /// `handshake-timeout`, `device-name`, `no-session`, `too-many-connections`, `too-many-from-address`,
    /// `too-many-devices`, `too-slow`, `token`, `no-descriptors`, `transport`.
    Error {
        /// One word.
        reason: &'a str,
        /// A sentence.
        text: &'a str,
    },
    /// `DONE <reference> <id> <devices>`: a push was accepted, for so many devices.
    Done {
        /// The publisher's reference.
        reference: u32,
        /// The push's id; of one to all, the first of as many ids as devices.
        id: u64,
        /// For how many devices.
        devices: u32,
    },
    /// `FAIL <reference> <reason>`: a push was not accepted: `device-name`, `too-many-devices`, `store`,
    /// `full`, `down`, `payload`, `not-connected`.
    Fail {
        /// The publisher's reference.
        reference: u32,
        /// One word.
        reason: &'a str,
    },
}

/// A push's id on the wire.
pub const fn wire_id(id: PushId) -> u64 {
    (id.name as u64) << 32 | id.member as u64
}

/// The push that has this id on the wire.
pub const fn frame_id(id: u64) -> PushId {
    PushId { name: (id >> 32) as u32, member: id as u32 }
}
