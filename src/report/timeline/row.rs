//! A row of characters over an axis, each with its colour. No colour carries a meaning that the characters
//! do not.

use std::ops::Range;

use anstyle::Style;

use super::axis::{Axis, FOLD};
use crate::report::style::{self, paint};

/// What a row shows.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Steps,
    State,
    Wakes,
    Limit,
    Belief,
    Wrong,
    Pushes,
    Counts,
    Lost,
    Faults,
    Kills,
}

/// How a character is coloured.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Tint {
    Plain,
    Faint,
    Calm,
    Good,
    Unsure,
    Bad,
    GoodBand,
    BusyBand,
    BadBand,
}

impl Tint {
    fn style(self) -> Style {
        match self {
            Tint::Plain => Style::new(),
            Tint::Faint => style::FAINT,
            Tint::Calm => style::CALM,
            Tint::Good => style::GOOD,
            Tint::Unsure => style::UNSURE,
            Tint::Bad => style::BAD,
            Tint::GoodBand => style::GOOD_BAND,
            Tint::BusyBand => style::BUSY_BAND,
            Tint::BadBand => style::BAD_BAND,
        }
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct Cell {
    sign: char,
    tint: Tint,
    /// A part of a fold, which nothing covers.
    folded: bool,
    /// A part of a word.
    word: bool,
}

impl Cell {
    fn blank(self) -> bool {
        self.sign == ' ' && !self.folded
    }
}

/// A lane, or a part of one that has several rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) name: String,
    cells: Vec<Cell>,
}

impl Row {
    /// A row that shows nothing but the folds.
    pub(super) fn new(kind: Kind, name: impl Into<String>, axis: &Axis) -> Row {
        let mut cells =
            vec![Cell { sign: ' ', tint: Tint::Plain, folded: false, word: false }; axis.columns];
        for fold in axis.folds() {
            cells[fold.columns.clone()].fill(Cell {
                sign: FOLD,
                tint: Tint::Faint,
                folded: true,
                word: false,
            });
        }
        Row { kind, name: name.into(), cells }
    }

    /// How many columns it has.
    pub(super) fn columns(&self) -> usize {
        self.cells.len()
    }

    /// What stands in a column; nothing in a fold.
    pub(super) fn sign(&self, column: usize) -> char {
        self.cells.get(column).map_or(' ', |cell| if cell.folded { ' ' } else { cell.sign })
    }

    /// Puts a sign into a column that is not folded.
    pub(super) fn set(&mut self, column: usize, sign: char, tint: Tint) {
        if let Some(cell) = self.cells.get_mut(column).filter(|cell| !cell.folded) {
            (cell.sign, cell.tint) = (sign, tint);
        }
    }

    /// Writes a word over what is there, but not over a fold.
    pub(super) fn write(&mut self, column: usize, text: &str, tint: Tint) {
        for (cell, sign) in self.cells.iter_mut().skip(column).zip(text.chars()) {
            if !cell.folded {
                *cell = Cell { sign, tint, folded: false, word: true };
            }
        }
    }

    /// Whether there is nothing in these columns, folds included; columns beyond the last are no room.
    pub(super) fn free(&self, columns: Range<usize>) -> bool {
        self.cells.get(columns).is_some_and(|cells| cells.iter().all(|cell| cell.blank()))
    }

    /// Whether these columns are no part of a fold.
    pub(super) fn whole(&self, columns: Range<usize>) -> bool {
        self.cells.get(columns).is_some_and(|cells| cells.iter().all(|cell| !cell.folded))
    }

    /// Writes `text` at `column` if it and a blank behind it find room.
    pub(super) fn write_if_free(&mut self, column: usize, text: &str, tint: Tint) -> bool {
        let end = column + text.chars().count();
        let free = end <= self.cells.len() && self.free(column..(end + 1).min(self.cells.len()));
        if free {
            self.write(column, text, tint);
        }
        free
    }

    /// Whether it shows nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.folded || cell.sign == ' ')
    }

    /// Its signs, without folds and words.
    pub(super) fn signs(&self) -> impl Iterator<Item = char> + '_ {
        self.cells.iter().filter(|cell| !cell.folded && !cell.word).map(|cell| cell.sign)
    }

    /// Its characters.
    pub(super) fn text(&self) -> String {
        self.cells.iter().map(|cell| cell.sign).collect::<String>().trim_end().to_owned()
    }

    /// Its characters in their colours.
    pub(super) fn painted(&self) -> String {
        let text = self.text();
        let cells = &self.cells[..text.chars().count()];
        let parts = cells.chunk_by(|a, b| a.tint == b.tint);
        let part = |cells: &[Cell]| {
            let text: String = cells.iter().map(|cell| cell.sign).collect();
            match cells.first().map(|cell| cell.tint) {
                Some(Tint::Plain) | None => text,
                Some(tint) => paint(tint.style(), &text),
            }
        };
        parts.map(part).collect()
    }
}
