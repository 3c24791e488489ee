//! Where scenarios come from: files, folders, the binary.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use super::bundled::{self, Bundled};
use super::exit::CliError;
use crate::scenario::{Diagnostic, MOST_FILE_BYTES, is_fragment, text_of};

/// The folder that is looked into when no path is given.
const DEFAULT: &str = "scenarios";
/// More than a scenario can be; the decoder says so.
const MOST_BYTES: u64 = 2 << 20;

/// The text of a scenario, and where it came from.
pub(super) struct Source {
    /// The folder it is listed under.
    pub(super) group: String,
    /// The file's name without `.toml`.
    pub(super) stem: String,
    /// The file as a command line names it.
    pub(super) file: String,
    /// Its path below the folder that was given, without `.toml`.
    pub(super) below: PathBuf,
    /// The text.
    pub(super) text: String,
    /// What is wrong with it, if it cannot even be read as text.
    pub(super) unreadable: Option<Diagnostic>,
    /// What paths in it are relative to.
    base: Base,
}

enum Base {
    /// A file's folder.
    Folder(PathBuf),
    /// A path in the binary.
    Bundled(PathBuf),
}

impl Source {
    fn new(file: String, below: &Path, bytes: Vec<u8>, base: Base) -> Source {
        let (text, unreadable) = match text_of(bytes) {
            Ok(text) => (text, None),
            Err(wrong) => (wrong.1, Some(wrong.0)),
        };
        let group = file.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let group = match (&base, group.as_str()) {
            (Base::Bundled(_), "") => "bundled".to_owned(),
            (Base::Bundled(_) | Base::Folder(_), _) => group,
        };
        let below = below.with_extension("");
        let stem = below.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Source { group, stem, file, below, text, unreadable, base }
    }

    /// What is in the file at `path`, which is relative to the scenario.
    pub(super) fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match &self.base {
            Base::Folder(folder) => named_in(folder, path),
            Base::Bundled(from) => bundled::beside(from, path)
                .or_else(|| bundled::beside(from, &format!("{path}/Info.plist")))
                .map(<[u8]>::to_vec)
                .ok_or_else(|| format!("there is no {path} beside this bundled scenario")),
        }
    }
}

/// What is in the file at `path`, which is relative to the scenario at `file`.
pub(super) fn beside(file: &Path, path: &str) -> Result<Vec<u8>, String> {
    named_in(file.parent().unwrap_or(Path::new("")), path)
}

fn named_in(folder: &Path, path: &str) -> Result<Vec<u8>, String> {
    let mut path = folder.join(path);
    if path.is_dir() {
        // A built .app, as `check` takes it.
        path.push("Info.plist");
    }
    let shown = slashed(&path);
    read(&path, MOST_FILE_BYTES as u64 + 1)
        .map_err(|error| format!("{shown} cannot be read: {error}"))
}

/// The scenarios at `paths`, each once; those of `./scenarios` or of the binary when there are no paths.
///
/// # Errors
/// [`CliError::WrongInput`] for a path that does not exist, cannot be read or has no scenarios.
pub(super) fn find(paths: &[String]) -> Result<Vec<Source>, CliError> {
    let mut found: Vec<Source> = Vec::new();
    let default = match paths {
        [] if Path::new(DEFAULT).is_dir() => vec![DEFAULT.to_owned()],
        [] => vec![bundled::PREFIX.to_owned()],
        _ => Vec::new(),
    };
    for path in paths.iter().chain(&default) {
        let some = match path.strip_prefix(bundled::PREFIX) {
            Some(inside) => in_binary(inside)?,
            None => on_disk(Path::new(path))?,
        };
        for source in some {
            if !found.iter().any(|known| known.file == source.file) {
                found.push(source);
            }
        }
    }
    Ok(found)
}

fn in_binary(path: &str) -> Result<Vec<Source>, CliError> {
    let files = bundled::scenarios(path);
    if files.is_empty() && path.is_empty() {
        let message =
            "there are no scenarios in this binary\nGive scenario files or folders of them.";
        return Err(CliError::Environment(message.into()));
    }
    if files.is_empty() {
        return Err(CliError::WrongInput(format!(
            "no bundled scenario is at or below `{path}`\n\
             `holdline run {} --list` lists them.",
            bundled::PREFIX
        )));
    }
    Ok(scenarios_of(files.into_iter().map(bundled_source).collect()))
}

/// Without the fragments that a folder has beside its scenarios. A file that is named by itself is read
/// whatever it is.
fn scenarios_of(mut all: Vec<Source>) -> Vec<Source> {
    if all.len() > 1 {
        all.retain(|source| !is_fragment(&source.text));
    }
    all
}

fn bundled_source(file: Bundled) -> Source {
    let shown = format!("{}{}", bundled::PREFIX, slashed(&file.path));
    Source::new(shown, &file.path, file.bytes.to_vec(), Base::Bundled(file.path.clone()))
}

fn on_disk(path: &Path) -> Result<Vec<Source>, CliError> {
    if path.is_dir() {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        if files.is_empty() {
            return Err(CliError::WrongInput(format!(
                "{}: there is no scenario in this folder\n\
                 Scenarios are files that end in .toml; `holdline run {}` runs the bundled ones.",
                path.display(),
                bundled::PREFIX
            )));
        }
        files.sort_by_key(|file| (file.parent().map(Path::to_owned), file.clone()));
        let all: Vec<Source> =
            files.iter().map(|file| file_source(file, path)).collect::<Result<_, _>>()?;
        return Ok(scenarios_of(all));
    }
    if !path.exists() {
        return Err(CliError::WrongInput(format!(
            "{}: there is no such file or folder\n\
             Give scenario files or folders of them; `holdline run {}` runs the bundled ones.",
            path.display(),
            bundled::PREFIX
        )));
    }
    Ok(vec![file_source(path, path.parent().unwrap_or(path))?])
}

/// The scenario files below `folder`. Links to folders are not followed; hidden files, and what is no
/// regular file, as a pipe that nobody writes to, are left out.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), CliError> {
    let unreadable = |error: std::io::Error| {
        CliError::WrongInput(format!("{}: cannot be read: {error}", folder.display()))
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().map_err(unreadable)?.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml")
            // What cannot be looked at is told when it is read.
            && fs::metadata(&path).map_or(true, |found| found.is_file())
        {
            files.push(path);
        }
    }
    Ok(())
}

fn file_source(path: &Path, root: &Path) -> Result<Source, CliError> {
    let shown = slashed(path);
    let bytes = read(path, MOST_BYTES)
        .map_err(|error| CliError::WrongInput(format!("{shown}: cannot be read: {error}")))?;
    let below = path.strip_prefix(root).unwrap_or(path);
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok(Source::new(shown, below, bytes, Base::Folder(folder)))
}

/// Reads a regular file: opening a pipe would wait for somebody to write to it.
pub(super) fn read(path: &Path, most: u64) -> std::io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A path with `/` between its parts on every system, without a `./` that says nothing.
pub(super) fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| part.as_os_str().to_string_lossy())
        .collect();
    parts.join("/").replacen("//", "/", 1)
}
