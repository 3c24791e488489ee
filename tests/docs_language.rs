//! The tables of `docs/scenarios.md` and all of `docs/keys.md` are written from the tables that the decoder reads
//! by. `HOLDLINE_UPDATE_DOCS=1 cargo test docs_language` writes them anew.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use holdline::scenario::{
    Lint, Place, SectionDoc, argument_table, describe, key_table, name_table,
};

/// What begins a table in the text, before its name.
const BEGIN: &str = "<!-- table: ";
/// What ends it.
const END: &str = "<!-- end -->\n";

const KEYS: &str = "\
# Every key

Written from the tables that the decoder reads by; do not edit it here. To write it anew:

```
HOLDLINE_UPDATE_DOCS=1 cargo test docs_language
```

[`scenarios.md`](scenarios.md) says how a scenario is put together, and has the keys that it is made of. Here are those
that `set` gives other values, and the arguments of every act and expectation. `holdline platform`, `holdline show` and
[`sources.md`](sources.md) say where the values come from.
";

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name)
}

fn lints() -> String {
    let mut out = String::from("| lint | meaning |\n|---|---|\n");
    for (name, meaning) in Lint::SPELLINGS.iter().zip(Lint::MEANINGS) {
        writeln!(out, "| `{name}` | {} |", meaning.trim()).unwrap();
    }
    out
}

/// The tables of `scenarios.md`, by name.
fn tables() -> Vec<(String, String)> {
    let shown = |section: &SectionDoc| match section.place {
        Place::Top => Some("top"),
        // The keys of presets are many: they have a page of their own.
        Place::Table if section.name.ends_with(".set") => None,
        Place::Table | Place::Each => Some(section.name),
        Place::Act | Place::Expectation => None,
    };
    let all = describe();
    let sections = all.iter().filter_map(|section| Some((shown(section)?, key_table(section))));
    let more = [
        ("acts", name_table(Place::Act)),
        ("expectations", name_table(Place::Expectation)),
        ("lints", lints()),
    ];
    sections.chain(more).map(|(name, table)| (name.to_owned(), table)).collect()
}

/// `text` with every table written anew.
fn renewed(text: &str) -> String {
    let mut text = text.to_owned();
    for (name, table) in tables() {
        let head = format!("{BEGIN}{name} -->\n");
        let begin = text.find(&head).unwrap_or_else(|| panic!("no `{}`", head.trim())) + head.len();
        let end = begin + text[begin..].find(END).unwrap_or_else(|| panic!("{name} has no end"));
        text.replace_range(begin..end, &table);
    }
    text
}

/// The page of all keys.
fn keys() -> String {
    let mut out = KEYS.to_owned();
    for section in describe().iter().filter(|section| section.name.ends_with(".set")) {
        let name = section.name.trim_end_matches(".set");
        write!(out, "\n## `set` in `[{name}]`\n\n{}\n\n{}", section.doc, key_table(section))
            .unwrap();
    }
    for (head, place) in [("acts", Place::Act), ("expectations", Place::Expectation)] {
        write!(out, "\n## Arguments of {head}\n\n{}", argument_table(place)).unwrap();
    }
    out
}

fn check(name: &str, fresh: &str) {
    let path = path(name);
    if std::env::var_os("HOLDLINE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, fresh).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == fresh,
        "docs/{name} is stale: run `HOLDLINE_UPDATE_DOCS=1 cargo test docs_language`"
    );
}

#[test]
fn docs_language_scenarios_has_the_tables_of_the_decoder() {
    let text = std::fs::read_to_string(path("scenarios.md")).unwrap();
    check("scenarios.md", &renewed(&text));
    let marks = text.matches(BEGIN).count();
    assert_eq!(marks, tables().len(), "a table nobody writes");
}

#[test]
fn docs_language_keys_has_every_key() {
    let page = keys();
    check("keys.md", &page);
    for section in describe() {
        for key in section.keys.iter().filter(|_| section.name.ends_with(".set")) {
            assert!(page.contains(&format!("| `{}` |", key.name)), "{}", key.name);
        }
    }
}
