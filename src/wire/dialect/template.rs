//! What is written and what is recognized, in the way of each framing.

use toml::de::DeValue;

use super::framing::{Framing, Length, Unit};
use super::headers::{MessagePattern, MessageTemplate};
use super::mistake::{Mistakes, Section, Value};
use super::parts::{self, Part, Sought, told};
use super::resp::{self, Reply};
use super::text::{Text, TextPattern};
use super::values::{Escape, Lookup, Values};
use super::xml::NodePattern;

/// Commands and replies of more words than this are refused.
const MOST_WORDS: usize = 32;

/// What is written.
#[derive(Clone, Debug)]
pub(super) enum Template {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Text as it is.
    Raw(Text),
    /// One line or several.
    Lines { text: Text, end: &'static str },
    /// A line that ends with the length of the body behind it.
    LineWithBody { line: Text, body: Text, end: &'static str },
    /// Several of the above.
    Several(Vec<Template>),
    /// A message with headers.
    Message(MessageTemplate),
    /// A command of Redis.
    Words(Vec<Text>),
    /// XML.
    Xml(Text),
    /// A packet.
    Packet(Vec<Part>, Length),
}

/// What is recognized.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    Line { line: TextPattern, body: Option<TextPattern> },
    Message(MessagePattern),
    Reply(TextPattern),
    Error(TextPattern),
    List(Vec<TextPattern>),
    Element(NodePattern),
    Packet(Vec<Sought>, Length),
}

/// How a value is spelled.
enum Spelling<'a> {
    Text,
    List(&'a [Value<'a>]),
    Table,
}

fn spelling<'a>(value: &'a Value<'a>) -> Option<Spelling<'a>> {
    match value.get_ref() {
        DeValue::String(_) => Some(Spelling::Text),
        DeValue::Array(items) => Some(Spelling::List(items)),
        DeValue::Table(_) => Some(Spelling::Table),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            None
        }
    }
}

/// How a unit is spelled in this framing, for help.
const fn help(framing: &Framing) -> &'static str {
    match framing {
        Framing::Lines { .. } => {
            "with framing lines it is text, { line = …, body = … }, or a list of those to send"
        }
        Framing::Headers => "with framing headers it is text: head, empty line, body",
        Framing::Resp => "with framing resp it is a list of words, or one word of a reply",
        Framing::Xml { .. } => "with framing xml it is text: one element",
        Framing::Prefixed { .. } => "with framing length-prefixed it is a list of parts",
    }
}

impl Template {
    /// Reads what is written; these names have values.
    pub(super) fn read(
        value: &Value<'_>,
        framing: &Framing,
        known: &[String],
        mistakes: &Mistakes,
    ) -> Option<Template> {
        let text = |value| told(value, "this", mistakes, |text| Text::read(text, known));
        match (spelling(value), framing) {
            (Some(Spelling::Text), Framing::Lines { end, .. }) => {
                let lines = |text: &str| Text::read(&text.trim_end().replace('\n', end), known);
                let text = told(value, "this", mistakes, lines)?;
                Some(Template::Lines { text, end })
            }
            (Some(Spelling::List(items)), Framing::Lines { .. }) if items.len() <= MOST_WORDS => {
                let one = |item: &Value<'_>| match item.get_ref().is_array() {
                    true => {
                        mistakes.add(item.span(), "a list within a list");
                        None
                    }
                    false => Template::read(item, framing, known, mistakes),
                };
                items.iter().map(one).collect::<Option<_>>().map(Template::Several)
            }
            (Some(Spelling::Text), Framing::Headers) => {
                let read = |text: &str| MessageTemplate::read(text, known);
                told(value, "this", mistakes, read).map(Template::Message)
            }
            (Some(Spelling::Text), Framing::Xml { .. }) => text(value).map(Template::Xml),
            (Some(Spelling::List(words)), Framing::Resp) if words.len() <= MOST_WORDS => {
                words.iter().map(text).collect::<Option<_>>().map(Template::Words)
            }
            (Some(Spelling::List(_)), Framing::Prefixed { length, .. }) => {
                let parts = parts::read(value, known, 0, mistakes)?;
                Some(Template::Packet(parts, *length))
            }
            (Some(Spelling::Table), _) => Template::table(value, framing, known, mistakes),
            (Some(Spelling::Text | Spelling::List(_)) | None, _) => {
                mistakes.add_with_help(value.span(), "this cannot be sent", help(framing));
                None
            }
        }
    }

    fn table(
        value: &Value<'_>,
        framing: &Framing,
        known: &[String],
        mistakes: &Mistakes,
    ) -> Option<Template> {
        let section =
            Section::of(value, "what is sent", &["line", "body", "hex", "raw"], mistakes)?;
        let text = |value| told(value, "this", mistakes, |text| Text::read(text, known));
        let [line, body, hex, raw] = ["line", "body", "hex", "raw"].map(|key| section.raw(key));
        match (line, body, hex, raw, framing) {
            (Some(line), Some(body), None, None, Framing::Lines { end, .. }) => {
                Some(Template::LineWithBody { line: text(line)?, body: text(body)?, end })
            }
            (None, None, Some(hex), None, _) => parts::hex(hex, mistakes).map(Template::Bytes),
            (None, None, None, Some(raw), _) => text(raw).map(Template::Raw),
            _ => {
                let message = "this must be { hex = … }, { raw = … }, or, with framing lines, \
                               { line = …, body = … }";
                mistakes.add(value.span(), message);
                None
            }
        }
    }

    /// Writes it.
    pub(super) fn write(&self, values: Lookup<'_>, out: &mut Vec<u8>) -> Result<(), String> {
        match self {
            Template::Bytes(bytes) => out.extend(bytes),
            Template::Raw(text) => text.write(values, Escape::None, out),
            Template::Lines { text, end } => {
                text.write(values, Escape::Line, out);
                out.extend(end.as_bytes());
            }
            Template::LineWithBody { line, body, end } => {
                let mut inside = Vec::new();
                body.write(values, Escape::None, &mut inside);
                line.write(values, Escape::Line, out);
                out.extend(format!(" {}{end}", inside.len()).as_bytes());
                out.append(&mut inside);
                out.extend(end.as_bytes());
            }
            Template::Several(all) => {
                for template in all {
                    template.write(values, out)?;
                }
            }
            Template::Message(message) => message.write(values, out),
            Template::Words(words) => {
                let written = |word: &Text| {
                    let mut bytes = Vec::new();
                    word.write(values, Escape::None, &mut bytes);
                    bytes
                };
                resp::command(&words.iter().map(written).collect::<Vec<_>>(), out);
            }
            Template::Xml(text) => text.write(values, Escape::Xml, out),
            // Nothing of a packet that cannot be written whole.
            Template::Packet(parts, length) => {
                let mut packet = Vec::new();
                parts::write(parts, *length, values, &mut packet)?;
                out.append(&mut packet);
            }
        }
        Ok(())
    }
}

impl Pattern {
    /// Reads a pattern. Names among `known` have values, others take what they find and are added to `caught`.
    pub(super) fn read(
        value: &Value<'_>,
        framing: &Framing,
        known: &[String],
        caught: &mut Vec<String>,
        mistakes: &Mistakes,
    ) -> Option<Pattern> {
        let mut text = |value: &Value<'_>| {
            told(value, "this", mistakes, |text| TextPattern::read(text, known, caught))
        };
        match (spelling(value), framing) {
            (Some(Spelling::Text), Framing::Lines { .. }) => {
                Some(Pattern::Line { line: text(value)?, body: None })
            }
            (Some(Spelling::Text), Framing::Resp) => text(value).map(Pattern::Reply),
            (Some(Spelling::Text), Framing::Headers) => {
                let read = |text: &str| MessagePattern::read(text, known, caught);
                told(value, "this", mistakes, read).map(Pattern::Message)
            }
            (Some(Spelling::Text), Framing::Xml { root }) => {
                let read = |text: &str| NodePattern::read(text, root, known, caught);
                told(value, "this", mistakes, read).map(Pattern::Element)
            }
            (Some(Spelling::List(words)), Framing::Resp) if words.len() <= MOST_WORDS => {
                words.iter().map(text).collect::<Option<_>>().map(Pattern::List)
            }
            (Some(Spelling::List(_)), Framing::Prefixed { length, .. }) => {
                let parts = parts::read_pattern(value, known, caught, 0, mistakes)?;
                Some(Pattern::Packet(parts, *length))
            }
            (Some(Spelling::Table), Framing::Lines { .. }) => {
                let section = Section::of(value, "the pattern", &["line", "body"], mistakes)?;
                let (line, body) = (section.required("line")?, section.required("body")?);
                Some(Pattern::Line { line: text(line)?, body: Some(text(body)?) })
            }
            (Some(Spelling::Table), Framing::Resp) => {
                let section = Section::of(value, "the pattern", &["error"], mistakes)?;
                text(section.required("error")?).map(Pattern::Error)
            }
            (Some(Spelling::Table | Spelling::Text | Spelling::List(_)) | None, _) => {
                mistakes.add_with_help(value.span(), "this is no pattern", help(framing));
                None
            }
        }
    }

    /// What is caught when `unit` is what the pattern says; nothing when it is not.
    pub(super) fn caught(&self, unit: &Unit, values: Lookup<'_>) -> Option<Values> {
        let mut caught = Values::new();
        let fits = match (self, unit) {
            (Pattern::Line { line: pattern, body: inside }, Unit::Line { line, body }) => {
                pattern.matches(line, values, &mut caught)
                    && inside.as_ref().is_none_or(|inside| {
                        body.as_ref().is_some_and(|body| inside.matches(body, values, &mut caught))
                    })
            }
            (Pattern::Message(pattern), Unit::Message(message)) => {
                pattern.matches(message, values, &mut caught)
            }
            (Pattern::Reply(pattern), Unit::Reply(Reply::Text(text)))
            | (Pattern::Error(pattern), Unit::Reply(Reply::Error(text))) => {
                pattern.matches(text, values, &mut caught)
            }
            (Pattern::List(patterns), Unit::Reply(Reply::List(items))) => {
                patterns.len() == items.len()
                    && patterns
                        .iter()
                        .zip(items)
                        .all(|(pattern, item)| pattern.matches(item, values, &mut caught))
            }
            (Pattern::Element(pattern), Unit::Element(node)) => {
                pattern.matches(node, values, &mut caught)
            }
            (Pattern::Packet(sought, length), Unit::Packet(packet)) => {
                parts::matches(sought, *length, packet, values, &mut caught)
            }
            (
                Pattern::Line { .. }
                | Pattern::Message(_)
                | Pattern::Reply(_)
                | Pattern::Error(_)
                | Pattern::List(_)
                | Pattern::Element(_)
                | Pattern::Packet(..),
                _,
            ) => false,
        };
        fits.then_some(caught)
    }
}
