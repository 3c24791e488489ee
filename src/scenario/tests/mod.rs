//! Tests of the language as a whole.

mod check;
mod composition;
mod connectivity;
#[cfg(feature = "cli")]
mod kinds;
mod language;
mod limits;
mod mistakes;
mod mistakes_in_lists;
mod phases;
mod robustness;
mod samples;
mod tables;
mod varying;
