//! What `holdline run` says to CI systems: JSON, JUnit XML, GitHub Actions; and the examples of `docs/ci.md`.
#![cfg(feature = "cli")]

mod docs;
mod files;
mod github;
mod json;
mod junit;
mod place;
