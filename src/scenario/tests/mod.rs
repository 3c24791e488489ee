//! Tests of the language as a whole.

mod check;
mod language;
mod mistakes;
mod mistakes_in_lists;
mod robustness;
mod tables;
