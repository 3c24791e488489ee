//! Names of presets in options: a wrong one is answered with the nearest spelling.

use super::exit::CliError;
use crate::platform::{NEWEST_IOS, PROFILES, covering};
use crate::settings::{Settings, Shelf, nearest};

/// Checks that `name` is on the shelf, each of whose presets is a `noun`.
///
/// # Errors
/// A sentence with the nearest name, and how to see all.
pub(super) fn known<S: Settings>(shelf: &Shelf<S>, noun: &str, name: &str) -> Result<(), CliError> {
    if shelf.names().any(|known| known == name) {
        return Ok(());
    }
    Err(CliError::WrongInput(unknown(noun, name, &meant(nearest(name, shelf.names())))))
}

/// Checks that `name` is an iOS version that a profile stands for.
///
/// # Errors
/// A sentence with the nearest name, and how to see all.
pub(super) fn known_platform(name: &str) -> Result<(), CliError> {
    if covering(name).is_some() {
        return Ok(());
    }
    let near = nearest(name, PROFILES.names());
    Err(CliError::WrongInput(format!(
        "{}; versions between them, up to ios-{NEWEST_IOS}, have names, too",
        unknown("platform", name, &meant(near))
    )))
}

/// Asks whether the nearest name was meant.
pub(super) fn meant(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// There is no `noun` called `name`: `hint`, and the command that lists all.
pub(super) fn unknown(noun: &str, name: &str, hint: &str) -> String {
    let sort = match noun {
        "strategy" => "strategies".to_owned(),
        noun => format!("{}s", noun.trim_end_matches(" preset")),
    };
    format!("there is no {noun} `{name}`{hint}\n`holdline list {sort}` lists all")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::STRATEGIES;

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest_and_how_to_see_all() {
        let said = known(&STRATEGIES, "strategy", "plain-sokcet").unwrap_err().to_string();
        assert!(
            said.contains("no strategy `plain-sokcet`; did you mean `plain-socket`?"),
            "{said}"
        );
        assert!(said.contains("`holdline list strategies` lists all"), "{said}");
        assert!(known_platform("ios9").is_ok() && known_platform("ios-17").is_ok());
        let said = known_platform("ois-9").unwrap_err().to_string();
        assert!(
            said.contains("did you mean `ios-9`?") && said.contains("list platforms`"),
            "{said}"
        );
    }
}
