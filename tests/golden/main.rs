//! Golden traces: what happens in a dozen small situations, line by line, reviewed as text.
//!
//! A snapshot that changes is a rule that changed. `INSTA_UPDATE=always cargo test --test golden` writes
//! them anew; read the difference before you commit it.

use std::fmt::Write;
use std::path::Path;

use holdline::port::Span;
use holdline::run::{self, Mode, Options};
use holdline::scenario::{Override, Presets, Scenario, decode};
use holdline::trace::{Event, Field, What, write_event, write_header};

/// More than this nobody reads.
const MOST_LINES: usize = 180;

fn text(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    std::fs::read_to_string(path.with_extension("toml")).expect("a scenario of this name")
}

fn scenario(name: &str, set: &[(&str, &str)]) -> Scenario {
    let set: Vec<_> = set.iter().map(|(key, value)| Override::new(*key, *value)).collect();
    decode(&text(name), &Presets::built_in(), &set)
        .unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn events(scenario: &Scenario) -> Vec<Event> {
    let options = Options { seed: scenario.seed, mode: Mode::Apart, trace: true };
    run::play(scenario, options).events.unwrap_or_default()
}

/// One event a line: seconds, device, lane, event, fields. That a callback which took no time returned
/// is left out.
fn rendered(scenario: &Scenario) -> String {
    let mut out = String::new();
    for event in events(scenario) {
        if matches!(event.what, What::CallbackReturned { took: Span::ZERO, .. }) {
            continue;
        }
        let micros = event.at.as_micros();
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        let _ = write!(out, "{seconds:>4}.{rest:06} ");
        if scenario.devices > 1 {
            let _ = write!(out, "{} ", event.owner);
        }
        let _ = write!(out, "{:<6} {}", event.lane.as_str(), event.what.name());
        event.what.fields(&mut |name, field| {
            let _ = match field {
                Field::Number(n) => write!(out, " {name}={n}"),
                Field::Signed(n) => write!(out, " {name}={n}"),
                Field::Flag(yes) => write!(out, " {name}={yes}"),
                Field::Word(word) if word.contains(' ') => write!(out, " {name}=\"{word}\""),
                Field::Word(word) => write!(out, " {name}={word}"),
                Field::Span(span) => write!(out, " {name}={}us", span.as_micros()),
                Field::Push(push) => write!(out, " {name}={}", scenario.names.push(push)),
            };
        });
        out.push('\n');
    }
    out
}

macro_rules! golden {
    ($($test:ident $name:literal)+) => { $(
        #[test]
        fn $test() {
            let scenario = scenario($name, &[]);
            let trace = rendered(&scenario);
            assert!(trace.lines().count() <= MOST_LINES, "{} lines", trace.lines().count());
            insta::with_settings!({
                prepend_module_to_snapshot => false,
                description => &scenario.name,
                omit_expression => true,
            }, { insta::assert_snapshot!($name, trace) });
        }
    )+

        const ALL: &[&str] = &[$($name),+];
    };
}

golden! {
    a_plain_socket_is_reclaimed_at_lock "plain-socket-reclaimed-at-lock"
    a_push_wakes_a_voip_app "voip-wake"
    a_handshake_goes_on_when_the_app_is_woken "tls-handshake"
    a_ping_under_a_task_is_answered_in_time "ping-under-task"
    a_ping_without_a_task_is_not "ping-without-task"
    a_leaked_task_is_killed "leaked-task"
    a_handler_that_overruns_is_killed "handler-overrun"
    a_process_restart_is_noticed_at_once "process-restart"
    a_host_that_goes_down_is_noticed_by_the_ping "host-down"
    a_switch_of_networks_is_noticed_by_the_ping "network-switch"
    a_nat_forgets_before_the_handler_comes "nat-expiry"
    a_wake_beyond_the_limit_kills "wake-limit"
    a_nonzero_exit_is_relaunched "exit-and-relaunch"
    a_reboot_is_survived_without_stored_data "reboot"
    two_devices_share_a_server_that_drains "two-devices"
}

#[test]
fn every_scenario_here_has_its_snapshot() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    for entry in std::fs::read_dir(here).expect("this folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            assert!(ALL.contains(&stem), "{stem} is not in the list");
        }
    }
}

#[test]
fn every_line_of_a_trace_is_json_and_time_never_goes_back() {
    for name in ALL {
        let scenario = scenario(name, &[]);
        let mut out = String::new();
        write_header(&mut out, &run::header(&scenario, scenario.seed));
        for event in events(&scenario) {
            write_event(&mut out, &event, &scenario.names);
        }
        let mut lines = out.lines().map(|line| {
            serde_json::from_str::<serde_json::Value>(line)
                .unwrap_or_else(|error| panic!("{line}: {error}"))
        });
        let header = lines.next().expect("a header");
        assert_eq!(header["format"], 1);
        assert_eq!(header["scenario"], scenario.name.as_str());
        assert_eq!(header["model"], run::MODEL);
        assert_eq!(header["profile"].as_str().map(str::len), Some(16), "64 bits");
        let mut last = 0;
        for line in lines {
            let t = line["t"].as_u64().expect("a time");
            assert!(t >= last, "{name}: {line}");
            assert!(line["device"].is_u64() && line["lane"].is_string(), "{name}: {line}");
            assert!(line["event"].is_string(), "{name}: {line}");
            last = t;
        }
    }
}

#[test]
fn any_changed_key_of_what_a_run_depends_on_changes_the_hash() {
    let hash = |set: &[(&str, &str)]| {
        let scenario = scenario("voip-wake", set);
        run::header(&scenario, scenario.seed).profile_hash
    };
    let plain = hash(&[]);
    assert_eq!(plain, hash(&[]), "a hash that changes by itself says nothing");
    let changes = [
        ("platform.keep-alive.handler-budget", "31s"),
        ("platform.background-task.refused", "true"),
        ("network.nat.idle-timeout", "61m"),
        ("client.ping.reply-within", "9s"),
        ("server.queue.limit", "99"),
    ];
    let mut hashes: Vec<u64> = changes.iter().map(|change| hash(&[*change])).collect();
    hashes.push(plain);
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), changes.len() + 1);
}
