//! A phone that has another value of a key: it is found, and what is proposed makes the differences go.

use std::fmt::Write;

use holdline::device::host::PhoneLog;
use holdline::device::host::compare::{Agreement, MOST_RUNS, block};
use holdline::port::Span;
use holdline::scenario::{Presets, Scenario, decode};

use crate::phone::{log_of, phone, with};
use crate::recall::names;
use crate::{compared, library};

fn bundled(path: &str) -> (String, Scenario) {
    let text = std::fs::read_to_string(library::folder().join(path)).unwrap();
    let scenario = decode(&text, &Presets::built_in(), &[]).unwrap();
    (text, scenario)
}

/// Scenario, key, what the phone has; what is proposed may be so far from that.
const CASES: &[(&str, &str, &str, Span)] = &[
    ("keep-alive/handler-hangs.toml", "keep-alive.handler-budget", "20s", Span::from_secs(1)),
    ("life/hangs-when-it-comes-back.toml", "resume.watchdog", "4s", Span::from_secs(1)),
    ("life/hangs-at-launch.toml", "launch.watchdog", "8s", Span::from_secs(1)),
    ("life/hangs-when-it-is-terminated.toml", "terminate.budget", "2s", Span::from_secs(1)),
    ("life/nonzero-exit-is-relaunched.toml", "relaunch.on-nonzero-exit", "false", Span::ZERO),
    ("life/leaked-task-on-ios-16.toml", "background-task.budget", "12s", Span::from_secs(1)),
    ("network/reachability-wakes.toml", "reachability.wakes", "false", Span::ZERO),
];

#[test]
fn a_key_that_is_otherwise_on_the_phone_is_named_with_the_value_it_has_there() {
    let mut wrong = String::new();
    for (path, key, value, off) in CASES {
        let (_, scenario) = bundled(path);
        let truth = with(&scenario, key, value).unwrap();
        let found = compared(&phone(&truth, &scenario), &scenario, MOST_RUNS);
        let proposal = found.proposal.unwrap_or_default();
        let all = proposal.changes.iter();
        let mut all = all.flat_map(|change| change.alternatives.iter().chain([&change.best]));
        let right = all.any(|one| {
            let spans = [&one.to, &value.to_string()].map(|text| Span::parse(text));
            let near = match spans {
                [Ok(one), Ok(other)] => {
                    one.as_micros().abs_diff(other.as_micros()) <= off.as_micros()
                }
                _ => one.to == *value,
            };
            one.key == *key && near
        });
        if !right || !names(&proposal, key) {
            let _ = writeln!(wrong, "{path} {key} = {value}: {:?}", proposal.changes);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn the_proposed_table_put_into_the_scenario_makes_the_differences_go() {
    for (path, key, value, _) in &CASES[..2] {
        let (text, scenario) = bundled(path);
        let truth = with(&scenario, key, value).unwrap();
        let log = phone(&truth, &scenario);
        let found = compared(&log, &scenario, MOST_RUNS);
        let table = block(&found, &scenario).unwrap();
        assert!(table.contains("(confidence "), "{table}");
        let with_table = text.replacen("[platform]", &format!("{table}\n[platform]"), 1);
        let changed = decode(&with_table, &Presets::built_in(), &[])
            .unwrap_or_else(|problems| panic!("{table}\n{problems:?}"));
        let after = compared(&log, &changed, 0);
        assert_eq!(after.agreement, Agreement::Agrees, "{path}: {table}");
    }
}

#[test]
fn what_no_platform_does_is_unexplained_and_nothing_is_proposed() {
    let (_, scenario) = bundled("keep-alive/handler-hangs.toml");
    let mut lines: Vec<String> = log_of(&scenario, &scenario).lines().map(str::to_owned).collect();
    let middle = lines.len() / 2;
    let at = lines[middle].split([':', ',']).nth(1).unwrap().to_owned();
    let event = r#""device":1,"lane":"app","event":"gave-up"}"#;
    lines.insert(middle + 1, format!("{{\"t\":{at},{event}"));
    let (log, _) = PhoneLog::read((lines.join("\n") + "\n").as_bytes()).unwrap();
    let found = compared(&log, &scenario, MOST_RUNS);
    assert_eq!(found.agreement, Agreement::Differs);
    assert_eq!(found.unexplained.len(), 1);
    assert_eq!(found.unexplained[0].first().first.what, "gave-up");
    let proposal = found.proposal.clone().unwrap();
    assert_eq!((proposal.changes.len(), block(&found, &scenario)), (0, None));
    assert!(proposal.runs > 10, "it was tried: {proposal:?}");
}

#[test]
fn a_log_that_stops_halfway_or_has_nothing_in_common_cannot_tell() {
    let (_, scenario) = bundled("keep-alive/handler-hangs.toml");
    let whole = log_of(&scenario, &scenario);
    let lines: Vec<&str> = whole.lines().collect();
    let told = |lines: &[&str]| {
        let (log, _) = PhoneLog::read((lines.join("\n") + "\n").as_bytes()).unwrap();
        compared(&log, &scenario, 0).agreement
    };
    assert!(matches!(told(&lines[..lines.len() / 2]), Agreement::CannotTell(_)));
    assert!(matches!(told(&lines[..1]), Agreement::CannotTell(_)));
    let alien = r#"{"t":5,"device":1,"lane":"os","event":"system-log","line":"x","id":1}"#;
    assert!(matches!(told(&[lines[0], alien]), Agreement::CannotTell(_)));
}
