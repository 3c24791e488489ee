//! What GitHub Actions is told of a run, when it is GitHub Actions that runs it: its environment says so.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Component, Path, PathBuf};

use super::bundled;
use crate::report::{Entry, github};

/// GitHub takes no more of one step.
const MOST: u64 = 1 << 20;

/// What GitHub Actions says of itself.
pub(super) struct GitHub {
    /// Where the repository is.
    workspace: Option<PathBuf>,
    /// The file that takes the summary of the step.
    summary: Option<PathBuf>,
}

impl GitHub {
    /// What the environment says; none elsewhere.
    pub(super) fn of_environment() -> Option<GitHub> {
        let path = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let is_github = env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true");
        is_github.then(|| GitHub {
            workspace: path("GITHUB_WORKSPACE"),
            summary: path("GITHUB_STEP_SUMMARY"),
        })
    }

    /// The commands that show failures beside the lines of their scenarios.
    pub(super) fn annotations(&self, entries: &[Entry]) -> String {
        let here = env::current_dir().ok();
        let path = |file: &str| in_repository(file, here.as_deref(), self.workspace.as_deref());
        github::annotations(entries, &path)
    }

    /// Appends the summary of the step. That it cannot be written changes nothing of what came out, and is said
    /// on stderr.
    pub(super) fn summarize(&self, entries: &[Entry]) {
        let Some(path) = &self.summary else { return };
        let written =
            OpenOptions::new().append(true).create(true).open(path).and_then(|mut file| {
                let room = MOST.saturating_sub(file.metadata()?.len());
                let text = github::summary(entries, usize::try_from(room).unwrap_or(usize::MAX));
                file.write_all(text.as_bytes())
            });
        if let Err(error) = written {
            eprintln!("{}: the summary of the step cannot be written: {error}", path.display());
        }
    }
}

/// `file` as the repository at `workspace` has it, when it is named from the folder `here`; as it is when there is
/// nothing to compare. A scenario of the binary is in no repository.
fn in_repository(file: &str, here: Option<&Path>, workspace: Option<&Path>) -> Option<String> {
    if file.starts_with(bundled::PREFIX) {
        return None;
    }
    let below = workspace.zip(here).and_then(|(workspace, here)| {
        let path = plain_path(&here.join(file));
        Some(path.strip_prefix(workspace).ok()?.to_string_lossy().into_owned())
    });
    Some(below.unwrap_or_else(|| file.to_owned()))
}

/// `path` without `.` and `..`.
fn plain_path(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir {
            plain.pop();
        } else if part != Component::CurDir {
            plain.push(part);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, here: &str) -> Option<String> {
        in_repository(file, Some(Path::new(here)), Some(Path::new("/repo")))
    }

    #[test]
    fn a_path_is_told_as_the_repository_has_it() {
        assert_eq!(found("a/b.toml", "/repo").as_deref(), Some("a/b.toml"));
        assert_eq!(found("b.toml", "/repo/a").as_deref(), Some("a/b.toml"));
        assert_eq!(found("../c/b.toml", "/repo/a").as_deref(), Some("c/b.toml"));
        assert_eq!(found("/repo/a/b.toml", "/elsewhere").as_deref(), Some("a/b.toml"));
        assert_eq!(found("b.toml", "/elsewhere").as_deref(), Some("b.toml"));
        assert_eq!(in_repository("a.toml", None, None).as_deref(), Some("a.toml"));
    }

    #[test]
    fn a_bundled_scenario_has_no_path() {
        assert_eq!(found("bundled:a.toml", "/repo"), None);
    }
}
