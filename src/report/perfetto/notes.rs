//! The fields of an event as what Perfetto shows beside it.

use super::writer::{Note, Notes};
use crate::report::paragraph::plain;
use crate::trace::{Field, Names, What};

/// The fields of `what`, by their names.
pub(super) fn notes(what: &What, names: &Names) -> Notes {
    let mut notes = Notes::new();
    what.fields(&mut |name, field| {
        let note = match field {
            Field::Number(number) => Note::Number(number),
            Field::Signed(number) => Note::Signed(number),
            Field::Flag(yes) => Note::Flag(yes),
            Field::Word(word) => Note::Text(word.into()),
            Field::Span(span) => Note::Text(span.to_string().into()),
            Field::Push(push) => Note::Text(plain(&names.push(push)).into()),
        };
        notes.push((name, note));
    });
    notes
}
