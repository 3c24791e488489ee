//! The presets that come with the program, as a [`Library`].

use super::Library;
use crate::client::{STRATEGIES, Strategy};
use crate::net::{self, Access};
use crate::platform::{PROFILES, Profile, covering};
use crate::server::{self, ServerOptions};
use crate::settings::Layer;

/// The presets in the binary; files are read by the function that is handed in.
pub struct Presets<F> {
    /// Reads the file at a path; see [`Library::file`].
    pub files: F,
}

impl Presets<fn(&str) -> Result<Vec<u8>, String>> {
    /// The presets alone: a scenario that names a file is told that files are not read.
    pub fn built_in() -> Self {
        Presets { files: |path| Err(format!("{path}: files are not read here")) }
    }
}

impl<F: Fn(&str) -> Result<Vec<u8>, String>> Library for Presets<F> {
    fn platform(&self, name: &str) -> Option<Layer<Profile>> {
        // `ios-17` is what stands for it.
        let (profile, _) = covering(name)?;
        PROFILES.get(profile).ok()
    }

    fn platform_names(&self) -> Vec<String> {
        PROFILES.names().map(str::to_owned).collect()
    }

    fn network(&self, name: &str) -> Option<Layer<Access>> {
        net::PRESETS.get(name).ok()
    }

    fn network_names(&self) -> Vec<String> {
        net::PRESETS.names().map(str::to_owned).collect()
    }

    fn strategy(&self, name: &str) -> Option<Layer<Strategy>> {
        STRATEGIES.get(name).ok()
    }

    fn strategy_names(&self) -> Vec<String> {
        STRATEGIES.names().map(str::to_owned).collect()
    }

    fn server(&self, name: &str) -> Option<Layer<ServerOptions>> {
        server::PRESETS.get(name).ok()
    }

    fn server_names(&self) -> Vec<String> {
        server::PRESETS.names().map(str::to_owned).collect()
    }

    fn file(&self, path: &str) -> Result<Vec<u8>, String> {
        (self.files)(path)
    }
}

/// The names of the presets that `key` can be, by the key's name for `--set`; of a key that names none, nothing.
pub fn preset_names(key: &str) -> Vec<&'static str> {
    match key {
        "platform.use" => crate::platform::PROFILES.names().collect(),
        "network.use" | "network.other" => crate::net::PRESETS.names().collect(),
        "client.use" => crate::client::STRATEGIES.names().collect(),
        "server.use" => crate::server::PRESETS.names().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ios_version_without_a_profile_of_its_own_is_the_one_that_covers_it() {
        let library = Presets::built_in();
        let name = |asked: &str| library.platform(asked).map(|layer| layer.name);
        assert_eq!(name("ios-17").as_deref(), Some("ios-16"));
        assert_eq!(name("ios-12.4").as_deref(), Some("ios-11"));
        assert_eq!(name("ios-9").as_deref(), Some("ios-9"));
        assert_eq!([name("ios-3"), name("android-9")], [None, None]);
    }

    #[test]
    fn the_presets_alone_read_no_files() {
        let library = Presets::built_in();
        assert!(library.platform("ios-9").is_some() && library.strategy("default").is_some());
        assert!(library.file("Info.plist").unwrap_err().contains("Info.plist"));
    }
}
