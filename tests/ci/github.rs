//! Annotations and the summary of a step, when the environment is that of GitHub Actions.

use std::fs;

use crate::place::{BAD, GOOD, Place, stderr, stdout};

fn commands(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("::")).collect()
}

#[test]
fn failures_are_annotations_at_the_lines_of_their_files() {
    let place = Place::new();
    let output = place
        .command(&["run", "scenarios"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", place.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let printed = stdout(&output);
    let found = commands(&printed);
    assert_eq!(found.len(), 4, "{found:#?}");
    let title = "title=holdline%3A 50 %25 <bad>%2C a%3A b | c";
    let failed = format!("::error file=scenarios/common/never.toml,line=3,col=1,{title}::fail: ");
    assert!(found[0].starts_with(&failed), "{}", found[0]);
    assert!(found[0].contains("%0Afound: kills was 0%0Arun again: holdline run "), "{}", found[0]);
    assert!(found[1].contains("file=scenarios/bad.toml,line=10,"), "{}", found[1]);
    for warning in &found[2..] {
        let begin = "::warning file=scenarios/short.toml,line=10,col=1,title=holdline%3A short::";
        assert!(warning.starts_with(begin), "{warning}");
    }
}

#[test]
fn elsewhere_nothing_is_said_to_github() {
    let place = Place::new();
    let summary = place.path().join("summary.md");
    let output = place
        .command(&["run", "scenarios"])
        .env("GITHUB_ACTIONS", "false")
        .env("GITHUB_STEP_SUMMARY", &summary)
        .output()
        .unwrap();
    assert!(commands(&stdout(&output)).is_empty());
    assert!(!summary.exists());
}

#[test]
fn json_stays_alone_on_standard_output() {
    let place = Place::new();
    let output = place
        .command(&["run", "scenarios", "--format", "json"])
        .env("GITHUB_ACTIONS", "true")
        .output()
        .unwrap();
    let _: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(commands(&stderr(&output)).len(), 4);
}

#[test]
fn a_run_of_a_subfolder_names_files_as_the_repository_has_them() {
    let place = Place::with(&[
        ("app/scenarios/bad.toml", BAD),
        ("app/scenarios/common/never.toml", crate::place::NEVER),
    ]);
    let output = place
        .command(&["run", "scenarios"])
        .current_dir(place.path().join("app"))
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_WORKSPACE", place.path().canonicalize().unwrap())
        .output()
        .unwrap();
    let printed = stdout(&output);
    let first = commands(&printed)[0];
    assert!(first.starts_with("::error file=app/scenarios/common/never.toml,line=3,"), "{first}");
}

#[test]
fn the_summary_of_the_step_is_appended_and_bounded() {
    let place = Place::new();
    let summary = place.path().join("summary.md");
    let run = || {
        let output = place
            .command(&["run", "scenarios"])
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_STEP_SUMMARY", &summary)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
    };
    fs::write(&summary, "# before\n\n").unwrap();
    run();
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("# before\n\n## holdline: 1 failed, 2 undetermined, 1 passed\n"));
    assert!(text.contains("| fail | **scenarios/bad**<br>"), "{text}");
    assert!(text.contains("<details><summary>1 passed</summary>"), "{text}");
    assert!(text.contains("<code>holdline run scenarios/bad.toml --seed 1</code>"), "{text}");
    // GitHub takes no more than 1 MiB of a step, and nothing at all of one with more.
    fs::write(&summary, " ".repeat((1 << 20) - 100)).unwrap();
    run();
    assert_eq!(fs::metadata(&summary).unwrap().len(), (1 << 20) - 100);
}

#[test]
fn a_summary_that_cannot_be_written_changes_nothing_of_the_result() {
    let place = Place::with(&[("good.toml", GOOD)]);
    let output = place
        .command(&["run", "good.toml"])
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", place.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(stderr(&output).contains("the summary of the step cannot be written: "));
}
