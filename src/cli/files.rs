//! Files that are complete when they are there: they are written under another name first.

use std::fs::{self, File, OpenOptions};
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

/// Writes `text` into a new file.
///
/// # Errors
/// [`CliError::WrongInput`] when there is such a file already, which is not touched;
/// [`CliError::Environment`] when it cannot be written.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            return there_already(path);
        }
        CliError::Environment(format!("cannot write {}: {error}", path.display()))
    })
}

/// Says early what [`write_new`] would say.
///
/// # Errors
/// [`CliError::WrongInput`] when there is something at `path`.
pub(super) fn must_be_new(path: &Path) -> Result<(), CliError> {
    match path.symlink_metadata() {
        Ok(_) => Err(there_already(path)),
        Err(_) => Ok(()),
    }
}

fn there_already(path: &Path) -> CliError {
    CliError::WrongInput(format!(
        "{}: there is such a file already, and it may have been changed\n\
         Remove it, or choose another name.",
        path.display()
    ))
}
