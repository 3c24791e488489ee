//! Presets in layers: a TOML document extends another and states some keys, each with the source and
//! confidence of its value.

use std::collections::BTreeMap;

use toml::de::{DeTable, DeValue};

use super::{Scalar, SetError, Settings};

/// What stands at the top of a preset beside its keys. `snippet` is read where it belongs, in
/// [`client::snippet`](crate::client::snippet).
const BESIDE_THE_KEYS: [&str; 3] = ["about", "extends", "snippet"];

/// Where a value comes from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Provenance {
    /// The document, measurement or code that states the value, or why it was chosen.
    pub source: String,
    /// How far it can be trusted: a letter of [`CONFIDENCES`](super::CONFIDENCES).
    pub confidence: String,
    /// The preset that states it.
    pub preset: String,
}

/// A preset read so far: values, and where each comes from.
#[derive(Clone, Debug, Default)]
pub struct Layer<S> {
    /// The preset's name.
    pub name: String,
    /// One sentence about it.
    pub about: String,
    /// The values.
    pub values: S,
    /// Where each key's value comes from, by key.
    pub provenance: BTreeMap<String, Provenance>,
}

/// A preset that cannot be read. Presets are part of the program: this is found by its tests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LayerError {
    /// The preset.
    pub preset: String,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for LayerError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "preset `{}`: {}", self.preset, self.message)
    }
}

impl std::error::Error for LayerError {}

impl<S: Settings> Layer<S> {
    /// Reads `name` from `documents` (name and text), after the presets it extends.
    ///
    /// A key is `key = value` or `key = { value = …, source = "…", confidence = "…" }`; `about` and
    /// `extends` stand at the top.
    ///
    /// # Errors
    /// [`LayerError`] for a missing preset, a cycle, a syntax error, an unknown key or a bad value.
    pub(super) fn load(name: &str, documents: &[(&str, &str)]) -> Result<Layer<S>, LayerError> {
        Layer::load_below(name, documents, 0)
    }

    fn load_below(
        name: &str,
        documents: &[(&str, &str)],
        depth: usize,
    ) -> Result<Layer<S>, LayerError> {
        let fail = |message: String| LayerError { preset: name.to_owned(), message };
        if depth > documents.len() {
            return Err(fail("extends itself".into()));
        }
        let text = documents
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| *text)
            .ok_or_else(|| fail("does not exist".into()))?;
        let table = DeTable::parse(text).map_err(|error| fail(error.to_string()))?.into_inner();
        let mut layer = match table.get("extends").map(|value| value.get_ref()) {
            Some(DeValue::String(base)) => Layer::load_below(base, documents, depth + 1)?,
            Some(_) => return Err(fail("`extends` must be text".into())),
            None => Layer { values: S::default(), ..Layer::empty() },
        };
        layer.name = name.to_owned();
        if let Some(DeValue::String(about)) = table.get("about").map(|value| value.get_ref()) {
            layer.about = about.to_string();
        }
        for (key, value) in &table {
            let key = key.get_ref().as_ref();
            if !BESIDE_THE_KEYS.contains(&key) {
                layer.read(key.to_owned(), value.get_ref()).map_err(&fail)?;
            }
        }
        Ok(layer)
    }

    fn empty() -> Layer<S> {
        Layer {
            name: String::new(),
            about: String::new(),
            values: S::default(),
            provenance: BTreeMap::new(),
        }
    }

    fn read(&mut self, key: String, value: &DeValue<'_>) -> Result<(), String> {
        let DeValue::Table(table) = value else {
            return self.put(key, &scalar(value), Provenance::default());
        };
        let text = |name: &str| match table.get(name).map(|value| value.get_ref()) {
            Some(DeValue::String(text)) => text.to_string(),
            _ => String::new(),
        };
        if let Some(value) = table.get("value") {
            let provenance = Provenance {
                source: text("source"),
                confidence: text("confidence"),
                preset: self.name.clone(),
            };
            return self.put(key, &scalar(value.get_ref()), provenance);
        }
        for (inner, value) in table {
            self.read(format!("{key}.{}", inner.get_ref()), value.get_ref())?;
        }
        Ok(())
    }

    fn put(&mut self, key: String, value: &Scalar, from: Provenance) -> Result<(), String> {
        self.values.set(&key, value).map_err(|error| match error {
            SetError::UnknownKey(near) => format!("unknown key `{key}`, nearest {near:?}"),
            SetError::BadValue(message) => format!("{key}: {message}"),
        })?;
        self.provenance.insert(key, Provenance { preset: self.name.clone(), ..from });
        Ok(())
    }

    /// The keys that no preset in the chain states.
    pub fn unstated(&self) -> Vec<&'static str> {
        S::KEYS
            .iter()
            .map(|key| key.name)
            .filter(|key| !self.provenance.contains_key(*key))
            .collect()
    }
}

/// A TOML value as a [`Scalar`].
pub fn scalar(value: &DeValue<'_>) -> Scalar {
    match value {
        DeValue::String(text) => Scalar::Text(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or(Scalar::Other("a number that does not fit"), Scalar::Integer),
        DeValue::Float(number) => number
            .as_str()
            .parse()
            .map_or(Scalar::Other("a number that does not fit"), Scalar::Float),
        DeValue::Boolean(yes) => Scalar::Bool(*yes),
        DeValue::Datetime(_) => Scalar::Other("a date"),
        DeValue::Array(_) => Scalar::Other("a list"),
        DeValue::Table(_) => Scalar::Other("a table"),
    }
}
