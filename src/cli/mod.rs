//! The command line.

mod check;
mod check_json;
mod check_text;

pub use check::{CheckArgs, CheckFormat, CliError, run as check};
