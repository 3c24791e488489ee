//! The command line.

pub mod check;
mod check_json;
mod check_text;

pub use check::{CheckArgs, CliError};
