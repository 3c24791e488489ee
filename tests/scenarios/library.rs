//! Where the bundled scenarios are, and how they are read.

use std::path::{Path, PathBuf};

use holdline::scenario::{Override, Presets, Scenario, decode_all, is_fragment};

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// Every scenario file but the fragments, in the order of its path.
pub(crate) fn bundled() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml")
                && !is_fragment(&std::fs::read_to_string(&path).unwrap())
            {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(!found.is_empty());
    found
}

/// Every bundled scenario, with the file it is in.
pub(crate) fn everything() -> Vec<(PathBuf, Scenario)> {
    let all = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        read_all(&path, &text, &[]).into_iter().map(move |scenario| (path.clone(), scenario))
    };
    bundled().into_iter().flat_map(all).collect()
}

/// Reads the scenario at `path`, the first where it varies; paths in it are relative to it.
pub(crate) fn load(path: &Path, overrides: &[Override]) -> Scenario {
    read(path, &std::fs::read_to_string(path).unwrap(), overrides)
}

/// Reads `text` as if it were at `path`: the first scenario where it varies.
pub(crate) fn read(path: &Path, text: &str, overrides: &[Override]) -> Scenario {
    read_all(path, text, overrides).remove(0)
}

/// Reads all scenarios of `text` as if it were at `path`.
fn read_all(path: &Path, text: &str, overrides: &[Override]) -> Vec<Scenario> {
    let files = |file: &str| -> Result<Vec<u8>, String> {
        std::fs::read(path.with_file_name(file)).map_err(|error| error.to_string())
    };
    decode_all(text, &Presets { files }, overrides).unwrap_or_else(|mistakes| {
        let lines: Vec<String> = mistakes
            .iter()
            .map(|mistake| {
                let line = text[..mistake.span.start].lines().count().max(1);
                format!("{}:{line}: {} ({})", path.display(), mistake.message, mistake.label)
            })
            .collect();
        panic!("{}", lines.join("\n"))
    })
}
