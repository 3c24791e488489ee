//! The types a key can have, and how each is read from and shown as TOML.

use std::sync::Arc;

use super::form::{DURATION, Form, SHARE, SPAN_UNITS};
use super::{Kind, Samples};
use crate::port::Span;

/// A TOML value without its place in the file.
#[derive(Clone, PartialEq, Debug)]
pub enum Scalar {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// The samples in a file that a text names; whoever reads the text puts them in its place.
    Samples(Arc<Samples>),
    /// Anything else, by the name of its type.
    Other(&'static str),
}

/// `text` in the quotes of TOML.
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out + "\""
}

impl Scalar {
    /// The text of a string value.
    ///
    /// # Errors
    /// A sentence that says what was found instead.
    pub fn text(&self) -> Result<&str, String> {
        match self {
            Scalar::Text(text) => Ok(text),
            Scalar::Integer(_)
            | Scalar::Float(_)
            | Scalar::Bool(_)
            | Scalar::Samples(_)
            | Scalar::Other(_) => Err(format!("expected text in quotes, found {}", self.what())),
        }
    }

    /// The value's type, for messages.
    pub fn what(&self) -> &'static str {
        match self {
            Scalar::Text(_) => "text",
            Scalar::Integer(_) => "a whole number",
            Scalar::Float(n) if n.is_finite() => "a number",
            Scalar::Float(_) => "a number that is not finite",
            Scalar::Bool(_) => "true or false",
            Scalar::Samples(_) => "a file of samples",
            Scalar::Other(what) => what,
        }
    }
}

/// A type that a key can have.
pub trait Setting: Sized {
    /// What the key expects.
    const KIND: Kind;
    /// Reads a value.
    ///
    /// # Errors
    /// A sentence that says what is wrong and what would be right.
    fn read(value: &Scalar) -> Result<Self, String>;
    /// The value as it would be written, without quotes.
    fn show(&self) -> String;
    /// What tells it apart from every other value: more than is shown, where that names a file.
    fn identity(&self) -> String {
        self.show()
    }
}

/// The message for a word that is none of `choices`.
pub fn not_among(text: &str, choices: &[&str]) -> String {
    let list = choices.iter().map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(", ");
    match super::nearest(text, choices.iter().copied()) {
        Some(near) => format!("`{text}` is not known; did you mean \"{near}\"? (one of {list})"),
        None => format!("`{text}` is not known; use one of {list}"),
    }
}

/// A whole number with its thousands apart: `84,120`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A part of a whole, in millionths: 0 to 100 %.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Share(u32);

impl Share {
    /// Nothing of it.
    pub const NONE: Share = Share(0);
    /// All of it.
    pub const ALL: Share = Share(1_000_000);

    /// A share in millionths, at most all.
    pub const fn from_ppm(ppm: u32) -> Share {
        Share(if ppm > 1_000_000 { 1_000_000 } else { ppm })
    }

    /// The share in millionths.
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// `part` of `whole`, rounded down; nothing when `whole` is zero.
    pub fn of(part: u64, whole: u64) -> Share {
        if whole == 0 {
            return Share(0);
        }
        Share::from_ppm((u128::from(part) * 1_000_000 / u128::from(whole)).min(1_000_000) as u32)
    }

    /// This share of `span`, rounded down.
    pub fn times(self, span: Span) -> Span {
        Span::from_micros((u128::from(span.as_micros()) * u128::from(self.0) / 1_000_000) as u64)
    }

    /// Whether a uniform draw over all of `u64` falls into this share.
    pub fn hits(self, draw: u64) -> bool {
        ((u128::from(draw) * 1_000_000) >> 64) < u128::from(self.0)
    }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = format!("{}.{:04}", self.0 / 10_000, self.0 % 10_000);
        f.pad(&format!("{}%", text.trim_end_matches('0').trim_end_matches('.')))
    }
}

impl Setting for Span {
    const KIND: Kind = Kind::of("duration", "\"10s\"", &[Form::Text(DURATION)]).in_unit(SPAN_UNITS);
    fn read(value: &Scalar) -> Result<Self, String> {
        match value {
            Scalar::Integer(n) => Err(format!("`{n}` has no unit; write for example \"{n}s\"")),
            Scalar::Float(_) | Scalar::Bool(_) | Scalar::Samples(_) | Scalar::Other(_) => {
                Err(format!("expected a duration such as \"10s\", found {}", value.what()))
            }
            Scalar::Text(text) => Span::parse(text),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for Option<Span> {
    const KIND: Kind = Kind::of(
        "duration or \"never\"",
        "\"5m\"",
        &[Form::Text(DURATION), Form::Words(&["never"])],
    )
    .in_unit(SPAN_UNITS);
    fn read(value: &Scalar) -> Result<Self, String> {
        match value {
            Scalar::Text(text) if text == "never" => Ok(None),
            Scalar::Text(_)
            | Scalar::Integer(_)
            | Scalar::Float(_)
            | Scalar::Bool(_)
            | Scalar::Samples(_)
            | Scalar::Other(_) => Span::read(value).map(Some),
        }
    }
    fn show(&self) -> String {
        self.map_or("never".to_owned(), |span| span.to_string())
    }
}

impl Setting for bool {
    const KIND: Kind = Kind::of("true or false", "true", &[Form::Flag]);
    fn read(value: &Scalar) -> Result<Self, String> {
        match value {
            Scalar::Bool(yes) => Ok(*yes),
            Scalar::Text(_)
            | Scalar::Integer(_)
            | Scalar::Float(_)
            | Scalar::Samples(_)
            | Scalar::Other(_) => Err(format!("expected true or false, found {}", value.what())),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for u32 {
    const KIND: Kind = Kind::of("whole number", "15", &[Form::Whole(0, u32::MAX as i64)]);
    fn read(value: &Scalar) -> Result<Self, String> {
        match value {
            Scalar::Integer(n) => u32::try_from(*n).map_err(|_| {
                format!("`{n}` is out of range; use a whole number from 0 to {}", u32::MAX)
            }),
            Scalar::Text(_)
            | Scalar::Float(_)
            | Scalar::Bool(_)
            | Scalar::Samples(_)
            | Scalar::Other(_) => Err(format!("expected a whole number, found {}", value.what())),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

/// A number of units that are not written beside it.
macro_rules! amounts {
    ($($(#[doc = $doc:literal])+ $name:ident $unit:literal),+) => { $(
        $(#[doc = $doc])+
        #[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
        pub struct $name(pub u32);

        impl Setting for $name {
            const KIND: Kind = <u32 as Setting>::KIND.in_unit($unit);
            fn read(value: &Scalar) -> Result<Self, String> {
                u32::read(value).map($name)
            }
            fn show(&self) -> String {
                self.0.show()
            }
        }
    )+ };
}

amounts!(
    /// A power.
    Milliwatts "mW",
    /// An amount of energy.
    Joules "J"
);

impl Setting for Option<u32> {
    const KIND: Kind = Kind::of(
        "whole number or \"none\"",
        "15",
        &[Form::Whole(0, u32::MAX as i64), Form::Words(&["none"])],
    );
    fn read(value: &Scalar) -> Result<Self, String> {
        match value {
            Scalar::Text(text) if text == "none" => Ok(None),
            Scalar::Text(_)
            | Scalar::Integer(_)
            | Scalar::Float(_)
            | Scalar::Bool(_)
            | Scalar::Samples(_)
            | Scalar::Other(_) => u32::read(value).map(Some),
        }
    }
    fn show(&self) -> String {
        self.map_or("none".to_owned(), |n| n.to_string())
    }
}

impl Setting for Share {
    const KIND: Kind = Kind::of("share", "\"2%\"", &[Form::Text(SHARE)]).in_unit("%");
    fn read(value: &Scalar) -> Result<Self, String> {
        let text = value.text().map_err(|_| match *value {
            Scalar::Float(n) if (0.0..=1.0).contains(&n) => {
                format!("write a share as a percentage: \"{}\"", Share((n * 1e6).round() as u32))
            }
            Scalar::Integer(n @ 0..=100) => format!("write a share as a percentage: \"{n}%\""),
            Scalar::Integer(_)
            | Scalar::Float(_)
            | Scalar::Text(_)
            | Scalar::Bool(_)
            | Scalar::Samples(_)
            | Scalar::Other(_) => {
                format!("expected a share such as \"2%\", found {}", value.what())
            }
        })?;
        let wrong = || format!("`{text}` is not a share; write a percentage from 0% to 100%");
        let number = text.strip_suffix('%').ok_or_else(wrong)?.trim();
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.len() > 4 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let fraction: u32 = format!("{fraction:0<4}").parse().map_err(|_| wrong())?;
        match whole.checked_mul(10_000).and_then(|ppm| ppm.checked_add(fraction)) {
            Some(ppm) if ppm <= 1_000_000 => Ok(Share(ppm)),
            _ => Err(wrong()),
        }
    }
    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_between_nothing_and_all() {
        let read = |text: &str| Share::read(&Scalar::Text(text.into()));
        assert_eq!(read("2%"), Ok(Share(20_000)));
        assert_eq!(read("0.06%"), Ok(Share(600)));
        assert_eq!(read("100%"), Ok(Share::ALL));
        assert!(read("101%").is_err() && read("2").is_err() && read("-1%").is_err());
        assert_eq!(Share(600).to_string(), "0.06%");
    }

    #[test]
    fn a_share_written_as_a_number_is_told_its_percentage() {
        assert!(Share::read(&Scalar::Float(0.9)).unwrap_err().contains("\"90%\""));
        assert!(Share::read(&Scalar::Float(0.0006)).unwrap_err().contains("\"0.06%\""));
        assert!(Share::read(&Scalar::Integer(99)).unwrap_err().contains("\"99%\""));
        assert!(Share::read(&Scalar::Integer(200)).unwrap_err().contains("such as"));
    }

    #[test]
    fn a_certain_share_always_hits_and_an_empty_one_never() {
        assert!(Share::ALL.hits(u64::MAX) && Share::ALL.hits(0));
        assert!(!Share::NONE.hits(0));
    }
}
