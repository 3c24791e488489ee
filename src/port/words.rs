//! Enumerations that are written the same way in code, TOML, traces and messages.

/// Declares an enum whose variants have one fixed spelling each.
///
/// It gains `ALL`, `MEANINGS`, `as_str`, `parse`, `Display` and [`Setting`](crate::settings::Setting), so
/// that a vocabulary is written down once.
macro_rules! words {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        // `default` takes nothing along: what follows it is there to say how often it stands.
        $($(#[doc = $doc:literal])* $(#[default $($default:ident)?])? $variant:ident = $text:literal),+
        $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        $vis enum $name { $($(#[doc = $doc])* $(#[default $($default)?])? $variant),+ }

        impl $name {
            /// Every word, in the order of declaration.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The spellings, in the order of declaration.
            pub const SPELLINGS: &'static [&'static str] = &[$($text),+];
            /// What each means, in the order of declaration.
            pub const MEANINGS: &'static [&'static str] = &[$(concat!($($doc),*)),+];

            /// The one spelling of this word.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The word spelled `text`, if there is one.
            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::settings::Setting for $name {
            const KIND: $crate::settings::Kind =
                $crate::settings::Kind::one_of("word", "", $name::SPELLINGS);
            fn read(value: &$crate::settings::Scalar) -> Result<Self, String> {
                let text = value.text()?;
                $name::parse(text).ok_or_else(|| {
                    $crate::settings::not_among(text, $name::SPELLINGS)
                })
            }
            fn show(&self) -> String { self.as_str().to_owned() }
        }

        impl $crate::trace::FieldValue for $name {
            const SHAPE: $crate::trace::Shape = $crate::trace::Shape::Words($name::SPELLINGS);
            const MEANINGS: &'static [&'static str] = $name::MEANINGS;
            fn field(&self) -> $crate::trace::Field { $crate::trace::Field::Word(self.as_str()) }
            fn read(
                datum: &$crate::trace::Datum,
                _: &mut $crate::trace::PushNumbers,
            ) -> Option<Self> {
                datum.text().and_then($name::parse)
            }
        }
    };
}
pub(crate) use words;
