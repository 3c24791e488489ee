//! A run's orders: kept for the processes that start without the host, and the scenario in them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::device::protocol::{LONGEST_LINE, ORDERS_FILE, Orders, Text};
use crate::scenario::{Diagnostic, Override, Presets, Scenario, decode_all};

/// A byte of a file is up to four characters of the line that carries it; half of the line is for the rest.
const MOST_FILES: usize = LONGEST_LINE / 8;

/// Keeps the orders in `dir`: all of them, or what was there before.
///
/// # Errors
/// When the file cannot be written.
pub fn save(dir: &Path, orders: &Orders) -> io::Result<()> {
    write_whole(dir, ORDERS_FILE, &serde_json::to_vec(orders)?)
}

/// The orders that are kept in `dir`; nothing when there are none that can be read.
pub fn load(dir: &Path) -> Option<Orders> {
    serde_json::from_slice(&std::fs::read(dir.join(ORDERS_FILE)).ok()?).ok()
}

/// Writes the file `name` in `dir`: all of it, or it stays as it was.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    write_aside(dir, name, bytes)?.sync_all()?;
    put(dir, name)
}

/// The same without waiting for the disk: enough for a process that is killed, but not for a loss of power, after which
/// the file may be empty.
///
/// # Errors
/// When it cannot be written.
pub fn write_soon(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    write_aside(dir, name, bytes)?;
    put(dir, name)
}

fn aside(dir: &Path, name: &str) -> PathBuf {
    dir.join(format!("{name}.new"))
}

fn write_aside(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<File> {
    let mut file = File::create(aside(dir, name))?;
    file.write_all(bytes)?;
    Ok(file)
}

fn put(dir: &Path, name: &str) -> io::Result<()> {
    std::fs::rename(aside(dir, name), dir.join(name))
}

/// The scenario that a text is.
///
/// # Errors
/// What is wrong with the text, mistake by mistake.
pub fn scenario(text: &Text) -> Result<Scenario, String> {
    let read = |path: &str| {
        text.files.get(path).cloned().ok_or_else(|| format!("{path} did not come with the orders"))
    };
    let mut scenarios = decode(text, &read)?;
    if text.variant >= scenarios.len() {
        let (wanted, there) = (text.variant, scenarios.len());
        return Err(format!("there is no scenario {wanted} in the text: it has {there}"));
    }
    Ok(scenarios.swap_remove(text.variant))
}

/// The text by which somebody else reads the same scenario: `toml` with what `--set` says, the scenario at the
/// place `variant` among those of the text; `read` reads the files that it names.
///
/// # Errors
/// When there is no such scenario in it, or its files are too large to be sent along.
pub fn text_of(
    toml: &str,
    set: &[Override],
    variant: usize,
    read: impl Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Text, String> {
    let set = set.iter().map(|over| (over.key.clone(), over.value.clone())).collect();
    let text = Text { toml: toml.to_owned(), set, files: BTreeMap::new(), variant };
    let files = RefCell::new(BTreeMap::new());
    let recording = |path: &str| {
        let bytes = read(path)?;
        files.borrow_mut().insert(path.to_owned(), bytes.clone());
        Ok(bytes)
    };
    decode(&text, &recording)?;
    let text = Text { files: files.into_inner(), ..text };
    let bytes: usize = text.files.values().map(Vec::len).sum();
    if bytes > MOST_FILES {
        return Err(format!(
            "the files it names have {bytes} bytes; {MOST_FILES} can be sent to a phone"
        ));
    }
    // What the other side does, with what it has.
    scenario(&text).map(|_| text)
}

fn decode(
    text: &Text,
    read: &dyn Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<Vec<Scenario>, String> {
    let set: Vec<Override> =
        text.set.iter().map(|(key, value)| Override::new(key.as_str(), value.as_str())).collect();
    let library = Presets { files: |path: &str| read(path) };
    decode_all(&text.toml, &library, &set).map_err(|mistakes| told(&mistakes))
}

fn told(mistakes: &[Diagnostic]) -> String {
    let messages: Vec<&str> = mistakes.iter().map(|mistake| mistake.message.as_str()).collect();
    messages.join("; ")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

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

    fn reader(file: &Path) -> impl Fn(&str) -> Result<Vec<u8>, String> {
        let folder = file.parent().unwrap().to_owned();
        move |path| {
            let mut path = folder.join(path);
            if path.is_dir() {
                path.push("Info.plist");
            }
            std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))
        }
    }

    #[test]
    fn every_bundled_scenario_is_the_same_read_from_its_text() {
        let mut paths = Vec::new();
        toml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut paths);
        let (mut scenarios, mut files) = (0, 0);
        for path in paths {
            let toml = std::fs::read_to_string(&path).unwrap();
            if crate::scenario::is_fragment(&toml) {
                continue;
            }
            let read = reader(&path);
            let here = decode_all(&toml, &Presets { files: &read }, &[]).unwrap();
            for (variant, expected) in here.iter().enumerate() {
                let text = text_of(&toml, &[], variant, &read).unwrap();
                // As it goes over the wire.
                let sent = serde_json::to_string(&text).unwrap();
                let there = scenario(&serde_json::from_str(&sent).unwrap()).unwrap();
                assert_eq!(format!("{there:?}"), format!("{expected:?}"), "{}", path.display());
                scenarios += 1;
                files += text.files.len();
            }
        }
        assert!(scenarios > 100 && files > 10, "{scenarios} scenarios with {files} files");
    }

    #[test]
    fn what_is_set_and_which_variant_travel_along() {
        let toml = "name = \"x\"\nduration = \"1m\"\n[vary]\nseed = [3, 4]\n";
        let set = [Override::new("duration", "2m")];
        let none = |path: &str| Err(format!("{path}: there are no files"));
        let read = scenario(&text_of(toml, &set, 1, none).unwrap()).unwrap();
        assert_eq!((read.seed, read.duration), (4, crate::port::Span::from_secs(120)));
        assert!(text_of(toml, &set, 2, none).unwrap_err().contains("it has 2"));
        assert!(text_of("name = 1", &[], 0, none).is_err());
    }

    #[test]
    fn orders_are_kept_whole_or_as_they_were() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(dir.path()), None);
        let mut orders = Orders {
            run: "n".into(),
            token: "t".into(),
            control: "127.0.0.1:1".into(),
            server: "127.0.0.1:2".into(),
            name: "device-1".into(),
            scenario: Text { toml: "name = \"x\"".into(), ..Text::default() },
            seed: u64::MAX,
            speed: 60,
            expect_trap: false,
        };
        save(dir.path(), &orders).unwrap();
        assert_eq!(load(dir.path()).as_ref(), Some(&orders));
        orders.speed = 1;
        save(dir.path(), &orders).unwrap();
        assert_eq!(load(dir.path()).map(|orders| orders.speed), Some(1));
        // A process that ended while it wrote leaves the ones before.
        std::fs::write(dir.path().join(format!("{ORDERS_FILE}.new")), b"{\"ru").unwrap();
        assert_eq!(load(dir.path()).map(|orders| orders.speed), Some(1));
        std::fs::write(dir.path().join(ORDERS_FILE), b"{\"ru").unwrap();
        assert_eq!(load(dir.path()), None);
    }
}
