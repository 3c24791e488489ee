//! The values of an event's fields, as they are written and matched.

use crate::port::{PushId, Span};

/// A field's value.
#[derive(Copy, Clone, PartialEq, Debug)]
pub enum Field {
    /// A count or number.
    Number(u64),
    /// A number that may be negative.
    Signed(i64),
    /// True or false.
    Flag(bool),
    /// One of a closed set of words.
    Word(&'static str),
    /// A span; written in microseconds.
    Span(Span),
    /// A push; written by its name.
    Push(PushId),
}

/// A field's name and type.
#[derive(Copy, Clone, Debug)]
pub struct FieldInfo {
    /// Its name.
    pub name: &'static str,
}

/// A type that can be a field of an event.
pub trait FieldValue {
    /// The value as a field.
    fn field(&self) -> Field;
}

impl FieldValue for u32 {
    fn field(&self) -> Field {
        Field::Number(u64::from(*self))
    }
}

impl FieldValue for u64 {
    fn field(&self) -> Field {
        Field::Number(*self)
    }
}

impl FieldValue for i32 {
    fn field(&self) -> Field {
        Field::Signed(i64::from(*self))
    }
}

impl FieldValue for bool {
    fn field(&self) -> Field {
        Field::Flag(*self)
    }
}

impl FieldValue for Span {
    fn field(&self) -> Field {
        Field::Span(*self)
    }
}

impl FieldValue for PushId {
    fn field(&self) -> Field {
        Field::Push(*self)
    }
}

impl FieldValue for &'static str {
    fn field(&self) -> Field {
        Field::Word(self)
    }
}
