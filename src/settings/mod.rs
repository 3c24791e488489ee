//! Facts and choices as data: named keys with a type, a unit and a doc, set one by one.
//!
//! A platform profile, a network preset, a strategy and the server's options are each a plain struct
//! declared with the `settings!` macro. The declaration is the descriptor table: it drives reading,
//! error messages, documentation and overrides alike.

mod choice;
mod confidence;
mod dist;
mod dist_text;
mod form;
mod layer;
mod quantile;
mod samples;
mod shelf;
mod value;

pub use choice::Choice;
pub use confidence::{CONFIDENCES, Confidence};
pub use dist::Dist;
pub use dist_text::samples_file;
pub use form::{
    DISTRIBUTION, DURATION, ENERGY, Form, Kind, LONGER_THAN_ZERO, SHARE, SIGNED_DURATION,
    SPAN_UNITS,
};
pub use layer::{Layer, LayerError, Provenance, scalar};
pub use samples::Samples;
pub use shelf::Shelf;
pub(crate) use shelf::shelf;
pub use value::{Joules, Milliwatts, Scalar, Setting, Share, grouped, not_among, quoted};

/// One key of a settings struct.
#[derive(Copy, Clone, Debug)]
pub struct Key {
    /// The key as written in TOML, dots included: `keep-alive.handler-budget`.
    pub name: &'static str,
    /// Type, example and choices.
    pub kind: Kind,
    /// Meaning and unit, one or two sentences.
    pub doc: &'static str,
}

/// Why a key could not be set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SetError {
    /// There is no such key; the nearest spelling, if any is near.
    UnknownKey(Option<&'static str>),
    /// The value does not fit the key's type; a sentence that says what would.
    BadValue(String),
}

/// A struct whose fields are keys.
pub trait Settings: Default + Clone {
    /// All keys in the order of declaration.
    const KEYS: &'static [Key];

    /// Sets `key` to `value`.
    ///
    /// # Errors
    /// [`SetError`] when the key is unknown or the value does not fit; nothing is changed then.
    fn set(&mut self, key: &str, value: &Scalar) -> Result<(), SetError>;

    /// The value of `key` as it would be written in TOML, without quotes.
    fn get(&self, key: &str) -> Option<String>;

    /// What tells the value of `key` apart from every other: as it is written, with a hash of what a file
    /// it names contains.
    fn identity(&self, key: &str) -> Option<String>;
}

/// The key nearest to `wrong` in spelling, if any is near enough to be meant.
pub fn nearest<'a>(wrong: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wrong, name), name))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// Declares a settings struct; see the module's docs.
macro_rules! settings {
    ($(#[$meta:meta])* $vis:vis struct $name:ident {
        $($(#[doc = $doc:literal])+ $key:literal => $field:ident: $type:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug, Default)]
        $vis struct $name { $($(#[doc = $doc])+ pub $field: $type),+ }

        impl $crate::settings::Settings for $name {
            const KEYS: &'static [$crate::settings::Key] = &[$($crate::settings::Key {
                name: $key,
                kind: <$type as $crate::settings::Setting>::KIND,
                doc: concat!($($doc, "\n"),+),
            }),+];

            fn set(
                &mut self,
                key: &str,
                value: &$crate::settings::Scalar,
            ) -> Result<(), $crate::settings::SetError> {
                use $crate::settings::{SetError, Setting};
                match key {
                    $($key => {
                        self.$field = <$type as Setting>::read(value).map_err(SetError::BadValue)?;
                    })+
                    _ => {
                        let names = Self::KEYS.iter().map(|key| key.name);
                        return Err(SetError::UnknownKey($crate::settings::nearest(key, names)));
                    }
                }
                Ok(())
            }

            fn get(&self, key: &str) -> Option<String> {
                match key {
                    $($key => Some($crate::settings::Setting::show(&self.$field)),)+
                    _ => None,
                }
            }

            fn identity(&self, key: &str) -> Option<String> {
                match key {
                    $($key => Some($crate::settings::Setting::identity(&self.$field)),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use settings;
