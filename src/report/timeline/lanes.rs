//! Lanes: rows of characters over an axis.

use super::axis::Axis;
use crate::port::{AppState, Time};
use crate::report::history::{History, NEWS, Stretch};
use crate::report::human;

/// A lane: what it is called, and its row.
pub(super) type Lane = (String, String);

/// The lanes of a device from the top down. Lanes in which nothing happened are left out, but for the
/// two beliefs.
pub(super) fn lanes(history: &History, axis: &Axis) -> Vec<Lane> {
    let wakes: Vec<Time> = history.wakes.iter().map(|wake| wake.at).collect();
    let mut lanes = vec![
        ("steps".to_owned(), steps(&history.steps, axis)),
        ("app".to_owned(), states(&history.states, axis)),
        (counted("wakes", wakes.len()), moments(&wakes, axis)),
        ("phone".to_owned(), belief(&history.client, axis)),
        ("server".to_owned(), belief(&history.server, axis)),
        ("wrong".to_owned(), wrong(&history.wrong, axis)),
        (counted("sent", history.sent.len()), moments(&history.sent, axis)),
        (counted("received", history.received.len()), moments(&history.received, axis)),
        (counted("notified", history.notified.len()), moments(&history.notified, axis)),
        ("faults".to_owned(), signs(&history.faults, axis)),
    ];
    lanes.extend(kills(history, axis).into_iter().map(|row| ("kills".to_owned(), row)));
    let always = |name: &str| ["phone", "server"].contains(&name);
    lanes.retain(|(name, row)| always(name) || !row.trim().is_empty());
    lanes
}

/// More than one thing in a column.
pub(super) const SEVERAL: char = '*';

/// The sign of a state.
fn state_sign(state: AppState) -> char {
    match state {
        AppState::NotRunning => ' ',
        AppState::Inactive => 'i',
        AppState::Active => 'A',
        AppState::Background => 'b',
        AppState::Suspended => '.',
    }
}

fn counted(name: &str, n: usize) -> String {
    if n > 1 { format!("{name} {n}") } else { name.to_owned() }
}

fn blank(axis: &Axis) -> Vec<char> {
    vec![' '; axis.columns]
}

fn row(cells: Vec<char>) -> String {
    cells.into_iter().collect::<String>().trim_end().to_owned()
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
fn states(stretches: &[Stretch<AppState>], axis: &Axis) -> String {
    const SIGNS: usize = AppState::ALL.len();
    let mut time = vec![[0u64; SIGNS]; axis.columns];
    for stretch in stretches {
        let place = AppState::ALL.iter().position(|state| *state == stretch.is).unwrap_or(0);
        cover(stretch, axis, |column, us| time[column][place] += us);
    }
    let longest = |times: &[u64; SIGNS]| {
        let longest = times.iter().enumerate().max_by_key(|(_, us)| **us);
        longest.map_or(' ', |(place, _)| state_sign(AppState::ALL[place]))
    };
    row(time.iter().map(longest).collect())
}

/// `=` where it was so all the time, `-` where it was so for a part of the column.
fn belief(stretches: &[Stretch<()>], axis: &Axis) -> String {
    let mut time = vec![0u64; axis.columns];
    for stretch in stretches {
        cover(stretch, axis, |column, us| time[column] += us);
    }
    let cell = |(column, us): (usize, u64)| {
        let whole = axis.begin(column + 1).since(axis.begin(column)).as_micros();
        // As long as news travel, nobody is wrong.
        let news = NEWS.as_micros().min(whole / 10);
        match us {
            0 => ' ',
            us if us + news >= whole => '=',
            _ => '-',
        }
    };
    row(time.into_iter().enumerate().map(cell).collect())
}

/// `#`, with the duration where there is room for it: inside the stretch, or else behind it.
fn wrong(stretches: &[Stretch<()>], axis: &Axis) -> String {
    let mut cells = blank(axis);
    for stretch in stretches {
        let (first, last) = axis.columns_of(stretch.from, stretch.to);
        cells[first..=last].fill('#');
    }
    for stretch in stretches {
        let (first, last) = axis.columns_of(stretch.from, stretch.to);
        let label = human::span(stretch.to.since(stretch.from)).replace(' ', "");
        let length = label.chars().count();
        let begin = if last + 1 - first >= length + 2 {
            first + (last + 1 - first - length) / 2
        } else if cells.iter().skip(last + 1).take(length + 1).filter(|c| **c == ' ').count()
            == length + 1
        {
            last + 1
        } else {
            continue;
        };
        for (cell, c) in cells.iter_mut().skip(begin).zip(label.chars()) {
            *cell = c;
        }
    }
    row(cells)
}

/// `|` for one, a digit for some, `*` for ten or more in a column.
fn moments(times: &[Time], axis: &Axis) -> String {
    let mut counts = vec![0u32; axis.columns];
    for at in times {
        counts[axis.column(*at)] += 1;
    }
    let cell = |n: u32| match n {
        0 => ' ',
        1 => '|',
        n => char::from_digit(n, 10).unwrap_or(SEVERAL),
    };
    row(counts.into_iter().map(cell).collect())
}

/// Steps by number; `*` where several share a column.
fn steps(steps: &[(Time, u32)], axis: &Axis) -> String {
    let sign = |number: u32| char::from_digit(number, 36).unwrap_or(SEVERAL);
    signs(&steps.iter().map(|(at, number)| (*at, sign(*number))).collect::<Vec<_>>(), axis)
}

/// Signs; `*` where different ones share a column. What a fault did to a connection gives way to the
/// fault itself.
fn signs(signs: &[(Time, char)], axis: &Axis) -> String {
    let mut cells = blank(axis);
    for (at, sign) in signs {
        let cell = &mut cells[axis.column(*at)];
        *cell = match (*cell, *sign) {
            (' ' | '!', sign) => sign,
            (known, '!') => known,
            (known, sign) if known == sign => sign,
            (_, _) => SEVERAL,
        };
    }
    row(cells)
}

/// An `X` each, with code and rule beside the first; of those that follow only where it is another rule.
fn kills(history: &History, axis: &Axis) -> Vec<String> {
    let mut rules = Vec::new();
    for (_, code, rule) in &history.kills {
        if !rules.contains(&(*code, *rule)) {
            rules.push((*code, *rule));
        }
    }
    let line = |(code, rule)| {
        let mut cells = blank(axis);
        let of_rule = history.kills.iter().filter(|(_, c, r)| (*c, *r) == (code, rule));
        let columns: Vec<usize> = of_rule.map(|(at, ..)| axis.column(*at)).collect();
        for column in &columns {
            cells[*column] = 'X';
        }
        let (first, last) =
            (columns.first().copied().unwrap_or(0), columns.last().copied().unwrap_or(0));
        let label = format!("{code} {rule}");
        let length = label.chars().count();
        if last + 2 + length <= axis.columns {
            write(&mut cells, last + 2, &label);
        } else if first > length {
            write(&mut cells, first - length - 1, &label);
        } else {
            return row(cells) + &format!("\n{label}");
        }
        row(cells)
    };
    rules
        .into_iter()
        .map(line)
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

fn write(cells: &mut [char], at: usize, text: &str) {
    for (cell, c) in cells.iter_mut().skip(at).zip(text.chars()) {
        *cell = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Span;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    fn stretch(from: u64, to: u64) -> Stretch<()> {
        Stretch { from: at(from), to: at(to), is: () }
    }

    fn axis() -> Axis {
        Axis::new(Span::from_secs(200), 20)
    }

    #[test]
    fn a_belief_that_held_only_for_a_part_of_a_column_is_drawn_thinner() {
        assert_eq!(belief(&[stretch(5, 40), stretch(60, 200)], &axis()), "-===  ==============");
    }

    #[test]
    fn a_wrong_belief_shows_how_long_it_lasted_where_there_is_room() {
        assert_eq!(wrong(&[stretch(0, 100)], &axis()), "##1m40s###");
        assert_eq!(wrong(&[stretch(20, 40)], &axis()), "  ##20s");
        assert_eq!(wrong(&[stretch(170, 200)], &axis()), "                 ###");
    }

    #[test]
    fn several_moments_in_a_column_are_counted() {
        assert_eq!(moments(&[at(1), at(11), at(12), at(199)], &axis()), "|2                 |");
    }

    #[test]
    fn steps_are_drawn_by_their_number() {
        assert_eq!(steps(&[(at(0), 1), (at(50), 12), (at(51), 3)], &axis()), "1    *");
    }
}
