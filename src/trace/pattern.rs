//! One grammar of event patterns: an event's name, then tests of its fields.
//!
//! `kill`, `kill code=0xbad22222`, `callback name=keep-alive`, `server.push-sent push=invite-1`.

use super::{Event, EventInfo, Field, Names, Shape, What};
use crate::port::Span;
use crate::settings::{nearest, not_among};

/// An event to wait for, expect or count.
#[derive(Clone, PartialEq, Debug)]
pub struct Pattern {
    /// The event's name.
    event: &'static str,
    /// Fields that must have these values.
    tests: Vec<(&'static str, String)>,
    /// The device it must happen on, if it matters; 0 is what all share.
    device: Option<u32>,
}

/// Why a pattern cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PatternError {
    /// What is wrong, with the nearest right spelling.
    pub message: String,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`PatternError`] for an event or field that does not exist, or a value its field never has.
    pub fn parse(text: &str) -> Result<Pattern, PatternError> {
        let fail = |message: String| PatternError { message };
        let mut words = text.split_whitespace();
        let name = words.next().ok_or_else(|| fail("an event pattern cannot be empty".into()))?;
        let info = What::TABLE.iter().find(|info| info.name == name).ok_or_else(|| {
            let near = nearest(name, What::TABLE.iter().map(|info| info.name));
            fail(match near {
                Some(near) => format!("there is no event `{name}`; did you mean `{near}`?"),
                None => format!("there is no event `{name}`; `holdline list events` lists them"),
            })
        })?;
        let mut pattern = Pattern { event: info.name, tests: Vec::new(), device: None };
        for word in words {
            let (field, value) = word.split_once('=').ok_or_else(|| {
                fail(format!(
                    "`{word}` is not a test of a field; write for example `{}`",
                    example(info)
                ))
            })?;
            if field == "device" {
                pattern.device = Some(
                    value.parse().map_err(|_| fail(format!("`{value}` is not a device number")))?,
                );
                continue;
            }
            let field = info.fields.iter().find(|known| known.name == field).ok_or_else(|| {
                let known = info.fields.iter().map(|f| f.name).collect::<Vec<_>>().join(", ");
                fail(if known.is_empty() {
                    format!("the event `{name}` has no fields")
                } else {
                    format!("the event `{name}` has no field `{field}`; it has {known}")
                })
            })?;
            fits(field.shape, value)
                .map_err(|wrong| fail(format!("the field `{}`: {wrong}", field.name)))?;
            pattern.tests.push((field.name, value.to_owned()));
        }
        Ok(pattern)
    }

    /// The event's name.
    pub fn event(&self) -> &'static str {
        self.event
    }

    /// The names of the fields that it tests.
    pub fn fields(&self) -> impl Iterator<Item = &'static str> {
        self.tests.iter().map(|(field, _)| *field)
    }

    /// The device it must happen on, if it names one; 0 is what all share.
    pub fn device(&self) -> Option<u32> {
        self.device
    }

    /// Whether `event` is what the pattern describes.
    pub fn matches(&self, event: &Event, names: &Names) -> bool {
        if event.what.name() != self.event || self.device.is_some_and(|d| d != event.owner) {
            return false;
        }
        self.tests.iter().all(|(field, wanted)| {
            let mut found = false;
            event.what.fields(&mut |name, value| {
                found |= name == *field && same(value, wanted, names);
            });
            found
        })
    }
}

fn example(info: &EventInfo) -> String {
    info.fields.first().map_or(info.name.to_owned(), |f| format!("{} {}=…", info.name, f.name))
}

/// Whether a field of this shape can have the value written as `text`; a sentence if it cannot.
fn fits(shape: Shape, text: &str) -> Result<(), String> {
    match shape {
        Shape::Number if text.parse::<u64>().is_err() => {
            Err(format!("`{text}` is not a whole number"))
        }
        Shape::Signed if text.parse::<i64>().is_err() => {
            Err(format!("`{text}` is not a whole number"))
        }
        Shape::Flag if !["true", "false"].contains(&text) => {
            Err(format!("`{text}` is neither `true` nor `false`"))
        }
        Shape::Words(words) if !words.contains(&text) => Err(not_among(text, words)),
        Shape::Span => Span::parse(text).map(|_| ()),
        Shape::Name | Shape::Push if text.is_empty() => Err("the value is missing".into()),
        Shape::Number
        | Shape::Signed
        | Shape::Flag
        | Shape::Words(_)
        | Shape::Name
        | Shape::Push => Ok(()),
    }
}

fn same(value: Field, wanted: &str, names: &Names) -> bool {
    match value {
        Field::Number(n) => wanted.parse() == Ok(n),
        Field::Signed(n) => wanted.parse() == Ok(n),
        Field::Flag(yes) => wanted == if yes { "true" } else { "false" },
        Field::Word(word) => word == wanted,
        Field::Span(span) => Span::parse(wanted) == Ok(span),
        Field::Push(id) => names.push(id) == wanted,
    }
}

impl std::fmt::Display for Pattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.event)?;
        for (field, value) in &self.tests {
            write!(f, " {field}={value}")?;
        }
        self.device.map_or(Ok(()), |device| write!(f, " device={device}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_event_or_field_names_the_nearest() {
        assert!(Pattern::parse("kil").unwrap_err().message.contains("`kill`"));
        assert!(Pattern::parse("kill cod=1").unwrap_err().message.contains("code"));
        assert!(Pattern::parse("").is_err());
    }

    #[test]
    fn a_value_that_a_field_never_has_is_refused() {
        let message = |text: &str| Pattern::parse(text).unwrap_err().message;
        assert!(message("kill code=0xbad2222").contains("0xbad22222"));
        assert!(message("state to=suspend").contains("\"suspended\""));
        assert!(message("screen-locked locked=yes").contains("neither"));
        assert!(message("connecting connection=first").contains("not a whole number"));
        assert!(message("busy span=10").contains("no unit"));
        assert!(message("notified push=").contains("missing"));
        assert!(Pattern::parse("exit code=-1").is_ok());
    }

    #[test]
    fn a_pattern_reads_back_as_it_is_shown() {
        let text = "kill code=0xbad22222 device=2";
        assert_eq!(Pattern::parse(text).unwrap().to_string(), text);
    }
}
