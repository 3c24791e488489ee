//! Expectations that must fail, each with the exact message. A check that cannot fail is worthless: when one
//! of these passes, this test fails.
//!
//! A fixture says in comments at its top which of its expectations fail, counted from 1, and what was found:
//! `# must fail: 1: kills was 1`. All its other expectations pass.

use std::path::{Path, PathBuf};
use std::process::Command;

use holdline::run::{Options, Verdict, play};
use holdline::scenario::{Presets, decode};

/// What a fixture says must fail.
const MARK: &str = "# must fail: ";

/// Few fixtures would leave kinds of expectations that are never seen to fail.
const AT_LEAST: usize = 15;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/must-fail");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.collect();
    found.sort();
    found
}

/// The failures that the file `text` announces.
fn announced(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix(MARK)).map(str::to_owned).collect()
}

#[test]
fn what_must_fail_fails_with_the_exact_message() {
    let mut report = String::new();
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).unwrap();
        let scenario = decode(&text, &Presets::built_in(), &[]).unwrap();
        let outcome = play(&scenario, Options::of(&scenario));
        let judgements = outcome.judgements.iter();
        let failed: Vec<String> = judgements
            .filter(|judgement| judgement.verdict != Verdict::Pass)
            .map(|judgement| format!("{}: {}", judgement.expect + 1, judgement.found))
            .collect();
        let announced = announced(&text);
        if announced.is_empty() || failed != announced || outcome.verdict != Verdict::Fail {
            report +=
                &format!("{}\n  announced {announced:?}\n  failed {failed:?}\n", path.display());
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn the_command_line_says_what_was_found_and_exits_with_1() {
    for path in fixtures() {
        let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .env_remove("GITHUB_ACTIONS")
            .arg("run")
            .arg(&path)
            .output()
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{}:\n{printed}", path.display());
        for failure in announced(&std::fs::read_to_string(&path).unwrap()) {
            let (_, found) = failure.split_once(": ").unwrap();
            let line = format!("    found     {found}");
            assert!(printed.lines().any(|printed| printed == line), "{line}\n{printed}");
        }
    }
}

#[test]
fn there_are_enough_of_them() {
    let found = fixtures().len();
    assert!(found >= AT_LEAST, "{found} fixtures");
}
