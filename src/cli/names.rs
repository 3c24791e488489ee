//! Names of presets in options: a wrong one is answered with the nearest spelling.

use super::exit::CliError;
use crate::platform::{NEWEST_IOS, PROFILES, covering};
use crate::settings::{Settings, Shelf, nearest};

/// Checks that `name` is on the shelf, each of whose presets is a `noun`.
///
/// # Errors
/// A sentence with the nearest name and all others.
pub(super) fn known<S: Settings>(shelf: &Shelf<S>, noun: &str, name: &str) -> Result<(), CliError> {
    if shelf.names().any(|known| known == name) {
        return Ok(());
    }
    Err(unknown(noun, name, &shelf.names().collect::<Vec<_>>(), ""))
}

/// Checks that `name` is an iOS version that a profile stands for.
///
/// # Errors
/// A sentence with the nearest name and all others.
pub(super) fn known_platform(name: &str) -> Result<(), CliError> {
    if covering(name).is_some() {
        return Ok(());
    }
    let others = format!("; versions between them, up to ios-{NEWEST_IOS}, have names, too");
    Err(unknown("platform", name, &PROFILES.names().collect::<Vec<_>>(), &others))
}

fn unknown(noun: &str, name: &str, names: &[&str], others: &str) -> CliError {
    let near = nearest(name, names.iter().copied());
    let meant = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let names = names.join(", ");
    CliError::WrongInput(format!("there is no {noun} `{name}`{meant}\n{names}{others}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::STRATEGIES;

    #[test]
    fn a_wrong_name_is_answered_with_the_nearest_and_with_all() {
        let said = known(&STRATEGIES, "strategy", "plain-sokcet").unwrap_err().to_string();
        assert!(
            said.contains("no strategy `plain-sokcet`; did you mean `plain-socket`?"),
            "{said}"
        );
        assert!(said.contains("heartbeat-only"), "{said}");
        assert!(known_platform("ios9").is_ok() && known_platform("ios-17").is_ok());
        let said = known_platform("ois-9").unwrap_err().to_string();
        assert!(said.contains("did you mean `ios-9`?") && said.contains("ios-16"), "{said}");
    }
}
