//! `set`: a key of the scenario has another value, from the beginning on.

use std::sync::Arc;

use super::ground::Ability;
use super::refusal::Refusal;
use super::session::Session;
use super::{edit, story, text, variant};
use crate::run::first_difference;
use crate::scenario::{Override, Place, describe};
use crate::settings::{Scalar, quoted};

/// `text` with everything in `set` written into it.
///
/// # Errors
/// [`Refusal`] when it cannot be.
pub(super) fn written(text: &str, set: &[Override]) -> Result<String, Refusal> {
    set.iter().try_fold(text.to_owned(), |text, over| put(&text, over))
}

/// The text with one key written into it.
fn put(text: &str, over: &Override) -> Result<String, Refusal> {
    let value = match over.scalar() {
        Scalar::Bool(yes) => yes.to_string(),
        Scalar::Integer(number) => number.to_string(),
        Scalar::Text(text) => quoted(&text),
        Scalar::Float(_) | Scalar::Samples(_) | Scalar::Other(_) => quoted(&over.value),
    };
    let wrong = |wrong: String| {
        Refusal::new(format!("`{}` cannot be written into the scenario: {wrong}", over.key))
    };
    let words: Vec<&str> = over.key.split('.').collect();
    // Where a scenario varies over the key, it is the one of this value from now on.
    let varied: Vec<&str> = ["vary"].into_iter().chain(words.iter().copied()).collect();
    if edit::has(text, &varied) {
        let plain = over.value.trim().trim_matches('"');
        return variant::chosen(text, &over.key, plain, &value).map_err(wrong);
    }
    edit::set(text, &path(&over.key, &words), &value).map_err(wrong)
}

/// Where a key that is named as for `--set` stands: the keys of a preset stand in the section's `set`.
fn path<'k>(key: &str, words: &[&'k str]) -> Vec<&'k str> {
    let (Some(section), Some((_, rest))) = (words.first(), key.split_once('.')) else {
        return words.to_vec();
    };
    let all = describe();
    let has = |name: &str, key: &str| {
        let table =
            |one: &&crate::scenario::SectionDoc| one.place == Place::Table && one.name == name;
        all.iter().find(table).map(|one| one.keys.iter().any(|known| known.name == key))
    };
    let own = has(section, rest) == Some(true);
    let preset = has(&format!("{section}.set"), rest).is_some();
    let tail = words.iter().skip(1).copied();
    match preset && !own {
        true => [*section, "set"].into_iter().chain(tail).collect(),
        false => words.to_vec(),
    }
}

/// Gives the key its value, plays the scenario again up to now, and says what that changed.
pub(super) fn set(
    session: &mut Session,
    key: &str,
    value: &str,
    out: &mut String,
) -> Result<(), Refusal> {
    session.has(Ability::Change)?;
    let over = Override::new(key, value);
    let set = std::slice::from_ref(&over);
    // What is wrong is said of the key as it was given.
    let asked = text::read(&session.text, &*session.desk, None, set)
        .map_err(|problems| text::in_short(&problems))?;
    let text = put(&session.text, &over)?;
    let scenario = session.read(&text)?;
    if !text::same_world(&scenario, &asked) {
        return Err(Refusal::new(format!("`{key}` cannot be written into this scenario")));
    }
    session.lasts_as_said |= key == "duration";
    change(session, text, scenario, out)
}

/// The scenario is another one from the beginning on: plays it up to now, and says what that changed.
pub(super) fn change(
    session: &mut Session,
    text: String,
    scenario: Arc<crate::scenario::Scenario>,
    out: &mut String,
) -> Result<(), Refusal> {
    let before = session.ground.events().to_vec();
    let old = Arc::clone(&session.scenario);
    let now = session.ground.now().min(scenario.duration.from_start());
    session.ground.place(&scenario, now)?;
    (session.text, session.scenario) = (text, scenario);
    out.push_str(&format!("played again from the beginning to {now}: "));
    match first_difference(&before, session.ground.events()) {
        None => out.push_str("no event differs\n"),
        Some(differs) => {
            out.push_str("the first event that differs\n");
            let mut tell = |word: &str, event, scenario| {
                let line = match event {
                    Some(event) => story::lines(scenario, &[event], session.width).concat(),
                    None => "nothing more".to_owned(),
                };
                out.push_str(&format!("  {word} {line}\n"));
            };
            tell("was", differs.first, &*old);
            tell("is ", differs.second, &*session.scenario);
        }
    }
    session.tell_where(out);
    Ok(())
}
