//! The dialects that the documentation shows.

use std::path::Path;

use holdline::wire::dialect::Dialect;

crate::tests![every_dialect_in_the_documentation_is_sound];

fn every_dialect_in_the_documentation_is_sound() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dialects.md");
    let text = std::fs::read_to_string(path).expect("the documentation");
    let blocks: Vec<&str> = text.split("```toml dialect\n").skip(1).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let block = block.split("\n```").next().unwrap_or_default();
        Dialect::parse(block).unwrap_or_else(|mistakes| panic!("{mistakes:#?}\nin\n{block}"));
    }
}
