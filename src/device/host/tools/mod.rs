//! The tools that speak with devices: calls as data, one runner for them, and their answers with types.
//!
//! A [`Call`] is what is to be run, [`Runs`] who runs it ([`Real`], or [`Fake`] in tests). `simctl`, `devicectl`,
//! `ios_deploy` and `codesign` build calls and read answers; [`list`] and [`find`] say which devices there are, and
//! [`Target`] does the same things with any of them.

mod call;
pub mod codesign;
mod device;
pub mod devicectl;
mod failures;
mod fake;
mod find;
pub mod ios_deploy;
mod json;
mod real;
pub mod simctl;
mod target;

pub use call::{ANSWER, Call, PATIENCE, Ran, Runs, ToolError, succeed};
pub use device::{Device, Kind, State, Tool};
pub use fake::Fake;
pub use find::{Listed, NotFound, find, list};
pub(crate) use find::{choose, hindrance, is_locked};
pub use real::Real;
pub use target::{Act, Cannot, Target};

/// Says that a program is not here, and how to get it.
pub(crate) fn missing(program: &str) -> ToolError {
    let how = match program {
        "xcrun" => {
            "it comes with Xcode, which needs a Mac; without one, `--device fake` runs an agent on \
             this machine"
        }
        "codesign" | "security" => "it is part of macOS: apps for a phone are signed on a Mac",
        "ios-deploy" => {
            "phones before iOS 17 need it: `brew install ios-deploy`, or look for it in PATH"
        }
        "cargo-dinghy" => "`cargo install cargo-dinghy` gets it",
        "xcodebuild" => "install Xcode from the App Store",
        "cargo" | "rustc" => "https://rustup.rs gets it",
        "rustup" => "https://rustup.rs gets it; without it the targets of Rust are not known here",
        _ => "look whether it is installed, and in PATH",
    };
    ToolError::Missing { program: program.into(), how: how.into() }
}
