//! Tests of the language as a whole.

mod check;
mod composition;
#[cfg(feature = "cli")]
mod kinds;
mod language;
mod limits;
mod mistakes;
mod mistakes_in_lists;
mod robustness;
mod tables;
