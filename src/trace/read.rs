//! Lines of a trace read back, as data: what [`write_event`](super::write_event) wrote, or somebody else.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::{Datum, FORMAT, Header, Lane, Record};
use crate::port::Time;

/// More devices than this are in no scenario.
const MOST_DEVICES: u64 = 1_000_000;

/// What serde_json says, without its own line and column: it sees one line.
fn json<'de, T: Deserialize<'de>>(line: &'de [u8]) -> Result<T, String> {
    serde_json::from_slice(line).map_err(|error| {
        let said = error.to_string();
        match said.rsplit_once(" at line ") {
            Some((said, _)) => format!("column {}: {said}", error.column()),
            None => said,
        }
    })
}

/// Reads the first line of a trace.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn read_header(line: &[u8]) -> Result<Header, String> {
    #[derive(Deserialize)]
    struct First {
        format: u32,
        scenario: String,
        seed: u64,
        model: String,
        platform: String,
        profile: String,
    }
    let first: First = json(line).map_err(|why| {
        format!("not the first line of a trace as `holdline run --trace` writes it: {why}")
    })?;
    if first.format != FORMAT {
        let found = first.format;
        return Err(format!("a trace of format {found}; this holdline reads format {FORMAT}"));
    }
    let First { scenario, seed, model, platform, profile, .. } = first;
    let profile_hash = u64::from_str_radix(&profile, 16)
        .map_err(|_| format!("`profile` is `{profile}`, and no hexadecimal number"))?;
    Ok(Header { scenario, seed, model, platform, profile_hash })
}

/// An object whose fields keep their order, each once.
struct Fields(Vec<(String, Datum)>);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Fields, D::Error> {
        from.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event: an object of numbers, flags and texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields: Vec<(String, Datum)> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(de::Error::custom(format!("`{name}` stands twice")));
            }
            let Value(value) = map.next_value()?;
            fields.push((name, value));
        }
        Ok(Fields(fields))
    }
}

struct Value(Datum);

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Value, D::Error> {
        from.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl Visitor<'_> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, `true`, `false`, `null` or a text")
    }

    fn visit_u64<E: de::Error>(self, n: u64) -> Result<Value, E> {
        Ok(Value(Datum::Number(n)))
    }

    fn visit_i64<E: de::Error>(self, n: i64) -> Result<Value, E> {
        Ok(Value(u64::try_from(n).map_or(Datum::Negative(n), Datum::Number)))
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<Value, E> {
        Ok(Value(Datum::Flag(yes)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value(Datum::Text(text.to_owned().into())))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value(Datum::Endless))
    }
}

/// Reads a line of a trace behind its first.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn read_record(line: &[u8]) -> Result<Record, String> {
    let Fields(mut fields) = json(line)?;
    let mut take = |name: &str| {
        let place = fields.iter().position(|(known, _)| known == name);
        place.map(|place| fields.remove(place).1).ok_or_else(|| format!("`{name}` is missing"))
    };
    let at = take("t")?.number().ok_or("`t` is no number of microseconds")?;
    let device = take("device")?.number().filter(|device| *device <= MOST_DEVICES);
    let device = device.ok_or_else(|| format!("`device` is no number up to {MOST_DEVICES}"))?;
    let lane = take("lane")?.text().and_then(Lane::parse);
    let lane = lane.ok_or_else(|| format!("`lane` is none of {}", Lane::SPELLINGS.join(", ")))?;
    let event = take("event")?.text().filter(|name| !name.is_empty()).map(str::to_owned);
    let event = Cow::Owned(event.ok_or("`event` is no name")?);
    let fields = fields.into_iter().map(|(name, value)| (Cow::Owned(name), value)).collect();
    let device = device as u32;
    Ok(Record { at: Time::from_micros(at), device, lane, event, fields })
}
