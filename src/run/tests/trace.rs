//! A connectivity trace that is replayed.

use super::{played, scenario, seconds, seen};
use crate::port::Span;
use crate::run::header;

const HEAD: &str = "name = \"replayed\"\nduration = \"20m\"\ndevices = 3\n";
const NETWORK: &str = "[network]\nuse = \"ideal\"\ntrace = \"x.csv\"\n";
const COLUMNS: &str = "time,interface,latency,loss,state\n";

#[test]
fn every_row_holds_from_its_time_on_for_every_device() {
    let rows =
        "0s,wifi,,,\n5m,cellular,80ms,1%,\n8m,cellular,80ms,1%,down\n9m,cellular,,,\n12m,none,,,\n";
    let scenario = scenario(&format!("{HEAD}{NETWORK}"), &format!("{COLUMNS}{rows}"));
    let outcome = played(&scenario);
    let at = |pattern: &str| seconds(&scenario, &outcome, pattern);
    assert_eq!(at("interface to=cellular device=2"), [300]);
    assert_eq!(at("interface to=none"), [720; 3]);
    assert_eq!(at("conditions latency=80ms loss-ppm=10000 device=1"), [300]);
    assert_eq!(at("conditions device=3"), [300, 540]);
    assert_eq!(at("path silent=true device=3"), [480]);
    assert_eq!(at("path silent=false device=3"), [540]);
}

#[test]
fn a_row_at_the_beginning_holds_before_the_app_connects() {
    let rows = "0s,cellular,700ms,,\n";
    let text = format!("{HEAD}[network]\ntrace = \"x.csv\"\n");
    let scenario = scenario(&text, &format!("{COLUMNS}{rows}"));
    let outcome = played(&scenario);
    assert_eq!(seen(&scenario, &outcome, "interface"), [], "it begins there");
    let established = seen(&scenario, &outcome, "established device=1");
    assert!(established[0].at.elapsed() >= Span::from_millis(1_400), "{established:?}");
}

#[test]
fn a_step_of_the_same_moment_has_the_last_word_and_the_next_row_counts_again() {
    let step = "[[step]]\nat = \"5m\"\ndo = \"network.switch\"\nto = \"none\"\n";
    let rows = "5m,cellular,,,\n8m,cellular,,,\n";
    let scenario = scenario(&format!("{HEAD}{NETWORK}{step}"), &format!("{COLUMNS}{rows}"));
    let outcome = played(&scenario);
    let at = |pattern: &str| seconds(&scenario, &outcome, pattern);
    assert_eq!(at("interface to=cellular device=1"), [300, 480]);
    assert_eq!(at("interface to=none device=1"), [300]);
}

#[test]
fn rows_that_say_the_same_reset_no_connection() {
    let rows: String = (0..1_000).map(|n| format!("{n}s,wifi,20ms,,up\n")).collect();
    let scenario = scenario(&format!("{HEAD}{NETWORK}"), &format!("{COLUMNS}{rows}"));
    let outcome = played(&scenario);
    assert_eq!(seen(&scenario, &outcome, "connecting").len(), 3);
    assert_eq!(seen(&scenario, &outcome, "connection-dead"), []);
    assert_eq!(seen(&scenario, &outcome, "conditions").len(), 3);
}

#[test]
fn the_header_of_a_trace_tells_one_recording_from_another() {
    let hash = |text: &str, rows: &str| {
        header(&scenario(text, &format!("{COLUMNS}{rows}")), 1).profile_hash
    };
    let text = format!("{HEAD}{NETWORK}");
    assert_eq!(hash(&text, "1m,wifi,,,\n"), hash(&text, "60s,wifi,,,up\n"), "the same rows");
    assert_ne!(hash(&text, "1m,wifi,,,\n"), hash(&text, "1m,wifi,,1%,\n"));
    assert_ne!(hash(&text, "1m,wifi,,,\n"), hash(&text.replace("trace = \"x.csv\"\n", ""), ""));
}
