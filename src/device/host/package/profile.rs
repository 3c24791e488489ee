//! Provisioning profiles: what one allows, for which phones, and until when.

use std::fmt;
use std::time::{Duration, SystemTime};

use plist::{Dictionary, Value};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::platform::MAX_PLIST_BYTES;

/// What a profile says, as far as it concerns us.
#[derive(Clone, PartialEq, Debug)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The team: ten letters and digits.
    pub team: String,
    /// The app that it is for, as `TEAM.dev.holdline.agent` or `TEAM.*`.
    pub app: String,
    /// Until when it is valid.
    pub expires: Option<SystemTime>,
    /// The phones that it lists.
    pub devices: Vec<String>,
    /// Whether it is for all phones, as those of enterprises are.
    pub all_devices: bool,
    /// The SHA-1 of each certificate that may sign, in capital hexadecimal digits, as `security` writes them.
    pub certificates: Vec<String>,
    /// What it grants, with everything that is nested in it.
    pub entitlements: Dictionary,
}

/// Reads a profile: a signed message with a property list inside, or the list alone, as `security cms -D` writes it.
/// The signature is not checked here.
///
/// # Errors
/// What is wrong with it.
pub fn read_profile(bytes: &[u8]) -> Result<Profile, String> {
    let list = inner(bytes).ok_or("there is no property list in it")?;
    if list.len() > MAX_PLIST_BYTES {
        return Err(format!("its property list is larger than {MAX_PLIST_BYTES} bytes"));
    }
    let list = Value::from_reader_xml(list).map_err(|error| error.to_string())?;
    let list = list.as_dictionary().ok_or("its property list is no dictionary")?;
    let entitlements = list.get("Entitlements").and_then(Value::as_dictionary);
    let entitlements = entitlements.ok_or("it has no Entitlements")?.clone();
    let text = |key: &str| list.get(key).and_then(Value::as_string).unwrap_or_default().to_owned();
    let first = |key: &str| strings(list.get(key)).into_iter().next().unwrap_or_default();
    let app = entitlements.get("application-identifier").and_then(Value::as_string);
    let app = app.ok_or("its Entitlements name no application-identifier")?.to_owned();
    let certificates = list.get("DeveloperCertificates").and_then(Value::as_array);
    Ok(Profile {
        name: text("Name"),
        team: first("TeamIdentifier"),
        app,
        expires: list.get("ExpirationDate").and_then(Value::as_date).map(SystemTime::from),
        devices: strings(list.get("ProvisionedDevices")),
        all_devices: list.get("ProvisionsAllDevices").and_then(Value::as_boolean) == Some(true),
        certificates: certificates.into_iter().flatten().filter_map(fingerprint).collect(),
        entitlements,
    })
}

/// The property list inside a signed message.
fn inner(bytes: &[u8]) -> Option<&[u8]> {
    const END: &[u8] = b"</plist>";
    let find = |what: &[u8], from: usize| {
        let rest = bytes.get(from..)?;
        rest.windows(what.len()).position(|part| part == what).map(|at| at + from)
    };
    let start = find(b"<?xml", 0).or_else(|| find(b"<plist", 0))?;
    let end = find(END, start)? + END.len();
    bytes.get(start..end)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_string).map(str::to_owned).collect()
}

fn fingerprint(certificate: &Value) -> Option<String> {
    let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.as_data()?);
    Some(hash.as_ref().iter().map(|byte| format!("{byte:02X}")).collect())
}

/// Why a profile does not do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Flaw {
    /// It is no longer valid, since so long.
    Expired(Duration),
    /// It is for another app.
    OtherApp {
        /// Which one.
        app: String,
        /// The identifier that was wanted.
        wanted: String,
    },
    /// It does not list the phone.
    NoDevice(String),
    /// It does not have the certificate of this identity.
    NoCertificate(String),
}

const DAY: u64 = 24 * 60 * 60;

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::Expired(since) => write!(
                f,
                "it expired {} days ago (a free account's are valid for 7): let Xcode make \
                 another one",
                since.as_secs() / DAY
            ),
            Flaw::OtherApp { app, wanted } => write!(
                f,
                "it is for {app}, not for {wanted}: leave --bundle-id out, or take another profile"
            ),
            Flaw::NoDevice(id) => write!(
                f,
                "it does not list the phone {id}: connect the phone, and let Xcode register it \
                 (Window, Devices and Simulators)"
            ),
            Flaw::NoCertificate(identity) => write!(
                f,
                "it does not have the certificate of {identity}: take another identity, or let \
                 Xcode make the profile anew"
            ),
        }
    }
}

impl Profile {
    /// The identifier that an app gets by default: the one the profile is for, or one that fits its pattern.
    pub fn bundle_id(&self) -> Option<String> {
        let (_, id) = self.app.split_once('.')?;
        match id.strip_suffix('*') {
            None => Some(id.to_owned()),
            Some("") => Some(super::BUNDLE_ID.to_owned()),
            Some(start) => Some(format!("{start}holdline-agent")),
        }
    }

    /// Whether an app of this identifier may be signed with it.
    pub fn is_for(&self, bundle_id: &str) -> bool {
        let Some((_, id)) = self.app.split_once('.') else { return false };
        match id.strip_suffix('*') {
            None => id == bundle_id,
            Some(start) => bundle_id.starts_with(start),
        }
    }

    /// Whether the profile is still valid, and for how long.
    pub fn valid_for(&self, now: SystemTime) -> Result<Duration, Duration> {
        match self.expires {
            None => Ok(Duration::MAX),
            Some(expires) => expires.duration_since(now).map_err(|late| late.duration()),
        }
    }

    /// Why it does not do for this app, this phone and this identity, where they are known.
    pub fn flaws(
        &self,
        now: SystemTime,
        bundle_id: Option<&str>,
        device: Option<&str>,
        identity: Option<(&str, &str)>,
    ) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        if let Err(since) = self.valid_for(now) {
            flaws.push(Flaw::Expired(since));
        }
        if let Some(wanted) = bundle_id.filter(|id| !self.is_for(id)) {
            flaws.push(Flaw::OtherApp { app: self.app.clone(), wanted: wanted.to_owned() });
        }
        let listed = |id: &str| self.devices.iter().any(|known| known.eq_ignore_ascii_case(id));
        if let Some(id) = device.filter(|id| !self.all_devices && !listed(id)) {
            flaws.push(Flaw::NoDevice(id.to_owned()));
        }
        let holds = |hash: &str| self.certificates.iter().any(|one| one.eq_ignore_ascii_case(hash));
        if let Some((_, name)) = identity.filter(|(hash, _)| !holds(hash)) {
            flaws.push(Flaw::NoCertificate(name.to_owned()));
        }
        flaws
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A profile as Apple's look, with a nested dictionary before the end of its entitlements.
    pub(in super::super) const PROFILE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
        <plist version=\"1.0\"><dict>\
        <key>Name</key><string>Holdline</string>\
        <key>TeamIdentifier</key><array><string>ABCDE12345</string></array>\
        <key>ExpirationDate</key><date>2026-12-01T00:00:00Z</date>\
        <key>ProvisionedDevices</key><array><string>00008030-001C</string></array>\
        <key>DeveloperCertificates</key><array><data>AAEC</data></array>\
        <key>Entitlements</key><dict>\
        <key>application-identifier</key><string>ABCDE12345.dev.holdline.*</string>\
        <key>com.apple.developer.nested</key><dict><key>a</key><dict/></dict>\
        <key>com.apple.developer.networking.networkextension</key>\
        <array><string>packet-tunnel-provider</string><string>app-push-provider</string></array>\
        <key>com.apple.developer.team-identifier</key><string>ABCDE12345</string>\
        <key>get-task-allow</key><true/>\
        <key>aps-environment</key><string>development</string>\
        </dict></dict></plist>";

    fn signed() -> Vec<u8> {
        [b"\x30\x82\xff\x00", PROFILE.as_bytes(), b"\xa0\x82<\x00"].concat()
    }

    fn at(date: &str) -> SystemTime {
        plist::Date::from_xml_format(date).expect("a date").into()
    }

    #[test]
    fn a_profile_is_read_to_the_end_of_its_nested_entitlements() {
        let profile = read_profile(&signed()).unwrap();
        assert_eq!(profile, read_profile(PROFILE.as_bytes()).unwrap());
        assert_eq!(profile.team, "ABCDE12345");
        let aps = profile.entitlements.get("aps-environment").and_then(Value::as_string);
        assert_eq!(aps, Some("development"));
        // By `printf '\0\1\2' | sha1sum`.
        assert_eq!(profile.certificates, ["0C7A623FD2BBC05B06423BE359E4021D36E721AD"]);
    }

    #[test]
    fn an_identifier_that_fits_the_pattern_is_made_and_no_other_accepted() {
        let profile = read_profile(&signed()).unwrap();
        assert_eq!(profile.bundle_id().as_deref(), Some("dev.holdline.holdline-agent"));
        assert!(profile.is_for("dev.holdline.agent"));
        assert!(!profile.is_for("com.example.agent"));
        let exact = Profile { app: "T.a.b".into(), ..profile };
        assert_eq!(exact.bundle_id().as_deref(), Some("a.b"));
        assert!(!exact.is_for("a.b.c"));
    }

    #[test]
    fn every_flaw_is_named() {
        let profile = read_profile(&signed()).unwrap();
        let good = at("2026-11-30T00:00:00Z");
        let identity = ("0c7a623fd2bbc05b06423be359e4021d36e721ad", "Jo");
        let none =
            profile.flaws(good, Some("dev.holdline.x"), Some("00008030-001c"), Some(identity));
        assert_eq!(none, []);
        let late = at("2026-12-03T00:00:00Z");
        let all = profile.flaws(late, Some("a.b"), Some("other"), Some(("00", "Jo")));
        assert!(matches!(
            &all[..],
            [Flaw::Expired(_), Flaw::OtherApp { .. }, Flaw::NoDevice(_), Flaw::NoCertificate(_)]
        ));
        assert!(all[0].to_string().contains("2 days ago"));
    }

    #[test]
    fn what_is_no_profile_is_told() {
        assert!(read_profile(b"\x30\x82").unwrap_err().contains("no property list"));
        assert!(read_profile(b"<?xml?><plist><dict/></plist>").is_err());
    }
}
