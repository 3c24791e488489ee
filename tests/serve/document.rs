//! The examples of `docs/protocol.md`, played.

use std::collections::BTreeMap;

use crate::client::Client;
use crate::server::server;

/// The blocks of the document whose lines are `who > said` and `who < heard`.
fn examples(document: &'static str) -> Vec<Vec<(&'static str, char, &'static str)>> {
    let blocks = document.split("```").skip(1).step_by(2);
    let exchange = |line: &'static str| {
        let (who, rest) = line.split_once(' ')?;
        let rest = rest.trim_start();
        let sign = rest.chars().next().filter(|sign| "<>".contains(*sign))?;
        Some((who, sign, rest[1..].strip_prefix(' ')?))
    };
    let block = |text: &'static str| -> Option<Vec<_>> {
        let text = text.strip_prefix("text\n")?;
        // A block is an example as a whole or not at all.
        text.lines().map(exchange).collect()
    };
    blocks.filter_map(block).collect()
}

#[test]
fn the_examples_of_the_document_are_what_the_server_says() {
    let document = include_str!("../../docs/protocol.md");
    let examples = examples(document);
    assert_eq!(examples.len(), 3, "all are found");
    for example in examples {
        let server = server(|_| {});
        let mut clients = BTreeMap::new();
        for (who, sign, line) in example {
            let client = clients.entry(who).or_insert_with(|| Client::connect(server.address));
            match sign {
                '>' => client.say(format!("{line}\n")),
                _ => assert_eq!(client.line(), line, "{who}"),
            }
        }
    }
}

#[test]
fn every_reason_of_an_error_is_in_the_document() {
    let document = include_str!("../../docs/protocol.md");
    let server = server(|_| {});
    let stats = server.ask(|reply| holdline::live::server::api::Command::Stats { reply }).unwrap();
    for stat in stats.values {
        assert!(document.contains(stat.name), "{}", stat.name);
        if let Some(("reason", reason)) = stat.label {
            assert!(document.contains(&format!("\n| `{reason}` |")), "{reason}");
        }
    }
}
