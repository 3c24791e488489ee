//! Bytes of one connection into frames of our own protocol, and frames into bytes.

use std::collections::VecDeque;

use crate::port::Frame;
use crate::wire::{Said, Speech};

/// Bytes that are kept for a stream without room. An app that writes more meanwhile is told that nothing was taken.
const MOST_KEPT: usize = 64 << 10;

/// A framing is of one connection, and its speech of many.
const ONLY: u32 = 1;

/// One connection's bytes and frames.
pub(super) struct Framing {
    speech: Speech,
    received: VecDeque<Frame>,
    unsent: VecDeque<u8>,
}

impl Framing {
    /// A connection of the device that says it is called `name`.
    pub(super) fn of(name: &str) -> Framing {
        let speech = Speech::own(name.to_owned());
        Framing { speech, received: VecDeque::new(), unsent: VecDeque::new() }
    }

    /// Bytes came.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        // Our own protocol has nothing that is to be answered at once.
        for said in self.speech.hear(ONLY, bytes, &mut Vec::new()) {
            match said {
                Said::Frame(frame) => self.received.push_back(frame),
                Said::Payload(..) | Said::Refused(_) | Said::NotPublished(_) => {}
            }
        }
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
    pub(super) fn take(&mut self, frame: Frame) -> usize {
        let mut bytes = Vec::new();
        self.speech.say(ONLY, frame, &mut bytes);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::PushId;
    use crate::wire::{ServerMessage, VERSION, frame_id};
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
            let mut framing = Framing::of("alice");
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
            Framing::of("alice").feed(&bytes);
        }
    }

    #[test]
    fn a_frame_is_taken_whole_or_not_at_all() {
        let mut framing = Framing::of("alice");
        let id = PushId { name: 1, member: 0 };
        let mut taken = 0;
        loop {
            let more = framing.take(Frame::Ack { id });
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
        assert_eq!(Framing::of("alice").take(Frame::TlsClient { n: 1 }), 0);
    }
}
