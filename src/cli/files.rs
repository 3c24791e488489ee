//! Files that are complete when they are there: they are written under another name first.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::exit::CliError;

/// Writes the file at `path`, making its folder; `noun` is what is in it. What a link leads to is written, and the
/// link stays; a pipe or a device is written into, and no file takes its place.
///
/// # Errors
/// [`CliError::Environment`] when that fails; nothing half-written is left.
pub(super) fn write(
    path: &Path,
    noun: &str,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), CliError> {
    let written = match fs::metadata(path) {
        Ok(found) if !found.is_file() && !found.is_dir() => {
            OpenOptions::new().write(true).open(path).and_then(|file| filled(file, fill))
        }
        Ok(_) => fs::canonicalize(path).and_then(|path| replaced(&path, fill)),
        Err(_) => replaced(path, fill),
    };
    written.map_err(|error| {
        let path = path.display();
        CliError::Environment(format!("{path}: the {noun} cannot be written: {error}"))
    })
}

/// Writes a file under another name, and gives it its own when it is complete.
fn replaced(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)?;
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = PathBuf::from(partial);
    let written = File::create(&partial).and_then(|file| filled(file, fill));
    written.and_then(|()| fs::rename(&partial, path)).inspect_err(|_| {
        // It may not exist, and there is nothing to do if it cannot be removed.
        let _ = fs::remove_file(&partial);
    })
}

fn filled(file: File, fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    let mut file = BufWriter::new(file);
    fill(&mut file)?;
    file.flush()
}

/// Writes `text` into a new file.
///
/// # Errors
/// [`CliError::WrongInput`] when there is such a file already, which is not touched;
/// [`CliError::Environment`] when it cannot be written.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), CliError> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    let written = file.and_then(|mut file| {
        let written = file.write_all(text.as_bytes());
        // It is ours: it was not there before.
        written.inspect_err(|_| _ = fs::remove_file(path))
    });
    written.map_err(|error| {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn written(path: &Path, text: &str) -> Result<(), CliError> {
        write(path, "text", |file| file.write_all(text.as_bytes()))
    }

    #[test]
    fn a_file_that_cannot_be_filled_leaves_the_one_that_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/a.txt");
        written(&path, "first").unwrap();
        let failed = write(&path, "text", |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(matches!(failed, Err(CliError::Environment(why)) if why.contains("disk is full")));
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_has_to_be_new_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write_new(&path, "first").unwrap();
        assert!(matches!(write_new(&path, "second"), Err(CliError::WrongInput(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), "first");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_what_it_leads_to_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.txt"), folder.path().join("link"));
        written(&path, "first").unwrap();
        std::os::unix::fs::symlink("a.txt", &link).unwrap();
        written(&link, "second").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
    }

    #[cfg(unix)]
    #[test]
    fn no_file_takes_the_place_of_what_is_none() {
        use std::os::unix::fs::FileTypeExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _listens = std::os::unix::net::UnixListener::bind(&path).unwrap();
        // A socket cannot be opened as a file.
        assert!(written(&path, "text").is_err());
        assert!(fs::metadata(&path).unwrap().file_type().is_socket());
    }
}
