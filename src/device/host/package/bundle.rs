//! The bundle on disk: complete and signed when it is there, nothing half-written.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use plist::Value;

use super::info_plist::{EXECUTABLE, MARK};
use super::macho::MachOError;
use super::plan::{APP, ENTITLEMENTS, Plan};
use crate::device::host::tools::{Runs, ToolError, succeed};

/// Why there is no package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PackageError {
    /// What was given is wrong: what, and what to do.
    Wrong(String),
    /// This machine failed.
    Machine(String),
}

impl std::error::Error for PackageError {}

impl fmt::Display for PackageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PackageError::Wrong(message) | PackageError::Machine(message) => f.write_str(message),
        }
    }
}

impl PackageError {
    pub(super) fn wrong(message: String) -> PackageError {
        PackageError::Wrong(message)
    }

    pub(super) fn agent(path: &Path, error: &MachOError) -> PackageError {
        PackageError::Wrong(format!(
            "{}: {error}; the agent is built with `cargo build --release --bin {EXECUTABLE} \
             --no-default-features --target aarch64-apple-ios` (or aarch64-apple-ios-sim)",
            path.display()
        ))
    }

    pub(super) fn profile(path: &Path, problem: &str) -> PackageError {
        PackageError::Wrong(format!("{}: the profile does not do: {problem}", path.display()))
    }

    pub(super) fn tool(error: ToolError) -> PackageError {
        PackageError::Machine(error.to_string())
    }

    fn disk(path: &Path, error: &io::Error) -> PackageError {
        PackageError::Machine(format!("{}: cannot be written: {error}", path.display()))
    }
}

impl Plan {
    /// Writes the bundle into its folder and signs it, unless that is left to somebody else. A bundle of ours that is
    /// there is replaced when the new one is complete.
    ///
    /// # Errors
    /// [`PackageError`]; what was there before is there still.
    pub fn write(&self, runs: &mut dyn Runs) -> Result<PathBuf, PackageError> {
        let app = self.app();
        must_be_ours(&app)?;
        let staging = Staging::new(&self.out)?;
        self.lay_out(&staging.folder)?;
        if !self.unsigned {
            for call in self.commands_in(&staging.folder) {
                succeed(runs, &call).map_err(PackageError::tool)?;
            }
        }
        let moved = |from: &Path, to: &Path| {
            fs::rename(from, to).map_err(|error| PackageError::disk(to, &error))
        };
        let before = staging.folder.join("before");
        if app.exists() {
            moved(&app, &before)?;
        }
        if let Err(error) = moved(&staging.folder.join(APP), &app) {
            // What was there goes back; the error that is told is the first one.
            let _ = fs::rename(&before, &app);
            return Err(error);
        }
        if self.entitlements.is_some() {
            moved(&staging.folder.join(ENTITLEMENTS), &self.out.join(ENTITLEMENTS))?;
        }
        Ok(app)
    }

    fn lay_out(&self, folder: &Path) -> Result<(), PackageError> {
        let app = folder.join(APP);
        fs::create_dir(&app).map_err(|error| PackageError::disk(&app, &error))?;
        let write = |path: PathBuf, bytes: &[u8]| {
            fs::write(&path, bytes).map_err(|error| PackageError::disk(&path, &error))
        };
        write(app.join("Info.plist"), &self.info.xml())?;
        write(app.join("PkgInfo"), b"APPL????")?;
        if let Some(profile) = &self.profile {
            write(app.join("embedded.mobileprovision"), profile)?;
        }
        if let Some(entitlements) = &self.entitlements {
            write(folder.join(ENTITLEMENTS), entitlements)?;
        }
        let executable = app.join(EXECUTABLE);
        write(executable.clone(), &self.executable)?;
        make_executable(&executable).map_err(|error| PackageError::disk(&executable, &error))
    }
}

#[cfg(unix)]
fn make_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// A folder that is there while the bundle is made.
struct Staging {
    folder: PathBuf,
}

impl Staging {
    fn new(out: &Path) -> Result<Staging, PackageError> {
        let folder = out.join(format!(".holdline-package-{}", std::process::id()));
        fs::create_dir_all(out)
            .and_then(|()| fs::create_dir(&folder))
            .map_err(|error| PackageError::disk(&folder, &error))?;
        Ok(Staging { folder })
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // What cannot be removed is hidden, and says by its name what it was.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What is not ours is not replaced.
fn must_be_ours(app: &Path) -> Result<(), PackageError> {
    if app.symlink_metadata().is_err() {
        return Ok(());
    }
    let list = Value::from_file(app.join("Info.plist")).ok();
    let marked = list.as_ref().and_then(Value::as_dictionary).is_some_and(|d| d.contains_key(MARK));
    if marked {
        return Ok(());
    }
    Err(PackageError::Wrong(format!(
        "{} is there, and was not made by `holdline device package`: choose another --out",
        app.display()
    )))
}
