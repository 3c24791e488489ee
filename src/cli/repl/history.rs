//! Where the lines of earlier sessions are kept.

use std::path::PathBuf;

/// The file, if there is a place for it: `HOLDLINE_HISTORY`, or `holdline/history` where the user's programs keep
/// their state. An empty `HOLDLINE_HISTORY` keeps none.
pub(super) fn file() -> Option<PathBuf> {
    place(|name| std::env::var_os(name).map(PathBuf::from), std::env::home_dir())
}

fn place(variable: impl Fn(&str) -> Option<PathBuf>, home: Option<PathBuf>) -> Option<PathBuf> {
    if let Some(file) = variable("HOLDLINE_HISTORY") {
        return (!file.as_os_str().is_empty()).then_some(file);
    }
    // As the XDG Base Directory Specification has it: a relative path is ignored.
    let state = variable("XDG_STATE_HOME").filter(|folder| folder.is_absolute());
    let state = state.or_else(|| home.map(|home| home.join(".local/state")))?;
    Some(state.join("holdline/history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(set: &[(&str, &str)]) -> Option<String> {
        let variable = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| PathBuf::from(value))
        };
        place(variable, Some("/home/me".into())).map(|path| path.display().to_string())
    }

    #[test]
    fn history_is_kept_where_state_is_kept() {
        assert_eq!(found(&[]).unwrap(), "/home/me/.local/state/holdline/history");
        assert_eq!(found(&[("XDG_STATE_HOME", "/var/me")]).unwrap(), "/var/me/holdline/history");
        let relative = found(&[("XDG_STATE_HOME", "me")]).unwrap();
        assert_eq!(relative, "/home/me/.local/state/holdline/history");
    }

    #[test]
    fn a_file_that_is_named_is_used_and_an_empty_name_keeps_none() {
        let named = [("HOLDLINE_HISTORY", "/tmp/h"), ("XDG_STATE_HOME", "/var/me")];
        assert_eq!(found(&named).unwrap(), "/tmp/h");
        assert_eq!(found(&[("HOLDLINE_HISTORY", "")]), None);
    }
}
