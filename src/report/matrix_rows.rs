//! The rows of the matrix for a terminal: columns as wide as what stands in them.

use std::fmt::Write;

use super::matrix::{Footnote, Table, head, letters};
use super::paragraph::cut_middle;
use super::style::{BAD, GOOD, UNSURE, paint};
use crate::study::{BAD as BAD_SHARE, Cell, Matrix};

/// Fewer columns than this are never left to the names of the ways.
const LEAST_LABEL: usize = 12;
/// Up to this width, columns are made as wide as the widest of them.
const COMFORTABLE: usize = 80;

/// A column of a table for a terminal: its head, and the number and the letters of each row.
struct Column {
    head: String,
    cells: Vec<(String, String)>,
    /// The columns of the numbers.
    number: usize,
    /// The columns of numbers and letters together.
    whole: usize,
}

impl Column {
    fn new(table: &Table, matrix: &Matrix, notes: &[Footnote], place: usize) -> Column {
        let head = matrix.plan.platforms.get(place).map(|name| head(name)).unwrap_or_default();
        let one = |row| {
            let cell = matrix.cell(row, place);
            let letters = if table.noted { letters(cell, notes) } else { String::new() };
            ((table.number)(matrix, cell), letters)
        };
        let cells: Vec<_> = (0..matrix.plan.ways.len()).map(one).collect();
        let longest = |of: fn(&(String, String)) -> &String| {
            cells.iter().map(|cell| of(cell).chars().count()).max().unwrap_or(0)
        };
        let letters = longest(|(_, letters)| letters);
        let whole = (longest(|(number, _)| number) + letters).max(head.chars().count());
        Column { head, cells, number: whole - letters, whole }
    }

    /// Gives it `whole` columns, if it has fewer.
    fn widen(&mut self, whole: usize) {
        let more = whole.saturating_sub(self.whole);
        self.number += more;
        self.whole += more;
    }
}

/// The lines of a table for a terminal.
pub(super) fn rows(
    out: &mut String,
    table: &Table,
    matrix: &Matrix,
    notes: &[Footnote],
    room: Option<usize>,
) {
    let plan = &matrix.plan;
    let mut columns: Vec<Column> =
        (0..plan.platforms.len()).map(|place| Column::new(table, matrix, notes, place)).collect();
    let longest = plan.ways.iter().map(|way| way.to_string().chars().count()).max().unwrap_or(0);
    let widest = columns.iter().map(|column| column.whole).max().unwrap_or(0);
    // Columns of one width are easier to read, where there is room for that.
    let wide = room.map_or(COMFORTABLE, |room| room.min(COMFORTABLE));
    let even = |gap: &usize| longest + columns.len() * (widest + gap) <= wide;
    let even = [2, 1].into_iter().find(even);
    let gap = even.unwrap_or(1);
    if even.is_some() {
        columns.iter_mut().for_each(|column| column.widen(widest));
    }
    let numbers = |gap| columns.iter().map(|column| column.whole + gap).sum::<usize>();
    let left = room.map_or(longest, |room| room.saturating_sub(numbers(gap)).max(LEAST_LABEL));
    let label = longest.min(left);
    let mut line = format!("{:label$}", "iOS");
    for Column { head, number, whole, .. } in &columns {
        let head = format!("{head:>number$}");
        let _ = write!(line, "{:gap$}{head:<whole$}", "");
    }
    let _ = writeln!(out, "{}", line.trim_end());
    for (row, way) in plan.ways.iter().enumerate() {
        let name = cut_middle(&way.to_string(), label);
        let mut line = format!("{name:label$}");
        for (place, column) in columns.iter().enumerate() {
            let Some((number, letters)) = column.cells.get(row) else { continue };
            let number = format!("{number:>0$}", column.number);
            let number = match table.noted {
                true => paint(colour(matrix.cell(row, place)), &number),
                false => number,
            };
            let _ = write!(line, "{:gap$}{number}{letters:<1$}", "", column.whole - column.number);
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn colour(cell: &Cell) -> anstyle::Style {
    match 1_000_000 - cell.reachable.mean() {
        0..=BAD_SHARE => GOOD,
        500_000.. => BAD,
        _ => UNSURE,
    }
}
