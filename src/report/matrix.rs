//! Ways to stay connected against versions of iOS, as small tables for terminals and in Markdown.

use std::fmt::Write;

use super::human;
use super::matrix_rows::rows;
use super::paragraph::paragraph;
use super::style::{HEADING, paint};
use crate::platform::{covered_by, covering, ios_major, ios_range};
use crate::port::Span;
use crate::study::{
    BAD as BAD_SHARE, Blame, Cell, ENOUGH_FOR_P99, MOST_RUNS, Matrix, Quantile, Sdk, Stop, quantile,
};
use crate::trace::{KillCode, KillRule};

/// With a 95 % interval no wider than this to both sides, in millionths, a decimal of a percent says something.
const EXACT: u32 = 3_000;

/// What a letter beside a number stands for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Footnote {
    Blame(Blame),
    Kill(KillRule, KillCode),
}

impl Footnote {
    /// The rule in the words of the trace, and what it says.
    fn text(self) -> (String, String) {
        match self {
            Footnote::Blame(blame) => (blame.rule(), blame.words().into()),
            Footnote::Kill(rule, code) => {
                let words = Blame::Killed(rule).words();
                (format!("kill {rule}"), format!("{words} ({code})"))
            }
        }
    }
}

/// The notes of a cell: what much of the time was lost to, and what ended the app.
fn notes_of(cell: &Cell) -> Vec<Footnote> {
    let kill = cell.kill().map(|(rule, code)| Footnote::Kill(rule, code));
    let blame = cell.blame().filter(|blame| match (blame, cell.kill()) {
        (Blame::Killed(rule), Some((killer, _))) => *rule != killer,
        (_, Some(_) | None) => true,
    });
    blame.map(Footnote::Blame).into_iter().chain(kill).collect()
}

/// All notes, in the order in which they are first needed.
fn notes(matrix: &Matrix) -> Vec<Footnote> {
    let mut notes = Vec::new();
    for note in cells(matrix).into_iter().flat_map(notes_of) {
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// The letter of a note: `a` to `z`, and `*` for what would come after.
fn letter(place: usize) -> char {
    u8::try_from(place)
        .ok()
        .and_then(|n| b'a'.checked_add(n))
        .filter(u8::is_ascii_lowercase)
        .map_or('*', char::from)
}

pub(super) fn letters(cell: &Cell, notes: &[Footnote]) -> String {
    let place = |note: Footnote| notes.iter().position(|known| *known == note);
    notes_of(cell).into_iter().filter_map(place).map(letter).collect()
}

/// The tables: what a number means, and the number of a cell; `None` where there is nothing to say.
pub(super) struct Table {
    title: &'static str,
    /// Whether letters stand beside the numbers.
    pub(super) noted: bool,
    pub(super) number: fn(&Matrix, &Cell) -> String,
}

const TABLES: [Table; 3] = [
    Table { title: "Reachable, % of the time", noted: true, number: reachable },
    Table { title: "99 % of all pushes were read within", noted: false, number: p99 },
    Table { title: "Ended by iOS, times a day", noted: false, number: kills },
];

/// The reachable share in percent, rounded down so that what is not all never reads as all; with a decimal
/// where the runs tell so much.
fn reachable(matrix: &Matrix, cell: &Cell) -> String {
    let mean = cell.reachable.mean();
    let exact = matrix.widest().is_some_and(|(half, ..)| half <= EXACT);
    match exact && mean < 1_000_000 {
        true => format!("{}.{}", mean / 10_000, mean / 1_000 % 10),
        false => (mean / 10_000).to_string(),
    }
}

fn p99(_: &Matrix, cell: &Cell) -> String {
    match quantile(&cell.delays, cell.unread, 99) {
        Quantile::Within(span) => short(span),
        Quantile::Never => "never".into(),
        Quantile::NoPushes => "-".into(),
    }
}

fn kills(matrix: &Matrix, cell: &Cell) -> String {
    let days = u64::from(matrix.plan.days) * matrix.runs().max(1);
    match (cell.killed() * 10 + days / 2) / days {
        0 if cell.killed() == 0 => "-".into(),
        0 => "<0.1".into(),
        tenths => format!("{}.{}", tenths / 10, tenths % 10),
    }
}

/// A span in one unit: `0.3s`, `42s`, `9m`, `13h`, `3d`; rounded up.
fn short(span: Span) -> String {
    let us = span.as_micros();
    let up = |unit: u64| us.div_ceil(unit);
    match us {
        0..10_000_000 => format!("{}.{}s", up(100_000) / 10, up(100_000) % 10),
        10_000_000..60_000_000 => format!("{}s", up(1_000_000)),
        60_000_000..3_600_000_000 => format!("{}m", up(60_000_000)),
        3_600_000_000..172_800_000_000 => format!("{}h", up(3_600_000_000)),
        _ => format!("{}d", up(86_400_000_000)),
    }
}

/// A platform's name as a column's head; with a plus where its profile stands for later versions, too.
pub(super) fn head(platform: &str) -> String {
    let bare = platform.strip_prefix("ios-").unwrap_or(platform);
    match ios_range(platform) {
        Some(range) if range.first < range.last => format!("{bare}+"),
        Some(_) | None => bare.to_owned(),
    }
}

/// The versions of iOS that a column is about: all that its profile stands for, or the one that was asked for.
pub fn versions(platform: &str) -> String {
    match (ios_range(platform), ios_major(platform)) {
        (Some(range), _) => range.to_string(),
        (None, Some(major)) => format!("iOS {major}"),
        (None, None) => platform.to_owned(),
    }
}

/// What the columns are about that are not about one version, or not by its own profile.
fn columns(platforms: &[String]) -> Option<String> {
    let one = |name: &String| match covered_by(name) {
        Some(_) => {
            let (profile, _) = covering(name)?;
            Some(format!("{} goes by the rules of {profile}", versions(name)))
        }
        None => {
            let short = head(name);
            short.ends_with('+').then(|| format!("{short} is {}", versions(name)))
        }
    };
    let all: Vec<_> = platforms.iter().filter_map(one).collect();
    (!all.is_empty()).then(|| format!("{}.", all.join(", ")))
}

/// Whether the table says anything.
fn needed(table: &Table, matrix: &Matrix) -> bool {
    let cells = cells(matrix);
    cells.into_iter().any(|cell| (table.number)(matrix, cell) != "-")
}

/// Every cell, row by row.
fn cells(matrix: &Matrix) -> Vec<&Cell> {
    let platforms = matrix.plan.platforms.len();
    let row = |way| (0..platforms).map(move |platform| matrix.cell(way, platform));
    (0..matrix.plan.ways.len()).flat_map(row).collect()
}

/// For people, with sentences of at most `width` columns. In tables wider than `room` the names of the ways are
/// cut; without it nothing is.
pub fn text(matrix: &Matrix, stop: Stop, width: usize, room: Option<usize>) -> String {
    let notes = notes(matrix);
    let mut out = String::new();
    for table in TABLES.iter().filter(|table| needed(table, matrix)) {
        let _ = writeln!(out, "{}", paint(HEADING, table.title));
        rows(&mut out, table, matrix, &notes, room);
        out.push('\n');
    }
    for (place, note) in notes.iter().enumerate() {
        let (rule, words) = note.text();
        let head = format!("{}  {} ", letter(place), paint(HEADING, &format!("{rule}:")));
        paragraph(&mut out, (&head, rule.chars().count() + 5), 3, &words, width);
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    for sentence in said(matrix, stop) {
        paragraph(&mut out, ("", 0), 0, &sentence, width);
    }
    out
}

/// In Markdown.
pub fn markdown(matrix: &Matrix, stop: Stop) -> String {
    let notes = notes(matrix);
    let plan = &matrix.plan;
    let mut out = String::new();
    for table in TABLES.iter().filter(|table| needed(table, matrix)) {
        let _ = writeln!(out, "**{}**\n", table.title);
        let heads: Vec<_> =
            plan.platforms.iter().map(|name| format!("iOS {}", head(name))).collect();
        let _ = writeln!(out, "| way | {} |", heads.join(" | "));
        let _ = writeln!(out, "| --- |{}", " ---: |".repeat(heads.len()));
        for (row, way) in plan.ways.iter().enumerate() {
            let _ = write!(out, "| `{way}` |");
            for column in 0..heads.len() {
                let cell = matrix.cell(row, column);
                let letters = letters(cell, &notes);
                let number = (table.number)(matrix, cell);
                let _ = match table.noted && !letters.is_empty() {
                    true => write!(out, " {number} <sup>{letters}</sup> |"),
                    false => write!(out, " {number} |"),
                };
            }
            out.push('\n');
        }
        out.push('\n');
    }
    for (place, note) in notes.iter().enumerate() {
        let (rule, words) = note.text();
        let _ = writeln!(out, "- {} `{rule}`: {words}", letter(place));
    }
    if !notes.is_empty() {
        out.push('\n');
    }
    for sentence in said(matrix, stop) {
        let _ = writeln!(out, "{sentence}");
    }
    out
}

/// What the numbers stand on.
pub fn said(matrix: &Matrix, stop: Stop) -> Vec<String> {
    let plan = &matrix.plan;
    let mut list = Vec::new();
    if !notes(matrix).is_empty() {
        list.push(format!(
            "A letter says what most of the time out of reach was lost to, where that is more than \
             {} %, and what ended the app.",
            BAD_SHARE / 10_000
        ));
    }
    list.extend(columns(&plan.platforms));
    list.push(played(matrix));
    list.push(match matrix.widest() {
        None => "One run says nothing of how much runs differ.".to_owned(),
        Some((half, way, platform)) => format!(
            "For each cell by itself, the mean reachable share of more runs is with 95 % confidence \
             within ±{} points of what stands here (the widest: {} on iOS {}){}. That covers chance \
             between seeds and nothing else: not how far the model is from a phone, nor these days \
             from yours.",
            points(half),
            plan.ways.get(way).map(ToString::to_string).unwrap_or_default(),
            plan.platforms.get(platform).map(|name| head(name)).unwrap_or_default(),
            missed(half, stop)
        ),
    });
    let pushes = |cell: &&Cell| cell.delays.len() as u64 + cell.unread;
    let fewest = cells(matrix).iter().map(pushes).min().unwrap_or(0);
    let few = match fewest {
        0..ENOUGH_FOR_P99 => ": too few, so that the slowest stands for the 99 %",
        ENOUGH_FOR_P99.. => "",
    };
    list.push(format!("The delays are of {} pushes in each cell{few}.", human::count(fewest)));
    list.push(match plan.sdk {
        Sdk::Own => {
            "The app is linked with the SDK of each iOS version, which matters from iOS 10 on: \
                     `--sdk 9` for an older one."
                .to_owned()
        }
        Sdk::Is(sdk) => format!("The app is linked with SDK {sdk} on every iOS version."),
    });
    list
}

/// What every cell has lived through.
fn played(matrix: &Matrix) -> String {
    let plan = &matrix.plan;
    let runs = human::plural(matrix.runs(), "run");
    let days = human::plural(u64::from(plan.days), "day");
    let last = plan.seed.saturating_add(matrix.runs().saturating_sub(1));
    let seeds = match matrix.runs() {
        0 | 1 => format!("seed {last}"),
        _ => format!("seeds {} to {last}", plan.seed),
    };
    let [wifi, cellular] = &matrix.networks;
    let heartbeats = match plan.ways.iter().find_map(|way| way.heartbeat) {
        None => "no heartbeats by the server".to_owned(),
        Some(every) => format!(
            "heartbeats by the server only where a name says how often (`@{}`: every {})",
            every.to_string().replace(' ', ""),
            human::span(every)
        ),
    };
    format!(
        "Each cell is {runs} of {days} ({seeds}), the same days for all, on {wifi} and {cellular}, \
         with {heartbeats}."
    )
}

/// Says so when the margin that was asked for was not reached.
fn missed(half: u32, stop: Stop) -> String {
    match stop {
        Stop::Margin(margin) if half > margin => {
            format!(
                "; ±{} was asked for, but {MOST_RUNS} runs are the most that are made",
                points(margin)
            )
        }
        Stop::Margin(_) | Stop::Runs(_) => String::new(),
    }
}

/// Millionths as points of a percent, rounded up to tenths.
fn points(millionths: u32) -> String {
    let tenths = millionths.div_ceil(1_000);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::PROFILES;
    use crate::scenario::Presets;
    use crate::study::{Plan, telling_ways};
    use crate::trace::DeadCause;

    #[test]
    fn a_span_takes_five_columns_at_most_and_is_never_shorter_than_it_was() {
        let said = |text: &str| short(Span::parse(text).unwrap());
        assert_eq!(said("240ms"), "0.3s");
        assert_eq!((said("41.2s"), said("8m 1s")), ("42s".into(), "9m".into()));
        assert_eq!((said("46h 30m"), said("49h")), ("47h".into(), "3d".into()));
    }

    #[test]
    fn there_are_letters_for_as_many_notes_as_there_can_be() {
        assert_eq!((letter(0), letter(25), letter(26), letter(300)), ('a', 'z', '*', '*'));
    }

    #[test]
    fn a_cell_has_a_letter_for_what_it_lost_time_to_and_one_for_what_ended_the_app() {
        let share = |ppm| {
            let mut cell = Cell::default();
            cell.reachable.add(ppm);
            cell
        };
        let (rule, code) = (KillRule::WakeLimit, KillCode::TooManyWakes);
        let nat = Blame::Lost(DeadCause::Nat);
        let mut cell = share(990_000);
        cell.blames.insert(nat, Span::from_secs(1));
        assert_eq!(notes_of(&cell), [], "that little needs no letter");
        cell.kills.insert((rule, code), 1);
        assert_eq!(notes_of(&cell), [Footnote::Kill(rule, code)]);

        let mut cell = share(500_000);
        cell.blames.insert(nat, Span::from_secs(9));
        cell.kills.insert((rule, code), 1);
        assert_eq!(notes_of(&cell), [Footnote::Blame(nat), Footnote::Kill(rule, code)]);
        cell.blames.insert(Blame::Killed(rule), Span::from_secs(10));
        assert_eq!(notes_of(&cell), [Footnote::Kill(rule, code)], "one and the same");
    }

    #[test]
    fn a_column_is_headed_by_the_versions_it_is_about() {
        assert_eq!([head("ios-10"), head("ios-11"), head("ios-16")], ["10", "11+", "16+"]);
        assert_eq!((head("ios-14").as_str(), versions("ios-14").as_str()), ("14", "iOS 14"));
        let platforms = ["ios-9", "ios-11", "ios-14", "ios-16"].map(str::to_owned);
        assert_eq!(
            columns(&platforms).as_deref(),
            Some(
                "11+ is iOS 11 to 12, iOS 14 goes by the rules of ios-13, 16+ is iOS 16 and later."
            )
        );
        assert_eq!(columns(&platforms[..1]), None);
    }

    #[test]
    fn the_default_table_fits_in_80_columns_and_cuts_no_name() {
        let platforms = PROFILES.names().map(str::to_owned).collect();
        let network = "wifi-home".to_owned();
        let ways = telling_ways();
        let plan = Plan { ways, platforms, sdk: Sdk::Own, network, days: 1, seed: 1 };
        let library = Presets::built_in();
        let mut matrix = Matrix::new(plan, &library).unwrap();
        let days = matrix.days(0, &library).unwrap();
        let trials: Vec<_> = (0..matrix.size()).map(|cell| matrix.play(cell, &days)).collect();
        matrix.add(trials);
        matrix.finish();
        let drawn = text(&matrix, Stop::Runs(1), 80, Some(80));
        assert_eq!(drawn, text(&matrix, Stop::Runs(1), 80, None));
        for way in &matrix.plan.ways {
            assert!(drawn.contains(&way.to_string()), "{way}\n{drawn}");
        }
        let narrow = text(&matrix, Stop::Runs(1), 60, Some(60));
        assert!(narrow.contains('…'), "{narrow}");
    }

    #[test]
    fn points_are_rounded_up_so_that_no_interval_reads_as_narrower_than_it_is() {
        assert_eq!(
            (points(9_901), points(10_000), points(0)),
            ("1.0".into(), "1.0".into(), "0.0".into())
        );
    }
}
