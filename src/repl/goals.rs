//! What `until` waits for: short forms, or an event pattern.

use super::refusal::Refusal;
use super::words::{Word, joined};
use crate::port::AppState;
use crate::settings::nearest;
use crate::trace::{Pattern, What};

/// A short form and the pattern it stands for; `{}` is the word behind it.
const SHORT: &[(&str, &str)] = &[
    ("push {}", "push-received push={}"),
    ("received {}", "push-received push={}"),
    ("notified {}", "notified push={}"),
    ("dropped {}", "server.push-dropped push={}"),
    ("sent {}", "server.push-sent push={}"),
    ("reachable", "reachable reachable=true"),
    ("unreachable", "reachable reachable=false"),
    ("connected", "client.connected"),
    ("disconnected", "client.disconnected"),
    ("dead", "connection-dead"),
    ("killed", "kill"),
    ("keep-alive", "wake reason=keep-alive"),
];

/// The words that can stand alone behind `until`: short forms without what follows them.
pub(super) fn forms() -> impl Iterator<Item = &'static str> {
    let short = SHORT.iter().map(|(form, _)| form.trim_end_matches(" {}"));
    AppState::SPELLINGS.iter().copied().chain(short)
}

/// The event that these words mean.
///
/// # Errors
/// [`Refusal`] when they mean none, with the nearest spelling.
pub(super) fn pattern(words: &[Word]) -> Result<Pattern, Refusal> {
    let text = joined(words);
    let parse = |text: &str| Pattern::parse(text).map_err(|wrong| Refusal::new(wrong.message));
    if let [word] = words
        && AppState::SPELLINGS.contains(&word.text.as_str())
    {
        return parse(&format!("state to={}", word.text));
    }
    for (form, pattern) in SHORT {
        let (name, takes) = match form.strip_suffix(" {}") {
            Some(name) => (name, true),
            None => (*form, false),
        };
        match words {
            [word] if word.text == name && !takes => return parse(pattern),
            [word] if word.text == name => {
                return Err(Refusal::new(format!(
                    "which push is missing; write: until {name} NAME"
                )));
            }
            [word, push] if word.text == name && takes => {
                return parse(&pattern.replace("{}", &push.text));
            }
            [..] => {}
        }
    }
    let first = text.split_whitespace().next().unwrap_or_default();
    if What::TABLE.iter().any(|event| event.name == first) {
        return parse(&text);
    }
    let events = What::TABLE.iter().map(|event| event.name);
    Err(Refusal::new(match nearest(first, forms().chain(events)) {
        Some(near) => format!("there is no event `{first}`; did you mean `{near}`?"),
        None => format!("there is no event `{first}`; `holdline list events` lists them"),
    }))
}
