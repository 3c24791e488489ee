//! The lists of symbols that stand in place of Apple's libraries: `tests/ios/stubs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use saphyr::{LoadableYamlNode, Yaml};

/// The symbols of each library, by its install name.
pub(crate) fn symbols() -> BTreeMap<String, BTreeSet<String>> {
    let mut files = Vec::new();
    collect(&folder(), &mut files);
    assert!(!files.is_empty(), "no lists in {}", folder().display());
    files.iter().map(|path| read(path)).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ios/stubs")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "tbd") {
            files.push(path);
        }
    }
}

/// A text-based stub of version 4: YAML with the tag `!tapi-tbd`.
fn read(path: &Path) -> (String, BTreeSet<String>) {
    let text = std::fs::read_to_string(path).expect("it can be read");
    let yaml = text.replace("--- !tapi-tbd", "---");
    let documents = Yaml::load_from_str(&yaml).expect("it is YAML");
    let list = &documents[0];
    let name = list["install-name"].as_str().expect("it has a name").to_owned();
    let exports = list.as_mapping_get("exports").and_then(Yaml::as_vec);
    let symbols = exports.into_iter().flatten().flat_map(|export| {
        let symbols = export["symbols"].as_vec().expect("it lists symbols");
        symbols.iter().map(|symbol| symbol.as_str().expect("a name").to_owned())
    });
    (name, symbols.collect())
}
