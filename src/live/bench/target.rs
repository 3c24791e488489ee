//! What is said to a server and what it says, as bytes: a table for each kind of server.

use super::orders::Kind;

/// What a line from a server is.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Heard {
    /// The answer to the first line of a connection.
    Welcome,
    /// A delivery; its payload is the rest of the line.
    Payload,
    /// A delivery with an id before its payload.
    Push,
    /// The answer to a ping; the number is the rest of the line.
    Pong,
    /// The server asks for a sign of life.
    Ping,
    /// A push was accepted: reference, id, devices.
    Done,
    /// The server refuses or hangs up.
    Refused,
    /// Something of no concern.
    Other,
}

/// How one kind of server is talked to. In the templates `{device}`, `{token}`, `{id}`, `{n}` and
/// `{payload}` are filled in.
#[derive(Debug)]
pub(super) struct Target {
    /// The first line of a connection; answered by [`Heard::Welcome`].
    pub(super) hello: &'static str,
    /// Answered by [`Heard::Pong`] with the same number.
    pub(super) ping: &'static str,
    /// The answer to a ping of the server's.
    pub(super) pong: Option<&'static str>,
    /// The answer to a delivery.
    pub(super) acknowledge: Option<&'static str>,
    /// How a publisher works; without it each connection writes its payload itself and gets it back.
    pub(super) publisher: Option<Publisher>,
    /// By how a line begins.
    heard: &'static [(&'static [u8], Heard)],
}

/// What a connection that publishes says.
#[derive(Debug)]
pub(super) struct Publisher {
    /// Its first line; answered by [`Heard::Welcome`].
    pub(super) hello: &'static str,
    /// A push to one device; answered by [`Heard::Done`].
    pub(super) one: &'static str,
    /// A push to all devices; answered by [`Heard::Done`].
    pub(super) all: &'static str,
}

/// How every payload begins, so that an echo can be told from everything else.
pub(super) const PAYLOAD: &str = "D ";

const ECHO: Target = Target {
    hello: "HELLO {device}\n",
    ping: "PING {n}\n",
    pong: None,
    acknowledge: None,
    publisher: None,
    heard: &[(b"D ", Heard::Payload), (b"PING ", Heard::Pong), (b"HELLO ", Heard::Welcome)],
};

const HOLDLINE: Target = Target {
    hello: "HELLO 1 {device}\n",
    ping: "PING {n}\n",
    pong: Some("PONG {n}\n"),
    acknowledge: Some("ACK {id}\n"),
    publisher: Some(Publisher {
        hello: "AUTH 1 {token}\n",
        one: "PUB {n} {device} - {payload}\n",
        all: "ALL {n} - {payload}\n",
    }),
    heard: &[
        (b"PUSH ", Heard::Push),
        (b"PONG ", Heard::Pong),
        (b"DONE ", Heard::Done),
        (b"WELCOME ", Heard::Welcome),
        (b"PING ", Heard::Ping),
        (b"ERROR ", Heard::Refused),
        (b"FAIL ", Heard::Refused),
        (b"BYE ", Heard::Refused),
        (b"GOAWAY", Heard::Refused),
    ],
};

impl Target {
    /// How a server of this kind is talked to.
    pub(super) const fn of(kind: Kind) -> &'static Target {
        match kind {
            Kind::Echo => &ECHO,
            Kind::Holdline => &HOLDLINE,
        }
    }

    /// What `line` is, and what follows its first word.
    #[inline]
    pub(super) fn hear<'a>(&self, line: &'a [u8]) -> (Heard, &'a [u8]) {
        let known = self.heard.iter().find(|(prefix, _)| line.starts_with(prefix));
        match known {
            Some((prefix, heard)) => (*heard, &line[prefix.len()..]),
            None => (Heard::Other, line),
        }
    }
}

/// Writes `template` to the end of `out`, with `values` in place of the names in braces.
pub(super) fn fill(out: &mut Vec<u8>, template: &str, values: &[(&str, &dyn AsText)]) {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.extend_from_slice(before.as_bytes());
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            value.write_to(out);
        }
        rest = after;
    }
    out.extend_from_slice(rest.as_bytes());
}

/// What can be filled in.
pub(super) trait AsText {
    /// Writes it to the end of `out`.
    fn write_to(&self, out: &mut Vec<u8>);
}

impl AsText for u64 {
    fn write_to(&self, out: &mut Vec<u8>) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        let mut rest = *self;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        out.extend_from_slice(&digits[at..]);
    }
}

impl AsText for &[u8] {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }
}

impl AsText for &str {
    fn write_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }
}

/// The number at the start of `text`, and what follows the blank behind it.
#[inline]
pub(super) fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let mut value = 0_u64;
    for digit in &text[..digits] {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    let rest = &text[digits..];
    Some((value, rest.strip_prefix(b" ").unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_filled_with_the_values_it_names() {
        let mut out = Vec::new();
        let values: [(&str, &dyn AsText); 2] = [("n", &4_294_967_296_u64), ("device", &"d7")];
        fill(&mut out, "PUB {n} {device} - x\n", &values);
        assert_eq!(out, b"PUB 4294967296 d7 - x\n");
    }

    #[test]
    fn a_line_is_known_by_how_it_begins() {
        let holdline = Target::of(Kind::Holdline);
        assert_eq!(holdline.hear(b"PUSH 7 D 1 2"), (Heard::Push, &b"7 D 1 2"[..]));
        assert_eq!(holdline.hear(b"KNOCK"), (Heard::Other, &b"KNOCK"[..]));
        assert_eq!(Target::of(Kind::Echo).hear(b"PING 3"), (Heard::Pong, &b"3"[..]));
    }

    #[test]
    fn a_number_ends_where_its_digits_end() {
        assert_eq!(number(b"17 rest"), Some((17, &b"rest"[..])));
        assert_eq!(number(b"x"), None);
        assert_eq!(number(b"99999999999999999999"), None);
    }
}
