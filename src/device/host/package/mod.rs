//! What is made before an agent can be installed.

pub mod macho;
