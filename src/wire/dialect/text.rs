//! Text with names in braces: what is written, and what is recognized.
//!
//! `{name}` is a value, `{{` and `}}` are braces. In a pattern a name without a value yet takes what stands in its
//! place, as little as it can; `{*}` takes it and forgets it.

use super::values::{Escape, Lookup, Values, from_our_id};

/// More pieces than this in one text are refused.
const MOST_PIECES: usize = 64;

/// A piece of a text as it is spelled.
enum Spelled {
    Literal(String),
    Name { name: String, how: String },
}

fn spelled(text: &str) -> Result<Vec<Spelled>, String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '{' | '}' if rest.starts_with(c) => {
                literal.push(c);
                rest = &rest[1..];
            }
            '}' => return Err("a `}` without a `{`; a brace of its own is written `}}`".into()),
            '{' => {
                let (inside, after) = rest.split_once('}').ok_or_else(|| {
                    "a `{` without a `}`; a brace of its own is written `{{`".to_owned()
                })?;
                rest = after;
                let (name, how) = inside.split_once(':').unwrap_or((inside, ""));
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                if name != "*" && (name.is_empty() || name.len() > 32 || !name.chars().all(plain)) {
                    return Err(format!(
                        "`{{{inside}}}` is no name; a name is of a-z, 0-9 and `-`, and a brace of \
                         its own is written twice"
                    ));
                }
                if !literal.is_empty() {
                    pieces.push(Spelled::Literal(std::mem::take(&mut literal)));
                }
                pieces.push(Spelled::Name { name: name.to_owned(), how: how.to_owned() });
            }
            c => literal.push(c),
        }
    }
    if !literal.is_empty() {
        pieces.push(Spelled::Literal(literal));
    }
    if pieces.len() > MOST_PIECES {
        return Err(format!("more than {MOST_PIECES} pieces"));
    }
    Ok(pieces)
}

/// ` the names here are: …`.
pub(super) fn names(known: &[String]) -> String {
    known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ")
}

/// Text that is written.
#[derive(Clone, Debug, Default)]
pub(super) struct Text(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Literal(String),
    Value { name: String, json: bool },
}

impl Text {
    /// Reads `text`, in which these names have values.
    pub(super) fn read(text: &str, known: &[String]) -> Result<Text, String> {
        let read = |piece| match piece {
            Spelled::Literal(text) => Ok(Piece::Literal(text)),
            Spelled::Name { name, how } if known.contains(&name) => match how.as_str() {
                "" => Ok(Piece::Value { name, json: false }),
                "json" => Ok(Piece::Value { name, json: true }),
                how => Err(format!("`{{{name}:{how}}}`: only `:json` can be written here")),
            },
            Spelled::Name { name, .. } => {
                Err(format!("`{{{name}}}` has no value here; these have: {}", names(known)))
            }
        };
        spelled(text)?.into_iter().map(read).collect::<Result<_, _>>().map(Text)
    }

    /// Writes the text.
    pub(super) fn write(&self, values: Lookup<'_>, escape: Escape, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => out.extend(text.as_bytes()),
                Piece::Value { name, json } => {
                    let escape = if *json { Escape::Json } else { escape };
                    escape.write(values.get(name), out);
                }
            }
        }
    }
}

/// Text that is recognized.
#[derive(Clone, Debug)]
pub(super) struct TextPattern(Vec<Sought>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Sought {
    Literal(String),
    /// What a name stands for already.
    Value(String),
    /// What stands here is caught under this name.
    Catch(String, Kind),
    /// What stands here does not matter.
    Any,
}

/// What a name takes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum Kind {
    Text,
    /// A number of 32 bits.
    Number,
    /// The id of a push of ours.
    Ours,
}

impl Kind {
    fn takes(self, bytes: &[u8]) -> bool {
        match self {
            Kind::Text => true,
            Kind::Number => {
                let digits = bytes.iter().all(u8::is_ascii_digit);
                let text = std::str::from_utf8(bytes).unwrap_or_default();
                digits && text.parse::<u32>().is_ok()
            }
            Kind::Ours => from_our_id(bytes).is_some(),
        }
    }
}

impl TextPattern {
    /// Reads `text`. Names among `known` have values, others take what they find and are added to `caught`.
    pub(super) fn read(
        text: &str,
        known: &[String],
        caught: &mut Vec<String>,
    ) -> Result<TextPattern, String> {
        let mut pieces: Vec<Sought> = Vec::new();
        for piece in spelled(text)? {
            let piece = match piece {
                Spelled::Literal(text) => Sought::Literal(text),
                Spelled::Name { name, .. } if name == "*" => Sought::Any,
                Spelled::Name { name, .. } if known.contains(&name) => Sought::Value(name),
                Spelled::Name { name, how } => {
                    let kind = match how.as_str() {
                        "" if name == "n" => Kind::Number,
                        "" => Kind::Text,
                        "number" => Kind::Number,
                        "ours" => Kind::Ours,
                        how => {
                            return Err(format!(
                                "`{{{name}:{how}}}`: a name takes `:number`, `:ours` or anything"
                            ));
                        }
                    };
                    if caught.contains(&name) {
                        return Err(format!("`{{{name}}}` is there twice"));
                    }
                    caught.push(name.clone());
                    Sought::Catch(name, kind)
                }
            };
            let open = |piece: &Sought| matches!(piece, Sought::Catch(..) | Sought::Any);
            if pieces.last().is_some_and(open) && open(&piece) {
                return Err("between two names there must be text that parts them".into());
            }
            pieces.push(piece);
        }
        Ok(TextPattern(pieces))
    }

    /// Whether it is the whole of `bytes`; what was caught is added to `caught` then.
    pub(super) fn matches(&self, bytes: &[u8], values: Lookup<'_>, caught: &mut Values) -> bool {
        let mut found = Vec::new();
        let mut rest = bytes;
        let mut open: Option<&Sought> = None;
        for (place, piece) in self.0.iter().enumerate() {
            let literal = match piece {
                Sought::Literal(text) => text.as_bytes(),
                Sought::Value(name) => values.get(name),
                Sought::Catch(..) | Sought::Any => {
                    open = Some(piece);
                    continue;
                }
            };
            let last = place + 1 == self.0.len();
            let at = match open {
                None if rest.starts_with(literal) => 0,
                None => return false,
                Some(_) if last && rest.ends_with(literal) => rest.len() - literal.len(),
                Some(_) if last => return false,
                Some(_) => match position(rest, literal) {
                    Some(at) => at,
                    None => return false,
                },
            };
            if let Some(piece) = open.take() {
                found.push((piece, &rest[..at]));
            }
            rest = &rest[at + literal.len()..];
        }
        match open {
            Some(piece) => found.push((piece, rest)),
            None if rest.is_empty() => {}
            None => return false,
        }
        let fits = |(piece, bytes): &(&Sought, &[u8])| match piece {
            Sought::Catch(_, kind) => kind.takes(bytes),
            Sought::Literal(_) | Sought::Value(_) | Sought::Any => true,
        };
        if !found.iter().all(fits) {
            return false;
        }
        for (piece, bytes) in found {
            if let Sought::Catch(name, _) = piece {
                caught.insert(name.clone(), bytes.to_vec());
            }
        }
        true
    }
}

/// Where `part` begins in `whole` first.
pub(super) fn position(whole: &[u8], part: &[u8]) -> Option<usize> {
    match part {
        [] => Some(0),
        [first, ..] => (0..whole.len())
            .filter(|at| whole[*at] == *first)
            .find(|at| whole[*at..].starts_with(part)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caught(pattern: &str, text: &str) -> Option<Vec<(String, String)>> {
        let known = ["device".to_owned()];
        let values = Values::from([("device".to_owned(), b"phone".to_vec())]);
        let pattern = TextPattern::read(pattern, &known, &mut Vec::new()).unwrap();
        let mut caught = Values::new();
        let text_of = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        pattern
            .matches(text.as_bytes(), Lookup(&[&values]), &mut caught)
            .then(|| caught.into_iter().map(|(name, value)| (name, text_of(value))).collect())
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn a_name_takes_as_little_as_it_can_and_the_last_one_the_rest() {
        assert_eq!(
            caught("PUSH {id} {payload}", "PUSH 7 a b"),
            Some(vec![pair("id", "7"), pair("payload", "a b")])
        );
        assert_eq!(caught("{*} REGISTER", "1 REGISTER REGISTER"), Some(vec![]));
        assert_eq!(caught("PONG", "PONG 1"), None);
        assert_eq!(caught("", ""), Some(vec![]));
    }

    #[test]
    fn a_name_that_has_a_value_matches_that_value_only() {
        assert_eq!(caught("to/{device}/{x}", "to/phone/1"), Some(vec![pair("x", "1")]));
        assert_eq!(caught("to/{device}", "to/tablet"), None);
    }

    #[test]
    fn a_number_is_a_number_and_ours_is_ours() {
        assert_eq!(caught("PONG {n}", "PONG x"), None);
        assert_eq!(caught("PONG {n}", "PONG 4294967296"), None);
        assert_eq!(caught("{id:ours} {*}", "hello world"), None);
        assert_eq!(caught("{id:ours} {*}", "hl-1-2 x"), Some(vec![pair("id", "hl-1-2")]));
    }

    #[test]
    fn what_cannot_be_meant_is_told() {
        let read = |text: &str| TextPattern::read(text, &[], &mut Vec::new()).unwrap_err();
        assert!(read("{a}{b}").contains("text that parts them"));
        assert!(read("{a} {a}").contains("twice"));
        assert!(read("{a").contains("without a `}`"));
        assert!(read("a}").contains("without a `{`"));
        assert!(read("{\"x\"}").contains("is no name"));
        assert!(read("{a:float}").contains("`:number`"));
        assert!(Text::read("{x}", &["n".to_owned()]).unwrap_err().contains("these have: {n}"));
    }
}
