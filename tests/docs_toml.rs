//! Every TOML block of the docs is run. A block that is a part only is completed by a name and a duration; one whose
//! first line is a comment with a file's name is that file for the blocks of its document.

use std::collections::BTreeMap;
use std::path::Path;

use holdline::run::{Options, play};
use holdline::scenario::{Presets, decode_all, is_fragment};

/// The fenced blocks in a language, and what stands in their first line if that names a file.
fn blocks<'a>(text: &'a str, language: &str) -> Vec<(Option<&'a str>, &'a str)> {
    let fence = format!("```{language}\n");
    text.split(fence.as_str())
        .skip(1)
        .map(|rest| {
            let block = rest.split("\n```").next().unwrap_or_default();
            let first = block.lines().next().unwrap_or_default();
            let file = first.strip_prefix("# ").filter(|name| {
                !name.contains(' ') && (name.ends_with(".toml") || name.ends_with(".csv"))
            });
            (file, block)
        })
        .collect()
}

/// The block as a whole scenario.
fn completed(block: &str) -> String {
    let has = |key: &str| block.lines().any(|line| line.starts_with(key));
    let mut head = String::new();
    if !has("name ") {
        head.push_str("name = \"a part\"\n");
    }
    if !has("duration ") && !has("[phases]") && !has("include ") {
        head.push_str("duration = \"2h\"\n");
    }
    head + block
}

/// Runs every block of a document; answers how many there are.
fn run_all(document: &str, text: &str) -> usize {
    let toml = blocks(text, "toml");
    let csv = blocks(text, "csv");
    let named: BTreeMap<&str, String> = toml
        .iter()
        .chain(&csv)
        .filter_map(|(file, block)| {
            // The name of a CSV is not a part of it.
            let skip = usize::from(file.is_some_and(|file| file.ends_with(".csv")));
            let lines: Vec<&str> = block.lines().skip(skip).collect();
            Some(((*file)?, lines.join("\n") + "\n"))
        })
        .collect();
    let files = |path: &str| -> Result<Vec<u8>, String> {
        // What is no block is the sample beside the bundled scenarios.
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/network").join(path);
        let found = named.get(path).map(|text| text.as_bytes().to_vec());
        found
            .or_else(|| std::fs::read(sample).ok())
            .ok_or_else(|| format!("no block of {document} is the file {path}"))
    };
    for (_, block) in &toml {
        if is_fragment(block) {
            continue;
        }
        let whole = completed(block);
        let scenarios = decode_all(&whole, &Presets { files }, &[]).unwrap_or_else(|mistakes| {
            panic!("{document}: {mistakes:#?}\nin\n{whole}");
        });
        for scenario in scenarios {
            let outcome = play(&scenario, Options::of(&scenario));
            assert_eq!(outcome.judgements.len(), scenario.expects.len(), "{document}:\n{whole}");
        }
    }
    toml.len()
}

#[test]
fn every_toml_block_of_the_docs_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = vec![root.join("README.md"), root.join("CONTRIBUTING.md")];
    documents
        .extend(std::fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let mut blocks = 0;
    for path in documents {
        if path.extension().is_some_and(|extension| extension == "md") {
            let text = std::fs::read_to_string(&path).unwrap();
            blocks += run_all(&path.display().to_string(), &text);
        }
    }
    assert!(blocks >= 15, "{blocks} blocks: are they still found?");
}
