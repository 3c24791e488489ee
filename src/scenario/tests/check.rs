//! What is checked of a mistake.

use crate::scenario::testing::{EXAMPLE, read, read_with};

pub(super) const HEAD: &str = "name = \"x\"\nduration = \"1h\"\n";

/// The only mistake in `text` after a good head: a part of its message, the underlined text, a part of
/// its label.
#[track_caller]
pub(super) fn mistake(text: &str, message: &str, underlined: &str, label: &str) {
    whole(&format!("{HEAD}{text}"), message, underlined, label);
}

/// The only mistake in the whole `text`.
#[track_caller]
pub(super) fn whole(text: &str, message: &str, underlined: &str, label: &str) {
    let errors = read(text).expect_err(text);
    assert_eq!(errors.len(), 1, "{text}\n{errors:#?}");
    let error = &errors[0];
    assert!(error.message.contains(message), "{text}\n{error:#?}");
    assert_eq!(&text[error.span.clone()], underlined, "{text}\n{error:#?}");
    assert!(error.label.contains(label), "{text}\n{error:#?}");
}

/// The only mistake when the example is decoded with `--set key=value`.
#[track_caller]
pub(super) fn wrong_set(key: &str, value: &str, message: &str) {
    let errors = read_with(EXAMPLE, &[(key, value)]).unwrap_err();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].message.starts_with(&format!("--set {key}={value}: ")), "{errors:#?}");
    assert!(errors[0].message.contains(message), "{errors:#?}");
    assert_eq!(errors[0].span, 0..0);
}

/// A step at a good time, then `text`.
pub(super) fn step(text: &str) -> String {
    format!("[[step]]\nat = \"1m\"\n{text}")
}

/// A step that sends the push `hello`, then `text`.
pub(super) fn sent(text: &str) -> String {
    format!("[[step]]\nat = \"1m\"\ndo = \"server.push\"\npush = \"hello\"\n{text}")
}
