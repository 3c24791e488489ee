//! `--junit`, read by an XML reader that is not the writer's.

use roxmltree::{Document, Node};

use crate::place::Place;

/// What `junit-10.xsd` of Jenkins' xUnit plugin allows: an element, its attributes, what may be in it.
const SCHEMA: &[(&str, &[&str], &[&str])] = &[
    ("testsuites", &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors", "time", "skipped", "timestamp", "hostname"],
        &["properties", "testcase", "system-out", "system-err"],
    ),
    (
        "testcase",
        &["name", "classname", "time", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", &["type", "message"], &[]),
    ("error", &["type", "message"], &[]),
    ("system-out", &[], &[]),
];

fn check(node: Node<'_, '_>) {
    let name = node.tag_name().name();
    let row = SCHEMA.iter().find(|(element, ..)| *element == name);
    let (_, attributes, inside) = row.unwrap_or_else(|| panic!("<{name}> is not in the schema"));
    for attribute in node.attributes() {
        assert!(attributes.contains(&attribute.name()), "{name}/@{}", attribute.name());
    }
    for child in node.children().filter(Node::is_element) {
        assert!(inside.contains(&child.tag_name().name()), "{name}/{}", child.tag_name().name());
        check(child);
    }
}

fn case<'a>(document: &'a Document<'_>, name: &str) -> Node<'a, 'a> {
    let mut cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    cases.find(|case| case.attribute("name") == Some(name)).unwrap_or_else(|| panic!("no {name}"))
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|child| child.has_tag_name(name))
}

fn written(place: &Place) -> String {
    let output = place.run(&["run", "scenarios", "--junit", "out/junit.xml"]);
    assert_eq!(output.status.code(), Some(1));
    place.text("out/junit.xml")
}

#[test]
fn it_keeps_to_the_strictest_schema_and_counts_right() {
    let text = written(&Place::new());
    let document = Document::parse(&text).unwrap();
    let root = document.root_element();
    check(root);
    let counts = ["tests", "failures", "errors"].map(|name| root.attribute(name).unwrap());
    assert_eq!(counts, ["4", "1", "2"]);
    let suite = child(root, "testsuite").unwrap();
    assert_eq!(suite.attribute("name"), Some("scenarios"));
}

#[test]
fn a_failure_says_where_the_expectation_stands_what_was_found_and_how_to_run_it_again() {
    let text = written(&Place::new());
    let document = Document::parse(&text).unwrap();
    let failure = child(case(&document, "bad"), "failure").unwrap();
    assert_eq!(failure.attribute("type"), Some("fail"));
    assert!(failure.attribute("message").unwrap().starts_with("0 of 2 seeds pass; 2 fail: 1-2; "));
    let told = failure.text().unwrap();
    let line = "scenarios/common/never.toml:3: expected metric kills at least 1; found kills was 0";
    assert!(told.lines().any(|told| told == line), "{told}");
    assert!(told.contains("run again holdline run scenarios/bad.toml --seed 1"), "{told}");
    assert!(!told.contains('\u{1b}') && !told.contains("[3"), "{told}");
}

#[test]
fn what_a_run_does_not_show_is_an_error_of_its_own_type() {
    let text = written(&Place::new());
    let document = Document::parse(&text).unwrap();
    for name in ["short [1]", "short [2]"] {
        let error = child(case(&document, name), "error").unwrap();
        assert_eq!(error.attribute("type"), Some("undetermined"));
    }
    let good = case(&document, "good");
    assert!(child(good, "failure").is_none() && child(good, "error").is_none());
    let out = child(good, "system-out").unwrap().text().unwrap();
    assert!(out.contains("file: scenarios/good.toml\nseed: 1\nrun again: holdline run"), "{out}");
}

#[test]
fn the_same_runs_give_the_same_file() {
    let place = Place::new();
    assert_eq!(written(&place), written(&place));
}
