//! What is wrong with a dialect is told where it is.

use super::*;

const GOOD: &str = r#"about = "x"
source = "y"
port = 1
framing = { kind = "lines" }
"#;

/// The place and the message of every mistake in a good dialect with `more`, lines counted in that.
fn told(more: &str) -> Vec<(usize, usize, String)> {
    let text = format!("{GOOD}{more}");
    let mistakes = Dialect::parse(&text).err().unwrap_or_default();
    let place = |mistake: &super::super::Mistake| {
        let (line, column) = mistake.position(&text);
        (line.saturating_sub(4), column, mistake.to_string())
    };
    mistakes.iter().map(place).collect()
}

fn one(more: &str) -> (usize, usize, String) {
    let told = told(more);
    assert_eq!(told.len(), 1, "{more}: {told:#?}");
    told.into_iter().next().unwrap()
}

#[test]
fn what_is_needed_is_a_framing_a_port_and_where_it_is_from() {
    assert_eq!(told(""), []);
    let mistakes = Dialect::parse("framing = { kind = \"headers\" }").unwrap_err();
    let said: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        ["a dialect has no `about`", "a dialect has no `source`", "a dialect has no `port`"]
    );
}

#[test]
fn an_unknown_key_is_told_with_the_nearest() {
    let (line, column, said) = one("[ping]\nsend = \"a\"\nppong = \"b\"");
    assert_eq!((line, column), (3, 1));
    assert_eq!(said, "[ping] has no key `ppong`; did you mean `pong`?");
    assert!(one("[[push]]\npattern = \"a\"\ncolour = 1").2.contains("the keys are: pattern, ack"));
}

#[test]
fn a_name_without_a_value_is_told_with_those_that_have_one() {
    let (line, column, said) = one("[ping]\nsend = \"PING {m}\"");
    assert_eq!((line, column), (2, 8));
    assert!(said.starts_with("`{m}` has no value here; these have: {device}, "), "{said}");
    assert!(said.ends_with("{n}"), "{said}");
    let (_, _, said) = one("[[push]]\npattern = \"P {a}\"\nack = \"A {b}\"");
    assert!(said.contains("`{b}` has no value") && said.contains("{a}"), "{said}");
    assert!(
        one("[[connect]]\nwhen = \"colour\"\nsend = \"x\"").2.contains("`colour` has no value")
    );
}

#[test]
fn every_mistake_is_told_at_once() {
    let told = told("[ping]\nsend = 1\n[[hear]]\npattern = \"{a}{b}\"\nas = \"x\"\n[close]\n");
    let lines: Vec<_> = told.iter().map(|(line, ..)| *line).collect();
    assert_eq!(lines, [2, 4, 6], "{told:#?}");
}

#[test]
fn text_that_is_not_toml_is_told_where_it_breaks() {
    let (line, _, said) = told("[ping\nsend = 1").remove(0);
    assert_eq!(line, 1);
    assert!(said.starts_with("this is not TOML: "), "{said}");
}

#[test]
fn a_part_that_is_none_is_told_with_those_that_are() {
    let binary = GOOD.replace(
        "{ kind = \"lines\" }",
        "{ kind = \"length-prefixed\", header = 1, length = \"varint\" }",
    );
    for (parts, said) in [
        ("[{ u9 = 1 }]", "there is no part `u9` here; a part is one of"),
        ("[{ u8 = 256 }]", "from 0 to 255"),
        ("[{ hex = \"c\" }]", "pairs of 0-9 and a-f"),
        ("[{ hex = \"cx\" }]", "pairs of 0-9 and a-f"),
        ("[{ any = 1 }]", "there is no part `any` here"),
        ("[{ u8 = 1, u16 = 2 }]", "a table with one key"),
        ("\"PING\"", "it is a list of parts"),
    ] {
        let text = format!("{binary}[close]\nsend = {parts}");
        let mistakes = Dialect::parse(&text).unwrap_err();
        assert!(mistakes[0].to_string().contains(said), "{parts}: {mistakes:#?}");
        assert_eq!(mistakes[0].position(&text).0, 6, "{parts}");
    }
    for (bits, said) in [("0011", "8 bits, not 4"), ("0011201.", "0, 1 and `.`")] {
        let text = format!("{binary}[[push]]\npattern = [{{ bits = \"{bits}\" }}]");
        let mistakes = Dialect::parse(&text).unwrap_err();
        assert!(mistakes[0].message.contains(said), "{mistakes:#?}");
    }
}

#[test]
fn what_another_framing_takes_is_told() {
    let text = GOOD.replace("\"lines\"", "\"resp\", root = \"x\"");
    let mistakes = Dialect::parse(&text).unwrap_err();
    assert_eq!(mistakes[0].message, "framing `resp` takes no `root`; `xml` does");
    let text = GOOD.replace("\"lines\"", "\"line\"");
    assert!(Dialect::parse(&text).unwrap_err()[0].message.contains("lines, headers, resp"));
}

#[test]
fn a_cancellation_must_say_which_push() {
    let said = one("[[push]]\npattern = \"P {id}\"\n[cancel]\npattern = \"C {other}\"").2;
    assert!(said.contains("does not say which"), "{said}");
}

#[test]
fn too_much_of_anything_is_refused() {
    let many = "[[hear]]\npattern = \"x\"\nas = \"ignore\"\n".repeat(33);
    assert!(one(&many).2.contains("at most 32"));
    assert!(Dialect::parse(&"#".repeat(65_537)).unwrap_err()[0].message.contains("longer than"));
}
