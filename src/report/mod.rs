//! Readers of a run.
