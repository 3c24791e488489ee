//! Every bundled scenario.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use crate::packets::{Packet, follow, packets};
use crate::trace::Trace;
use crate::{checks, tools};

tools::tests!(
    no_frame_is_malformed_and_every_checksum_is_right,
    what_is_sent_again_is_taken_for_a_retransmission,
    streams_are_the_lines_that_were_delivered,
);

/// A capture and what it is of.
pub(crate) struct Capture {
    pub(crate) path: PathBuf,
    pub(crate) packets: Vec<Packet>,
    pub(crate) trace: Trace,
}

/// Captures what `arguments` choose.
pub(crate) fn run(folder: &Path, arguments: &[&str]) {
    let mut below = folder.as_os_str().to_owned();
    below.push("/");
    let output = Command::new(env!("CARGO_BIN_EXE_holdline"))
        .args(["run", "--runs", "1", "--trace"])
        .arg(folder)
        .arg("--pcap")
        .arg(below)
        .args(arguments)
        .output()
        .expect("holdline runs");
    // What is expected only sometimes may not be met in the one run.
    let done = output.status.code().is_some_and(|code| [0, 1, 4].contains(&code));
    assert!(done, "{}", String::from_utf8_lossy(&output.stderr));
}

/// The captures in a folder.
pub(crate) fn captures_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pcapng") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// All bundled scenarios, captured once.
fn library() -> &'static [Capture] {
    static LIBRARY: OnceLock<(tempfile::TempDir, Vec<Capture>)> = OnceLock::new();
    let (_, captures) = LIBRARY.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        run(folder.path(), &["bundled:"]);
        let left = Mutex::new(captures_in(folder.path()));
        let read = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    while let Some(path) = { left.lock().unwrap().pop() } {
                        let trace = Trace::read(&path.with_extension("jsonl"));
                        let packets = packets(&path);
                        read.lock().unwrap().push(Capture { path, packets, trace });
                    }
                });
            }
        });
        (folder, read.into_inner().unwrap())
    });
    captures
}

/// Makes `check` of every capture, and fails with all that is wrong.
fn all(check: impl Fn(&Capture) -> Result<(), String>) {
    let captures = library();
    assert!(captures.len() > 100, "{}", captures.len());
    let wrong = |capture: &Capture| {
        check(capture).err().map(|why| format!("{}: {why}", capture.path.display()))
    };
    let wrong: Vec<String> = captures.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn no_frame_is_malformed_and_every_checksum_is_right() {
    all(|capture| checks::well_formed(&capture.packets));
    let whole: usize = library().iter().map(|capture| capture.packets.len()).sum();
    assert!(whole > 10_000, "{whole}");
    for capture in library() {
        let bytes = std::fs::read(&capture.path).unwrap();
        let words = b"are not in this capture";
        assert!(!bytes.windows(words.len()).any(|part| part == words), "{:?}", capture.path);
    }
}

fn what_is_sent_again_is_taken_for_a_retransmission() {
    all(|capture| checks::retransmissions(&capture.packets, &capture.trace));
    let again: usize = library().iter().map(|capture| capture.trace.retransmitted().len()).sum();
    assert!(again > 100, "{again}");
}

/// tshark puts streams together; one run of it for each capture, of a part of them.
fn streams_are_the_lines_that_were_delivered() {
    let mut lines = 0;
    for name in [
        "host-down",
        "path-goes-silent",
        "nat-forgets-after-60-s",
        "wifi-to-cellular-on-screen",
        "commute",
        "two-tagged-sockets",
        "tls-under-a-task",
        "drain",
        "ten-devices",
        "blank-proves-nothing",
        "silence-of-a-host",
    ] {
        let named = |capture: &&Capture| capture.path.file_stem().is_some_and(|stem| stem == name);
        let capture = library().iter().find(named).unwrap_or_else(|| panic!("no {name}"));
        let streams: Vec<u32> = checks::streams(&capture.packets).into_keys().collect();
        let followed = follow(&capture.path, &streams);
        assert_eq!(followed.len(), streams.len(), "{name}");
        lines += checks::delivered(&capture.packets, &followed, &capture.trace)
            .unwrap_or_else(|why| panic!("{name}: {why}"));
    }
    assert!(lines > 400, "{lines}");
}
