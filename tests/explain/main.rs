//! What names and crash reports mean: every name can be explained, and what scenarios show is computed.
#![cfg(feature = "cli")]

mod commands;
mod names;
mod reports;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use holdline::explain::{Bundled, Explainer};

/// Where the fixtures are.
fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/crash-reports")
}

/// Every file below `folder` that ends in `.toml`.
fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            found.push(path);
        }
    }
    found.sort();
}

/// Somebody who knows the scenarios of this package.
fn explainer() -> &'static Explainer {
    static KNOWS: OnceLock<Explainer> = OnceLock::new();
    KNOWS.get_or_init(|| Explainer::new(bundled()))
}

/// The scenarios of this package.
fn bundled() -> Vec<Bundled> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut found = Vec::new();
    files(&root, &mut found);
    let bundled = found.into_iter().map(|path| {
        let below = path.strip_prefix(&root).unwrap();
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let file = format!("bundled:{}", parts.join("/"));
        let text = std::fs::read_to_string(&path).unwrap();
        let read = move |file: &str| {
            std::fs::read(path.with_file_name(file)).map_err(|error| error.to_string())
        };
        Bundled { file, text, files: Box::new(read) }
    });
    bundled.collect()
}

/// Somebody who knows no scenario.
fn without_scenarios() -> &'static Explainer {
    static KNOWS: OnceLock<Explainer> = OnceLock::new();
    KNOWS.get_or_init(|| Explainer::new(Vec::new()))
}
