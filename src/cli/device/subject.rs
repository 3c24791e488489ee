//! What a run on a device is of: one scenario, with the text by which the phone reads it; one app; one folder.

use std::path::{Path, PathBuf};

use crate::cli::exit::CliError;
use crate::cli::load::{Loaded, load};
use crate::cli::sources;
use crate::device::agent::orders::text_of;
use crate::device::protocol::Text;
use crate::scenario::Override;

/// A scenario, here and for the phone.
pub(super) struct One {
    pub(super) loaded: Loaded,
    pub(super) text: Text,
}

/// The scenario at `path`: the one that it is, or `variant`, from 1, of those that it is.
///
/// # Errors
/// [`CliError`] when it has mistakes, when there are several to choose from, or when its files cannot be sent along.
pub(super) fn one(
    path: &str,
    set: &[Override],
    variant: Option<u32>,
    width: usize,
) -> Result<One, CliError> {
    let found = sources::find(&[path.to_owned()])?;
    let [source] = &found[..] else {
        let count = found.len();
        return Err(CliError::WrongInput(format!(
            "{path}: there are {count} scenarios, and a device plays one\n\
             `holdline run {path} --list` lists them."
        )));
    };
    let toml = source.text.clone();
    // Reads the files that it names once more, for the phone.
    let again = sources::find(&[path.to_owned()])?;
    let mut all = load(again, set, None, width)?;
    let place = chosen(path, &all, variant)?;
    let read = |path: &str| source.read(path);
    let text = text_of(&toml, set, place, read)
        .map_err(|why| CliError::WrongInput(format!("{path}: {why}")))?;
    Ok(One { loaded: all.swap_remove(place), text })
}

/// The place of the scenario that is meant.
fn chosen(path: &str, all: &[Loaded], variant: Option<u32>) -> Result<usize, CliError> {
    let place = match variant {
        Some(number) => number as usize - 1,
        None if all.len() == 1 => 0,
        None => usize::MAX,
    };
    if place < all.len() {
        return Ok(place);
    }
    if all.len() == 1 {
        return Err(CliError::WrongInput(format!(
            "{path}: it is one scenario, without [vary]: leave --variant out"
        )));
    }
    let mut message =
        format!("{path}: [vary] makes {} scenarios of it; choose one by --variant", all.len());
    for (number, one) in all.iter().enumerate().take(MOST_LISTED) {
        message.push_str(&format!("\n  {}  {}", number + 1, one.subject.stem));
    }
    if all.len() > MOST_LISTED {
        message.push_str("\n  …");
    }
    Err(CliError::WrongInput(message))
}

/// So many variants are named in a message.
const MOST_LISTED: usize = 20;

/// The identifier of the app: as it is given, or as the packaged app says.
///
/// # Errors
/// [`CliError::WrongInput`] when neither says it.
pub(super) fn bundle_id(given: Option<&str>, app: Option<&Path>) -> Result<String, CliError> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let Some(app) = app else {
        return Err(CliError::WrongInput(
            "which app is it?\n\
             Give the packaged app by --app, or the CFBundleIdentifier of one that is installed by \
             --bundle-id."
                .into(),
        ));
    };
    let path = app.join("Info.plist");
    let wrong = |why: String| CliError::WrongInput(format!("{}: {why}", path.display()));
    let bytes = std::fs::read(&path).map_err(|error| {
        wrong(format!(
            "cannot be read: {error}\n\
             --app is the folder that `holdline device package` writes, as app/Holdline.app."
        ))
    })?;
    let plist = plist::Value::from_reader(std::io::Cursor::new(bytes))
        .map_err(|_| wrong("it is no property list".into()))?;
    let id = plist.as_dictionary().and_then(|dict| dict.get("CFBundleIdentifier"));
    let id = id.and_then(plist::Value::as_string);
    id.map(str::to_owned).ok_or_else(|| wrong("there is no CFBundleIdentifier in it".into()))
}

/// A folder of one run, which is removed when this is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// A new one, which nobody else had.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(super) fn new() -> std::io::Result<Folder> {
        let base = std::env::temp_dir();
        let pid = std::process::id();
        for n in 0..u16::MAX {
            let path = base.join(format!("holdline-run-{pid}-{n}"));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Folder(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
        Err(std::io::Error::other("too many are there already"))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
