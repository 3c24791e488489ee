//! What an app's Info.plist says about staying connected.

use plist::{Dictionary, Value};

use super::Manifest;
use super::plist_reader::{PlistError, read_dictionary, what};

/// The part of an Info.plist that concerns background execution.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InfoPlist {
    /// CFBundleIdentifier.
    pub bundle_id: Option<String>,
    /// CFBundleDisplayName, else CFBundleName.
    pub name: Option<String>,
    /// CFBundleShortVersionString, else CFBundleVersion.
    pub version: Option<String>,
    /// UIBackgroundModes; empty when missing.
    pub background_modes: Vec<String>,
    /// The SDK as written: DTSDKName (`iphoneos9.3`), else DTPlatformVersion (`9.3`).
    pub sdk_name: Option<String>,
    /// The major version of the SDK; `None` when neither key says, or the SDK is not one of iOS.
    pub sdk: Option<u32>,
    /// MinimumOSVersion.
    pub minimum_os: Option<String>,
    /// UIDeviceFamily: 1 iPhone, 2 iPad.
    pub device_families: Vec<u32>,
    /// UIRequiresPersistentWiFi: Wi-Fi is kept open while the app runs.
    pub persistent_wifi: bool,
    /// UIApplicationExitsOnSuspend: the app ends when it leaves the foreground.
    pub exits_on_suspend: bool,
    /// BGTaskSchedulerPermittedIdentifiers: the tasks it may schedule from iOS 13 on.
    pub task_identifiers: Vec<String>,
    /// A build setting, such as `$(PRODUCT_NAME)`, that stands where the built app has a value: this
    /// is the list from the project's source.
    pub build_setting: Option<String>,
}

impl InfoPlist {
    /// The major version in MinimumOSVersion.
    pub fn minimum_ios(&self) -> Option<u32> {
        self.minimum_os.as_deref()?.split('.').next()?.parse().ok()
    }

    /// What the rules of iOS look at.
    pub fn manifest(&self) -> Manifest {
        let background_modes = self.background_modes.clone();
        Manifest { background_modes, sdk: self.sdk, debugger: false }
    }
}

/// Reads the bytes of an Info.plist, XML or binary.
///
/// A missing key is no error: an app without UIBackgroundModes has none.
///
/// # Errors
/// [`PlistError`], with its place, when the bytes are no property list or a key has a value of the
/// wrong type.
pub fn read_info_plist(bytes: &[u8]) -> Result<InfoPlist, PlistError> {
    let dictionary = read_dictionary(bytes)?;
    let keys = Keys { bytes, dictionary: &dictionary };
    let sdk_name = match keys.text("DTSDKName")? {
        Some(name) => Some(name),
        None => keys.text("DTPlatformVersion")?,
    };
    Ok(InfoPlist {
        bundle_id: keys.text("CFBundleIdentifier")?,
        name: keys.text("CFBundleDisplayName")?.or(keys.text("CFBundleName")?),
        version: keys.text("CFBundleShortVersionString")?.or(keys.text("CFBundleVersion")?),
        background_modes: keys.texts("UIBackgroundModes", "<string>voip</string>")?,
        sdk: sdk_name.as_deref().and_then(sdk_major),
        sdk_name,
        minimum_os: keys.version("MinimumOSVersion")?,
        device_families: keys.device_families(),
        persistent_wifi: keys.flag("UIRequiresPersistentWiFi")?,
        exits_on_suspend: keys.flag("UIApplicationExitsOnSuspend")?,
        task_identifiers: keys
            .texts("BGTaskSchedulerPermittedIdentifiers", "<string>com.example.refresh</string>")?,
        build_setting: keys.build_setting(),
    })
}

/// The major version in `iphoneos9.3`, `iphonesimulator17.0` or `9.3`; `None` for SDKs of other
/// systems, whose numbers mean something else.
fn sdk_major(name: &str) -> Option<u32> {
    let number = ["iphoneos", "iphonesimulator"]
        .iter()
        .find_map(|platform| name.strip_prefix(platform))
        .unwrap_or(name);
    number.split('.').next()?.parse().ok()
}

/// Whether Xcode puts a value in the place of (a part of) this text when it builds.
fn is_build_setting(text: &str) -> bool {
    text.contains("$(") || text.contains("${")
}

/// The keys of a list, read by type.
struct Keys<'a> {
    bytes: &'a [u8],
    dictionary: &'a Dictionary,
}

impl Keys<'_> {
    fn wrong(&self, key: &str, expected: &str, found: &Value, help: &str) -> PlistError {
        let problem = format!("{key} must be {expected}, but is {}", what(found));
        PlistError::at_key(self.bytes, key, problem, help)
    }

    fn text(&self, key: &str) -> Result<Option<String>, PlistError> {
        match self.dictionary.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => {
                Err(self.wrong(key, "a string", other, "Write it as <string>…</string>."))
            }
        }
    }

    /// A version such as `15.0`. A build setting says nothing yet.
    fn version(&self, key: &str) -> Result<Option<String>, PlistError> {
        let Some(text) = self.text(key)?.filter(|text| !is_build_setting(text)) else {
            return Ok(None);
        };
        let numbers: Result<Vec<u32>, _> = text.split('.').map(str::parse).collect();
        if numbers.is_ok_and(|numbers| numbers[0] > 0) {
            return Ok(Some(text));
        }
        let problem = format!("{key} must be a version of iOS, but is `{text}`");
        let help = "Write it as <string>15.0</string>.";
        Err(PlistError::at_key(self.bytes, key, problem, help))
    }

    fn build_setting(&self) -> Option<String> {
        let mut texts = self.dictionary.values().filter_map(Value::as_string);
        texts.find(|text| is_build_setting(text)).map(str::to_owned)
    }

    fn texts(&self, key: &str, example: &str) -> Result<Vec<String>, PlistError> {
        let help = format!("Write it as <array>{example}</array>.");
        let expected = "an array of strings";
        let items = match self.dictionary.get(key) {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => return Err(self.wrong(key, expected, other, &help)),
        };
        items
            .iter()
            .map(|item| match item.as_string() {
                Some(text) => Ok(text.to_owned()),
                None => {
                    let problem = format!("{key} must be {expected}, but holds {}", what(item));
                    Err(PlistError::at_key(self.bytes, key, problem, &help))
                }
            })
            .collect()
    }

    /// A flag. Foundation takes `YES` and `NO` in a string as well, and old projects have them.
    fn flag(&self, key: &str) -> Result<bool, PlistError> {
        let help = "Write it as <true/> or <false/>.";
        match self.dictionary.get(key) {
            None => Ok(false),
            Some(Value::Boolean(yes)) => Ok(*yes),
            Some(Value::String(text)) => match text.to_ascii_lowercase().as_str() {
                "yes" | "true" | "1" => Ok(true),
                "no" | "false" | "0" | "" => Ok(false),
                _ => {
                    let problem = format!("{key} must be true or false, but is `{text}`");
                    Err(PlistError::at_key(self.bytes, key, problem, help))
                }
            },
            Some(other) => Err(self.wrong(key, "true or false", other, help)),
        }
    }

    /// Families come as numbers or as numbers in strings; they are only shown, so nothing else is an
    /// error.
    fn device_families(&self) -> Vec<u32> {
        let family = |value: &Value| {
            let number = value.as_unsigned_integer().and_then(|n| u32::try_from(n).ok());
            number.or_else(|| value.as_string()?.parse().ok())
        };
        match self.dictionary.get("UIDeviceFamily") {
            Some(Value::Array(items)) => items.iter().filter_map(family).collect(),
            Some(one) => family(one).into_iter().collect(),
            None => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::Place;

    fn read(body: &str) -> Result<InfoPlist, PlistError> {
        let list = format!("<plist version=\"1.0\">\n<dict>\n{body}\n</dict>\n</plist>\n");
        read_info_plist(list.as_bytes())
    }

    #[test]
    fn an_app_without_background_modes_has_none() {
        let info = read("<key>CFBundleIdentifier</key><string>a.b</string>").unwrap();
        assert_eq!(info.background_modes, Vec::<String>::new());
        assert_eq!(info.bundle_id.as_deref(), Some("a.b"));
        assert!(!info.manifest().has_mode("voip"));
    }

    #[test]
    fn the_sdk_is_the_number_in_dtsdkname_else_in_dtplatformversion() {
        let sdk = |body: &str| read(body).unwrap().sdk;
        assert_eq!(sdk("<key>DTSDKName</key><string>iphoneos9.3</string>"), Some(9));
        assert_eq!(sdk("<key>DTSDKName</key><string>iphonesimulator17.0</string>"), Some(17));
        assert_eq!(sdk("<key>DTPlatformVersion</key><string>8.1</string>"), Some(8));
        assert_eq!(sdk("<key>DTSDKName</key><string>macosx10.15</string>"), None);
        assert_eq!(sdk(""), None);
    }

    #[test]
    fn background_modes_of_the_wrong_type_are_an_error_at_their_key() {
        let error = read("<key>UIBackgroundModes</key><string>voip</string>").unwrap_err();
        assert_eq!(error.place, Some(Place::Line { line: 3, column: 1 }));
        assert!(error.problem.contains("an array of strings, but is a string"), "{error}");
        assert!(error.help.contains("<array><string>voip</string></array>"), "{error}");
        let error = read("<key>UIBackgroundModes</key><array><true/></array>").unwrap_err();
        assert!(error.problem.contains("holds true or false"), "{error}");
    }

    #[test]
    fn flags_are_read_as_foundation_reads_them() {
        let exits = |value: &str| {
            read(&format!("<key>UIApplicationExitsOnSuspend</key>{value}"))
                .map(|info| info.exits_on_suspend)
        };
        assert_eq!(exits("<true/>"), Ok(true));
        assert_eq!(exits("<string>NO</string>"), Ok(false));
        assert!(exits("<string>perhaps</string>").is_err());
        assert!(exits("<array/>").is_err());
    }

    #[test]
    fn a_minimum_that_is_no_version_is_an_error_at_its_key() {
        let minimum = |text: &str| {
            read(&format!("<key>MinimumOSVersion</key><string>{text}</string>"))
                .map(|info| info.minimum_ios())
        };
        assert_eq!(minimum("15.0"), Ok(Some(15)));
        assert_eq!(minimum("8"), Ok(Some(8)));
        assert_eq!(minimum("$(IPHONEOS_DEPLOYMENT_TARGET)"), Ok(None));
        for wrong in ["abc", "", "0", "15.x", "-1"] {
            let error = minimum(wrong).unwrap_err();
            assert_eq!(error.place, Some(Place::Line { line: 3, column: 1 }));
            assert!(error.problem.contains(&format!("but is `{wrong}`")), "{error}");
        }
    }

    #[test]
    fn build_settings_tell_a_source_list_from_a_built_one() {
        let setting = |id: &str| {
            let body = format!("<key>CFBundleIdentifier</key><string>{id}</string>");
            read(&body).unwrap().build_setting
        };
        assert_eq!(setting("com.example.talk"), None);
        assert_eq!(
            setting("$(PRODUCT_BUNDLE_IDENTIFIER)").as_deref(),
            Some("$(PRODUCT_BUNDLE_IDENTIFIER)")
        );
        assert!(setting("com.example.${PRODUCT_NAME}").is_some());
    }

    #[test]
    fn families_read_as_numbers_or_text() {
        let info =
            read("<key>UIDeviceFamily</key><array><integer>1</integer><string>2</string></array>");
        assert_eq!(info.unwrap().device_families, [1, 2]);
    }
}
