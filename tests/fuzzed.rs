//! What the fuzz targets check: of every bundled scenario, of every fixture with a mistake, and of texts near them;
//! and of lines near those that go over a connection.
#![cfg(feature = "cli")]

#[path = "../fuzz/src/check.rs"]
mod check;
#[path = "../fuzz/src/wire.rs"]
mod wire;

use std::path::{Path, PathBuf};

use proptest::prelude::*;

fn toml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            toml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

/// Scenarios, good and bad; a fixture's further files are laid out as the target takes them.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for folder in ["scenarios", "tests/fixtures/mistakes"] {
        toml_files(&root.join(folder), &mut files);
    }
    files.sort();
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap().replace("\n#--- ", "\n\0");
    files.iter().map(|path| read(path).into_bytes()).collect()
}

/// Pieces that bring a change near to what means something.
const PIECES: &[&str] = &[
    "\"",
    "{",
    "}",
    "[",
    "]",
    "=",
    "\n",
    "é",
    "\u{feff}",
    "\u{1b}[31m",
    "\r",
    "\0a.toml\n",
    "\0b.csv\n",
    "$",
    "${n}",
    "include = [\"a.toml\"]\n",
    "[vary]\n",
    "[variables]\n",
    "seed = [1, 2]\n",
    "where = { seed = 1 }\n",
    "fragment = true\n",
    "latency = \"empirical(b.csv)\"",
    "trace = \"b.csv\"\n",
    "[network]\n",
    "[phases]\n",
    "safety = \"1h\"\nliveness = \"1h\"\n",
    "[[step]]\n",
    "[[expect]]\n",
    "sometimes = true\n",
    "uniform(1s, 2s)",
    "choice(50%: 1s, 50%: 2s)",
    "nan",
    "-1",
    "99999999999999999999",
    "time,interface,latency,loss,state\n",
    "0s,wifi,,,up\n",
    "value\n1s\n2s\n",
];

/// What lines of a connection are made of.
const WORDS: &[&str] = &[
    "HELLO 1 ",
    "SIDE 1 ",
    "PING ",
    "PONG ",
    "ACK ",
    "AUTH 1 ",
    "PUB 1 ",
    "ALL 2 ",
    "WELCOME 1",
    "PUSH ",
    "CANCEL ",
    "KNOCK",
    "MEDIA ",
    "GOAWAY",
    "BYE idle ",
    "ERROR syntax ",
    "DONE 1 2 3",
    "FAIL 1 full",
    "phone",
    "7",
    " ",
    "- ",
    "4294967296",
    "00",
    "+1",
    "\n",
    "\r\n",
    "\r",
    "é",
];

#[test]
fn every_scenario_and_every_mistake_is_sound() {
    for seed in seeds() {
        check::scenario(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_near_a_scenario_is_sound(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..20, 0..PIECES.len()), 1..8),
    ) {
        let seeds = seeds();
        let mut text = seeds[seed.index(seeds.len())].clone();
        for (place, remove, piece) in changes {
            let start = place.index(text.len() + 1);
            let end = (start + remove).min(text.len());
            text.splice(start..end, PIECES[piece].bytes());
        }
        check::scenario(&text);
    }

    #[test]
    fn what_is_near_the_lines_of_a_connection_is_sound(
        size in 0_u8..40,
        words in prop::collection::vec(0..WORDS.len(), 0..30),
        noise in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
    ) {
        let mut bytes = vec![size];
        words.into_iter().for_each(|word| bytes.extend_from_slice(WORDS[word].as_bytes()));
        for (place, byte) in noise {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        wire::wire(&bytes);
    }

    #[test]
    fn any_bytes_are_sound(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        check::scenario(&bytes);
        wire::wire(&bytes);
    }
}
