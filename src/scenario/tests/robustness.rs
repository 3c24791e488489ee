//! No text brings the decoder down, and every mistake is somewhere in it.

use proptest::prelude::*;

use crate::scenario::testing::{EXAMPLE, read, read_with};

/// Every span is inside the text and on characters, and there is at least one mistake.
fn spans_are_sound(text: &str) {
    if let Err(errors) = read(text) {
        assert!(!errors.is_empty());
        for error in errors {
            assert!(text.get(error.span.clone()).is_some(), "{error:?} in {text:?}");
            assert!(!error.message.is_empty());
            assert!(!error.message.contains("cannot be read"), "{error:?} in {text:?}");
        }
    }
}

/// Pieces that bring mutations near to what means something.
const PIECES: &[&str] = &[
    "\"",
    "{",
    "}",
    "[",
    "]",
    "[[step]]\n",
    "[[expect]]\n",
    "=",
    ".",
    "\n",
    "é",
    "'",
    "#",
    "0",
    "-1",
    "\"10s\"",
    "true",
    "every = \"1m\"\n",
    "at = \"1s\"\n",
    "set",
    "use",
    "push",
    "count = 1\n",
    "inf",
    "1979-05-27",
    "[]",
    "{}",
    "99999999999999999999",
    "id = \"outage\"\n",
    "\u{feff}",
    "\r",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC{0,200}") {
        spans_are_sound(&text);
    }

    #[test]
    fn a_mutated_scenario_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, 0..PIECES.len()), 1..6),
    ) {
        let mut text = EXAMPLE.to_owned();
        for (place, remove, piece) in changes {
            let places: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
            let Some(start) = places.get(place.index(places.len().max(1))) else { continue };
            let end = places.iter().copied().find(|i| *i >= start + remove).unwrap_or(text.len());
            text.replace_range(*start..end, PIECES[piece]);
        }
        spans_are_sound(&text);
    }

    #[test]
    fn a_scenario_with_lines_dropped_or_swapped_never_panics(
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let lines: Vec<&str> = EXAMPLE.lines().collect();
        let text: Vec<&str> = order.iter().map(|index| lines[index.index(lines.len())]).collect();
        spans_are_sound(&text.join("\n"));
    }

    #[test]
    fn an_arbitrary_override_never_panics(key in "\\PC{0,20}", value in "\\PC{0,20}") {
        let _ = read_with(EXAMPLE, &[(&key, &value), ("platform.use", &value), ("seed", &value)]);
    }
}

#[test]
fn deep_nesting_is_a_mistake_and_not_a_crash() {
    for text in [
        "[".repeat(100_000),
        "a = ".to_owned() + &"[".repeat(100_000),
        "a.".repeat(100_000) + "b = 1",
        "a = ".to_owned() + &"{ a = ".repeat(100_000),
    ] {
        spans_are_sound(&text);
        assert!(read(&text).is_err());
    }
}

#[test]
fn a_text_over_a_mebibyte_is_refused_unread() {
    let text = "#".repeat((1 << 20) + 1);
    let errors = read(&text).unwrap_err();
    assert!(errors[0].message.contains("too long"));
}

#[test]
fn thousands_of_mistakes_are_not_all_reported() {
    let head = "name = \"x\"\nduration = \"1h\"\n";
    let keys: String = (0..20_000).map(|n| format!("key-{n} = 1\n")).collect();
    for text in [
        head.to_owned() + &"[[step]]\n".repeat(20_000),
        head.to_owned() + &keys,
        format!("{head}[client.set]\n{keys}"),
        format!("{head}[[step]]\nat = \"1s\"\ndo = \"user.lock\"\n{keys}"),
        "] = ".repeat(100_000),
        "]\n".repeat(100_000),
    ] {
        let errors = read(&text).unwrap_err();
        assert!(errors.len() < 200, "{}", errors.len());
    }
}
