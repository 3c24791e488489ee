//! Values as they are written on a line: whether one fits a key, and as TOML.

use super::words::Word;
use crate::settings::{
    DISTRIBUTION, DURATION, ENERGY, Form, Kind, LONGER_THAN_ZERO, SHARE, SIGNED_DURATION, quoted,
};

/// `text` as true or false, as people say it.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text {
        "true" | "on" | "yes" => Some(true),
        "false" | "off" | "no" => Some(false),
        _ => None,
    }
}

/// Whether the key is true or false.
pub(super) fn is_flag(kind: &Kind) -> bool {
    kind.forms.contains(&Form::Flag)
}

/// Whether a value that stands without its key may be meant for one of this type.
pub(super) fn fits(kind: &Kind, text: &str) -> bool {
    if kind.choices.contains(&text) {
        return true;
    }
    kind.forms.iter().any(|form| match form {
        Form::Flag => flag(text).is_some(),
        Form::Whole(least, most) => text.parse().is_ok_and(|n: i64| (*least..=*most).contains(&n)),
        Form::Words(words) => words.contains(&text),
        Form::Text(SIGNED_DURATION) => text.starts_with(['+', '-']),
        Form::Text(DURATION | LONGER_THAN_ZERO) => text.starts_with(|c: char| c.is_ascii_digit()),
        Form::Text(DISTRIBUTION) => text.contains('('),
        Form::Text(SHARE) => text.ends_with('%'),
        Form::Text(ENERGY) => text.ends_with('J'),
        Form::Text(_) | Form::AnyText | Form::Event | Form::Plain => true,
        Form::List(..)
        | Form::Table
        | Form::Tables
        | Form::Named(_)
        | Form::Varied
        | Form::Chosen => false,
    })
}

/// The value as it stands in TOML.
pub(super) fn toml(kind: &Kind, text: &str) -> String {
    if let (true, Some(flag)) = (is_flag(kind), flag(text)) {
        return flag.to_string();
    }
    let whole = kind.forms.iter().any(|form| matches!(form, Form::Whole(..)));
    match text.parse::<i64>() {
        Ok(number) if whole => number.to_string(),
        Ok(_) | Err(_) => quoted(text),
    }
}

/// Whether the word names a key that is true or false, as in `memory-pressure critical`.
pub(super) fn names_flag(word: &Word, name: &str, kind: &Kind) -> bool {
    !word.quoted && word.text == name && is_flag(kind)
}
