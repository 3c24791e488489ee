//! A dialect's document, checked: what is said when, and what is recognized as what.

use toml::de::DeTable;

use super::framing::Framing;
use super::mistake::{Mistakes, Section, Value, text};
use super::parts::told;
use super::template::{Pattern, Template};
use super::text::Text;

/// The values that a conversation has from its beginning.
const KNOWN: [&str; 7] =
    ["device", "user", "password", "domain", "keep-alive", "connection", "sasl-plain"];
/// More exchanges than this to get connected are refused.
const MOST_EXCHANGES: usize = 32;
/// More patterns of a sort than this are refused.
const MOST_PATTERNS: usize = 32;

/// All that a dialect says.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) about: String,
    pub(super) source: String,
    pub(super) port: u16,
    pub(super) framing: Framing,
    pub(super) largest: usize,
    pub(super) connect: Vec<Exchange>,
    pub(super) ping: Option<Ping>,
    pub(super) white_space: Option<Template>,
    pub(super) server_ping: Option<ServerPing>,
    pub(super) pushes: Vec<Push>,
    pub(super) cancel: Option<Pattern>,
    pub(super) hears: Vec<Hear>,
    pub(super) close: Option<Template>,
    pub(super) publish: Option<Publish>,
}

/// One step of getting connected.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Only when this value is given.
    pub(super) when: Option<String>,
    /// Only when this value is not given.
    pub(super) unless: Option<String>,
    pub(super) send: Option<Template>,
    pub(super) expect: Option<Pattern>,
    pub(super) refused: Vec<Refusal>,
}

/// How a server says no.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) pattern: Pattern,
    pub(super) reason: Text,
}

#[derive(Debug)]
pub(super) struct Ping {
    pub(super) send: Template,
    /// Nothing when nothing is answered.
    pub(super) pong: Option<Pattern>,
}

#[derive(Debug)]
pub(super) struct ServerPing {
    pub(super) pattern: Pattern,
    pub(super) reply: Option<Template>,
}

#[derive(Debug)]
pub(super) struct Push {
    pub(super) pattern: Pattern,
    pub(super) ack: Option<Template>,
}

/// What else a server says.
#[derive(Debug)]
pub(super) struct Hear {
    pub(super) pattern: Pattern,
    pub(super) means: Means,
}

#[derive(Debug)]
pub(super) enum Means {
    GoAway,
    /// The server ends the connection, and says why.
    Goodbye(Text),
    Knock,
    Media,
    /// It is known, and says nothing to a client.
    Ignore,
}

#[derive(Debug)]
pub(super) struct Publish {
    pub(super) connect: Vec<Exchange>,
    pub(super) send: Template,
    pub(super) accepted: Option<Pattern>,
    pub(super) refused: Vec<Refusal>,
}

/// Names that have values.
type Names = Vec<String>;

/// `names` and `more`.
fn with(names: &Names, more: &[&str]) -> Names {
    names.iter().cloned().chain(more.iter().map(|name| (*name).to_owned())).collect()
}

/// `names` and what a pattern catches.
fn joined(names: &Names, caught: &Names) -> Names {
    names.iter().chain(caught).cloned().collect()
}

/// Reads the document; nothing when something is wrong with it, which is told.
pub(super) fn read(table: &DeTable<'_>, mistakes: &Mistakes) -> Option<Rules> {
    let keys = [
        "about",
        "source",
        "port",
        "framing",
        "connect",
        "ping",
        "white-space",
        "server-ping",
        "push",
        "cancel",
        "hear",
        "close",
        "publish",
    ];
    let top = Section::open(table, 0..0, "a dialect", &keys, mistakes);
    for key in ["about", "source", "port", "framing"] {
        top.required(key);
    }
    let framing = top.section(
        "framing",
        "[framing]",
        &["kind", "largest", "line-end", "bodies-after", "root", "header", "length"],
    )?;
    let (framing, largest) = Framing::read(&framing)?;
    let reader = Reader { framing: &framing, mistakes };
    let base = with(&Vec::new(), &KNOWN);
    let (connect, known) = reader.connect(&top, base.clone());
    let ping = top.section("ping", "[ping]", &["send", "pong"]).and_then(|section| {
        let pong = section.raw("pong").map(|pong| reader.pattern(pong, &known).map(|p| p.0));
        let send = reader.template(section.required("send")?, &with(&known, &["n"]))?;
        Some(Ping { send, pong: all(pong)? })
    });
    let send_of = |name: &str, what| {
        let section = top.section(name, what, &["send"])?;
        reader.template(section.required("send")?, &known)
    };
    let server_ping =
        top.section("server-ping", "[server-ping]", &["pattern", "reply"]).and_then(|section| {
            let (pattern, caught) = reader.pattern(section.required("pattern")?, &known)?;
            let names = joined(&known, &caught);
            let reply = section.raw("reply").map(|reply| reader.template(reply, &names));
            Some(ServerPing { pattern, reply: all(reply)? })
        });
    let (mut pushes, mut of_pushes) = (Vec::new(), Names::new());
    for value in top.list("push", MOST_PATTERNS) {
        let Some((push, mut caught)) = reader.push(value, &known) else { continue };
        pushes.push(push);
        of_pushes.append(&mut caught);
    }
    let cancel = top.section("cancel", "[cancel]", &["pattern"]).and_then(|section| {
        let value = section.required("pattern")?;
        let (pattern, caught) = reader.pattern(value, &known)?;
        if caught.iter().any(|name| of_pushes.contains(name)) {
            return Some(pattern);
        }
        let message = "the pattern catches nothing that a push has: it does not say which";
        mistakes.add(value.span(), message);
        None
    });
    let hears = top.list("hear", MOST_PATTERNS);
    let hears = hears.iter().filter_map(|value| reader.hear(value, &known)).collect();
    let keys = ["connect", "send", "accepted", "refused"];
    let publish = top.section("publish", "[publish]", &keys).and_then(|section| {
        let (connect, known) = reader.connect(&section, base);
        let names = with(&known, &["n", "id", "payload"]);
        let send = reader.template(section.required("send")?, &names)?;
        let accepted = section.raw("accepted").map(|p| reader.pattern(p, &known).map(|p| p.0));
        let refused = reader.refusals(&section, &known);
        Some(Publish { connect, send, accepted: all(accepted)?, refused })
    });
    Some(Rules {
        about: top.text("about")?.to_owned(),
        source: top.text("source")?.to_owned(),
        port: u16::try_from(top.number("port", 1..=65_535)?).ok()?,
        largest,
        connect,
        ping,
        white_space: send_of("white-space", "[white-space]"),
        server_ping,
        pushes,
        cancel,
        hears,
        close: send_of("close", "[close]"),
        publish,
        framing,
    })
}

/// What is absent is well; what is there but wrong is not.
#[expect(clippy::option_option, reason = "absent, wrong, or read")]
fn all<T>(value: Option<Option<T>>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(read) => read.map(Some),
    }
}

struct Reader<'a> {
    framing: &'a Framing,
    mistakes: &'a Mistakes,
}

impl Reader<'_> {
    fn template(&self, value: &Value<'_>, known: &Names) -> Option<Template> {
        Template::read(value, self.framing, known, self.mistakes)
    }

    /// A pattern, and what it catches.
    fn pattern(&self, value: &Value<'_>, known: &Names) -> Option<(Pattern, Names)> {
        let mut caught = Names::new();
        let pattern = Pattern::read(value, self.framing, known, &mut caught, self.mistakes)?;
        Some((pattern, caught))
    }

    /// The exchanges under `connect`, and the names that have values after them.
    fn connect(&self, section: &Section<'_>, mut known: Names) -> (Vec<Exchange>, Names) {
        let mut exchanges = Vec::new();
        for value in section.list("connect", MOST_EXCHANGES) {
            let exchange = self.exchange(value, &mut known);
            exchanges.extend(exchange);
        }
        (exchanges, known)
    }

    fn exchange(&self, value: &Value<'_>, known: &mut Names) -> Option<Exchange> {
        let keys = ["when", "unless", "send", "expect", "refused"];
        let section = Section::of(value, "[[connect]]", &keys, self.mistakes)?;
        if section.raw("send").is_none() && section.raw("expect").is_none() {
            self.mistakes.add(section.head, "[[connect]] must have `send` or `expect`");
            return None;
        }
        let condition = |key: &str| {
            let value = section.raw(key)?;
            let name = text(value, "this", self.mistakes)?;
            if !known.iter().any(|known| known == name) {
                let message =
                    format!("`{name}` has no value here; these have: {}", known.join(", "));
                self.mistakes.add(value.span(), message);
            }
            Some(name.to_owned())
        };
        let (when, unless) = (condition("when"), condition("unless"));
        let send = section.raw("send").map(|send| self.template(send, known));
        let refused = self.refusals(&section, known);
        let expect = section.raw("expect").map(|expect| self.pattern(expect, known));
        let expect = all(expect)?.map(|(pattern, mut caught)| {
            known.append(&mut caught);
            pattern
        });
        Some(Exchange { when, unless, send: all(send)?, expect, refused })
    }

    fn refusals(&self, section: &Section<'_>, known: &Names) -> Vec<Refusal> {
        let read = |value| {
            let section = Section::of(value, "`refused`", &["pattern", "reason"], self.mistakes)?;
            let (pattern, caught) = self.pattern(section.required("pattern")?, known)?;
            let reason = self.reason(&section, known, &caught)?;
            Some(Refusal { pattern, reason })
        };
        section.list("refused", MOST_PATTERNS).iter().filter_map(read).collect()
    }

    /// The text under `reason`, which names may be in that the pattern caught.
    fn reason(&self, section: &Section<'_>, known: &Names, caught: &Names) -> Option<Text> {
        let names = joined(known, caught);
        told(section.required("reason")?, "`reason`", self.mistakes, |text| {
            Text::read(text, &names)
        })
    }

    /// A push, and what it catches.
    fn push(&self, value: &Value<'_>, known: &Names) -> Option<(Push, Names)> {
        let section = Section::of(value, "[[push]]", &["pattern", "ack"], self.mistakes)?;
        let (pattern, caught) = self.pattern(section.required("pattern")?, known)?;
        let names = joined(known, &caught);
        let ack = section.raw("ack").map(|ack| self.template(ack, &names));
        Some((Push { pattern, ack: all(ack)? }, caught))
    }

    fn hear(&self, value: &Value<'_>, known: &Names) -> Option<Hear> {
        let keys = ["pattern", "as", "reason"];
        let section = Section::of(value, "[[hear]]", &keys, self.mistakes)?;
        let (pattern, caught) = self.pattern(section.required("pattern")?, known)?;
        let meant = section.required("as")?;
        let means = match text(meant, "`as`", self.mistakes)? {
            "goodbye" => Means::Goodbye(self.reason(&section, known, &caught)?),
            "go-away" => Means::GoAway,
            "knock" => Means::Knock,
            "media" => Means::Media,
            "ignore" => Means::Ignore,
            _ => {
                let message = "`as` must be go-away, goodbye, knock, media or ignore";
                self.mistakes.add(meant.span(), message);
                return None;
            }
        };
        if let (Some(reason), false) = (section.raw("reason"), matches!(means, Means::Goodbye(_))) {
            self.mistakes.add(reason.span(), "only a goodbye has a `reason`");
        }
        Some(Hear { pattern, means })
    }
}
