//! The disk of the store is full: pushes are refused, everything else goes on, and later pushes are accepted again.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use crate::client::Client;
use crate::proc::wait_until;
use crate::serving::Serving;
use crate::{publisher, pushed};

/// A command in a namespace of its own, with a disk of this size at `$0`; nothing if that is not allowed here.
fn on_a_small_disk(folder: &std::path::Path, size: &str) -> Option<Command> {
    let script = format!("mount -t tmpfs -o size={size} none \"$0\" && exec \"$@\"");
    let make = || {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script]).arg(folder);
        command
    };
    let allowed = make().arg("true").output().is_ok_and(|output| output.status.success());
    allowed.then(make)
}

/// What `device` is sent; it acknowledges nothing.
fn waiting(address: std::net::SocketAddr, device: &str) -> Vec<String> {
    let mut client = Client::device(address, device);
    client.say("PING 1\n");
    let mut payloads = Vec::new();
    loop {
        let line = client.line();
        if line == "PONG 1" {
            return payloads;
        }
        payloads.push(pushed(&line).unwrap_or_else(|| panic!("{line:.60}")).1.to_owned());
    }
}

#[test]
fn on_a_full_disk_pushes_are_refused_the_server_goes_on_and_later_accepts_again() {
    let folder = tempfile::tempdir().unwrap();
    // A new file of the store takes a megabyte and a half.
    let Some(mut command) = on_a_small_disk(folder.path(), "4m") else {
        eprintln!("\n*** `unshare --mount` IS NOT ALLOWED HERE: a full disk is NOT TESTED ***\n");
        return;
    };
    let store = folder.path().join("pushes.redb");
    command.arg(env!("CARGO_BIN_EXE_holdline"));
    command.args(["serve", "--listen", "0", "--set", "queue.limit=10000", "--store"]).arg(&store);
    let mut server = Serving::by(command);
    let address = server.address("tcp");
    // What fills the disk besides the store, seen from outside of the namespace.
    let balloon: PathBuf =
        format!("/proc/{}/root{}/balloon", server.pid(), folder.path().display()).into();
    std::fs::write(&balloon, vec![1; 1_000_000]).unwrap();
    let mut publisher = publisher(address);
    let mut phone = Client::device(address, "phone");
    let payload = "x".repeat(2_000);
    let (mut accepted, mut refused) = (BTreeSet::new(), 0);
    for n in 0..3_000 {
        // For a device that is away: nothing leaves the store.
        publisher.say(format!("PUB {n} away - {n} {payload}\n"));
        match publisher.line() {
            done if done.starts_with(&format!("DONE {n} ")) => {
                accepted.insert(n);
            }
            fail => {
                assert_eq!(fail, format!("FAIL {n} store"));
                refused += 1;
                // It answers others at once all the time.
                phone.say(format!("PING {n}\n"));
                assert_eq!(phone.line(), format!("PONG {n}"));
            }
        }
        if refused == 5 {
            break;
        }
    }
    assert_eq!(refused, 5, "the disk was not full after {} pushes", accepted.len());
    assert!(accepted.len() > 100, "{}", accepted.len());
    let numbers = |payloads: &[String]| -> BTreeSet<i32> {
        payloads.iter().map(|payload| payload.split(' ').next().unwrap().parse().unwrap()).collect()
    };
    assert_eq!(numbers(&waiting(address, "away")), accepted);
    std::fs::remove_file(&balloon).unwrap();
    wait_until("pushes are accepted again", || {
        publisher.say(format!("PUB 9000 away - 9000 {payload}\n"));
        publisher.line().starts_with("DONE 9000 ")
    });
    accepted.insert(9_000);
    let logged = server.logged();
    assert_eq!(logged.matches("the store cannot write").count(), 1, "{logged}");
    assert_eq!(logged.matches("the store can write again").count(), 1, "{logged}");
    assert_eq!(numbers(&waiting(address, "away")), accepted);
}
