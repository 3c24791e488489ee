//! What a value looks like in TOML: said once, for messages, the documentation and the JSON Schema.

/// The units that a duration can be written in.
pub const SPAN_UNITS: &str = "us ms s m h d";

/// A number of [`Span::parse`](crate::port::Span::parse): digits, perhaps with a point, `_` anywhere.
macro_rules! number {
    () => {
        r"_*[0-9][0-9_]*(\._*[0-9][0-9_]*)?"
    };
}

/// Such a number that is not zero.
macro_rules! more_than_zero {
    () => {
        r"([0-9_]*[1-9][0-9_]*(\._*[0-9][0-9_]*)?|_*[0-9][0-9_]*\.[0-9_]*[1-9][0-9_]*)"
    };
}

/// One or more numbers, each with its unit.
macro_rules! span {
    () => {
        concat!(r"\s*(", number!(), r"(us|ms|s|m|h|d)\s*)+")
    };
}

/// What [`Span::parse`](crate::port::Span::parse) reads.
pub const DURATION: &str = concat!("^", span!(), "$");

/// The same, longer than zero.
pub const LONGER_THAN_ZERO: &str = concat!(
    r"^\s*(",
    number!(),
    r"(us|ms|s|m|h|d)\s*)*",
    more_than_zero!(),
    r"(us|ms|s|m|h|d)\s*(",
    number!(),
    r"(us|ms|s|m|h|d)\s*)*$"
);

/// A duration with a sign.
pub const SIGNED_DURATION: &str = concat!(r"^\s*[+-]", span!(), "$");

/// A distribution: its name, and its parameters in parentheses.
pub const DISTRIBUTION: &str = concat!(
    r"^\s*((uniform|lognormal|normal)\s*\(",
    span!(),
    ",",
    span!(),
    r"\)|exponential\s*\(",
    span!(),
    r"\)|(choice|empirical)\s*\(.+\))\s*$"
);

/// A percentage from 0% to 100%, with up to four digits behind the point.
pub const SHARE: &str = r"^\s*\+?0*(100(\.0{0,4})?|[0-9]{1,2}(\.[0-9]{0,4})?)\s*%$";

/// An energy in joules or millijoules.
pub const ENERGY: &str = r"^\s*\+?[0-9]+(\.\+?[0-9]+)?\s*m?J$";

/// A form that a value can have in TOML.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    AnyText,
    /// Text that this regular expression describes from its beginning to its end; it needs no more than
    /// ECMA 262 and Rust's `regex` have in common.
    Text(&'static str),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A pattern of events.
    Event,
    /// A whole number from the first to the second.
    Whole(i64, i64),
    /// `true` or `false`.
    Flag,
    /// A list of so many values or more, each of one of these forms.
    List(u32, &'static [Form]),
    /// A table that is described where it stands.
    Table,
    /// A list of such tables.
    Tables,
    /// A table of names, each with a value of one of these forms.
    Named(&'static [Form]),
    /// A table of keys as `--set` names them, each with a list of values.
    Varied,
    /// A table of keys as `--set` names them, each with a value or a list of them.
    Chosen,
    /// Any value that is not a table, or a list of such.
    Plain,
}

/// What a key expects, for messages, documentation and the JSON Schema.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The type's name in the docs: `duration`, `share`, `yes or no`, ….
    pub name: &'static str,
    /// One value as written in TOML.
    pub example: &'static str,
    /// The allowed words, empty when the type is open.
    pub choices: &'static [&'static str],
    /// The unit of its values, or those to choose from; empty when there is none.
    pub unit: &'static str,
    /// The forms a value can have, beside that of one of the choices.
    pub forms: &'static [Form],
}

impl Kind {
    /// A type with values of these forms.
    pub const fn of(name: &'static str, example: &'static str, forms: &'static [Form]) -> Kind {
        Kind { name, example, choices: &[], unit: "", forms }
    }

    /// A type of a few words.
    pub const fn one_of(
        name: &'static str,
        example: &'static str,
        choices: &'static [&'static str],
    ) -> Kind {
        Kind { name, example, choices, unit: "", forms: &[] }
    }

    /// The same type in this unit.
    pub const fn in_unit(self, unit: &'static str) -> Kind {
        Kind { unit, ..self }
    }

    /// What a value can be: the words there are, or else the name of the type.
    pub fn words(&self) -> String {
        match self.choices {
            [] => self.name.to_owned(),
            choices => choices.join(" or "),
        }
    }

    /// One value as written in TOML: the example, or the first of the words.
    pub fn example(&self) -> String {
        match (self.example, self.choices) {
            ("", [first, ..]) => format!("\"{first}\""),
            (example, _) => example.to_owned(),
        }
    }

    /// The value shown as `text`, as it is written in TOML: in quotes unless it is a number, true or false.
    pub fn toml(&self, text: &str) -> String {
        let bare = self.forms.iter().any(|form| match form {
            Form::Flag => ["true", "false"].contains(&text),
            Form::Whole(..) => text.parse::<i64>().is_ok(),
            Form::AnyText
            | Form::Text(_)
            | Form::Words(_)
            | Form::Event
            | Form::List(..)
            | Form::Table
            | Form::Tables
            | Form::Named(_)
            | Form::Varied
            | Form::Chosen
            | Form::Plain => false,
        });
        if bare { text.to_owned() } else { format!("\"{text}\"") }
    }
}
