//! The scenarios in the binary.

use std::path::{Component, Path, PathBuf};

use include_dir::{Dir, include_dir};

static SCENARIOS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

/// What stands before the path of a bundled scenario on a command line.
pub(super) const PREFIX: &str = "bundled:";

/// A file in the binary.
pub(super) struct Bundled {
    /// Its path below `scenarios/`.
    pub(super) path: PathBuf,
    /// What is in it.
    pub(super) bytes: &'static [u8],
}

/// The scenarios at or below `path`, sorted by path.
pub(super) fn scenarios(path: &str) -> Vec<Bundled> {
    let path = Path::new(path.trim_matches('/'));
    let mut found = Vec::new();
    collect(&SCENARIOS, path, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(dir: &'static Dir<'static>, below: &Path, found: &mut Vec<Bundled>) {
    for file in dir.files() {
        let toml = file.path().extension().is_some_and(|extension| extension == "toml");
        if toml && file.path().starts_with(below) {
            found.push(Bundled { path: file.path().to_owned(), bytes: file.contents() });
        }
    }
    for dir in dir.dirs() {
        collect(dir, below, found);
    }
}

/// The file that the scenario at `from` calls `path`.
pub(super) fn beside(from: &Path, path: &str) -> Option<&'static [u8]> {
    let mut whole = from.parent()?.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => whole.push(name),
            Component::CurDir => {}
            Component::ParentDir if whole.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    SCENARIOS.get_file(&whole).map(include_dir::File::contents)
}
