//! The scenario language: TOML in, a checked [`Scenario`] or located errors out.
//!
//! The tables in `decode` (the top), `phases`, `preset_section`, `network`, `app`, `steps`, `acts` and `expects` say
//! what can stand where; [`describe`] gives them all. `connectivity` reads the CSV that `network` names. A [`Library`] gives the presets and files that a scenario names.

mod acts;
mod app;
mod connectivity;
mod decode;
mod describe;
mod diagnostic;
mod document;
mod expects;
mod impossible;
mod include;
mod library;
mod limits;
mod lints;
mod location;
mod model;
mod network;
mod overrides;
mod patterns;
mod phases;
mod preset_section;
mod presets;
mod pushes;
mod samples;
#[cfg(feature = "cli")]
mod schema;
mod set;
mod steps;
mod table;
mod text;
mod values;
mod variables;
mod vary;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub use acts::{ACTS, ActInfo};
pub use decode::{decode, decode_all, decode_linted};
pub use describe::{Place, SectionDoc, argument_table, describe, key_table, name_table};
pub use diagnostic::{Diagnostic, SourceFile};
pub use document::text_of;
pub use expects::{EXPECTS, ExpectInfo};
pub use include::is_fragment;
pub use library::{Library, MOST_FILE_BYTES};
#[cfg(feature = "cli")]
pub(crate) use limits::unbearable;
pub use lints::Lint;
pub use location::Location;
pub use model::{
    Act, Connectivity, ConnectivityRow, Expect, Expectation, Gap, NetworkSetup, Phases, Scenario,
    Step, When, World,
};
pub use overrides::{Override, TOP as SET_AT_THE_TOP};
pub use presets::{Presets, preset_names};
#[cfg(feature = "cli")]
pub use schema::schema;
pub use table::{KeyInfo, Need};
