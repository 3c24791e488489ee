//! Files that are complete when they are there: they are written under another name first.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::exit::CliError;

/// Writes the file at `path`, making its folder; `noun` is what is in it.
///
/// # Errors
/// [`CliError::Environment`] when that fails; nothing half-written is left.
pub(super) fn write(
    path: &Path,
    noun: &str,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), CliError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = PathBuf::from(partial);
    let filled = || {
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = BufWriter::new(File::create(&partial)?);
        fill(&mut file)?;
        file.flush()?;
        fs::rename(&partial, path)
    };
    filled().map_err(|error| {
        // It may not exist, and there is nothing to do if it cannot be removed.
        let _ = fs::remove_file(&partial);
        let path = path.display();
        CliError::Environment(format!("{path}: the {noun} cannot be written: {error}"))
    })
}
