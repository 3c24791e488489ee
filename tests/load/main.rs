//! Faults under load against `holdline serve` as a process: killed, stalled, flooded, out of descriptors, out of disk.
//!
//! Numbers are smaller than they could be where a debug build would take too long on a small machine; with
//! `HOLDLINE_FULL=1` they are the full ones.
#![cfg(all(feature = "cli", target_os = "linux"))]
// These tests wait for another process and look at its time and memory.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stderr)]

#[path = "../serve/client.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod client;
mod descriptors;
mod disk;
mod garbage;
mod halves;
mod killed;
mod proc;
#[path = "../serving/mod.rs"]
mod serving;
mod slow;

use std::net::SocketAddr;

use client::Client;
use serving::TOKEN;

/// One number for every day, and the full one for `HOLDLINE_FULL=1`.
fn number(small: usize, full: usize) -> usize {
    if std::env::var("HOLDLINE_FULL").is_ok_and(|value| value == "1") { full } else { small }
}

/// A publisher that was welcomed.
fn publisher(address: SocketAddr) -> Client {
    let mut publisher = Client::connect(address);
    publisher.say(format!("AUTH 1 {TOKEN}\n"));
    assert_eq!(publisher.line(), "WELCOME 1");
    publisher
}

/// The id and the payload of a delivered push.
fn pushed(line: &str) -> Option<(u64, &str)> {
    let (id, payload) = line.strip_prefix("PUSH ")?.split_once(' ')?;
    Some((id.parse().ok()?, payload))
}
