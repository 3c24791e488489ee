//! `holdline bench-server` with the real binary: what it counts, what it says, what it leaves behind.
#![cfg(all(feature = "cli", unix))]
// Servers and clients are processes and threads here, and are waited for.
#![allow(clippy::disallowed_methods)]

mod stand_in;

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use stand_in::Fault;

const SMALL: &[&str] =
    &["bench-server", "--connections", "200", "--runs", "1", "--rounds", "3", "--pings", "500"];

fn holdline(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(SMALL)
        .args(["--messages", "1000"])
        .args(args)
        .output()
        .unwrap()
}

fn against(fault: Fault, args: &[&str]) -> Output {
    let address = stand_in::start(fault).to_string();
    let connect = ["--connect", &address, "--control-token", "secret"];
    holdline(&[&connect, args].concat())
}

fn json(output: &Output) -> Value {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*err), (Some(0), ""));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn row<'a>(report: &'a Value, key: &str) -> &'a Value {
    let rows = report["bench"]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["key"] == key).unwrap()
}

fn assert_measured(report: &Value) {
    // 200 to all in a first round and three that are timed, and 1,000 to one.
    assert_eq!(report["bench"]["deliveries"], 200 * 4 + 1000);
    for key in ["connects", "one-to-all", "one-to-one", "one-to-all-p99", "pings", "pings-p99"] {
        let row = row(report, key);
        for server in ["echo", "holdline"] {
            assert!(row[server]["median"].as_f64().unwrap() > 0.0, "{row}");
        }
        assert!(row["ratio"].as_f64().unwrap() > 0.0, "{row}");
    }
}

#[test]
fn every_delivery_of_the_push_server_is_counted_once() {
    let report = json(&holdline(&["--format", "json"]));
    assert_measured(&report);
    if cfg!(target_os = "linux") {
        for key in ["memory", "memory-resident", "connects-cpu", "one-to-all-cpu"] {
            assert!(row(&report, key)["holdline"]["median"].is_number(), "{key}");
        }
    }
}

#[test]
fn connections_can_be_spread_over_servers_and_generators() {
    let report = json(&holdline(&["--format", "json", "--processes", "3", "--servers", "2"]));
    assert_measured(&report);
    assert_eq!(report["bench"]["generators"], 3);
    assert_eq!(report["bench"]["servers"], 2);
}

#[test]
fn a_server_that_runs_already_can_be_measured() {
    let report = json(&against(Fault::None, &["--format", "json"]));
    assert_measured(&report);
    // Nobody said which process it is.
    assert!(row(&report, "memory")["holdline"].is_null());
}

#[test]
fn a_delivery_that_comes_twice_is_an_error() {
    let output = against(Fault::Twice, &[]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.contains("holdline server: ") && err.contains("once too often"), "{err}");
}

#[test]
fn a_server_that_hangs_up_is_told_with_the_connection() {
    let output = against(Fault::HangsUp, &[]);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.contains("connection 1: the server closed it"), "{err}");
}

#[test]
fn the_text_says_the_command_and_the_machine_but_not_the_token() {
    let output = against(Fault::None, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.starts_with("holdline bench-server --connections 200 --runs 1"), "{text}");
    assert!(text.contains("cores (") && text.contains("200 connections"), "{text}");
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn too_few_descriptors_exit_with_3_and_say_how_to_get_more() {
    let shell = format!(
        "ulimit -n 500; exec '{}' bench-server --connections 1000 --servers 1",
        env!("CARGO_BIN_EXE_holdline")
    );
    let output = Command::new("sh").args(["-c", &shell]).output().unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{err}");
    assert!(err.contains("ulimit -n 1064") && err.contains("--servers"), "{err}");
}

/// The children of a process, when there are so many at least.
#[cfg(target_os = "linux")]
fn children(pid: u32, many: usize) -> Vec<String> {
    // Nothing tells when a process has started another: it is looked at again and again.
    for _ in 0..1000 {
        let path = format!("/proc/{pid}/task/{pid}/children");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let found: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if found.len() >= many {
            return found;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{pid} has started no {many} processes");
}

#[cfg(target_os = "linux")]
#[test]
fn a_signal_ends_all_processes_and_exits_with_3() {
    for signal in ["-INT", "-TERM"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdline"));
        command.args(SMALL).args(["--messages", "100000000"]).stderr(Stdio::piped());
        let bench = command.spawn().unwrap();
        let pid = bench.id();
        let children = children(pid, 2);
        assert!(Command::new("kill").args([signal, &pid.to_string()]).status().unwrap().success());
        let output = bench.wait_with_output().unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{err}");
        assert!(err.contains("interrupted"), "{err}");
        for child in children {
            assert!(!std::path::Path::new("/proc").join(&child).exists(), "{child} lives");
        }
    }
}
