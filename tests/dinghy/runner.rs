//! `tools/ios-runner` by itself, with a holdline that only writes down how it was called.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::dinghy::root;

crate::tools::tests!(
    a_phone_gets_an_app_before_the_run,
    a_simulator_gets_an_app_before_the_run,
    a_run_on_another_target_is_no_proof,
    a_verdict_is_handed_on,
    what_is_missing_is_asked_for,
    a_test_is_not_taken_for_an_agent,
);

/// Says how it was called; a run leaves a log as an agent would.
const HOLDLINE: &str = r#"#!/bin/sh
echo "called: $*"
[ "$2" = run ] || exit 0
while [ $# -gt 0 ]; do
    [ "$1" != --log ] || echo "{\"phone\":{\"triple\":\"$TRIPLE\",\"run\":\"0123abcd\"}}" >"$2"
    shift
done
exit "${CODE:-0}"
"#;

struct Said {
    code: Option<i32>,
    text: String,
}

/// Runs it with an agent for a phone.
fn runner(settings: &[(&str, &str)], arguments: &[&str]) -> Said {
    let folder = tempfile::tempdir().expect("a folder");
    let holdline = folder.path().join("holdline");
    std::fs::write(&holdline, HOLDLINE).expect("it is written");
    let runs = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&holdline, runs).expect("it may run");
    let agent = Path::new("target/aarch64-apple-ios/debug/holdline-agent");
    let mut command = Command::new(root().join("tools/ios-runner"));
    for name in ["SCENARIO", "DEVICE", "PROFILE", "SDK_STAMP"] {
        command.env_remove(format!("HOLDLINE_{name}"));
    }
    let output = command
        .arg(agent)
        .args(arguments)
        .env("HOLDLINE_BIN", &holdline)
        .env("TRIPLE", "aarch64-apple-ios")
        .envs(settings.iter().copied())
        .output()
        .expect("it runs");
    let text = [output.stdout, output.stderr].concat();
    Said { code: output.status.code(), text: String::from_utf8_lossy(&text).into_owned() }
}

const PHONE: &[(&str, &str)] = &[
    ("DINGHY_DEVICE", "voip-iphone"),
    ("HOLDLINE_DEVICE", "My iPhone"),
    ("HOLDLINE_PROFILE", "dev.mobileprovision"),
];

fn a_phone_gets_an_app_before_the_run() {
    let stamped = [PHONE, &[("HOLDLINE_SDK_STAMP", "9.3")]].concat();
    let said = runner(&stamped, &["bundled:talk", "--yes"]);
    assert_eq!(said.code, Some(0), "{}", said.text);
    let lines: Vec<&str> = said.text.lines().collect();
    let agent = "target/aarch64-apple-ios/debug/holdline-agent";
    assert!(lines[0].starts_with(&format!("called: device package --agent {agent} --out ")));
    assert!(lines[0].ends_with(" --for device --profile dev.mobileprovision --sdk-stamp 9.3"));
    assert!(lines[1].starts_with("called: device run bundled:talk --device My iPhone --app "));
    assert!(lines[1].contains("/Holdline.app --log ") && lines[1].ends_with(" --yes"));
    assert_eq!(lines[2], "proof: triple=aarch64-apple-ios device=voip-iphone run=0123abcd");
}

fn a_simulator_gets_an_app_before_the_run() {
    let said = runner(&[("DINGHY_DEVICE", "voip-simulator")], &["bundled:talk"]);
    assert_eq!(said.code, Some(0), "{}", said.text);
    let lines: Vec<&str> = said.text.lines().collect();
    assert!(lines[0].contains("device package ") && lines[0].ends_with(" --for sim"));
    assert!(lines[1].starts_with("called: device run bundled:talk --device sim --app "));
}

fn a_run_on_another_target_is_no_proof() {
    let other = [PHONE, &[("TRIPLE", "x86_64-unknown-linux-gnu")]].concat();
    let said = runner(&other, &["bundled:talk"]);
    assert_ne!(said.code, Some(0));
    assert!(said.text.contains("an agent for x86_64-unknown-linux-gnu ran"), "{}", said.text);
    assert!(!said.text.contains("proof:"), "{}", said.text);
}

fn a_verdict_is_handed_on() {
    let undetermined = [PHONE, &[("CODE", "4")]].concat();
    let said = runner(&undetermined, &["bundled:talk"]);
    assert_eq!(said.code, Some(4));
    assert!(said.text.contains("proof: "), "it ran: {}", said.text);
}

fn what_is_missing_is_asked_for() {
    let wrong = |settings: &[(&str, &str)], arguments: &[&str], says: &str| {
        let said = runner(settings, arguments);
        assert_eq!(said.code, Some(2), "{}", said.text);
        assert!(said.text.contains(says), "{}", said.text);
        assert!(!said.text.contains("called:"), "{}", said.text);
    };
    wrong(PHONE, &[], "no scenario: set HOLDLINE_SCENARIO");
    wrong(PHONE, &["--yes"], "no scenario: set HOLDLINE_SCENARIO");
    // What cargo-dinghy makes of a path.
    wrong(PHONE, &["./no-such.toml"], "set HOLDLINE_SCENARIO to the scenario's absolute path");
    wrong(&PHONE[..1], &["bundled:talk"], "Set HOLDLINE_DEVICE");
    wrong(&PHONE[..2], &["bundled:talk"], "set HOLDLINE_PROFILE");
    wrong(&[("DINGHY_DEVICE", "toaster")], &["bundled:talk"], "no device 'toaster'");
}

fn a_test_is_not_taken_for_an_agent() {
    let runner = root().join("tools/ios-runner");
    let output = Command::new(runner)
        .args(["target/debug/deps/device_smoke-0123", "bundled:any"])
        .env("DINGHY_DEVICE", "fake")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not holdline-agent"));
}
