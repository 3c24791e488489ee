//! What all scenarios of a page share: the table of events, and what its words mean.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::port::AppState;
use crate::trace::{Lane, Shape, What};

/// The vocabulary, as the page reads it.
#[derive(Serialize)]
pub(super) struct Vocabulary {
    lanes: &'static [&'static str],
    states: &'static [&'static str],
    kinds: Vec<Kind>,
}

/// One row of the table of events.
#[derive(Serialize)]
struct Kind {
    name: &'static str,
    lane: usize,
    doc: &'static str,
    fields: Vec<FieldOf>,
}

/// One field of an event.
#[derive(Serialize)]
struct FieldOf {
    name: &'static str,
    /// `n` number, `f` flag, `s` span, `w` word of the scenario's list.
    shape: char,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    means: BTreeMap<&'static str, &'static str>,
}

impl Vocabulary {
    pub(super) fn new() -> Vocabulary {
        let kind = |info: &crate::trace::EventInfo| Kind {
            name: info.name,
            lane: Lane::ALL.iter().position(|lane| *lane == info.lane).unwrap_or(0),
            doc: info.doc.trim(),
            fields: info.fields.iter().map(field).collect(),
        };
        Vocabulary {
            lanes: Lane::SPELLINGS,
            states: AppState::SPELLINGS,
            kinds: What::TABLE.iter().map(kind).collect(),
        }
    }
}

fn field(info: &crate::trace::FieldInfo) -> FieldOf {
    let (shape, words) = match info.shape {
        Shape::Number | Shape::Signed => ('n', &[][..]),
        Shape::Flag => ('f', &[][..]),
        Shape::Span => ('s', &[][..]),
        Shape::Words(words) => ('w', words),
        Shape::Name | Shape::Push => ('w', &[][..]),
    };
    let means = words.iter().copied().zip(info.meanings.iter().map(|text| text.trim()));
    FieldOf { name: info.name, shape, means: means.collect() }
}
