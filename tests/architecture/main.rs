//! The rules of the house, held by reading the sources as text: which room may import which, how long a
//! file may be, and what the sans-I/O rooms must not name.

mod imports;
mod source;

use std::path::Path;

use source::{SourceFile, rust_files};

/// Rooms that are plain state machines and data: no clock, socket, file, thread or environment.
const SANS_IO: &[&str] = &[
    "client", "explain", "metrics", "net", "os", "platform", "port", "run", "scenario", "server",
    "settings", "sim", "study", "trace", "wire",
];

/// What the sans-I/O rooms must not name. Printing is a lint of clippy's; clocks are in `clippy.toml`.
const IO: &[&str] =
    &["std::env", "std::fs", "std::io", "std::net", "std::process", "std::thread", "tokio"];

/// Rooms of many small files, whose front page says which file has what.
const LISTED: &[&str] = &["client", "explain", "net", "os", "server", "study"];

/// A file longer than this wants to be two.
const LONGEST: usize = 600;

/// Most files fit on a few screens.
const MEDIAN: usize = 250;

fn src() -> Vec<SourceFile> {
    rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn everything() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    ["src", "tests", "benches", "examples"]
        .iter()
        .flat_map(|folder| rust_files(&root.join(folder)))
        .collect()
}

fn assert_none(rule: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{rule}:\n  {}", offenders.join("\n  "));
}

#[test]
fn imports_run_downwards_only() {
    let offenders: Vec<String> = src().iter().flat_map(imports::violations).collect();
    assert_none(
        "a room may not import what is above it (see tests/architecture/imports.rs)",
        &offenders,
    );
}

#[test]
fn every_folder_is_a_known_room() {
    let offenders: Vec<String> = src()
        .iter()
        .filter_map(|file| file.room.clone())
        .filter(|room| !imports::is_room(room))
        .collect();
    assert_none("a new room needs its place in tests/architecture/imports.rs", &offenders);
}

#[test]
fn the_front_page_of_a_room_names_every_file_of_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut offenders = Vec::new();
    for room in LISTED {
        let front = std::fs::read_to_string(root.join(room).join("mod.rs")).expect("a room");
        let (docs, code): (Vec<&str>, Vec<&str>) =
            front.lines().partition(|line| line.starts_with("//!"));
        let (docs, code) = (docs.join("\n"), code.join("\n"));
        // What only tests use needs no place on it.
        let code = code.replace("#[cfg(test)]\nmod ", "");
        let modules = code.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
        let missing = modules.filter(|module| !docs.contains(&format!("`{module}`")));
        offenders.extend(missing.map(|module| format!("src/{room}/mod.rs: `{module}`")));
    }
    assert_none("say in the docs of the room what is in these", &offenders);
}

#[test]
fn no_file_is_longer_than_600_lines() {
    let offenders: Vec<String> = everything()
        .iter()
        .filter(|file| file.lines > LONGEST)
        .map(|file| format!("{}: {} lines", file.path.display(), file.lines))
        .collect();
    assert_none("split these", &offenders);
}

#[test]
fn half_of_all_files_are_shorter_than_250_lines() {
    let mut files = src();
    files.sort_by_key(|file| file.lines);
    let longest: Vec<String> = files
        .iter()
        .rev()
        .take(10)
        .map(|file| format!("{}: {} lines", file.path.display(), file.lines))
        .collect();
    let median = files[files.len() / 2].lines;
    assert!(
        median < MEDIAN,
        "the median is {median} lines; the longest:\n  {}",
        longest.join("\n  ")
    );
}

#[test]
fn unsafe_lives_only_in_the_phone_side_of_a_device_run() {
    let offenders: Vec<String> = everything()
        .iter()
        .filter(|file| !file.path.to_string_lossy().contains("src/device/ios/"))
        .flat_map(|file| file.naming(&["unsafe"]))
        .collect();
    assert_none("`unsafe` belongs in src/device/ios/", &offenders);
}

#[test]
fn nothing_is_left_to_do() {
    let offenders: Vec<String> =
        everything().iter().flat_map(|file| file.naming(&["todo!", "unimplemented!"])).collect();
    assert_none("finish these", &offenders);
}

#[test]
fn sans_io_rooms_name_no_io() {
    let offenders: Vec<String> = src()
        .iter()
        .filter(|file| file.room.as_deref().is_some_and(|room| SANS_IO.contains(&room)))
        .flat_map(|file| file.naming(IO))
        .collect();
    assert_none("only the command line does I/O", &offenders);
}
