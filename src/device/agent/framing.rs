//! Bytes of one connection into frames of our own protocol, and frames into bytes.

use std::collections::VecDeque;

use crate::port::Frame;
use crate::wire::{ClientMessage, Lines, MOST_LINE, ServerMessage, frame_id};

/// Bytes that are kept for a stream without room. An app that writes more meanwhile is told that nothing was taken.
const MOST_KEPT: usize = 64 << 10;

/// One connection's bytes and frames.
#[derive(Debug, Default)]
pub(super) struct Framing {
    lines: Lines,
    received: VecDeque<Frame>,
    unsent: VecDeque<u8>,
}

impl Framing {
    /// Bytes came.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let received = &mut self.received;
        self.lines.feed(bytes, MOST_LINE, |line| {
            // What is no message of this version is passed over, as a client does.
            if let Ok(message) = line.and_then(ServerMessage::decode) {
                received.extend(frame(message));
            }
            true
        });
    }

    /// The next frame that is complete.
    pub(super) fn next(&mut self) -> Option<Frame> {
        self.received.pop_front()
    }

    /// Whether a frame is complete that nobody has taken.
    pub(super) fn has_frame(&self) -> bool {
        !self.received.is_empty()
    }

    /// Takes the bytes of a frame for sending; none of them when there is no room. Answers how many.
    pub(super) fn take(&mut self, frame: Frame, device: &str) -> usize {
        let mut bytes = Vec::new();
        if let Some(message) = ClientMessage::of(frame, device) {
            message.encode(&mut bytes);
        }
        if self.unsent.len() + bytes.len() > MOST_KEPT {
            return 0;
        }
        self.unsent.extend(&bytes);
        bytes.len()
    }

    /// What is to be sent next.
    pub(super) fn unsent(&mut self) -> &[u8] {
        self.unsent.make_contiguous()
    }

    /// So many bytes of it were taken by the system.
    pub(super) fn sent(&mut self, bytes: usize) {
        self.unsent.drain(..bytes.min(self.unsent.len()));
    }
}

/// The frame that a message of the server is.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::PushId;
    use crate::wire::VERSION;
    use proptest::prelude::*;

    fn said(messages: &[ServerMessage<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        messages.iter().for_each(|message| message.encode(&mut bytes));
        bytes
    }

    proptest! {
        #[test]
        fn frames_do_not_depend_on_the_pieces_their_bytes_come_in(cuts in prop::collection::vec(1..9_usize, 1..40)) {
            let bytes = said(&[
                ServerMessage::Welcome { version: VERSION },
                ServerMessage::Push { id: 7, payload: "come here" },
                ServerMessage::Ping { n: 3 },
            ]);
            let mut framing = Framing::default();
            let (mut rest, mut cuts) = (&bytes[..], cuts.iter().cycle());
            while !rest.is_empty() {
                let (piece, later) = rest.split_at(rest.len().min(*cuts.next().unwrap()));
                framing.feed(piece);
                rest = later;
            }
            let frames: Vec<Frame> = std::iter::from_fn(|| framing.next()).collect();
            prop_assert_eq!(frames, [Frame::Welcome, Frame::Push { id: frame_id(7) }, Frame::Ping { n: 3 }]);
        }

        #[test]
        fn no_bytes_are_too_wild(bytes in prop::collection::vec(any::<u8>(), 0..4_000)) {
            Framing::default().feed(&bytes);
        }
    }

    #[test]
    fn a_frame_is_taken_whole_or_not_at_all() {
        let mut framing = Framing::default();
        let id = PushId { name: 1, member: 0 };
        let mut taken = 0;
        loop {
            let more = framing.take(Frame::Ack { id }, "alice");
            taken += more;
            if more == 0 {
                break;
            }
        }
        assert!(taken <= MOST_KEPT && taken > MOST_KEPT - 100, "{taken}");
        assert_eq!(framing.unsent().len(), taken);
        framing.sent(taken - 1);
        assert_eq!(framing.unsent(), b"\n");
    }

    #[test]
    fn what_is_modelled_only_has_no_bytes() {
        assert_eq!(Framing::default().take(Frame::TlsClient { n: 1 }, "alice"), 0);
    }
}
