//! What the agent is signed to do: taken from the profile, never more than it grants.

use std::fmt;

use plist::{Dictionary, Value, XmlWriteOptions};

use super::Profile;

/// An entitlement that can be asked for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Grant {
    /// `aps-environment`: pushes, also those of PushKit.
    Push,
    /// `com.apple.developer.networking.networkextension` with `app-push-provider`: Local Push Connectivity.
    LocalPush,
    /// `com.apple.developer.legacyvoip`: said to keep VoIP sockets alive for SDKs from 10 to 14.
    LegacyVoip,
}

const APS: &str = "aps-environment";
const NETWORK_EXTENSION: &str = "com.apple.developer.networking.networkextension";
const PUSH_PROVIDER: &str = "app-push-provider";
const LEGACY_VOIP: &str = "com.apple.developer.legacyvoip";

/// The profile does not grant what was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotGranted {
    /// What.
    pub grant: Grant,
    /// The profile's name.
    pub profile: String,
}

impl std::error::Error for NotGranted {}

impl fmt::Display for NotGranted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, how) = match self.grant {
            Grant::Push => (
                APS,
                "add Push Notifications to the app's identifier; a free account has none of it",
            ),
            Grant::LocalPush => (NETWORK_EXTENSION, "Apple grants it upon request"),
            Grant::LegacyVoip => (LEGACY_VOIP, "Apple grants it to nobody new, as far as is known"),
        };
        write!(f, "the profile `{}` does not grant {key}: {how}", self.profile)
    }
}

/// The entitlements of an app of this identifier: who it is, whether it can be debugged, pushes where the profile has
/// them, and what was asked for.
///
/// # Errors
/// [`NotGranted`] when the profile does not have what was asked for: a phone would not install the app.
pub fn entitlements(
    profile: &Profile,
    bundle_id: &str,
    asked: &[Grant],
) -> Result<Dictionary, NotGranted> {
    let mut list = Dictionary::new();
    let prefix = profile.app.split('.').next().unwrap_or_default();
    let application = Value::String(format!("{prefix}.{bundle_id}"));
    list.insert("application-identifier".into(), application);
    for key in ["com.apple.developer.team-identifier", "get-task-allow", APS] {
        if let Some(value) = profile.entitlements.get(key) {
            list.insert(key.into(), value.clone());
        }
    }
    for grant in asked {
        let (key, value) = granted(profile, *grant)
            .ok_or_else(|| NotGranted { grant: *grant, profile: profile.name.clone() })?;
        list.insert(key.into(), value);
    }
    Ok(list)
}

/// The key and the value by which a profile grants it.
fn granted(profile: &Profile, grant: Grant) -> Option<(&'static str, Value)> {
    let has = |key: &'static str| profile.entitlements.get(key).map(|value| (key, value.clone()));
    match grant {
        Grant::Push => has(APS),
        Grant::LegacyVoip => has(LEGACY_VOIP),
        Grant::LocalPush => {
            let (key, value) = has(NETWORK_EXTENSION)?;
            let kinds = value.as_array()?;
            let provider = kinds.iter().find(|kind| kind.as_string() == Some(PUSH_PROVIDER))?;
            Some((key, Value::Array(vec![provider.clone()])))
        }
    }
}

/// A property list as XML.
pub fn xml(list: &Dictionary) -> Vec<u8> {
    let mut bytes = Vec::new();
    let list = Value::Dictionary(list.clone());
    let options = XmlWriteOptions::default();
    // Writing to memory fails for values that XML cannot hold, and these are texts, truths and numbers.
    list.to_writer_xml_with_options(&mut bytes, &options).expect("a property list of plain values");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::profile::tests::PROFILE;
    use super::super::read_profile;
    use super::*;
    use crate::platform::read_entitlements;

    #[test]
    fn the_entitlements_of_a_phone_are_as_written_down() {
        let profile = read_profile(PROFILE.as_bytes()).unwrap();
        let list = entitlements(&profile, "dev.holdline.agent", &[Grant::LocalPush]).unwrap();
        let text = String::from_utf8(xml(&list)).unwrap();
        let read = read_entitlements(text.as_bytes()).unwrap();
        assert_eq!(read.aps_environment.as_deref(), Some("development"));
        assert!(read.local_push);
        insta::assert_snapshot!(text);
    }

    #[test]
    fn nothing_is_signed_that_the_profile_does_not_grant() {
        let profile = read_profile(PROFILE.as_bytes()).unwrap();
        let asked = [Grant::Push, Grant::LegacyVoip];
        let error = entitlements(&profile, "dev.holdline.agent", &asked).unwrap_err();
        assert_eq!(error.grant, Grant::LegacyVoip);
        assert!(error.to_string().contains("`Holdline` does not grant com.apple.developer.legacy"));
    }
}
