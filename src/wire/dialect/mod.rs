//! Dialects: how to talk to a server that is not ours, as data.
//!
//! A dialect is a TOML document: what a client sends and what it recognizes, by the frames that our client speaks.
//! `rules` is the document, checked; `framing` cuts bytes into units (`headers`, `resp` and `xml` have a file of their
//! own); `template` is what is written and recognized in each framing (`text`, `parts`); `conversation` is one
//! connection; `pushes` says which push is which; `values` are the values by name and their spelling; `mistake` tells
//! what is wrong with a document. `docs/dialects.md` describes the language.

mod conversation;
mod framing;
mod headers;
mod mistake;
mod parts;
mod pushes;
mod resp;
mod rules;
mod template;
mod text;
mod values;
mod xml;

#[cfg(test)]
mod tests;

use std::sync::Arc;

pub use conversation::{BadValue, Conversation, Heard, Vars};
pub use mistake::Mistake;
pub use pushes::FOREIGN;

use mistake::Mistakes;
use rules::{Exchange, Rules};

/// A longer text is not a dialect.
const MOST_BYTES: usize = 64 << 10;

/// The dialects that come with holdline, in one place: name and TOML text.
pub const DIALECTS: &[(&str, &str)] = &[
    ("holdline", include_str!("../dialects/holdline.toml")),
    ("sip", include_str!("../dialects/sip.toml")),
    ("xmpp", include_str!("../dialects/xmpp.toml")),
    ("mqtt", include_str!("../dialects/mqtt.toml")),
    ("nats", include_str!("../dialects/nats.toml")),
    ("redis", include_str!("../dialects/redis.toml")),
];

/// How to talk to a server. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Dialect(Arc<Rules>);

impl Dialect {
    /// Reads a dialect.
    ///
    /// # Errors
    /// All its mistakes, in the order of the text.
    pub fn parse(text: &str) -> Result<Dialect, Vec<Mistake>> {
        let mistakes = Mistakes::default();
        let rules = if text.len() > MOST_BYTES {
            mistakes.add(0..0, format!("longer than {MOST_BYTES} bytes"));
            None
        } else {
            mistake::parse(text, &mistakes).and_then(|table| rules::read(&table, &mistakes))
        };
        let mistakes = mistakes.into_sorted();
        match rules {
            Some(rules) if mistakes.is_empty() => Ok(Dialect(Arc::new(rules))),
            Some(_) | None => Err(mistakes),
        }
    }

    /// The dialect of this name that comes with holdline.
    pub fn bundled(name: &str) -> Option<Result<Dialect, Vec<Mistake>>> {
        let (_, text) = DIALECTS.iter().find(|(known, _)| *known == name)?;
        Some(Dialect::parse(text))
    }

    /// One sentence about it.
    pub fn about(&self) -> &str {
        &self.0.about
    }

    /// What says that it is like this.
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The port that servers listen on when nothing else is said.
    pub fn port(&self) -> u16 {
        self.0.port
    }

    /// Whether there is a ping.
    pub fn pings(&self) -> bool {
        self.0.ping.is_some()
    }

    /// Whether the server answers pings: without that, only an error tells that a connection is dead.
    pub fn answers_pings(&self) -> bool {
        self.0.ping.as_ref().is_some_and(|ping| ping.pong.is_some())
    }

    /// Whether pushes can be published through the server.
    pub fn publishes(&self) -> bool {
        self.0.publish.is_some()
    }

    fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.0)
    }
}

impl Rules {
    /// The exchanges of a client, or of a publisher.
    fn connect(&self, publisher: bool) -> &[Exchange] {
        match (&self.publish, publisher) {
            (Some(publish), true) => &publish.connect,
            (Some(_) | None, _) => &self.connect,
        }
    }
}
