//! The command line.

// This room talks to the machine: it measures how long a run took, runs scenarios in parallel, prints.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
#![allow(clippy::print_stdout, clippy::print_stderr)]
pub mod check;
mod check_json;
mod check_text;

pub use check::{CheckArgs, CliError};
