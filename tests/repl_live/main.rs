//! `holdline repl --world live` from the command line: a session over real sockets.
#![cfg(all(feature = "cli", unix))]
// These tests wait for other processes.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[expect(dead_code, reason = "not all of it is used here")]
#[path = "../serving/mod.rs"]
mod serving;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serving::{Serving, TOKEN};

/// A session over real sockets that does `script`.
fn session(script: &str, more: &[&str]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["repl", "--world", "live"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What a session said, that passed.
fn passed(script: &str, more: &[&str]) -> String {
    let output = session(script, more);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    out
}

/// Why a session ended with exit code 1.
fn failed(script: &str, more: &[&str]) -> String {
    let output = session(script, more);
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}\n{err}");
    err
}

fn run(path: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdline")).arg("run").arg(path).output().unwrap()
}

const TO_A_SUSPENDED_APP: &str = "background\nuntil suspended\npush call\nuntil push call\n";

#[test]
fn what_was_steered_over_real_sockets_is_saved_and_passes_in_the_simulator() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.toml");
    let script = format!(
        "{TO_A_SUSPENDED_APP}expect push-received call within=5s\n\
         expect \"wake reason=socket\" count=1\npush later in=5m\nsave {}\n",
        path.display()
    );
    let out = passed(&script, &["--speed", "jump"]);
    assert!(out.contains("state from=background to=suspended"), "{out}");
    assert!(out.contains("PASS    push-received push=call within 5s"), "{out}");
    let saved = std::fs::read_to_string(&path).unwrap();
    for part in ["do = \"user.background\"", "push = \"call\"", "push = \"later\""] {
        assert!(saved.contains(part), "{saved}");
    }
    let run = run(&path);
    assert!(run.status.success(), "{}{}", text(&run.stdout), text(&run.stderr));
}

#[test]
fn steps_are_saved_at_the_times_at_which_they_acted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("saved.toml");
    let script = format!("background\nlock\npush call\ntrace all\nsave {}\n", path.display());
    let out = passed(&script, &["--speed", "20"]);
    let saved: holdline::scenario::Scenario = holdline::scenario::decode(
        &std::fs::read_to_string(&path).unwrap(),
        &holdline::scenario::Presets::built_in(),
        &[],
    )
    .unwrap();
    assert_eq!(saved.steps.len(), 3);
    for (number, step) in (1..).zip(&saved.steps) {
        let holdline::scenario::When::At(at) = &step.when else { panic!("{step:?}") };
        let at = at.constant().unwrap().from_start();
        let line = format!("{at} user   step do={} step={number}", step.act.name());
        assert!(out.contains(&line), "no `{line}` in\n{out}");
    }
}

#[test]
fn what_real_sockets_cannot_do_is_refused_with_the_reason() {
    let reasons = [
        ("advance 1m\nback 10s\n", "time does not go back"),
        ("advance 1m\nback\n", "time does not go back"),
        ("advance 1m\ngoto 10s\n", "time does not go back"),
        ("fork other\n", "there is one future"),
        ("set platform.keep-alive.handler-budget 5s\n", "keeps what it was begun with"),
        ("push late in=5m\nforget\n", "keeps what it was begun with"),
        ("advance 1m\npush early at=10s\n", "it is 00:01:00.000 already"),
        ("advance 1m\nlock after=client.connected\n", "has happened already, at 00:00:00"),
        ("lock after=retransmitted\n", "only a kernel's own retransmission"),
    ];
    for (script, reason) in reasons {
        let err = failed(script, &[]);
        assert!(err.contains(reason), "{script}: {err}");
    }
}

#[test]
fn a_deadline_that_cannot_be_told_at_this_speed_is_refused() {
    let script = "advance 5s\npush call\nuntil push call\nexpect push-received call within=50ms\n";
    let err = failed(script, &["--speed", "20"]);
    assert!(err.contains("line 4") && err.contains("speed 20 is too high"), "{err}");
    assert!(passed(script, &["--speed", "jump"]).contains("PASS"), "a clock that jumps can tell");
}

#[test]
fn what_the_run_cannot_show_any_more_is_undetermined_and_said() {
    let script = "advance 10s\nsilence\npush call\nadvance 1m\nsilence off\nadvance 1m\n\
                  expect push-received call within=5m\n";
    let out = passed(script, &[]);
    let notice = "from 00:01:10.000 on device 1 proves nothing: ";
    assert_eq!(out.matches(notice).count(), 1, "{out}");
    assert!(out.to_lowercase().contains("undetermined"), "{out}");
    // What was settled before stands.
    let script = script.replace("within=5m", "within=5s");
    assert!(failed(&script, &[]).contains("line 7: what it looks at failed"));
}

#[test]
fn time_that_goes_with_the_clock_runs_on_between_commands_and_is_told() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["repl", "--world", "live", "--speed", "100"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let mut from = BufReader::new(child.stdout.take().unwrap());
    to.write_all(b"background\n").unwrap();
    let mut told = String::new();
    // Nobody lets time go on; sooner or later the app is suspended all the same.
    while !told.contains("to=suspended") {
        to.write_all(b"platform\n").unwrap();
        let read = from.read_line(&mut told).unwrap();
        assert!(read > 0, "{told}");
    }
    assert!(told.contains("meanwhile:"), "{told}");
    // What came meanwhile is not waited for again.
    drop((to, from));
    let _ = child.kill();
    child.wait().unwrap();
    let out = passed(TO_A_SUSPENDED_APP, &["--speed", "200"]);
    assert!(out.contains("push-received push=call"), "{out}");
}

#[test]
fn a_server_elsewhere_is_steered_but_for_what_only_its_own_machine_can_do() {
    let mut server = Serving::start(&["--listen", "0"]);
    let address = server.address("tcp").to_string();
    let there = ["--connect", &address, "--password", TOKEN, "--speed", "20"];
    let out = passed("until connected\npush call\nuntil push call\n", &there);
    assert!(out.contains("push-received push=call"), "{out}");
    let err = failed("restart\n", &there);
    assert!(err.contains("it needs a server of its own for `server.restart`"), "{err}");
}

#[test]
fn options_of_real_sockets_go_with_them() {
    let wrong = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
            .arg("repl")
            .args(args)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        text(&output.stderr)
    };
    assert!(wrong(&["--speed", "1"]).contains("--speed goes with --world live"));
    assert!(wrong(&["--connect", "localhost"]).contains("--connect goes with --world live"));
    let tls = ["--world", "live", "--set", "server.use=tcp-keep-alive"];
    assert!(wrong(&tls).contains("it needs TCP keep-alive"));
}
