//! The values of an event's fields, as they are written and matched.

use super::record::known_name;
use super::{Datum, PushNumbers};
use crate::port::{Frame, PushId, Span};

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

/// What a field's value can be.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Shape {
    /// A number from zero.
    Number,
    /// A number that may be negative.
    Signed,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A name from an open list.
    Name,
    /// A length of time.
    Span,
    /// A push of the scenario.
    Push,
}

/// A field's name and type.
#[derive(Copy, Clone, Debug)]
pub struct FieldInfo {
    /// Its name.
    pub name: &'static str,
    /// What its value can be.
    pub shape: Shape,
    /// What its words mean, in the order of the shape's list; empty when the value is no word.
    pub meanings: &'static [&'static str],
}

/// A type that can be a field of an event.
pub trait FieldValue: Sized {
    /// What the values of this type can be.
    const SHAPE: Shape;
    /// What its words mean, in the order of its shape's list.
    const MEANINGS: &'static [&'static str] = &[];
    /// The value as a field.
    fn field(&self) -> Field;
    /// The value that a record has; `None` when this type has no such value.
    fn read(datum: &Datum, pushes: &mut PushNumbers) -> Option<Self>;
}

impl FieldValue for u32 {
    const SHAPE: Shape = Shape::Number;
    fn field(&self) -> Field {
        Field::Number(u64::from(*self))
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        u32::try_from(datum.number()?).ok()
    }
}

impl FieldValue for u64 {
    const SHAPE: Shape = Shape::Number;
    fn field(&self) -> Field {
        Field::Number(*self)
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        datum.number()
    }
}

impl FieldValue for i32 {
    const SHAPE: Shape = Shape::Signed;
    fn field(&self) -> Field {
        Field::Signed(i64::from(*self))
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        match datum {
            Datum::Number(n) => i32::try_from(*n).ok(),
            Datum::Negative(n) => i32::try_from(*n).ok(),
            Datum::Flag(_) | Datum::Text(_) | Datum::Endless => None,
        }
    }
}

impl FieldValue for bool {
    const SHAPE: Shape = Shape::Flag;
    fn field(&self) -> Field {
        Field::Flag(*self)
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        match datum {
            Datum::Flag(yes) => Some(*yes),
            Datum::Number(_) | Datum::Negative(_) | Datum::Text(_) | Datum::Endless => None,
        }
    }
}

impl FieldValue for Span {
    const SHAPE: Shape = Shape::Span;
    fn field(&self) -> Field {
        Field::Span(*self)
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        match datum {
            Datum::Number(us) => Some(Span::from_micros(*us)),
            Datum::Endless => Some(Span::MAX),
            Datum::Negative(_) | Datum::Flag(_) | Datum::Text(_) => None,
        }
    }
}

impl FieldValue for PushId {
    const SHAPE: Shape = Shape::Push;
    fn field(&self) -> Field {
        Field::Push(*self)
    }
    fn read(datum: &Datum, pushes: &mut PushNumbers) -> Option<Self> {
        datum.text().map(|name| pushes.number(name))
    }
}

impl FieldValue for &'static str {
    const SHAPE: Shape = Shape::Name;
    fn field(&self) -> Field {
        Field::Word(self)
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        datum.text().map(known_name)
    }
}

/// Written and matched by its name; those who read events have all of it.
impl FieldValue for Frame {
    const SHAPE: Shape = Shape::Name;
    fn field(&self) -> Field {
        Field::Word(self.name())
    }
    fn read(datum: &Datum, _: &mut PushNumbers) -> Option<Self> {
        datum.text().and_then(Frame::of_name)
    }
}
