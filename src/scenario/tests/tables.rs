//! The tables that drive decoding hold what they promise.

use crate::scenario::diagnostic::part;
use crate::scenario::testing::read;
use crate::scenario::{ACTS, EXPECTS, KeyInfo, Need, describe};
use crate::settings::Kind;

/// A line that gives `key` its example.
fn line(key: &KeyInfo) -> String {
    let example = match key.kind {
        Kind { choices: [first, ..], example: "", .. } => format!("\"{first}\""),
        Kind { example, .. } => example.to_owned(),
    };
    format!("{} = {example}\n", key.name)
}

#[test]
fn every_act_is_made_from_the_arguments_its_row_names() {
    for row in ACTS {
        let head = format!(
            "name = \"x\"\nduration = \"1h\"\n[[step]]\nat = \"1s\"\ndo = \"{}\"\n",
            row.name
        );
        let required: String =
            row.args.iter().filter(|key| key.need == Need::Required).map(line).collect();
        let all: String = row.args.iter().map(line).collect();
        // `how` says what becomes of names that are not resolved.
        let all = if row.name == "network.dns" { all.replace("true", "false") } else { all };
        // What an act names by `push` another step has to send.
        let sent = "[[step]]\nat = \"1s\"\ndo = \"server.push\"\npush = \"invite-1\"\n";
        let head = match row.name {
            "server.cancel" => head.replacen("[[step]]", &format!("{sent}[[step]]"), 1),
            _ => head,
        };
        for text in [head.clone() + &required, head + &all] {
            let scenario = read(&text).unwrap_or_else(|errors| panic!("{text}\n{errors:#?}"));
            assert_eq!(scenario.steps.last().unwrap().act.name(), row.name);
        }
    }
}

#[test]
fn a_required_argument_that_is_missing_is_reported() {
    for row in ACTS {
        for key in row.args.iter().filter(|key| key.need == Need::Required) {
            let text = format!(
                "name = \"x\"\nduration = \"1h\"\n[[step]]\nat = \"1s\"\ndo = \"{}\"\n",
                row.name
            );
            let errors = read(&text).unwrap_err();
            assert_eq!(errors.len(), 1, "{errors:#?}");
            assert_eq!(errors[0].message, format!("this step has no `{}`", key.name));
            assert_eq!(&text[errors[0].span.clone()], "[[step]]");
        }
    }
}

#[test]
fn no_name_is_listed_twice_and_no_argument_hides_a_key_of_its_step() {
    let all = describe();
    for section in &all {
        let same = |other: &&crate::scenario::SectionDoc| {
            (other.place, other.name) == (section.place, section.name)
        };
        assert_eq!(all.iter().filter(same).count(), 1, "{}", section.name);
        for key in &section.keys {
            let same = section.keys.iter().filter(|other| other.name == key.name).count();
            assert_eq!(same, 1, "{} {}", section.name, key.name);
            assert!(!key.doc.is_empty(), "{}", key.name);
        }
    }
    let keys = |name: &str| &all.iter().find(|section| section.name == name).unwrap().keys;
    for act in ACTS {
        assert!(act.args.iter().all(|arg| keys("step").iter().all(|key| key.name != arg.name)));
    }
    for row in EXPECTS {
        assert!(row.args.iter().all(|arg| arg.name != "that"));
    }
}

const DOC: &str = include_str!("../../../docs/scenarios.md");

#[test]
fn every_mistake_leads_to_a_part_of_the_documentation_that_is_there() {
    let anchor = |heading: &str| -> String {
        let plain = heading.chars().filter(|c| c.is_alphanumeric() || " -".contains(*c));
        plain.collect::<String>().trim().to_lowercase().replace(' ', "-")
    };
    let headings = DOC.lines().filter(|line| line.starts_with('#'));
    let anchors: Vec<String> =
        headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect();
    for part in part::ALL {
        assert!(anchors.iter().any(|known| known == part), "{part} is not among {anchors:?}");
    }
}
