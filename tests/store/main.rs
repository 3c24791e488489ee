//! The store under a process that is killed and a disk that is really full. The child is this binary again.
#![cfg(feature = "live")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use holdline::live::server::storage::{Store, Write};
use holdline::live::server::store::{Opened, RedbStore};

/// Where the child has its store; the tests named `child_…` do nothing without it.
const CHILD: &str = "HOLDLINE_TEST_STORE";

fn open(path: &Path) -> (Opened, Receiver<()>) {
    let (woken, wakes) = channel();
    (RedbStore::open(path, Box::new(move || woken.send(()).unwrap_or_default())).unwrap(), wakes)
}

fn add(id: u64, payload: &str) -> Write {
    let device = if id.is_multiple_of(2) { "even" } else { "odd" };
    let (device, payload) = (device.into(), payload.into());
    Write::Add { id, device, payload, expires_unix_ms: None }
}

fn child(name: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([name, "--exact", "--nocapture", "--ignored"]).env(CHILD, path);
    command
}

#[test]
#[ignore = "what the test of a kill starts"]
fn child_commits_until_it_is_killed() {
    let Some(path) = std::env::var_os(CHILD) else { return };
    let (mut opened, wakes) = open(Path::new(&path));
    // Several batches are always under way, so that the kill meets one.
    let mut next = opened.loaded.next_id;
    let mut submit = |store: &mut RedbStore| {
        store.submit(next, vec![add(next, &"x".repeat(100))]);
        next += 1;
    };
    (0..8).for_each(|_| submit(&mut opened.store));
    loop {
        wakes.recv().unwrap();
        let mut finished = Vec::new();
        opened.store.finished(&mut finished);
        for done in finished {
            done.result.unwrap();
            writeln!(std::io::stdout(), "accepted {}", done.batch).unwrap();
            submit(&mut opened.store);
        }
    }
}

#[test]
fn everything_that_was_accepted_survives_a_kill_and_ids_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pushes.redb");
    let mut accepted = BTreeSet::new();
    for round in 1..=4 {
        let mut child = child("child_commits_until_it_is_killed", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let id = |line: &str| line.split_once("accepted ")?.1.trim().parse::<u64>().ok();
        let mut told = 0;
        while let Some(line) = lines.next().transpose().unwrap() {
            if let Some(id) = id(&line) {
                assert!(accepted.insert(id), "{id} was given twice");
                told += 1;
            }
            if told == 40 * round {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        assert!(told >= 40 * round, "the child ended by itself");
        let (opened, _) = open(&path);
        let found: Vec<u64> = opened.loaded.pushes.iter().map(|push| push.id).collect();
        assert!(found.is_sorted(), "of one device in the order in which it was accepted");
        let lost: Vec<u64> = accepted.iter().copied().filter(|id| !found.contains(id)).collect();
        assert_eq!(lost, Vec::<u64>::new(), "accepted, and lost in the kill of round {round}");
        assert!(opened.loaded.next_id > *accepted.last().unwrap());
    }
}

#[test]
#[ignore = "what the test of a full disk starts"]
fn child_fills_its_disk() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let folder = Path::new(&folder);
    let path = folder.join("pushes.redb");
    std::fs::write(folder.join("ballast"), vec![1; 3 << 20]).unwrap();
    let (mut opened, wakes) = open(&path);
    let mut commit = |id: u64, writes: Vec<Write>| {
        opened.store.submit(id, writes);
        wakes.recv().unwrap();
        let mut finished = Vec::new();
        opened.store.finished(&mut finished);
        finished.remove(0).result
    };
    let mut accepted = BTreeSet::new();
    let refused = (1..5_000).find_map(|id| {
        let result = commit(id, vec![add(id, &"x".repeat(20_000))]);
        accepted.extend(result.is_ok().then_some(id));
        result.err().map(|why| (id, why))
    });
    let (id, why) = refused.expect("a disk that becomes full");
    assert!(why.contains("No space left"), "{why}");
    assert!(commit(id + 1, vec![add(id + 1, &"x".repeat(20_000))]).is_err());
    std::fs::remove_file(folder.join("ballast")).unwrap();
    commit(id + 2, vec![add(id + 2, "there is room again")]).unwrap();
    accepted.insert(id + 2);
    drop(opened);
    let (opened, _) = open(&path);
    let found: BTreeSet<u64> = opened.loaded.pushes.iter().map(|push| push.id).collect();
    assert_eq!(found, accepted);
    writeln!(std::io::stdout(), "\nfine after {} pushes", found.len()).unwrap();
}

#[test]
fn a_disk_that_is_full_refuses_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let child = child("child_fills_its_disk", folder.path());
    let script = "mount -t tmpfs -o size=8m none \"$0\" && exec \"$@\"";
    let run = Command::new("unshare")
        .args(["-rm", "sh", "-c", script])
        .arg(folder.path())
        .arg(child.get_program())
        .args(child.get_args())
        .env(CHILD, folder.path())
        .output();
    let said = match &run {
        Ok(run) => format!(
            "{}{}",
            String::from_utf8_lossy(&run.stdout),
            String::from_utf8_lossy(&run.stderr)
        ),
        Err(error) => error.to_string(),
    };
    if said.contains("running 1 test") {
        assert!(run.is_ok_and(|run| run.status.success()) && said.contains("fine after"), "{said}");
    } else {
        // The same rule holds on a disk that is made to fail, in the tests beside the store.
        writeln!(std::io::stderr(), "SKIPPED: no small disk here: {said}").unwrap();
    }
}
