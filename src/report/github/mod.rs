//! The result of `holdline run` for GitHub Actions: annotations beside the lines of the scenarios, and a summary
//! of the step.

mod annotations;
mod summary;

pub use annotations::annotations;
pub use summary::summary;

#[cfg(test)]
pub(in crate::report) use summary::tests;
