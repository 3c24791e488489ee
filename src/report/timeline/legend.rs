//! What the signs of a drawing mean, and what its folds hold.

use super::axis::Axis;
use super::lanes::{BEYOND, LEVELS, SEVERAL};
use super::row::{Kind, Row};
use super::scenes::Scenes;
use crate::report::history::{History, Limit};
use crate::report::human;
use crate::report::paragraph::{cut, paragraph};

/// Signs by the row they stand in.
const SIGNS: &[(Kind, char, &str)] = &[
    (Kind::State, 'A', "A active"),
    (Kind::State, 'i', "i inactive"),
    (Kind::State, 'b', "b background"),
    (Kind::State, '.', ". suspended"),
    (Kind::State, ' ', "(blank) not running"),
    (Kind::Belief, '=', "= believes it is connected"),
    (Kind::Wrong, '#', "# they differ, or it is dead"),
    (Kind::Pushes, 'o', "o the server has a push"),
    (Kind::Pushes, '>', "> writes it"),
    (Kind::Pushes, 'r', "r the app reads it"),
    (Kind::Pushes, '*', "* the user sees it"),
    (Kind::Pushes, 'x', "x it is lost"),
    (Kind::Lost, 'x', "x a push that is lost"),
    (Kind::Faults, 'v', "v goes down"),
    (Kind::Faults, '^', "^ comes back"),
    (Kind::Faults, '~', "~ interface changes"),
    (Kind::Faults, 'a', "a address changes"),
    (Kind::Faults, 'n', "n NAT forgets"),
    (Kind::Faults, '!', "! connection dies"),
];

/// Lines of at most `width` columns: how near the app came to the wake limit, what is folded, what is drawn.
pub(super) fn legend(
    history: &History,
    scenes: &Scenes,
    (axis, lanes, limit): (&Axis, &[Row], Limit),
    width: usize,
) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(wakes(history, limit));
    lines.extend(folds(history, scenes, axis, width));
    lines.extend(signs_of(lanes, width));
    lines.iter().map(|line| cut(line, width)).collect()
}

/// Lines of at most `width` columns: what is drawn.
pub(super) fn signs_of(lanes: &[Row], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for part in signs(lanes) {
        match line.chars().count() + 3 + part.chars().count() {
            length if line.is_empty() || length > width => {
                lines.extend((!line.is_empty()).then(|| std::mem::take(&mut line)));
                line = part;
            }
            _ => line = format!("{line} · {part}"),
        }
    }
    lines.extend((!line.is_empty()).then_some(line));
    lines.iter().map(|line| cut(line, width)).collect()
}

/// How many wakes there were, and how many of those that are allowed that were at most.
fn wakes(history: &History, limit: Limit) -> Option<String> {
    let recent = history.wakes.iter().map(|wake| wake.recent).max()?;
    let wakes = human::plural(history.wakes.len() as u64, "wake");
    let (most, window) = limit?;
    if recent == 0 {
        return Some(format!("{wakes}, not counted against {most} in {}", human::span(window)));
    }
    Some(format!("{wakes}, at most {recent} of {most} in {}", human::span(window)))
}

/// How long what is folded is, and what is in it.
fn folds(history: &History, scenes: &Scenes, axis: &Axis, width: usize) -> Vec<String> {
    let told = |fold: &super::axis::Piece| {
        let wakes = history.wakes.iter().filter(|wake| fold.time.contains(&wake.at)).count() as u64;
        let received = history.received.iter().filter(|at| fold.time.contains(at)).count() as u64;
        let rounds = scenes.repeats.iter().flat_map(|repeat| &repeat.rounds);
        let rounds = rounds.filter(|at| fold.time.contains(at)).count() as u64;
        let mut parts = Vec::new();
        parts.extend((wakes > 0).then(|| human::plural(wakes, "wake")));
        parts.extend((received > 0).then(|| match received {
            1 => "a push received".to_owned(),
            n => format!("{} pushes received", human::count(n)),
        }));
        parts.extend((rounds > 0).then(|| format!("the same {} more", human::times(rounds))));
        let span = human::span(fold.length());
        let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        format!("{span}: {parts}")
    };
    let folds: Vec<String> = axis.folds().map(told).collect();
    if folds.is_empty() {
        return Vec::new();
    }
    let mut out = String::new();
    paragraph(&mut out, ("// ", 3), 3, &format!("folded: {}", folds.join("; ")), width);
    out.lines().map(str::to_owned).collect()
}

fn signs(lanes: &[Row]) -> Vec<String> {
    let drawn = |kind: Kind, sign: char| {
        lanes.iter().any(|row| row.kind == kind && row.signs().any(|c| c == sign))
    };
    let mut parts: Vec<String> = SIGNS
        .iter()
        .filter(|(kind, sign, _)| drawn(*kind, *sign))
        .map(|(.., text)| (*text).to_owned())
        .collect();
    if LEVELS.iter().any(|level| drawn(Kind::Limit, *level)) {
        let text = format!("{} to {} of the wakes allowed", LEVELS[0], LEVELS[LEVELS.len() - 1]);
        parts.push(text);
    }
    if drawn(Kind::Limit, BEYOND) {
        parts.push(format!("{BEYOND} one too many"));
    }
    let counts = |row: &&Row| match row.kind {
        Kind::Wakes | Kind::Limit | Kind::Counts | Kind::Lost => true,
        Kind::Steps
        | Kind::State
        | Kind::Belief
        | Kind::Wrong
        | Kind::Pushes
        | Kind::Faults
        | Kind::Kills => false,
    };
    if lanes.iter().filter(counts).any(|row| row.signs().any(|c| c.is_ascii_digit())) {
        parts.push("digits: how many, in `user` which step".to_owned());
    }
    if lanes.iter().any(|row| row.signs().any(|c| c == SEVERAL)) {
        parts.push(format!("{SEVERAL} several"));
    }
    parts
}
