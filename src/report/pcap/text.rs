//! The bytes of a frame.

use crate::net::End;
use crate::port::Frame;
use crate::trace::Names;
use crate::wire::{ClientMessage, ServerMessage};

/// How a device and the server write their frames.
pub(super) struct Text<'a> {
    pub(super) device: u32,
    pub(super) names: &'a Names,
}

impl Text<'_> {
    /// What `from` writes for a frame: a line of the protocol. The turns of a TLS handshake are modelled by their
    /// lengths alone, so that zeroes stand for them.
    pub(super) fn bytes(&self, from: End, frame: Frame) -> Vec<u8> {
        let mut out = Vec::new();
        match from {
            End::Phone => {
                let name = format!("device-{}", self.device);
                if let Some(message) = ClientMessage::of(frame, &name) {
                    message.encode(&mut out);
                }
            }
            End::Server => {
                let payload = match frame {
                    Frame::Push { id } => self.names.push(id),
                    Frame::TlsClient { .. }
                    | Frame::TlsServer { .. }
                    | Frame::Hello { .. }
                    | Frame::HelloSide { .. }
                    | Frame::Welcome
                    | Frame::Ping { .. }
                    | Frame::Pong { .. }
                    | Frame::Ack { .. }
                    | Frame::Cancel { .. }
                    | Frame::Knock
                    | Frame::Media
                    | Frame::WhiteSpace
                    | Frame::GoAway => String::new(),
                };
                if let Some(message) = ServerMessage::of(frame, |_| &payload) {
                    message.encode(&mut out);
                }
            }
        }
        if out.is_empty() {
            out.resize(frame.wire_len() as usize, 0);
        }
        out
    }
}

/// What is to be said of a frame whose bytes do not say it.
pub(super) fn remark(frame: Frame) -> Option<String> {
    let (whose, n) = match frame {
        Frame::TlsClient { n } => ("client", n),
        Frame::TlsServer { n } => ("server", n),
        Frame::Hello { .. }
        | Frame::HelloSide { .. }
        | Frame::Welcome
        | Frame::Ping { .. }
        | Frame::Pong { .. }
        | Frame::Push { .. }
        | Frame::Ack { .. }
        | Frame::Cancel { .. }
        | Frame::Knock
        | Frame::Media
        | Frame::WhiteSpace
        | Frame::GoAway => return None,
    };
    Some(format!("turn {n} of the {whose} in the TLS handshake; zeroes stand for what it says"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::PushId;

    #[test]
    fn a_frame_is_the_line_that_each_side_writes_for_it() {
        let mut names = Names::default();
        names.pushes.push("invite".into());
        let text = Text { device: 3, names: &names };
        let id = PushId { name: 0, member: 2 };
        let said = |from, frame| String::from_utf8(text.bytes(from, frame)).unwrap();
        assert_eq!(said(End::Phone, Frame::Hello { device: 3 }), "HELLO 1 device-3\n");
        assert_eq!(said(End::Server, Frame::Push { id }), "PUSH 2 invite-2\n");
        assert_eq!(said(End::Phone, Frame::Ack { id }), "ACK 2\n");
        assert_eq!(said(End::Phone, Frame::WhiteSpace), "\n");
        assert_eq!(said(End::Server, Frame::Pong { n: 7 }), "PONG 7\n");
    }

    #[test]
    fn zeroes_stand_for_a_turn_of_a_handshake_and_it_is_said_so() {
        let text = Text { device: 1, names: &Names::default() };
        let frame = Frame::TlsServer { n: 1 };
        assert_eq!(text.bytes(End::Server, frame), vec![0; 3_072]);
        assert!(remark(frame).unwrap().contains("turn 1 of the server"));
        assert_eq!(remark(Frame::Welcome), None);
    }
}
