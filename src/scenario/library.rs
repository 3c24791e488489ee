//! Where presets and files come from. The room itself reads no files.

use crate::client::Strategy;
use crate::net::Access;
use crate::platform::Profile;
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

    /// What is in the file at `path`, which is relative to the scenario. Of a folder, as a built `.app` is
    /// one, it is the `Info.plist` in it.
    ///
    /// # Errors
    /// A sentence that says where and what is wrong.
    fn file(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// The most bytes of a file that are of use: whoever reads files need not read more.
pub const MOST_FILE_BYTES: usize = 4 << 20;
