//! Lanes: rows of characters over an axis.

use super::NAME;
use super::axis::Axis;
use super::flights::{self, Pushes};
use super::row::{Kind, Row, Tint};
use crate::port::{AppState, Span, Time};
use crate::report::history::{History, Limit, NEWS, Stretch, Wake};
use crate::report::human;

/// The lanes of a device from the top down. Lanes in which nothing happened are left out, but for the
/// two beliefs.
pub(super) fn lanes(history: &History, axis: &Axis, limit: Limit, pushes: &Pushes<'_>) -> Vec<Row> {
    let wakes: Vec<Time> = history.wakes.iter().map(|wake| wake.at).collect();
    let mut lanes = vec![
        steps(history, axis),
        states(&history.states, axis),
        moments(Kind::Wakes, &counted("wakes", wakes.len()), &wakes, axis),
    ];
    lanes.extend(limit.map(|(most, window)| used(&history.wakes, most, window, axis)));
    lanes.extend([
        belief("phone", &history.client, axis),
        belief("server", &history.server, axis),
        wrong(&history.wrong, axis),
    ]);
    lanes.extend(flights::rows(history, axis, pushes));
    lanes.push(faults(&history.faults, axis));
    lanes.extend(kills(history, axis));
    lanes.retain(|row| row.kind == Kind::Belief || !row.is_empty());
    lanes
}

/// More than one thing in a column.
pub(super) const SEVERAL: char = '+';

/// The sign of a state, and its colour.
fn state_sign(state: AppState) -> (char, Tint) {
    match state {
        AppState::NotRunning => (' ', Tint::Plain),
        AppState::Inactive => ('i', Tint::GoodBand),
        AppState::Active => ('A', Tint::GoodBand),
        AppState::Background => ('b', Tint::BusyBand),
        AppState::Suspended => ('.', Tint::Faint),
    }
}

/// The name of a lane, with a count that is more than one where there is room for it.
pub(super) fn counted(name: &str, n: usize) -> String {
    let counted = format!("{name} {n}");
    if n > 1 && counted.len() < NAME { counted } else { name.to_owned() }
}

/// How much of each column a stretch covers, in microseconds.
fn cover<T>(stretch: &Stretch<T>, axis: &Axis, mut each: impl FnMut(usize, u64)) {
    let (first, last) = axis.columns_of(stretch.from, stretch.to);
    for column in first..=last {
        let from = axis.begin(column).max(stretch.from);
        let to = axis.begin(column + 1).min(stretch.to);
        each(column, to.since(from).as_micros());
    }
}

/// Each column shows the state that lasted longest in it.
fn states(stretches: &[Stretch<AppState>], axis: &Axis) -> Row {
    const SIGNS: usize = AppState::ALL.len();
    let mut time = vec![[0u64; SIGNS]; axis.columns];
    for stretch in stretches {
        let place = AppState::ALL.iter().position(|state| *state == stretch.is).unwrap_or(0);
        cover(stretch, axis, |column, us| time[column][place] += us);
    }
    let mut row = Row::new(Kind::State, "app state", axis);
    for (column, times) in time.iter().enumerate() {
        let longest = times.iter().enumerate().max_by_key(|(_, us)| **us);
        let (sign, tint) =
            longest.map_or((' ', Tint::Plain), |(place, _)| state_sign(AppState::ALL[place]));
        row.set(column, sign, tint);
    }
    row
}

/// `=` where it was so all the time, `-` where it was so for a part of the column.
fn belief(name: &str, stretches: &[Stretch<()>], axis: &Axis) -> Row {
    let mut time = vec![0u64; axis.columns];
    for stretch in stretches {
        cover(stretch, axis, |column, us| time[column] += us);
    }
    let mut row = Row::new(Kind::Belief, name, axis);
    for (column, us) in time.into_iter().enumerate() {
        let whole = axis.begin(column + 1).since(axis.begin(column)).as_micros();
        // As long as news travel, nobody is wrong.
        let news = NEWS.as_micros().min(whole / 10);
        let sign = match us {
            0 => continue,
            us if us + news >= whole => '=',
            _ => '-',
        };
        row.set(column, sign, Tint::Calm);
    }
    row
}

/// `#`, with the duration where there is room for it: inside the stretch, or else behind it.
fn wrong(stretches: &[Stretch<()>], axis: &Axis) -> Row {
    let mut row = Row::new(Kind::Wrong, "wrong", axis);
    for stretch in stretches {
        let (first, last) = axis.columns_of(stretch.from, stretch.to);
        (first..=last).for_each(|column| row.set(column, '#', Tint::BadBand));
    }
    for stretch in stretches {
        let (first, last) = axis.columns_of(stretch.from, stretch.to);
        let label = human::span(stretch.to.since(stretch.from)).replace(' ', "");
        let length = label.chars().count();
        match inside(&row, first, last, length) {
            Some(begin) => row.write(begin, &label, Tint::BadBand),
            None => _ = row.write_if_free(last + 1, &label, Tint::Bad),
        }
    }
    row
}

/// Where between two columns a text of this length stands nearest to the middle, leaving one column of
/// either side, and not over a fold.
pub(super) fn inside(row: &Row, first: usize, last: usize, length: usize) -> Option<usize> {
    let room = (last + 1).checked_sub(first)?;
    let latest = room.checked_sub(length + 1).filter(|latest| *latest >= 1)?;
    let middle = (room - length) / 2;
    let begins = (1..=latest).map(|begin| first + begin);
    let whole = |begin: &usize| row.whole(*begin..begin + length);
    begins.filter(whole).min_by_key(|begin| begin.abs_diff(first + middle))
}

/// `|` for one, a digit for some, `+` for ten or more in a column.
pub(super) fn moments(kind: Kind, name: &str, times: &[Time], axis: &Axis) -> Row {
    counts(kind, name, times, '|', axis)
}

/// The sign for one, a digit for some, `+` for ten or more in a column.
pub(super) fn counts(kind: Kind, name: &str, times: &[Time], one: char, axis: &Axis) -> Row {
    let mut counts = vec![0u32; axis.columns];
    for at in times {
        counts[axis.column(*at)] += 1;
    }
    let mut row = Row::new(kind, name, axis);
    let tint = if kind == Kind::Lost { Tint::Bad } else { Tint::Plain };
    for (column, n) in counts.into_iter().enumerate() {
        let sign = match n {
            0 => continue,
            1 => one,
            n => char::from_digit(n, 10).unwrap_or(SEVERAL),
        };
        row.set(column, sign, tint);
    }
    row
}

/// Parts of what is allowed; the last is all of it.
pub(super) const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// More than is allowed.
pub(super) const BEYOND: char = '!';

/// How many of the wakes that are allowed were used, at most, in each column: by digits where they suffice.
fn used(wakes: &[Wake], most: u32, window: Span, axis: &Axis) -> Row {
    let mut counts = vec![0u32; axis.columns];
    for wake in wakes {
        let count = &mut counts[axis.column(wake.at)];
        *count = (*count).max(wake.recent);
    }
    let in_digits = wakes.iter().all(|wake| wake.recent < 10 && wake.recent < most);
    let window = window.to_string().replace(' ', "");
    let whole = format!(" of {most} in {window}");
    let name = if whole.len() < NAME { whole } else { format!(" of {most}") };
    let mut row = Row::new(Kind::Limit, name, axis);
    for (column, n) in counts.into_iter().enumerate().filter(|(_, n)| *n > 0) {
        let sign = match char::from_digit(n, 10) {
            Some(digit) if in_digits => digit,
            Some(_) | None => level(n, most),
        };
        let tint = match n {
            n if n >= most => Tint::Bad,
            n if n > most / 3 * 2 => Tint::Unsure,
            _ => Tint::Calm,
        };
        row.set(column, sign, tint);
    }
    row
}

/// `n` of `most` as a bar: the last level is all of them.
fn level(n: u32, most: u32) -> char {
    let below = LEVELS.len() - 1;
    match n {
        n if n > most => BEYOND,
        n if n == most => LEVELS[below],
        n => LEVELS[(n as usize * below / most as usize).min(below - 1)],
    }
}

/// Steps by number, `+` where several share a column; and what they do, where there is room.
fn steps(history: &History, axis: &Axis) -> Row {
    let mut row = Row::new(Kind::Steps, "user", axis);
    for (at, number) in &history.steps {
        let column = axis.column(*at);
        let sign = match row.sign(column) {
            ' ' => char::from_digit(*number, 36).unwrap_or(SEVERAL),
            _ => SEVERAL,
        };
        row.set(column, sign, Tint::Plain);
    }
    for ((at, _), action) in history.steps.iter().zip(&history.actions) {
        let column = axis.column(*at);
        let name = action.rsplit('.').next().unwrap_or(action);
        if row.sign(column) != SEVERAL && row.free(column + 1..column + 2) {
            row.write_if_free(column + 2, name, Tint::Faint);
        }
    }
    row
}

/// Signs; `+` where different ones share a column. What a fault did to a connection gives way to the
/// fault itself.
fn faults(faults: &[(Time, char)], axis: &Axis) -> Row {
    let mut row = Row::new(Kind::Faults, "faults", axis);
    for (at, sign) in faults {
        let column = axis.column(*at);
        let sign = match (row.sign(column), *sign) {
            (' ' | '!', sign) => sign,
            (known, '!') => known,
            (known, sign) if known == sign => sign,
            (_, _) => SEVERAL,
        };
        row.set(column, sign, Tint::Unsure);
    }
    row
}

/// A row for each rule: an `X` for each time, with code and rule beside the last, or before the first.
fn kills(history: &History, axis: &Axis) -> Vec<Row> {
    let mut rules = Vec::new();
    for (_, code, rule) in &history.kills {
        if !rules.contains(&(*code, *rule)) {
            rules.push((*code, *rule));
        }
    }
    let mut rows = Vec::new();
    for (code, rule) in rules {
        let of_rule = history.kills.iter().filter(|(_, c, r)| (*c, *r) == (code, rule));
        let columns: Vec<usize> = of_rule.map(|(at, ..)| axis.column(*at)).collect();
        let mut row = Row::new(Kind::Kills, counted("kills", columns.len()), axis);
        columns.iter().for_each(|column| row.set(*column, 'X', Tint::Bad));
        let label = format!("{code} {rule}");
        let length = label.chars().count();
        let behind = columns.last().map_or(0, |last| last + 2);
        let before = columns.first().and_then(|first| first.checked_sub(length + 1));
        let beside = row.write_if_free(behind, &label, Tint::Bad)
            || before.is_some_and(|begin| row.write_if_free(begin, &label, Tint::Bad));
        rows.push(row);
        if !beside {
            // Nothing is beside it: a row of its own, folds or not.
            let mut row = Row::new(Kind::Kills, "", &Axis::linear(Span::TICK, axis.columns));
            row.write(0, &label, Tint::Bad);
            rows.push(row);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::WakeReason;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    fn stretch(from: u64, to: u64) -> Stretch<()> {
        Stretch { from: at(from), to: at(to), is: () }
    }

    fn axis() -> Axis {
        Axis::linear(Span::from_secs(200), 20)
    }

    #[test]
    fn a_belief_that_held_only_for_a_part_of_a_column_is_drawn_thinner() {
        let row = belief("phone", &[stretch(5, 40), stretch(60, 200)], &axis());
        assert_eq!(row.text(), "-===  ==============");
    }

    #[test]
    fn a_wrong_belief_shows_how_long_it_lasted_where_there_is_room() {
        assert_eq!(wrong(&[stretch(0, 100)], &axis()).text(), "##1m40s###");
        assert_eq!(wrong(&[stretch(20, 40)], &axis()).text(), "  ##20s");
        assert_eq!(wrong(&[stretch(170, 200)], &axis()).text(), "                 ###");
    }

    #[test]
    fn several_moments_in_a_column_are_counted() {
        let times = [at(1), at(11), at(12), at(199)];
        let row = moments(Kind::Wakes, "wakes", &times, &axis());
        assert_eq!(row.text(), "|2                 |");
    }

    #[test]
    fn steps_are_drawn_by_their_number_and_say_what_they_do_where_there_is_room() {
        let history = History {
            steps: vec![(at(0), 1), (at(80), 12), (at(81), 3), (at(120), 4)],
            actions: vec!["user.lock", "server.push", "server.drop", "server.restart"],
            ..History::default()
        };
        assert_eq!(steps(&history, &axis()).text(), "1 lock  +   4");
    }

    fn counter(recents: &[u32]) -> Row {
        let wake = |(place, recent): (usize, &u32)| Wake {
            at: at(place as u64 * 10),
            reason: WakeReason::Socket,
            recent: *recent,
        };
        let wakes: Vec<Wake> = recents.iter().enumerate().map(wake).collect();
        used(&wakes, 15, Span::from_secs(300), &axis())
    }

    #[test]
    fn the_counter_shows_the_limit_and_what_is_beyond_it() {
        let row = counter(&[1, 5, 14, 15, 16]);
        assert_eq!((row.name.as_str(), row.text().as_str()), (" of 15 in 5m", "▁▃▇█!"));
    }

    #[test]
    fn the_counter_is_in_digits_while_they_suffice() {
        assert_eq!(counter(&[1, 3, 9]).text(), "139");
    }
}
