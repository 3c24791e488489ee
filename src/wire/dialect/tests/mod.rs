//! Whole conversations over bytes as the specifications have them.

mod holdline;
mod mistakes;
mod mqtt;
mod nats;
mod pieces;
mod redis;
mod sip;
mod xmpp;

use super::{Conversation, DIALECTS, Dialect, Heard, Vars};
use crate::port::{Frame, PushId, Span};

const PUSH: PushId = PushId { name: 3, member: 4 };

fn vars() -> Vars {
    Vars {
        device: "phone".into(),
        user: None,
        password: None,
        domain: "example.com".into(),
        keep_alive: Span::from_secs(60),
    }
}

fn with_user() -> Vars {
    Vars { user: Some("romeo".into()), password: Some("s3cret".into()), ..vars() }
}

fn dialect(name: &str) -> Dialect {
    Dialect::bundled(name).unwrap().unwrap_or_else(|mistakes| panic!("{name}: {mistakes:#?}"))
}

/// A conversation, and what it says as text.
struct Talk(Conversation);

impl Talk {
    fn of(name: &str, vars: &Vars) -> Talk {
        let mut conversation = Conversation::new(&dialect(name), vars).unwrap();
        conversation.connected();
        Talk(conversation)
    }

    fn publisher(name: &str, vars: &Vars) -> Talk {
        let mut conversation = Conversation::publisher(&dialect(name), vars).unwrap();
        conversation.connected();
        Talk(conversation)
    }

    /// Says a frame, of which nothing is to be heard.
    fn says(&mut self, frame: Frame) -> Vec<u8> {
        let mut out = Vec::new();
        assert_eq!(self.0.send(frame, &mut out), []);
        out
    }

    fn hello(&mut self) -> Vec<u8> {
        self.says(Frame::Hello { device: 0 })
    }

    /// Publishes the push to `phone`.
    fn publishes(&mut self, payload: &str) -> Vec<u8> {
        let mut out = Vec::new();
        self.0.publish(PUSH, "phone", payload, &mut out).unwrap();
        out
    }

    /// Hears bytes: what that means, and what is answered at once.
    fn hears(&mut self, bytes: impl AsRef<[u8]>) -> (Vec<Heard>, Vec<u8>) {
        let mut out = Vec::new();
        (self.0.receive(bytes.as_ref(), &mut out), out)
    }

    /// Hears bytes that are answered by nothing.
    fn only_hears(&mut self, bytes: impl AsRef<[u8]>) -> Vec<Heard> {
        let (heard, out) = self.hears(bytes);
        assert_eq!(String::from_utf8_lossy(&out), "");
        heard
    }

    fn closes(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        self.0.close(&mut out).unwrap();
        out
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn welcome() -> Vec<Heard> {
    vec![Heard::Frame(Frame::Welcome)]
}

fn pong(n: u32) -> Vec<Heard> {
    vec![Heard::Frame(Frame::Pong { n })]
}

fn push(id: PushId, payload: &str) -> Vec<Heard> {
    vec![Heard::Frame(Frame::Push { id }), Heard::Payload { id, payload: payload.into() }]
}

fn foreign(member: u32) -> PushId {
    PushId { name: super::FOREIGN, member }
}

#[test]
fn every_dialect_that_comes_with_holdline_is_sound_and_says_where_it_is_from() {
    for (name, _) in DIALECTS {
        let dialect = dialect(name);
        assert!(!dialect.about().is_empty() && !dialect.source().is_empty(), "{name}");
        assert!(dialect.publishes() && dialect.answers_pings(), "{name}");
    }
}

#[test]
fn a_value_with_control_characters_is_refused_and_not_written() {
    let wrong = Vars { device: "a\r\nPUB x 1".into(), ..vars() };
    let error = Conversation::new(&dialect("nats"), &wrong).unwrap_err();
    assert_eq!(error.to_string(), "device: it has control characters");
    let long = Vars { password: Some("x".repeat(257)), ..vars() };
    assert_eq!(Conversation::new(&dialect("nats"), &long).unwrap_err().name, "password");
}
