//! What the phone's frames are in bytes, and back, in our own protocol.

use crate::port::Frame;
use crate::wire::{ClientMessage, Lines, MOST_LINE, ServerMessage, VERSION, frame_id, wire_id};

/// What is half received on one connection.
#[derive(Debug, Default)]
pub(super) struct Speech {
    lines: Lines,
}

impl Speech {
    /// The bytes of a frame of the device called `name`; nothing for one that has none: a turn of a modelled TLS
    /// handshake, and what only a server says.
    pub(super) fn spoken(frame: Frame, name: &str) -> Option<Vec<u8>> {
        let message = match frame {
            Frame::Hello { device: _ } => ClientMessage::Hello { version: VERSION, device: name },
            Frame::HelloSide { device: _ } => {
                ClientMessage::Side { version: VERSION, device: name }
            }
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
        };
        let mut bytes = Vec::new();
        message.encode(&mut bytes);
        Some(bytes)
    }

    /// The frames that `bytes` complete. What a server says of an end is left to the end itself.
    pub(super) fn heard(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        self.lines.feed(bytes, MOST_LINE, |line| {
            if let Ok(message) = line.and_then(ServerMessage::decode) {
                frames.extend(frame(message));
            }
            true
        });
        frames
    }
}

fn frame(message: ServerMessage<'_>) -> Option<Frame> {
    Some(match message {
        ServerMessage::Welcome { version: _ } => Frame::Welcome,
        ServerMessage::Ping { n } => Frame::Ping { n },
        ServerMessage::Pong { n } => Frame::Pong { n },
        ServerMessage::Push { id, payload: _ } => Frame::Push { id: frame_id(id) },
        ServerMessage::Cancel { id } => Frame::Cancel { id: frame_id(id) },
        ServerMessage::Knock => Frame::Knock,
        ServerMessage::Media { payload: _ } => Frame::Media,
        ServerMessage::GoAway => Frame::GoAway,
        ServerMessage::Bye { .. }
        | ServerMessage::Error { .. }
        | ServerMessage::Done { .. }
        | ServerMessage::Fail { .. } => return None,
    })
}
