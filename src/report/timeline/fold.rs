//! When an axis is folded, and where: quiet stretches give their columns to what is worth a look.

use std::ops::Range;

use super::axis::{Axis, Piece};
use super::scenes::Scenes;
use crate::port::{Span, Time};
use crate::report::history::{NEWS, Wake};

/// The columns of a fold.
const FOLD: usize = 2;
/// So many columns stay before and after what is worth a look.
const AROUND: usize = 2;
/// A column that is no more than this, in seconds, is fine enough for everything but bursts of wakes.
const FINE: u64 = 60;
/// No column is less than this, in seconds, nor than this part of what it would be without folds.
const FINEST: (u64, u64) = (5, 20);
/// What is folded is at least this part of the run.
const LEAST: u64 = 8;
/// So many pairs of scenes have to come apart, or of scenes and wakes.
const APART: (usize, usize) = (2, 10);

/// How long a column may be when something is folded, in seconds.
const SCALES: [u64; 28] = [
    5, 10, 15, 20, 30, 40, 60, 90, 120, 180, 240, 300, 450, 600, 900, 1_200, 1_800, 2_700, 3_600,
    5_400, 7_200, 10_800, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800,
];

/// The axis on which these scenes are best seen.
pub(super) fn axis(duration: Span, columns: usize, scenes: &Scenes, wakes: &[Wake]) -> Axis {
    let linear = Axis::linear(duration, columns);
    let column = duration.as_micros() / 1_000_000 / linear.columns as u64;
    let (least, part) = FINEST;
    let finest = least.max(column / part);
    // Each fold has to pay: with two of them a column is a third of what it would be.
    let pays = |scale: u64, folded: &Axis| scale * (1 + folded.folds().count() as u64) <= column;
    let scales = SCALES.iter().filter(|scale| **scale >= finest);
    let mut folded = scales.filter_map(|scale| {
        layout(duration, columns, *scale, &scenes.seen).filter(|folded| pays(*scale, folded))
    });
    let seen = scenes.seen.iter().flat_map(|scene| [scene.start, scene.end]);
    let mut times: Vec<Time> = seen.collect();
    let gains = |folded: &Axis| {
        let scenes = come_apart(&times, &linear, folded);
        times.extend(wakes.iter().map(|wake| wake.at));
        times.sort_unstable();
        scenes >= APART.0 && column > FINE || come_apart(&times, &linear, folded) >= APART.1
    };
    folded.next().filter(gains).unwrap_or(linear)
}

/// How many moments that follow one another, and are not one, stand in one place, or side by side, and come
/// apart when it is folded.
fn come_apart(times: &[Time], linear: &Axis, folded: &Axis) -> usize {
    let between = |axis: &Axis, a, b| axis.column(b) - axis.column(a);
    let comes = |pair: &&[Time]| {
        let (a, b) = (pair[0], pair[1]);
        let seen = folded.fold_at(a).is_none() && folded.fold_at(b).is_none();
        let close = between(linear, a, b);
        seen && b.since(a) > NEWS && close <= 1 && between(folded, a, b) > close
    };
    times.windows(2).filter(comes).count()
}

/// An axis of at most `columns` columns of `scale` seconds each, if folding makes it fit.
fn layout(duration: Span, columns: usize, scale: u64, seen: &[Range<Time>]) -> Option<Axis> {
    let scale = Span::from_secs(scale);
    let count = duration.as_micros().div_ceil(scale.as_micros()) as usize;
    let least = (2 * AROUND + FOLD).max(count.div_ceil(LEAST as usize));
    let mut folds = quiet(count, scale, seen);
    folds.retain(|fold| fold.len() >= least);
    let used = count + FOLD * folds.len() - folds.iter().map(Range::len).sum::<usize>();
    if folds.is_empty() || used > columns {
        return None;
    }
    unfold(&mut folds, columns - used, least);
    Some(Axis::of(pieces(duration, scale, count, &folds)))
}

/// The stretches in which there is nothing to see, in columns that are all of one length.
fn quiet(count: usize, scale: Span, seen: &[Range<Time>]) -> Vec<Range<usize>> {
    let column = |at: Time| ((at.as_micros() / scale.as_micros()) as usize).min(count - 1);
    let mut free = 0;
    let mut quiet = Vec::new();
    for scene in seen {
        // Before the first and after the last there is a bit of the run, too.
        let begin = column(scene.start).saturating_sub(AROUND);
        let after_the_beginning = free.max(AROUND);
        if begin > after_the_beginning {
            quiet.push(after_the_beginning..begin);
        }
        free = free.max(column(scene.end) + AROUND + 1);
    }
    let end = count.saturating_sub(AROUND);
    if end > free.max(AROUND) {
        quiet.push(free.max(AROUND)..end);
    }
    quiet
}

/// Gives back `spare` columns to what is around the folds.
fn unfold(folds: &mut [Range<usize>], spare: usize, least: usize) {
    let mut spare = spare;
    loop {
        let before = spare;
        for fold in folds.iter_mut() {
            if spare > 0 && fold.len() > least {
                fold.start += 1;
                spare -= 1;
            }
            if spare > 0 && fold.len() > least {
                fold.end -= 1;
                spare -= 1;
            }
        }
        if spare == before || spare == 0 {
            return;
        }
    }
}

fn pieces(duration: Span, scale: Span, count: usize, folds: &[Range<usize>]) -> Vec<Piece> {
    let at = |column: usize| scale.saturating_mul(column as u64).min(duration).from_start();
    let mut pieces = Vec::new();
    let (mut before, mut column) = (0, 0);
    let mut add = |from: usize, to: usize, columns: usize, folded: bool| {
        if from < to {
            let (time, columns) = (at(from)..at(to), column..column + columns);
            column = columns.end;
            pieces.push(Piece { time, columns, folded });
        }
    };
    for fold in folds {
        add(before, fold.start, fold.start - before, false);
        add(fold.start, fold.end, FOLD, true);
        before = fold.end;
    }
    add(before, count, count - before, false);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    fn at(seconds: u64) -> Time {
        Span::from_secs(seconds).from_start()
    }

    fn scenes(seconds: &[u64]) -> Scenes {
        let seen = seconds.iter().map(|seconds| at(*seconds)..at(*seconds)).collect();
        Scenes { seen, repeats: Vec::new() }
    }

    fn hours(n: u64) -> Span {
        Span::from_secs(n * 3_600)
    }

    #[test]
    fn a_long_quiet_stretch_gives_its_columns_to_what_is_worth_a_look() {
        let scenes = scenes(&[0, 300, 700, 50_000, 50_400, 50_700]);
        let axis = axis(hours(24), 62, &scenes, &[]);
        assert_eq!((axis.folds().count(), axis.columns), (2, 62));
        let columns: Vec<usize> =
            scenes.seen.iter().map(|scene| axis.column(scene.start)).collect();
        assert!(columns.windows(2).all(|pair| pair[0] < pair[1]), "{columns:?}");
    }

    #[test]
    fn nothing_is_folded_in_a_short_run_or_where_it_would_not_gain_much() {
        assert_eq!(axis(hours(1), 62, &scenes(&[0, 10, 30, 50, 3_000]), &[]).folds().count(), 0);
        let all_the_time: Vec<u64> = (0..48).map(|n| n * 1_800).collect();
        assert_eq!(axis(hours(24), 62, &scenes(&all_the_time), &[]).folds().count(), 0);
        assert_eq!(axis(hours(24), 62, &scenes(&[0, 43_200]), &[]).folds().count(), 0);
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            cases: 200,
            failure_persistence: None,
            rng_seed: RngSeed::Fixed(1),
            ..ProptestConfig::default()
        })]
        #[test]
        fn a_fold_hides_no_scene_and_times_and_columns_go_forward(
            mut seconds in prop::collection::vec(0..400_000u64, 0..30),
            hours_long in 1..120u64,
            columns in 20..200usize,
        ) {
            seconds.sort_unstable();
            seconds.retain(|second| *second <= hours_long * 3_600);
            let scenes = scenes(&seconds);
            let axis = axis(hours(hours_long), columns, &scenes, &[]);
            prop_assert!(axis.columns <= columns);
            for scene in &scenes.seen {
                prop_assert!(axis.fold_at(scene.start).is_none());
            }
            for column in 0..axis.columns {
                prop_assert!(axis.begin(column) < axis.begin(column + 1));
                prop_assert_eq!(axis.column(axis.begin(column)), column);
            }
            let mut last = 0;
            for second in (0..hours_long * 3_600).step_by(97) {
                let column = axis.column(at(second));
                prop_assert!(column >= last);
                prop_assert!(axis.begin(column) <= at(second));
                prop_assert!(at(second) < axis.begin(column + 1));
                last = column;
            }
        }
    }
}
