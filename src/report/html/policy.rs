//! What a page may do: run its own script, use its own style, and nothing else.

use ring::digest::{SHA256, digest};

use super::pack::DIGITS;

/// The policy of a page with these scripts and this style: nothing is loaded, and a script that is not ours does not
/// run.
pub(super) fn policy(scripts: &[&str], style: &str) -> String {
    let scripts: Vec<String> = scripts.iter().map(|script| source(script)).collect();
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        scripts.join(" "),
        source(style)
    )
}

/// A text as a policy names it: by its hash.
fn source(text: &str) -> String {
    format!("'sha256-{}'", base64(digest(&SHA256, text.as_bytes()).as_ref()))
}

fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_written_as_browsers_expect_it() {
        // As in the specification of Content Security Policy.
        assert_eq!(
            source("alert('Hello, world.');"),
            "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
        );
        assert_eq!(
            ["M", "Ma", "Man"].map(|text| base64(text.as_bytes())),
            ["TQ==", "TWE=", "TWFu"]
        );
    }

    #[test]
    fn nothing_but_the_own_script_and_style_is_allowed() {
        let policy = policy(&["a", "b"], "c");
        assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
