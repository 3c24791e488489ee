//! Ready-made presets of one sort, by name.

use std::marker::PhantomData;

use super::{Layer, LayerError, Settings};

/// The presets of one sort that come with holdline: TOML documents that may extend each other.
#[derive(Copy, Clone, Debug)]
pub struct Shelf<S> {
    documents: &'static [(&'static str, &'static str)],
    sort: PhantomData<fn() -> S>,
}

impl<S: Settings> Shelf<S> {
    /// A shelf of `documents`: name and TOML text.
    pub const fn new(documents: &'static [(&'static str, &'static str)]) -> Shelf<S> {
        Shelf { documents, sort: PhantomData }
    }

    /// Reads the preset called `name`, with the source and confidence of every value.
    ///
    /// # Errors
    /// [`LayerError`] when there is none of this name.
    pub fn get(&self, name: &str) -> Result<Layer<S>, LayerError> {
        Layer::load(name, self.documents)
    }

    /// The document of the preset called `name`, as it was written.
    pub fn text(&self, name: &str) -> Option<&'static str> {
        self.documents.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }

    /// The names of all presets, in the order in which they are declared.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &'static str> + use<S> {
        self.documents.iter().map(|(name, _)| *name)
    }

    /// Every preset says what it is and states every key, each with a source and a known confidence.
    #[cfg(test)]
    pub(crate) fn assert_sourced(&self) {
        for name in self.names() {
            let layer = self.get(name).unwrap();
            assert!(!layer.about.is_empty(), "{name}: about");
            assert_eq!(layer.unstated(), Vec::<&str>::new(), "{name}");
            for (key, from) in &layer.provenance {
                assert!(!from.source.trim().is_empty(), "{name} {key} has no source");
                let known = super::CONFIDENCES.iter().any(|known| known.letter == from.confidence);
                assert!(known, "{name} {key}: confidence `{}`", from.confidence);
            }
        }
    }
}

/// A [`Shelf`] of the TOML files in a folder beside this file: `shelf!("presets": "ideal", "umts")`.
macro_rules! shelf {
    ($folder:literal: $($name:literal),+ $(,)?) => {
        $crate::settings::Shelf::new(&[
            $(($name, include_str!(concat!($folder, "/", $name, ".toml")))),+
        ])
    };
}
pub(crate) use shelf;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::settings;

    settings! {
        struct Jam {
            /// Its sugar in percent.
            "sugar.share" => sugar: u32,
            /// Whether it has pips.
            "pips" => pips: bool,
        }
    }

    const JAMS: Shelf<Jam> = Shelf::new(&[
        (
            "plain",
            "about = \"Jam.\"\nsugar = { share = { value = 50, source = \"law\", confidence = \"H\" } }",
        ),
        ("sweet", "extends = \"plain\"\nsugar.share = 65"),
        ("endless", "extends = \"endless\""),
        ("orphan", "extends = \"marmalade\""),
        ("misspelt", "pip = true"),
    ]);

    fn message(name: &str) -> String {
        JAMS.get(name).unwrap_err().to_string()
    }

    #[test]
    fn a_preset_overrides_what_it_extends() {
        let (plain, sweet) = (JAMS.get("plain").unwrap(), JAMS.get("sweet").unwrap());
        assert_eq!((plain.values.sugar, sweet.values.sugar), (50, 65));
        assert_eq!(plain.provenance["sugar.share"].source, "law");
        assert_eq!(sweet.provenance["sugar.share"].preset, "sweet");
        assert_eq!((sweet.name.as_str(), sweet.about.as_str()), ("sweet", "Jam."));
        assert_eq!(sweet.unstated(), ["pips"]);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_that_names_the_preset() {
        assert_eq!(message("marmalade"), "preset `marmalade`: does not exist");
        assert_eq!(message("orphan"), "preset `marmalade`: does not exist");
        assert_eq!(message("endless"), "preset `endless`: extends itself");
        assert!(message("misspelt").contains("nearest Some(\"pips\")"), "{}", message("misspelt"));
    }

    #[test]
    fn names_come_in_the_order_of_declaration() {
        assert_eq!(JAMS.names().next(), Some("plain"));
        assert_eq!(JAMS.names().len(), 5);
    }
}
