//! `set = { … }`: a preset's keys overridden one by one.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Problems, did_you_mean, listed, part};
use super::library::Library;
use super::limits::unbearable;
use super::overrides::Override;
use super::samples::with_samples;
use crate::settings::{
    Dist, Layer, Provenance, Scalar, SetError, Setting, Settings, nearest, scalar,
};

/// What a scenario's overrides say of their source; nobody vouches for them.
fn stated_by(who: &str) -> Provenance {
    Provenance { source: who.into(), confidence: "-".into(), preset: who.into() }
}

/// Sets the keys of `table` in `layer`; dotted keys and nested tables mean the same. Reports unknown
/// keys and bad values where they stand.
pub(super) fn apply<S: Settings>(
    layer: &mut Layer<S>,
    table: &DeTable<'_>,
    section: &str,
    (library, problems): (&dyn Library, &Problems),
) {
    below(layer, "", table, section, (library, problems));
}

fn below<S: Settings>(
    layer: &mut Layer<S>,
    prefix: &str,
    table: &DeTable<'_>,
    section: &str,
    (library, problems): (&dyn Library, &Problems),
) {
    for (key, value) in table {
        if problems.enough() {
            return;
        }
        let path = format!("{prefix}{}", key.get_ref());
        let inner = format!("{path}.");
        let leads = S::KEYS.iter().any(|known| known.name.starts_with(&inner));
        if S::KEYS.iter().any(|known| known.name == path) {
            set_key(layer, path, value, section, (library, problems));
        } else if let (Some(table), true) = (value.get_ref().as_table(), leads) {
            below(layer, &inner, table, section, (library, problems));
        } else {
            let wrong = first_leaf(path, value.get_ref());
            let near = nearest(&wrong, S::KEYS.iter().map(|known| known.name));
            let message = format!("[{section}] has no key `{wrong}` to set");
            let label = did_you_mean(near, "unknown key");
            let help = format!("the keys are: {}", siblings::<S>(prefix));
            problems.report(Diagnostic::new(message, key.span(), label).help(help));
        }
    }
}

fn set_key<S: Settings>(
    layer: &mut Layer<S>,
    path: String,
    value: &Spanned<DeValue<'_>>,
    section: &str,
    (library, problems): (&dyn Library, &Problems),
) {
    let wrong = |message: &str| {
        Diagnostic::new(format!("`{path}`: {message}"), value.span(), "cannot be used")
    };
    let given = scalar(value.get_ref());
    let Some(given) = given_for::<S>(&path, given, library, problems, wrong) else { return };
    match layer.values.set(&path, &given) {
        Ok(()) => {
            if let Some(message) = unbearable(section, &path, &given) {
                let message = format!("`{path}`: {message}");
                problems.report(Diagnostic::new(message, value.span(), "out of range"));
            }
            layer.provenance.insert(path, stated_by("scenario"));
        }
        Err(error) => {
            let message = format!("`{path}`: {}", sentence(error));
            let label = format!("expected: {}", kind::<S>(&path));
            problems.report(Diagnostic::new(message, value.span(), label).see(part::VALUES));
        }
    }
}

/// Sets one key from outside the text.
pub(super) fn apply_override<S: Settings>(
    layer: &mut Layer<S>,
    key: &str,
    over: &Override,
    section: &str,
    (library, problems): (&dyn Library, &Problems),
) {
    let wrong = |message: &str| over.wrong(message);
    let Some(given) = given_for::<S>(key, over.scalar(), library, problems, wrong) else { return };
    match layer.values.set(key, &given) {
        Ok(()) => {
            if let Some(message) = unbearable(section, key, &given) {
                problems.report(over.wrong(&message));
            }
            layer.provenance.insert(key.to_owned(), stated_by("--set"));
        }
        Err(error) => problems.report(over.wrong(&sentence(error))),
    }
}

/// What is given for a key: of one that can be a distribution, the samples of a file it names. `None` when
/// they cannot be had, which is reported.
fn given_for<S: Settings>(
    key: &str,
    given: Scalar,
    library: &dyn Library,
    problems: &Problems,
    wrong: impl Fn(&str) -> Diagnostic,
) -> Option<Scalar> {
    let varies = S::KEYS.iter().any(|known| known.name == key && known.kind == Dist::KIND);
    if varies { with_samples(given, library, problems, wrong) } else { Some(given) }
}

fn sentence(error: SetError) -> String {
    match error {
        SetError::BadValue(message) => message,
        SetError::UnknownKey(near) => {
            format!("there is no such key; {}", did_you_mean(near, "see the list of keys"))
        }
    }
}

fn kind<S: Settings>(path: &str) -> &'static str {
    S::KEYS.iter().find(|key| key.name == path).map_or("", |key| key.kind.name)
}

/// The full key somebody meant by the wrong `path`, which may lead on to a table.
fn first_leaf(path: String, value: &DeValue<'_>) -> String {
    match value.as_table().and_then(|table| table.iter().next()) {
        Some((key, value)) => first_leaf(format!("{path}.{}", key.get_ref()), value.get_ref()),
        None => path,
    }
}

/// What can stand after `prefix`, one word each.
fn siblings<S: Settings>(prefix: &str) -> String {
    let mut words: Vec<&str> = S::KEYS
        .iter()
        .filter_map(|key| key.name.strip_prefix(prefix))
        .map(|rest| rest.split_once('.').map_or(rest, |(word, _)| word))
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    words.retain(|word| seen.insert(*word));
    listed(words)
}
