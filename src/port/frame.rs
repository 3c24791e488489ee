//! What client and server say to each other.

/// An application message: which one, and which of a repeated series.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PushId {
    /// The push's place in the scenario's list of push names.
    pub name: u32,
    /// 0 for a push sent once; 1, 2, … for the members of a series.
    pub member: u32,
}

/// One message on a connection.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Frame {
    /// The client's turn in a TLS handshake, which comes before its hello.
    TlsClient {
        /// Which turn, from 1.
        n: u32,
    },
    /// The server's turn in a TLS handshake.
    TlsServer {
        /// Which turn, from 1.
        n: u32,
    },
    /// The client names its device.
    Hello {
        /// The device's number.
        device: u32,
    },
    /// The client names its device on a second connection, which goes with the session that it has on the
    /// first.
    HelloSide {
        /// The device's number.
        device: u32,
    },
    /// The server accepts the client; pushes that waited follow.
    Welcome,
    /// Either side asks for a sign of life.
    Ping {
        /// Comes back in the answer.
        n: u32,
    },
    /// The answer to a ping.
    Pong {
        /// The number of the ping.
        n: u32,
    },
    /// An application message.
    Push {
        /// Which one.
        id: PushId,
    },
    /// The client has the message; the server may forget it.
    Ack {
        /// Which one.
        id: PushId,
    },
    /// The server withdraws a message: SIP's CANCEL.
    Cancel {
        /// Which one.
        id: PushId,
    },
    /// Something is about to come on the other connection: it wakes the app for it, and says no more.
    Knock,
    /// A packet of a media stream.
    Media,
    /// A single blank, as XMPP clients send it: keeps a NAT awake and asks for nothing.
    WhiteSpace,
    /// The server is about to end this connection; connect again.
    GoAway,
}

impl Frame {
    /// Every name that [`Frame::name`] gives.
    pub const NAMES: &'static [&'static str] = &[
        "tls-client",
        "tls-server",
        "hello",
        "hello-side",
        "welcome",
        "ping",
        "pong",
        "push",
        "ack",
        "cancel",
        "knock",
        "media",
        "white-space",
        "go-away",
    ];

    /// One of each, in the order of the names, with zeroes for what it carries.
    const KINDS: [Frame; 14] = [
        Frame::TlsClient { n: 0 },
        Frame::TlsServer { n: 0 },
        Frame::Hello { device: 0 },
        Frame::HelloSide { device: 0 },
        Frame::Welcome,
        Frame::Ping { n: 0 },
        Frame::Pong { n: 0 },
        Frame::Push { id: PushId { name: 0, member: 0 } },
        Frame::Ack { id: PushId { name: 0, member: 0 } },
        Frame::Cancel { id: PushId { name: 0, member: 0 } },
        Frame::Knock,
        Frame::Media,
        Frame::WhiteSpace,
        Frame::GoAway,
    ];

    /// The frame's name in traces and patterns.
    pub const fn name(self) -> &'static str {
        match self {
            Frame::TlsClient { .. } => "tls-client",
            Frame::TlsServer { .. } => "tls-server",
            Frame::Hello { .. } => "hello",
            Frame::HelloSide { .. } => "hello-side",
            Frame::Welcome => "welcome",
            Frame::Ping { .. } => "ping",
            Frame::Pong { .. } => "pong",
            Frame::Push { .. } => "push",
            Frame::Ack { .. } => "ack",
            Frame::Cancel { .. } => "cancel",
            Frame::Knock => "knock",
            Frame::Media => "media",
            Frame::WhiteSpace => "white-space",
            Frame::GoAway => "go-away",
        }
    }

    /// A frame of this name, with zeroes for what the name does not tell: that is all a trace has of it.
    pub fn of_name(name: &str) -> Option<Frame> {
        Frame::KINDS.into_iter().find(|frame| frame.name() == name)
    }

    /// Whether the frame belongs to a TLS handshake.
    pub const fn in_handshake(self) -> bool {
        matches!(self, Frame::TlsClient { .. } | Frame::TlsServer { .. })
    }

    /// Bytes on the wire in the line protocol, without TCP/IP headers: what a stream's `write` takes.
    pub const fn wire_len(self) -> u32 {
        match self {
            Frame::WhiteSpace => 1,
            Frame::Ping { .. } | Frame::Pong { .. } | Frame::Ack { .. } | Frame::Knock => 16,
            Frame::Hello { .. }
            | Frame::HelloSide { .. }
            | Frame::Welcome
            | Frame::Cancel { .. }
            | Frame::GoAway => 32,
            // RTP's header and 20 ms of G.711: RFC 3550, 5.1, and RFC 3551, 4.5.14.
            Frame::Media => 172,
            Frame::Push { .. } | Frame::TlsClient { n: ..=1 } => 256,
            // Key exchange and Finished.
            Frame::TlsClient { .. } => 128,
            // The first has the certificates; the second is a Finished.
            Frame::TlsServer { n: ..=1 } => 3_072,
            Frame::TlsServer { .. } => 64,
        }
    }
}

/// Its name.
impl std::fmt::Display for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_a_frame() {
        for name in Frame::NAMES {
            assert_eq!(Frame::of_name(name).map(Frame::name), Some(*name));
        }
        assert_eq!(Frame::of_name("?"), None);
    }

    #[test]
    fn every_frame_is_among_the_names() {
        assert_eq!(Frame::KINDS.map(Frame::name), *Frame::NAMES);
    }
}
