//! Sessions in the scenarios that come with the program.

use std::path::{Path, PathBuf};

use holdline::repl::{Desk, Interrupt, NoFiles, Opening, Session, Unopened, Unwritten};
use holdline::scenario::{Override, Presets, decode_all};

/// The files beside a scenario.
struct Beside(PathBuf);

impl Desk for Beside {
    fn read(&self, _: Option<&str>, path: &str) -> Result<Vec<u8>, String> {
        let mut path = self.0.join(path);
        if path.is_dir() {
            path.push("Info.plist");
        }
        std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn write(&mut self, file: &str, _: &str, _: bool) -> Result<(), Unwritten> {
        Err(Unwritten::Failed(file.to_owned()))
    }
}

fn scenarios(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            scenarios(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
}

fn open(path: &Path, set: Vec<Override>) -> Result<Session, Unopened> {
    let text = std::fs::read_to_string(path).unwrap();
    let desk = Beside(path.parent().unwrap().to_owned());
    let file = Some(path.display().to_string());
    Session::open(Opening { text: Some(text), file, set, seed: Some(3) }, Box::new(desk))
}

#[test]
fn every_bundled_scenario_can_be_steered_with_a_seed_and_keys_from_outside() {
    let mut all = Vec::new();
    scenarios(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut all);
    all.sort();
    let mut steered = 0;
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        if holdline::scenario::is_fragment(&text) {
            continue;
        }
        let beside = Beside(path.parent().unwrap().to_owned());
        let library = Presets { files: |name: &str| beside.read(None, name) };
        let variants = decode_all(&text, &library, &[]).unwrap();
        // The last variant of those that vary, named as on a command line.
        let last = variants.last().unwrap();
        let mut set: Vec<Override> =
            last.variant.iter().map(|(key, value)| Override::new(key, value)).collect();
        set.push(Override::new("deadline", "20s"));
        set.push(Override::new("server.heartbeat.interval", "77s"));
        let mut session = match open(&path, set) {
            Ok(session) => session,
            Err(unopened) => panic!("{}: {unopened:#?}", path.display()),
        };
        assert_eq!(session.scenario().seed, 3);
        let mut out = String::new();
        for line in ["advance 1m", "advance 30s", "back 2", "expects", "timeline"] {
            session
                .execute(line, &mut out, &Interrupt::new())
                .unwrap_or_else(|refusal| panic!("{}: {line}: {refusal}", path.display()));
        }
        steered += 1;
    }
    assert!(steered > 50, "{steered}");
}

#[test]
fn a_session_without_files_says_so_where_one_is_named() {
    let text = "name = \"x\"\nduration = \"1h\"\ninclude = [\"a.toml\"]\n";
    let opening = Opening { text: Some(text.to_owned()), ..Opening::default() };
    let Err(Unopened::Mistakes(problems)) = Session::open(opening, Box::new(NoFiles)) else {
        panic!("there are no files")
    };
    assert!(problems[0].message.contains("files are not read here"), "{problems:?}");
}
