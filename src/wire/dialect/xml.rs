//! XML as XMPP has it: a stream is cut into the elements directly below its root, and a pattern is an element
//! of which everything that it states must be there.
//!
//! RFC 6120, 11.1: no comments, no document types and no entities but the five of XML itself.

use super::text::{TextPattern, position};
use super::values::{Lookup, Values};

/// Elements deeper than this are refused.
const MOST_DEPTH: usize = 32;
/// An element with more attributes than this is refused.
const MOST_ATTRIBUTES: usize = 64;

/// An element. The start of the root has no children, and its end is called `/` and its name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Node {
    name: String,
    attributes: Vec<(String, String)>,
    children: Vec<Node>,
    /// The text directly in it.
    text: String,
}

/// What comes first in some XML.
enum Token<'a> {
    Open { tag: &'a str, empty: bool },
    Close(&'a str),
    Text(&'a [u8]),
    Literal(&'a [u8]),
    Declaration,
}

/// The first token and its length; nothing when it is not whole yet.
fn token(bytes: &[u8]) -> Result<Option<(Token<'_>, usize)>, String> {
    if !bytes.starts_with(b"<") {
        let end = bytes.iter().position(|byte| *byte == b'<');
        return Ok(end.map(|end| (Token::Text(&bytes[..end]), end)));
    }
    let until = |end: &[u8]| position(bytes, end).map(|at| at + end.len());
    if bytes.starts_with(b"<?") {
        return Ok(until(b"?>").map(|end| (Token::Declaration, end)));
    }
    const LITERAL: &[u8] = b"<![CDATA[";
    if bytes.starts_with(LITERAL) {
        let whole = |end: usize| (Token::Literal(&bytes[LITERAL.len()..end - 3]), end);
        return Ok(until(b"]]>").map(whole));
    }
    if bytes.starts_with(b"<!") && !LITERAL.starts_with(&bytes[..bytes.len().min(9)]) {
        return Err("a comment or a document type, which a stream must not have".into());
    }
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            (None, b'>') => {
                let tag = std::str::from_utf8(&bytes[1..at]).map_err(|_| "a tag not in UTF-8")?;
                let token = match (tag.strip_prefix('/'), tag.strip_suffix('/')) {
                    (Some(name), _) => Token::Close(name.trim_end()),
                    (None, Some(tag)) => Token::Open { tag, empty: true },
                    (None, None) => Token::Open { tag, empty: false },
                };
                return Ok(Some((token, at + 1)));
            }
            (Some(_) | None, _) => {}
        }
    }
    Ok(None)
}

/// The text that `raw` stands for.
fn unescaped(raw: &str) -> Result<String, String> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = after.split_once(';').ok_or("an `&` without a `;`")?;
        let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
        let code = match name.strip_prefix('#') {
            Some(digits) => match digits.strip_prefix('x') {
                Some(digits) => number(digits, 16),
                None => number(digits, 10),
            },
            None => match name {
                "lt" => Some(u32::from(b'<')),
                "gt" => Some(u32::from(b'>')),
                "amp" => Some(u32::from(b'&')),
                "quot" => Some(u32::from(b'"')),
                "apos" => Some(u32::from(b'\'')),
                _ => None,
            },
        };
        let c = code.and_then(char::from_u32);
        out.push(c.ok_or_else(|| format!("`&{name};` stands for nothing"))?);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

impl Node {
    /// The element without its content that begins with `tag`, which is without `<` and `>`.
    fn opened(tag: &str) -> Result<Node, String> {
        let end = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
        let name = &tag[..end];
        if name.is_empty() {
            return Err("a tag without a name".into());
        }
        let mut attributes = Vec::new();
        let mut rest = tag[end..].trim_start();
        while !rest.is_empty() {
            let wrong = || format!("`<{name}` with an attribute that is none");
            let (key, after) = rest.split_once('=').ok_or_else(wrong)?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| "'\"".contains(*c)).ok_or_else(wrong)?;
            let (value, after) = after[1..].split_once(quote).ok_or_else(wrong)?;
            attributes.push((key.trim_end().to_owned(), unescaped(value)?));
            if attributes.len() > MOST_ATTRIBUTES {
                return Err(format!("`<{name}` with more than {MOST_ATTRIBUTES} attributes"));
            }
            rest = after.trim_start();
        }
        Ok(Node { name: name.to_owned(), attributes, ..Node::default() })
    }
}

/// What begins a stream's bytes.
pub(super) enum First {
    /// An element, or an end of the root, that is so long.
    Element(Node, usize),
    /// So many bytes say nothing: white space, the XML declaration.
    Nothing(usize),
    /// It is not whole yet.
    More,
}

/// What comes first in `bytes` directly below an element called `root`, or its start or end.
pub(super) fn first(bytes: &[u8], root: &str) -> Result<First, String> {
    let blank = bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    if blank > 0 {
        return Ok(First::Nothing(blank));
    }
    if bytes.is_empty() {
        return Ok(First::More);
    }
    if !bytes.starts_with(b"<") {
        return Err("text where an element should begin".into());
    }
    let mut open: Vec<Node> = Vec::new();
    let mut at = 0;
    loop {
        let Some((token, length)) = token(&bytes[at..])? else { return Ok(First::More) };
        at += length;
        let done = match token {
            Token::Declaration if open.is_empty() => return Ok(First::Nothing(at)),
            Token::Declaration => return Err("an instruction within an element".into()),
            Token::Open { tag, empty } => {
                let node = Node::opened(tag)?;
                if open.is_empty() && node.name == root && !empty {
                    return Ok(First::Element(node, at));
                }
                if open.len() >= MOST_DEPTH {
                    return Err(format!("elements deeper than {MOST_DEPTH}"));
                }
                if empty {
                    Some(node)
                } else {
                    open.push(node);
                    None
                }
            }
            Token::Close(name) => match open.pop() {
                Some(node) if node.name == name => Some(node),
                Some(node) => return Err(format!("`<{}>` ends with `</{name}>`", node.name)),
                None if name == root => {
                    let node = Node { name: format!("/{name}"), ..Node::default() };
                    return Ok(First::Element(node, at));
                }
                None => return Err(format!("`</{name}>` ends nothing")),
            },
            Token::Text(raw) | Token::Literal(raw) => {
                let text = std::str::from_utf8(raw).map_err(|_| "text not in UTF-8")?;
                let Some(inside) = open.last_mut() else {
                    return Err("text where an element should begin".into());
                };
                match token {
                    Token::Literal(_) => inside.text.push_str(text),
                    Token::Text(_) | Token::Open { .. } | Token::Close(_) | Token::Declaration => {
                        inside.text.push_str(&unescaped(text)?)
                    }
                }
                None
            }
        };
        match (done, open.last_mut()) {
            (Some(node), Some(parent)) => parent.children.push(node),
            (Some(node), None) => return Ok(First::Element(node, at)),
            (None, _) => {}
        }
    }
}

/// An element that is recognized by what it has: this name, these attributes, this text, such children.
#[derive(Clone, Debug)]
pub(super) struct NodePattern {
    name: String,
    attributes: Vec<(String, TextPattern)>,
    text: Option<TextPattern>,
    children: Vec<NodePattern>,
}

impl NodePattern {
    /// Reads a pattern that is written as an element.
    pub(super) fn read(
        text: &str,
        root: &str,
        known: &[String],
        caught: &mut Vec<String>,
    ) -> Result<NodePattern, String> {
        match first(text.trim().as_bytes(), root)? {
            First::Element(node, length) if length == text.trim().len() => {
                NodePattern::of(&node, known, caught)
            }
            First::Element(..) => Err("more than one element".into()),
            First::Nothing(_) | First::More => Err("an element that does not end".into()),
        }
    }

    fn of(node: &Node, known: &[String], caught: &mut Vec<String>) -> Result<NodePattern, String> {
        let mut attributes = Vec::new();
        for (name, value) in &node.attributes {
            attributes.push((name.clone(), TextPattern::read(value, known, caught)?));
        }
        let text = match node.text.trim() {
            "" => None,
            text => Some(TextPattern::read(text, known, caught)?),
        };
        let children = node.children.iter().map(|child| NodePattern::of(child, known, caught));
        let children = children.collect::<Result<_, String>>()?;
        Ok(NodePattern { name: node.name.clone(), attributes, text, children })
    }

    /// Whether `node` is such an element; what was caught is added to `caught` then.
    pub(super) fn matches(&self, node: &Node, values: Lookup<'_>, caught: &mut Values) -> bool {
        let mut found = Values::new();
        let attribute = |name: &str| {
            node.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value)
        };
        let mut attributes = self.attributes.iter();
        let mut children = self.children.iter();
        let fits = self.name == node.name
            && attributes.all(|(name, pattern)| {
                attribute(name)
                    .is_some_and(|value| pattern.matches(value.as_bytes(), values, &mut found))
            })
            && self.text.as_ref().is_none_or(|pattern| {
                pattern.matches(node.text.trim().as_bytes(), values, &mut found)
            })
            && children.all(|pattern| {
                node.children.iter().any(|child| pattern.matches(child, values, &mut found))
            });
        if fits {
            caught.append(&mut found);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elements(text: &str) -> Result<Vec<String>, String> {
        let (mut rest, mut names) = (text.as_bytes(), Vec::new());
        loop {
            match first(rest, "stream:stream")? {
                First::Element(node, length) => {
                    names.push(node.name);
                    rest = &rest[length..];
                }
                First::Nothing(length) => rest = &rest[length..],
                First::More => return Ok(names),
            }
        }
    }

    #[test]
    fn a_stream_is_cut_below_its_root_and_may_begin_anew() {
        let text = "<?xml version='1.0'?><stream:stream a='>'> <a><b/>x</a><c d=\"/\"/>\
                    <stream:stream><e/></stream:stream>";
        assert_eq!(
            elements(text).unwrap(),
            ["stream:stream", "a", "c", "stream:stream", "e", "/stream:stream"]
        );
    }

    #[test]
    fn what_no_stream_may_have_is_an_error() {
        for wrong in ["<!-- x -->", "<!DOCTYPE x>", "x<a/>", "<a></b>", "</a>", "<a b/>", "< a>"] {
            assert!(elements(wrong).is_err(), "{wrong}");
        }
        assert!(elements("<a>&nbsp;</a>").unwrap_err().contains("&nbsp;"));
        assert!(elements(&"<a>".repeat(40)).unwrap_err().contains("deeper"));
    }

    #[test]
    fn a_pattern_asks_for_what_it_states_and_no_more() {
        let caught = |pattern: &str, text: &str| {
            let pattern = NodePattern::read(pattern, "s", &[], &mut Vec::new()).unwrap();
            let First::Element(node, _) = first(text.as_bytes(), "s").unwrap() else { panic!() };
            let mut caught = Values::new();
            let fits = pattern.matches(&node, Lookup(&[]), &mut caught);
            fits.then(|| caught.into_values().map(|v| String::from_utf8(v).unwrap()).collect())
        };
        let pattern = "<message id='{a}'><body>{b}</body></message>";
        let text = "<message to=\"x\" id=\"1\"><x/><body>a &lt; b<![CDATA[&]]></body></message>";
        assert_eq!(caught(pattern, text), Some(vec!["1".to_owned(), "a < b&".to_owned()]));
        assert_eq!(caught(pattern, "<message id='1'/>"), None);
        assert_eq!(caught("<a><b>x</b></a>", "<a><b>y</b><b>x</b></a>"), Some(vec![]));
    }
}
