//! Where presets and files come from. The room itself reads no files.

use crate::client::Strategy;
use crate::net::Access;
use crate::platform::{Manifest, Profile};
use crate::server::ServerOptions;
use crate::settings::Layer;

/// What a scenario refers to by name.
pub trait Library {
    /// The platform profile called `name`.
    fn platform(&self, name: &str) -> Option<Layer<Profile>>;
    /// All platform profiles.
    fn platform_names(&self) -> Vec<String>;
    /// The network preset called `name`.
    fn network(&self, name: &str) -> Option<Layer<Access>>;
    /// All network presets.
    fn network_names(&self) -> Vec<String>;
    /// The strategy called `name`.
    fn strategy(&self, name: &str) -> Option<Layer<Strategy>>;
    /// All strategies.
    fn strategy_names(&self) -> Vec<String>;
    /// The server preset called `name`.
    fn server(&self, name: &str) -> Option<Layer<ServerOptions>>;
    /// All server presets.
    fn server_names(&self) -> Vec<String>;

    /// The app that the `Info.plist` at `path` describes; `path` is as the scenario writes it.
    ///
    /// # Errors
    /// A sentence that says where and what is wrong.
    fn manifest(&self, path: &str) -> Result<Manifest, String>;
}
