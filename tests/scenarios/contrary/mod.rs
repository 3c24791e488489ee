//! A check that cannot fail is worthless: for every scenario there is a change of the situation under
//! which a named expectation of it fails.

mod keep_alive;
mod life;
mod matrix;
mod network;
mod server;
mod sip;
mod snippets;
mod sockets;
mod tasks;
mod waking;

use std::collections::BTreeSet;

use holdline::run::{Options, Verdict, play};
use holdline::scenario::Override;

use crate::library::{bundled, folder, read};

/// What is changed.
enum Change {
    /// A key: section, dot, key; and its value.
    Set(&'static str, &'static str),
    /// Several keys.
    Sets(&'static [(&'static str, &'static str)]),
    /// A piece of the file, and what stands there instead.
    Text(&'static str, &'static str),
}

/// A scenario, a change of it, and the expectation that fails then, counted from 1.
type Row = (&'static str, Change, usize);

/// One table for each folder of scenarios.
const CONTRARY: &[&[Row]] = &[
    keep_alive::ROWS,
    life::ROWS,
    matrix::ROWS,
    network::ROWS,
    server::ROWS,
    sip::ROWS,
    snippets::ROWS,
    sockets::ROWS,
    tasks::ROWS,
    waking::ROWS,
];

#[test]
fn in_another_situation_the_expectations_fail() {
    let mut report = String::new();
    for (name, change, expect) in CONTRARY.iter().copied().flatten() {
        let path = folder().join(format!("{name}.toml"));
        let text = std::fs::read_to_string(&path).unwrap();
        let (scenario, what) = match change {
            Change::Set(key, value) => {
                let over = Override::new(*key, *value);
                (read(&path, &text, &[over]), format!("{key}={value}"))
            }
            Change::Sets(sets) => {
                let overs: Vec<_> =
                    sets.iter().map(|(key, value)| Override::new(*key, *value)).collect();
                (read(&path, &text, &overs), format!("{sets:?}"))
            }
            Change::Text(from, to) => {
                assert!(text.contains(from), "{name} has no {from:?}");
                (read(&path, &text.replace(from, to), &[]), format!("{to:?} for {from:?}"))
            }
        };
        let outcome = play(&scenario, Options::of(&scenario));
        let judgement = outcome.judgements.iter().find(|judgement| judgement.expect + 1 == *expect);
        let Some(judgement) = judgement else {
            report += &format!("{name} has no expectation {expect}\n");
            continue;
        };
        if judgement.verdict != Verdict::Fail {
            let bad = outcome.judgements.iter().filter(|other| other.verdict != Verdict::Pass);
            let bad: Vec<usize> = bad.map(|other| other.expect + 1).collect();
            let found = &judgement.found;
            report += &format!(
                "{name} with {what}: expectation {expect} does not fail: {found}; {bad:?} do not pass\n"
            );
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn every_scenario_has_a_contrary() {
    let named: BTreeSet<_> = CONTRARY
        .iter()
        .copied()
        .flatten()
        .map(|(name, ..)| folder().join(format!("{name}.toml")))
        .collect();
    let missing: Vec<_> = bundled().into_iter().filter(|path| !named.contains(path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
