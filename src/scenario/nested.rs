//! What the values look like that are lists or tables, by what the documentation calls their type.

use super::lints::Lint;
use super::model::World;
use super::values::LINE;
use crate::platform::BACKGROUND_MODES;
use crate::settings::{DURATION, ENERGY, Form, SHARE};

/// A type of list or table.
struct Nested {
    /// Its name in the docs.
    kind: &'static str,
    /// The key that it is about; empty for every key of this type that has no row of its own.
    key: &'static str,
    forms: &'static [Form],
}

const fn row(kind: &'static str, key: &'static str, forms: &'static [Form]) -> Nested {
    Nested { kind, key, forms }
}

/// All of them.
const NESTED: &[Nested] = &[
    row("section", "variables", &[Form::Named(&[Form::Plain])]),
    row("section", "vary", &[Form::Varied]),
    row("section", "", &[Form::Table]),
    row("list of sections", "", &[Form::Tables]),
    row("table of keys", "where", &[Form::Chosen]),
    row("table of keys", "", &[Form::Table]),
    row("list of files", "", &[Form::List(0, &[Form::Text(LINE)])]),
    row("list of worlds", "", &[Form::List(1, &[Form::Words(World::SPELLINGS)])]),
    row("list of lints", "", &[Form::List(0, &[Form::Words(Lint::SPELLINGS)])]),
    row("list of texts", "background-modes", &[Form::List(0, &[Form::Words(BACKGROUND_MODES)])]),
    row("list of event patterns", "", &[Form::List(2, &[Form::Event])]),
    row("event pattern or table", "", &[Form::Event, Form::Table]),
    row("whole number or table", "", &[Form::Whole(0, u32::MAX as i64), Form::Table]),
    row(BOUND, "", &[COUNT, Form::Text(DURATION), Form::Text(SHARE), Form::Text(ENERGY)]),
];

/// What the bounds on a metric are.
pub(super) const BOUND: &str = "value in the metric's unit";

/// A bound on a metric that is counted.
pub(super) const COUNT: Form = Form::Whole(0, u32::MAX as i64);

/// The forms of the values of `key`, whose type is `kind`. A type without a row does not compile.
pub(super) const fn forms(kind: &str, key: &str) -> &'static [Form] {
    let mut place = 0;
    while place < NESTED.len() {
        let row = &NESTED[place];
        if same(row.kind, kind) && (row.key.is_empty() || same(row.key, key)) {
            return row.forms;
        }
        place += 1;
    }
    panic!("a type of list or table needs its row in NESTED")
}

/// `==`, which constants cannot use on texts.
const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut place = 0;
    while place < one.len() {
        if one[place] != other[place] {
            return false;
        }
        place += 1;
    }
    true
}
