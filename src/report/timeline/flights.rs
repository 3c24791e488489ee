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
        let empty = Row::new(Kind::Pushes, "", axis);
        let label = drawn.labels.iter().find(|label| drawn.place(&empty, label).is_some());
        let label = label.map_or("", String::as_str);
        if rows.iter_mut().any(|row| drawn.draw(row, label)) {
            continue;
        }
        if rows.len() == MOST_ROWS {
            return None;
        }
        let mut row = empty;
        if rows.is_empty() {
            row.name = counted("pushes", history.flights.len());
        }
        drawn.draw(&mut row, label);
        rows.push(row);
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
    /// What may stand beside it, the longest first.
    labels: Vec<String>,
    tint: Tint,
}

impl Drawn {
    fn of(flight: &Flight, axis: &Axis, pushes: &Pushes<'_>) -> Drawn {
        let name = cut(&plain(&pushes.names.push(flight.push)), LONGEST_NAME);
        let seen = flight.notified.or(flight.received);
        let over = flight.over().unwrap_or(pushes.end);
        let (labels, tint) = match (seen, (pushes.why)(flight.push)) {
            (Some(at), _) => {
                let took = human::span(at.since(flight.accepted)).replace(' ', "");
                (vec![format!("{name} {took}"), took, name], Tint::Good)
            }
            (None, _) if flight.dropped.is_none() && pushes.goes_on => (vec![name], Tint::Unsure),
            (None, Some(why)) => (vec![format!("{name}: {why}"), why.to_owned(), name], Tint::Bad),
            (None, None) => (vec![name], Tint::Bad),
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
        Drawn { signs, first, way, last, over, labels, tint }
    }

    /// Where in `row` a label of this flight finds room, if the flight and the label do: behind it, in it, or
    /// before it.
    fn place(&self, row: &Row, label: &str) -> Option<usize> {
        let room = |columns: Range<usize>| {
            let mut around = columns.start.saturating_sub(1)..(columns.end + 1).min(row.columns());
            columns.end <= row.columns() && around.all(|column| row.sign(column) == ' ')
        };
        let length = label.chars().count();
        let flight = self.first..self.last + 1;
        let behind = self.last + 2;
        if !room(flight.clone()) || length == 0 {
            return room(flight).then_some(self.first);
        }
        if room(self.first..behind + length) && row.whole(behind..behind + length) {
            return Some(behind);
        }
        let before = || {
            let begin = self.first.checked_sub(length + 1)?;
            (room(begin..self.last + 1) && row.whole(begin..begin + length)).then_some(begin)
        };
        inside(row, self.way, self.last, length + 2).map(|begin| begin + 1).or_else(before)
    }

    /// Draws it into `row`, with this label, if there is room for both.
    fn draw(&self, row: &mut Row, label: &str) -> bool {
        let Some(begin) = self.place(row, label) else { return false };
        for (column, sign) in &self.signs {
            row.set(*column, *sign, self.tint);
        }
        if !label.is_empty() {
            let within = (self.first..self.last).contains(&begin);
            let label = if within { format!(" {label} ") } else { label.to_owned() };
            row.write(begin - usize::from(within), &label, Tint::Plain);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;
    use crate::trace::PushFate;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    fn flight(name: u32, accepted: u64, over: Option<u64>) -> Flight {
        let (sent, received) = (None, over.map(at));
        let push = PushId { name, member: 0 };
        Flight { push, accepted: at(accepted), sent, received, notified: received, dropped: None }
    }

    fn drawn(flights: Vec<Flight>, goes_on: bool) -> Vec<String> {
        let names = Names { pushes: vec!["call".to_owned(), "chat".to_owned()] };
        let pushes = Pushes { names: &names, why: &|_| Some("not-woken"), end: at(400), goes_on };
        let axis = Axis::linear(Span::from_secs(400), 40);
        let rows = rows(&History { flights, ..History::default() }, &axis, &pushes);
        rows.iter().filter(|row| !row.is_empty()).map(Row::text).collect()
    }

    #[test]
    fn a_push_is_drawn_from_the_server_to_the_user_with_how_long_it_took() {
        let mut call = flight(0, 20, Some(100));
        call.sent = Some(at(70));
        assert_eq!(drawn(vec![call], false), ["  o---->--* call 1m20s"]);
        assert_eq!(drawn(vec![flight(0, 20, Some(21))], false), ["  * call 1s"]);
    }

    #[test]
    fn pushes_share_a_row_where_there_is_room() {
        let flights =
            vec![flight(0, 0, Some(1)), flight(1, 200, Some(201)), flight(0, 50, Some(60))];
        assert_eq!(drawn(flights, false), ["* call 1s           * chat 1s", "     o* call 10s"]);
    }

    #[test]
    fn a_push_that_is_lost_ends_where_it_is_given_up_or_with_the_run() {
        let mut dropped = flight(0, 0, None);
        dropped.dropped = Some((at(50), PushFate::Expired));
        assert_eq!(drawn(vec![dropped], false), ["o----x call: not-woken"]);
        let lost = drawn(vec![flight(1, 100, None)], false);
        assert_eq!(lost, ["          o----- chat: not-woken ------x"]);
    }

    #[test]
    fn a_push_that_still_waits_is_not_lost() {
        assert_eq!(
            drawn(vec![flight(1, 300, None)], true),
            ["                              o- chat --"]
        );
    }

    #[test]
    fn many_pushes_are_counted() {
        let flights: Vec<Flight> = (0..50).map(|n| flight(0, n * 8, None)).collect();
        assert_eq!(drawn(flights, false).len(), 1);
    }
}
