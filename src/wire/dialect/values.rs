//! Values by name: what a template writes, what a pattern caught, and how they are spelled.

use std::collections::BTreeMap;

use crate::port::PushId;

/// Values by name.
pub(super) type Values = BTreeMap<String, Vec<u8>>;

/// What a name stands for: the first of these that has it.
#[derive(Copy, Clone)]
pub(super) struct Lookup<'a>(pub(super) &'a [&'a Values]);

impl<'a> Lookup<'a> {
    /// The value of `name`; empty when it has none.
    pub(super) fn get(self, name: &str) -> &'a [u8] {
        self.0.iter().find_map(|values| values.get(name)).map_or(&[], Vec::as_slice)
    }
}

/// What text may be written into without change.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Escape {
    /// Anything goes.
    None,
    /// Within a line: control characters would end it, and are left out.
    Line,
    /// Within XML, be it text or an attribute.
    Xml,
    /// Within a string of JSON.
    Json,
}

impl Escape {
    pub(super) fn write(self, value: &[u8], out: &mut Vec<u8>) {
        for &byte in value {
            let as_it_is = match self {
                Escape::None => true,
                Escape::Line | Escape::Xml | Escape::Json => !byte.is_ascii_control(),
            };
            match (self, byte) {
                (Escape::Xml, b'<') => out.extend(b"&lt;"),
                (Escape::Xml, b'>') => out.extend(b"&gt;"),
                (Escape::Xml, b'&') => out.extend(b"&amp;"),
                (Escape::Xml, b'"') => out.extend(b"&quot;"),
                (Escape::Xml, b'\'') => out.extend(b"&apos;"),
                (Escape::Json, b'"' | b'\\') => out.extend([b'\\', byte]),
                _ if as_it_is => out.push(byte),
                _ => {}
            }
        }
    }
}

/// A push of ours as it is written into what another server carries: `hl-<name>-<member>`.
pub(super) fn our_id(id: PushId) -> String {
    format!("hl-{}-{}", id.name, id.member)
}

/// The push of ours that is written like this, if it is one.
pub(super) fn from_our_id(text: &[u8]) -> Option<PushId> {
    let (name, member) = std::str::from_utf8(text).ok()?.strip_prefix("hl-")?.split_once('-')?;
    let number = |digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok()).flatten()
    };
    Some(PushId { name: number(name)?, member: number(member)? })
}

/// `bytes` in Base64: RFC 4648, 4.
pub(super) fn base64(bytes: &[u8]) -> Vec<u8> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(group >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= chunk.len() { letter } else { b'=' });
        }
    }
    out
}

/// Bytes for people: text where it is text, shortened.
pub(super) fn shown(bytes: &[u8]) -> String {
    const MOST: usize = 200;
    let cut = &bytes[..bytes.len().min(MOST)];
    let printable = |byte: &u8| (b' '..=b'~').contains(byte) || *byte >= 0x80;
    let mut text = match std::str::from_utf8(cut) {
        Ok(text) if cut.iter().all(|byte| printable(byte) || b"\r\n\t".contains(byte)) => {
            text.trim_end().escape_default().to_string().replace("\\\"", "\"").replace("\\'", "'")
        }
        Ok(_) | Err(_) => cut.iter().map(|byte| format!("{byte:02x} ")).collect(),
    };
    text.truncate(text.trim_end().len());
    if bytes.len() > MOST { text + " …" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_ours_comes_back_as_the_very_push() {
        for id in [PushId { name: 0, member: 0 }, PushId { name: u32::MAX, member: 7 }] {
            assert_eq!(from_our_id(our_id(id).as_bytes()), Some(id));
        }
        for other in ["", "hl-", "hl-1", "hl-1-", "hl--1", "hl-+1-2", "hl-1-2 ", "hl-4294967296-0"]
        {
            assert_eq!(from_our_id(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")];
        for (plain, coded) in vectors {
            assert_eq!(base64(plain.as_bytes()), coded.as_bytes(), "{plain}");
        }
    }

    #[test]
    fn nothing_that_is_filled_in_ends_a_line_or_an_element() {
        let written = |escape: Escape| {
            let mut out = Vec::new();
            escape.write(b"a\r\n<b>\"&\\", &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(written(Escape::Line), "a<b>\"&\\");
        assert_eq!(written(Escape::Xml), "a&lt;b&gt;&quot;&amp;\\");
        assert_eq!(written(Escape::Json), "a<b>\\\"&\\\\");
    }
}
