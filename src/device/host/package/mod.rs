//! What is made before an agent can be installed: its Info.plist, its entitlements, the bundle, the commands that sign
//! it, and where it is asked for, another SDK in the binary.

mod bundle;
mod entitlements;
mod info_plist;
pub mod macho;
mod plan;
mod profile;

pub use bundle::PackageError;
pub use entitlements::{Grant, NotGranted, entitlements, xml};
pub use info_plist::{APP_DELEGATE, EXECUTABLE, Info, SCENE_DELEGATE, URL_SCHEME};
pub use plan::{APP, BUNDLE_ID, Plan, Request, Signing};
pub use profile::{Flaw, Profile, read_profile};
