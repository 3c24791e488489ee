//! `docs/sources.md` is written from the profiles. `HOLDLINE_UPDATE_DOCS=1 cargo test docs_sources`
//! writes it anew.

use std::fmt::Write;
use std::path::Path;

use holdline::platform::{PROFILES, Profile, ios_range};
use holdline::settings::{CONFIDENCES, Confidence, Layer, Settings};

const INTRODUCTION: &str = "\
# Where the platform figures come from

Written from `src/platform/profiles/*.toml`; do not edit it here. To write it anew:

```
HOLDLINE_UPDATE_DOCS=1 cargo test docs_sources
```

Every value of every profile has a source and one letter that says how far to trust it. The presets of
networks, strategies and servers have letters of the same table, which `holdline show` prints; H, M and D
stand only there:
";

const BELOW_THE_LETTERS: &str = "
`forums/…` stands for `developer.apple.com/forums/…`. Any key can be set in a scenario under
`[platform]`, for example `set = { keep-alive.handler-budget = \"10s\" }`.

The two figures most worth knowing about: this project's first question and answer give a keep-alive
handler 30 s and say that an app which overruns is terminated, and that is the default here. Apple's page
says 10 s, and that the app is suspended. `keep-alive.handler-budget-strict` holds Apple's figure, and a run
in which a handler needed more than it says so.
";

/// Versions in a row that state the same.
struct Row {
    first: &'static str,
    last: &'static str,
    value: String,
    confidence: String,
    source: String,
}

fn rows(key: &str, layers: &[(&'static str, Layer<Profile>)]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (name, layer) in layers {
        let from = &layer.provenance[key];
        let value = layer.values.get(key).unwrap();
        match rows.last_mut() {
            Some(row) if row.value == value && row.source == from.source => row.last = name,
            Some(_) | None => rows.push(Row {
                first: name,
                last: name,
                value,
                confidence: from.confidence.clone(),
                source: from.source.trim().to_owned(),
            }),
        }
    }
    rows
}

fn document() -> String {
    let layers: Vec<_> = PROFILES.names().map(|name| (name, PROFILES.get(name).unwrap())).collect();
    let mut text = INTRODUCTION.to_owned();
    text.push_str("\n| letter | meaning |\n|---|---|\n");
    for Confidence { letter, meaning, .. } in CONFIDENCES {
        writeln!(text, "| {letter} | {meaning} |").unwrap();
    }
    text.push_str(BELOW_THE_LETTERS);
    text.push_str("\n## The profiles\n\n| profile | stands for | what is new |\n|---|---|---|\n");
    for (name, layer) in &layers {
        let range = ios_range(name).unwrap();
        writeln!(text, "| `{name}` | {range} | {} |", layer.about).unwrap();
    }
    text.push_str("\n## The keys\n");
    for key in Profile::KEYS {
        let doc = key.doc.split_whitespace().collect::<Vec<_>>().join(" ");
        write!(text, "\n### `{}`\n\n{doc} ({})\n\n", key.name, key.kind.name).unwrap();
        text.push_str("| profile | value | | source |\n|---|---|---|---|\n");
        for row in rows(key.name, &layers) {
            let profiles = match row.first == row.last {
                true => format!("`{}`", row.first),
                false => format!("`{}` to `{}`", row.first, row.last),
            };
            let Row { value, confidence, source, .. } = row;
            let source = source.replace('|', "\\|");
            writeln!(text, "| {profiles} | {value} | {confidence} | {source} |").unwrap();
        }
    }
    text
}

#[test]
fn docs_sources_says_what_the_profiles_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/sources.md");
    let document = document();
    if std::env::var_os("HOLDLINE_UPDATE_DOCS").is_some() {
        std::fs::write(&path, &document).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == document,
        "docs/sources.md is stale: run `HOLDLINE_UPDATE_DOCS=1 cargo test docs_sources`"
    );
}
