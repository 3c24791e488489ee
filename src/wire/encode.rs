//! What is said into a line.

use std::fmt::{self, Write};

use super::message::{ClientMessage, ServerMessage};
use crate::port::Span;

/// Text that is appended to bytes.
struct Text<'a>(&'a mut Vec<u8>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

/// Appends a line; that cannot fail in memory.
macro_rules! line {
    ($out:expr, $($arg:tt)*) => {{
        let _ = writeln!(Text($out), $($arg)*);
    }};
}

/// How a time to live is written: in whole seconds, and not less than it is.
fn ttl(span: Option<Span>) -> String {
    span.map_or_else(|| "-".to_owned(), |span| span.as_micros().div_ceil(1_000_000).to_string())
}

impl ClientMessage<'_> {
    /// Appends the line, with its end.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            ClientMessage::Hello { version, device } => line!(out, "HELLO {version} {device}"),
            ClientMessage::Side { version, device } => line!(out, "SIDE {version} {device}"),
            ClientMessage::Ping { n } => line!(out, "PING {n}"),
            ClientMessage::Pong { n } => line!(out, "PONG {n}"),
            ClientMessage::Ack { id } => line!(out, "ACK {id}"),
            ClientMessage::Blank => line!(out, ""),
            ClientMessage::Auth { version, token } => line!(out, "AUTH {version} {token}"),
            ClientMessage::Publish { reference, device, ttl: span, payload } => {
                line!(out, "PUB {reference} {device} {} {payload}", ttl(span));
            }
            ClientMessage::PublishAll { reference, ttl: span, payload } => {
                line!(out, "ALL {reference} {} {payload}", ttl(span));
            }
        }
    }
}

impl ServerMessage<'_> {
    /// Appends the line, with its end.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match *self {
            ServerMessage::Welcome { version } => line!(out, "WELCOME {version}"),
            ServerMessage::Ping { n } => line!(out, "PING {n}"),
            ServerMessage::Pong { n } => line!(out, "PONG {n}"),
            ServerMessage::Push { id, payload } => line!(out, "PUSH {id} {payload}"),
            ServerMessage::Cancel { id } => line!(out, "CANCEL {id}"),
            ServerMessage::Knock => line!(out, "KNOCK"),
            ServerMessage::Media { payload } => line!(out, "MEDIA {payload}"),
            ServerMessage::GoAway => line!(out, "GOAWAY"),
            ServerMessage::Bye { reason, text } => line!(out, "BYE {reason} {text}"),
            ServerMessage::Error { reason, text } => line!(out, "ERROR {reason} {text}"),
            ServerMessage::Done { reference, id, devices } => {
                line!(out, "DONE {reference} {id} {devices}");
            }
            ServerMessage::Fail { reference, reason } => line!(out, "FAIL {reference} {reason}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::Wrong;

    const NAME: &str = "[A-Za-z0-9._:@-]{1,64}";
    const TEXT: &str = "[ -~äß]{0,40}";

    fn line(encode: impl Fn(&mut Vec<u8>)) -> String {
        let mut bytes = Vec::new();
        encode(&mut bytes);
        String::from_utf8(bytes).unwrap().strip_suffix('\n').unwrap().to_owned()
    }

    proptest! {
        #[test]
        fn what_a_client_says_reads_back(n: u32, id: u64, name in NAME, text in TEXT, ttl in proptest::option::of(0u64..1_000)) {
            let (version, device, payload, reference) = (1, &*name, &*text, n);
            let ttl = ttl.map(Span::from_secs);
            for message in [
                ClientMessage::Hello { version, device },
                ClientMessage::Side { version, device },
                ClientMessage::Ping { n },
                ClientMessage::Pong { n },
                ClientMessage::Ack { id },
                ClientMessage::Blank,
                ClientMessage::Auth { version, token: device },
                ClientMessage::Publish { reference, device, ttl, payload },
                ClientMessage::PublishAll { reference, ttl, payload },
            ] {
                let line = line(|out| message.encode(out));
                prop_assert_eq!(ClientMessage::decode(&line), Ok(message));
            }
        }

        #[test]
        fn what_a_server_says_reads_back(n: u32, id: u64, name in NAME, text in TEXT) {
            let (payload, reason, text, reference, devices) = (&*text, &*name, &*text, n, n);
            for message in [
                ServerMessage::Welcome { version: n },
                ServerMessage::Ping { n },
                ServerMessage::Pong { n },
                ServerMessage::Push { id, payload },
                ServerMessage::Cancel { id },
                ServerMessage::Knock,
                ServerMessage::Media { payload },
                ServerMessage::GoAway,
                ServerMessage::Bye { reason, text },
                ServerMessage::Error { reason, text },
                ServerMessage::Done { reference, id, devices },
                ServerMessage::Fail { reference, reason },
            ] {
                let line = line(|out| message.encode(out));
                prop_assert_eq!(ServerMessage::decode(&line), Ok(message));
            }
        }

        #[test]
        fn no_line_makes_a_decoder_panic(line in "\\PC{0,60}") {
            let _ = (ClientMessage::decode(&line), ServerMessage::decode(&line));
        }
    }

    #[test]
    fn what_is_no_message_says_what_is_wrong() {
        for wrong in ["NOPE", "PING", "PING x", "PING +1", "PING 1 2", "PUB 1 a", "HELLO one a"] {
            let found = ClientMessage::decode(wrong);
            assert!(matches!(found, Err(Wrong::Syntax(_))), "{wrong}: {found:?}");
        }
    }
}
