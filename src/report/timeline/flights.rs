//! Pushes with their flight: one by one while they are few, counted when they are many.

use std::ops::Range;

use super::axis::Axis;
use super::lanes::{counted, counts, inside, moments};
use super::row::{Kind, Row, Tint};
use crate::port::{PushId, Time};
use crate::report::history::{Flight, History};
use crate::report::human;
use crate::report::paragraph::{cut, plain};
use crate::trace::Names;

/// Pushes that need more rows than this are counted instead.
const MOST_ROWS: usize = 6;
/// A longer name is cut.
const LONGEST_NAME: usize = 20;

/// What is known about pushes beside their flights.
pub(super) struct Pushes<'a> {
    pub(super) names: &'a Names,
    /// Why a push was not received, or what it waits for.
    pub(super) why: &'a dyn Fn(PushId) -> Option<&'static str>,
    /// When the drawing ends.
    pub(super) end: Time,
    /// Whether the run goes on from there.
    pub(super) goes_on: bool,
}

/// The rows of all pushes.
pub(super) fn rows(history: &History, axis: &Axis, pushes: &Pushes<'_>) -> Vec<Row> {
    one_by_one(history, axis, pushes).unwrap_or_else(|| together(history, axis, pushes))
}

fn together(history: &History, axis: &Axis, pushes: &Pushes<'_>) -> Vec<Row> {
    let row = |name: &str, times: &[Time]| {
        moments(Kind::Counts, &counted(name, times.len()), times, axis)
    };
    let mut rows = vec![
        row("sent", &history.sent),
        row("received", &history.received),
        row("notified", &history.notified),
    ];
    let lost = |flight: &&Flight| flight.over().is_none() || flight.received.is_none();
    let lost: Vec<Time> = match pushes.goes_on {
        true => Vec::new(),
        false => history.flights.iter().filter(lost).map(|flight| flight.accepted).collect(),
    };
    rows.push(counts(Kind::Lost, &counted("lost", lost.len()), &lost, 'x', axis));
    rows
}

/// Rows with a flight or more each; `None` when that takes too many.
fn one_by_one(history: &History, axis: &Axis, pushes: &Pushes<'_>) -> Option<Vec<Row>> {
    let mut rows: Vec<Row> = Vec::new();
    for flight in &history.flights {
        let drawn = Drawn::of(flight, axis, pushes);
        let hidden = axis.fold_at(flight.accepted);
        if hidden.is_some() && hidden == axis.fold_at(drawn.over) {
            continue;
        }
        if !rows.iter_mut().any(|row| drawn.fits(row)) {
            if rows.len() == MOST_ROWS {
                return None;
            }
            let name = match rows.len() {
                0 => counted("pushes", history.flights.len()),
                _ => String::new(),
            };
            let mut row = Row::new(Kind::Pushes, name, axis);
            if !drawn.fits(&mut row) {
                drawn.draw(&mut row, None);
            }
            rows.push(row);
        }
    }
    Some(rows)
}

/// A flight as it is drawn.
struct Drawn {
    signs: Vec<(usize, char)>,
    first: usize,
    /// Where it was written to a connection.
    way: usize,
    last: usize,
    over: Time,
    label: String,
    tint: Tint,
}

impl Drawn {
    fn of(flight: &Flight, axis: &Axis, pushes: &Pushes<'_>) -> Drawn {
        let name = cut(&plain(&pushes.names.push(flight.push)), LONGEST_NAME);
        let seen = flight.notified.or(flight.received);
        let over = flight.over().unwrap_or(pushes.end);
        let (label, tint) = match (seen, (pushes.why)(flight.push)) {
            (Some(at), _) => {
                let took = human::span(at.since(flight.accepted)).replace(' ', "");
                (format!("{name} {took}"), Tint::Good)
            }
            (None, _) if flight.dropped.is_none() && pushes.goes_on => (name, Tint::Unsure),
            (None, Some(why)) => (format!("{name}: {why}"), Tint::Bad),
            (None, None) => (name, Tint::Bad),
        };
        let end = match (flight.notified, flight.received, pushes.goes_on) {
            (Some(_), ..) => '*',
            (None, Some(_), _) => 'r',
            (None, None, true) if flight.dropped.is_none() => '-',
            (None, None, _) => 'x',
        };
        let (first, last) = (axis.column(flight.accepted), axis.column(over));
        // What is later covers what is earlier.
        let read = flight.received.filter(|_| flight.notified.is_some());
        let mut signs: Vec<(usize, char)> = (first..=last).map(|column| (column, '-')).collect();
        signs.push((first, 'o'));
        signs.extend(flight.sent.map(|at| (axis.column(at), '>')));
        signs.extend(read.map(|at| (axis.column(at), 'r')));
        signs.push((last, end));
        let way = flight.sent.map_or(first, |at| axis.column(at));
        Drawn { signs, first, way, last, over, label, tint }
    }

    /// Draws it into `row` if there is room for it and its label.
    fn fits(&self, row: &mut Row) -> bool {
        let room = |columns: Range<usize>| {
            let around = columns.start.saturating_sub(1)..(columns.end + 1).min(row.columns());
            columns.end <= row.columns() && around.into_iter().all(|column| row.sign(column) == ' ')
        };
        let length = self.label.chars().count();
        let behind = self.last + 2;
        let before = self.first.checked_sub(length + 1);
        let place = if !room(self.first..self.last + 1) {
            None
        } else if room(self.first..behind + length) && row.whole(behind..behind + length) {
            Some(behind)
        } else if let Some(begin) = inside(row, self.way, self.last, length + 2) {
            Some(begin + 1)
        } else {
            before.filter(|begin| room(*begin..self.last + 1) && row.whole(*begin..begin + length))
        };
        if place.is_some() {
            self.draw(row, place);
        }
        place.is_some()
    }

    fn draw(&self, row: &mut Row, label: Option<usize>) {
        for (column, sign) in &self.signs {
            row.set(*column, *sign, self.tint);
        }
        if let Some(begin) = label {
            row.write(begin.saturating_sub(1), " ", Tint::Plain);
            row.write(begin, &self.label, Tint::Plain);
        }
    }
}
