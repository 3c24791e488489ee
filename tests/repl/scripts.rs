//! What a script or a pipe does, and how it ends.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::{repl, text};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_script_says_what_each_command_says() {
    let folder = folder();
    let script = "# two minutes\nbackground\nadvance 1m\n\n[[step]]\nat = \"90s\"\n\
                  do = \"server.push\"\npush = \"a\"\n\nuntil push a\nexpect push-received a within=5s\n";
    fs::write(folder.path().join("s.txt"), script).unwrap();
    let output = repl(&["--script", "s.txt"], folder.path(), "");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    insta::assert_snapshot!(text(&output.stdout));
}

#[test]
fn a_script_and_a_pipe_are_the_same() {
    let folder = folder();
    let script = "background\nadvance 1h\nwifi-off\nadvance 1h\ntrace all\nexpects\n";
    fs::write(folder.path().join("s.txt"), script).unwrap();
    let from_file = repl(&["--script", "s.txt", "--seed", "9"], folder.path(), "");
    let from_pipe = repl(&["--seed", "9"], folder.path(), script);
    assert_eq!(text(&from_file.stdout), text(&from_pipe.stdout));
    assert_eq!(
        text(&from_pipe.stdout),
        text(&repl(&["--seed", "9"], folder.path(), script).stdout)
    );
}

#[test]
fn the_first_command_that_fails_ends_it_with_1_and_its_line() {
    let output = repl(&[], folder().path(), "# one\n\nadvance 1m\nbackgroud\nadvance 1m\n");
    assert_eq!(output.status.code(), Some(1));
    let errors = text(&output.stderr);
    assert!(errors.contains("line 4: there is no command `backgroud`"), "{errors}");
    assert_eq!(text(&output.stdout).matches("repl> advance 1m").count(), 1);
}

#[test]
fn an_expectation_that_has_failed_ends_it_with_1() {
    let script = "advance 1m\ncrash\nexpect exit count=0\nadvance 1h\n";
    let output = repl(&[], folder().path(), script);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("FAIL"), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("line 3"));
}

#[test]
fn quit_ends_it_before_the_rest() {
    let output = repl(&[], folder().path(), "quit\nnonsense\n");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn wrong_input_is_told_before_anything_is_done() {
    let folder = folder();
    fs::write(folder.path().join("bad.toml"), "name = \"x\"\nduration = \"2x\"\n").unwrap();
    let varies = "name = \"x\"\nduration = \"1h\"\n[vary]\nplatform.use = [\"ios-8\", \"ios-9\"]\n";
    fs::write(folder.path().join("varies.toml"), varies).unwrap();
    for (arguments, part) in [
        (&["bad.toml"][..], "bad.toml:2:12"),
        (&["varies.toml"], "--set"),
        (&["missing.toml"], "there is no such file"),
        (&["."], "several scenarios"),
        (&["--script", "missing.txt"], "cannot be read"),
        (&["--set", "platform.usse=1"], "--set platform.usse=1"),
    ] {
        let output = repl(arguments, folder.path(), "advance 1m\n");
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {errors}");
        assert!(errors.contains(part), "{arguments:?}: {errors}");
        assert!(output.stdout.is_empty());
    }
    let chosen = ["varies.toml", "--set", "platform.use=ios-8"];
    assert_eq!(repl(&chosen, folder.path(), "advance 1m\n").status.code(), Some(0));
}

/// The lines of the only trace below `folder`, without its header, up to `until` microseconds.
fn trace(folder: &Path, until: u64) -> Vec<String> {
    let path = folder.join("session.jsonl");
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let time = |line: &str| {
        let json: serde_json::Value = serde_json::from_str(line).unwrap();
        json["t"].as_u64().unwrap()
    };
    text.lines().skip(1).filter(|line| time(line) <= until).map(str::to_owned).collect()
}

#[test]
fn what_is_saved_has_the_same_trace_in_a_run() {
    let folder = folder();
    let script = "background\nadvance 10m\npush a\nlock\nadvance 1h\nwifi-off\nrestart 30s\n\
                  advance 1h\nsave session.toml\ntrace all\n";
    let told = text(&repl(&[], folder.path(), script).stdout);
    let run = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["run", "session.toml", "--trace", "traces"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    // The session stands two microseconds and 2 h 10 min after the beginning.
    let events = trace(&folder.path().join("traces"), 7_800_000_010);
    let (_, listed) = told.split_once("repl> trace all\n").unwrap();
    let listed: Vec<&str> = listed.lines().map(str::trim).collect();
    assert_eq!(listed.len(), events.len());
    for (line, event) in listed.iter().zip(&events) {
        let json: serde_json::Value = serde_json::from_str(event).unwrap();
        let name = json["event"].as_str().unwrap();
        assert_eq!(line.split_whitespace().nth(2), Some(name), "{line}\n{event}");
    }
}

#[test]
fn a_file_that_is_there_is_not_replaced_by_accident() {
    let folder = folder();
    fs::write(folder.path().join("mine.toml"), "precious").unwrap();
    let output = repl(&[], folder.path(), "advance 1m\nsave mine.toml\n");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("save! mine.toml"));
    assert_eq!(fs::read_to_string(folder.path().join("mine.toml")).unwrap(), "precious");
    let output = repl(&[], folder.path(), "advance 1m\nsave! mine.toml\nsave mine.toml\n");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
