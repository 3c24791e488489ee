//! The checks notice a capture that is broken.

use std::path::{Path, PathBuf};

use crate::library::{captures_in, run};
use crate::packets::{follow, packets};
use crate::trace::Trace;
use crate::{checks, tools};

tools::tests!(
    a_byte_that_is_changed_is_noticed,
    a_line_that_says_something_else_is_noticed,
    a_retransmission_that_is_missing_is_noticed,
);

const SCENARIO: &str = r#"
name = "a path that is silent for a while"
duration = "2m"
[[step]]
at = "1m"
do = "network.silence"
lasts = "5s"
[[step]]
at = "61s"
do = "server.push"
push = "invite"
"#;

/// A capture, and the trace beside it.
fn captured() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("silent.toml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    run(folder.path(), &[scenario.to_str().unwrap()]);
    let [path] = captures_in(folder.path()).try_into().unwrap();
    (folder, path)
}

fn trace(path: &Path) -> Trace {
    Trace::read(&path.with_extension("jsonl"))
}

/// Changes the bytes `from`, wherever they are, into `to`.
fn change(path: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    let places: Vec<usize> =
        (0..=bytes.len() - from.len()).filter(|place| bytes[*place..].starts_with(from)).collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..place + to.len()].copy_from_slice(to);
    }
    std::fs::write(path, bytes).unwrap();
}

fn a_byte_that_is_changed_is_noticed() {
    let (_folder, path) = captured();
    assert_eq!(checks::well_formed(&packets(&path)), Ok(()));
    change(&path, b"invite\n", b"INVITE\n");
    assert!(checks::well_formed(&packets(&path)).is_err());
}

fn a_line_that_says_something_else_is_noticed() {
    let (_folder, path) = captured();
    let delivered = |path: &Path| {
        let packets = packets(path);
        let streams: Vec<u32> = checks::streams(&packets).into_keys().collect();
        checks::delivered(&packets, &follow(path, &streams), &trace(path))
    };
    assert!(delivered(&path).unwrap() >= 4);
    change(&path, b"WELCOME 1\n", b"PONG 00 1\n");
    assert!(delivered(&path).is_err());
}

fn a_retransmission_that_is_missing_is_noticed() {
    let (_folder, path) = captured();
    let whole = packets(&path);
    assert_eq!(checks::retransmissions(&whole, &trace(&path)), Ok(()));
    let place = whole.iter().position(|packet| packet.retransmission).unwrap();
    let mut part = whole;
    part.remove(place);
    assert!(checks::retransmissions(&part, &trace(&path)).is_err());
}
