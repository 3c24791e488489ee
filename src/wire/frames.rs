//! What a frame is in our own protocol.

use super::message::{ClientMessage, ServerMessage, VERSION, wire_id};
use crate::port::{Frame, PushId};

impl<'a> ClientMessage<'a> {
    /// What the device called `device` says with a frame; nothing for a turn of a modelled TLS handshake, and for
    /// what only a server says.
    pub fn of(frame: Frame, device: &'a str) -> Option<ClientMessage<'a>> {
        Some(match frame {
            Frame::Hello { device: _ } => ClientMessage::Hello { version: VERSION, device },
            Frame::HelloSide { device: _ } => ClientMessage::Side { version: VERSION, device },
            Frame::Ping { n } => ClientMessage::Ping { n },
            Frame::Pong { n } => ClientMessage::Pong { n },
            Frame::Ack { id } => ClientMessage::Ack { id: wire_id(id) },
            Frame::WhiteSpace => ClientMessage::Blank,
            Frame::TlsClient { .. }
            | Frame::TlsServer { .. }
            | Frame::Welcome
            | Frame::Push { .. }
            | Frame::Cancel { .. }
            | Frame::Knock
            | Frame::Media
            | Frame::GoAway => return None,
        })
    }
}

impl<'a> ServerMessage<'a> {
    /// What the server says with a frame, where `payload` says what a push says; nothing for a turn of a modelled
    /// TLS handshake, and for what only a client says.
    pub fn of(frame: Frame, payload: impl FnOnce(PushId) -> &'a str) -> Option<ServerMessage<'a>> {
        Some(match frame {
            Frame::Welcome => ServerMessage::Welcome { version: VERSION },
            Frame::Ping { n } => ServerMessage::Ping { n },
            Frame::Pong { n } => ServerMessage::Pong { n },
            Frame::Push { id } => ServerMessage::Push { id: wire_id(id), payload: payload(id) },
            Frame::Cancel { id } => ServerMessage::Cancel { id: wire_id(id) },
            Frame::Knock => ServerMessage::Knock,
            Frame::Media => ServerMessage::Media { payload: FILLING },
            Frame::GoAway => ServerMessage::GoAway,
            Frame::TlsClient { .. }
            | Frame::TlsServer { .. }
            | Frame::Hello { .. }
            | Frame::HelloSide { .. }
            | Frame::Ack { .. }
            | Frame::WhiteSpace => return None,
        })
    }
}

/// What a packet of media carries: 160 bytes, 20 ms of G.711.
const FILLING: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
                       0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
                       0123456789abcdef0123456789abcdef";
