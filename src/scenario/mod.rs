//! The scenario language: TOML in, a checked [`Scenario`] or located errors out.

mod model;

pub use model::{Act, DropKind, Expect, Expectation, NetworkSetup, Scenario, Step, When};
