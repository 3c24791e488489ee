//! Readers of a run.

// Nothing here decides what happens in a run, so wall clocks and unordered maps do no harm.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]
