//! What an app was signed to do, as far as it concerns staying connected.

use plist::{Dictionary, Value};

use super::plist_reader::{PlistError, find, read_dictionary};

/// The entitlements that matter here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Entitlements {
    /// `aps-environment`: may receive pushes, from `development` or `production`.
    pub aps_environment: Option<String>,
    /// `com.apple.developer.networking.networkextension` holds `app-push-provider`.
    pub local_push: bool,
    /// `com.apple.developer.push-to-talk`.
    pub push_to_talk: bool,
    /// `com.apple.developer.pushkit.unrestricted-voip` or its `.ptt` form: VoIP pushes without a call.
    pub unrestricted_voip: bool,
}

/// Reads entitlements from a property list of them (`archived-expanded-entitlements.xcent`) or from a
/// provisioning profile (`embedded.mobileprovision`), a signed message with such a list inside. The
/// signature is not checked.
///
/// # Errors
/// [`PlistError`] when there is no property list, or a broken one.
pub fn read_entitlements(bytes: &[u8]) -> Result<Entitlements, PlistError> {
    let trimmed = bytes.trim_ascii_start();
    if trimmed.starts_with(b"<") || trimmed.starts_with(b"bplist") {
        return Ok(from_dictionary(&read_dictionary(bytes)?));
    }
    let (start, inner) = embedded(bytes).ok_or_else(|| PlistError {
        place: None,
        problem: "there is no property list inside the signed message".into(),
        help: "Build the app again; `security cms -D -i` on a Mac shows what is inside.".into(),
    })?;
    let dictionary = read_dictionary(inner).map_err(|error| error.moved_by(inner, start))?;
    Ok(match dictionary.get("Entitlements") {
        Some(Value::Dictionary(entitlements)) => from_dictionary(entitlements),
        Some(_) | None => Entitlements::default(),
    })
}

/// The property list inside a signed message, and where it begins.
fn embedded(bytes: &[u8]) -> Option<(usize, &[u8])> {
    const END: &[u8] = b"</plist>";
    let start = find(bytes, b"<?xml")?;
    let end = start + find(&bytes[start..], END)? + END.len();
    Some((start, &bytes[start..end]))
}

fn from_dictionary(keys: &Dictionary) -> Entitlements {
    let granted = |key: &str| keys.get(key).and_then(Value::as_boolean).unwrap_or(false);
    let extensions = keys
        .get("com.apple.developer.networking.networkextension")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    Entitlements {
        aps_environment: keys.get("aps-environment").and_then(Value::as_string).map(str::to_owned),
        local_push: extensions.iter().any(|item| item.as_string() == Some("app-push-provider")),
        push_to_talk: granted("com.apple.developer.push-to-talk"),
        unrestricted_voip: granted("com.apple.developer.pushkit.unrestricted-voip")
            || granted("com.apple.developer.pushkit.unrestricted-voip.ptt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Place;

    const LIST: &str = "<?xml version=\"1.0\"?><plist><dict><key>Entitlements</key><dict>\
        <key>aps-environment</key><string>production</string>\
        <key>com.apple.developer.networking.networkextension</key>\
        <array><string>app-push-provider</string></array></dict></dict></plist>";

    #[test]
    fn a_provisioning_profile_is_read_from_inside_its_signature() {
        let signed = [b"\x30\x82\x1f\x00\x06\xff", LIST.as_bytes(), b"\xa0\x82\x00"].concat();
        let found = read_entitlements(&signed).unwrap();
        assert_eq!(found.aps_environment.as_deref(), Some("production"));
        assert!(found.local_push && !found.push_to_talk && !found.unrestricted_voip);
    }

    #[test]
    fn expanded_entitlements_are_read_as_they_are() {
        let list = "<plist><dict><key>com.apple.developer.push-to-talk</key><true/></dict></plist>";
        assert!(read_entitlements(list.as_bytes()).unwrap().push_to_talk);
    }

    #[test]
    fn a_broken_list_inside_a_signature_is_placed_in_the_whole_file() {
        let signed = b"\x30\x82\x00<?xml version=\"1.0\"?>\n<plist><oops/></plist>\xa0";
        let error = read_entitlements(signed).unwrap_err();
        let Some(Place::Offset(offset)) = error.place else { panic!("{error}") };
        assert!(signed[..offset as usize].ends_with(b"<oops/>"), "{offset}");
        assert!(
            read_entitlements(b"\x30\x82\x00").unwrap_err().problem.contains("no property list")
        );
    }
}
