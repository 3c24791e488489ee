//! The Info.plist of the agent's app.

use plist::{Dictionary, Value};

use super::macho::{BuildVersion, Platform, Version};

/// The class that the binary registers for the app; UIKit is given it in code.
pub const APP_DELEGATE: &str = "HoldlineAppDelegate";
/// The class that the binary registers for its window, which UIKit looks up by this name.
pub const SCENE_DELEGATE: &str = "HoldlineSceneDelegate";
/// The file of the bundle that is run.
pub const EXECUTABLE: &str = "holdline-agent";
/// The scheme of the URLs that open the app.
pub const URL_SCHEME: &str = "holdline";

/// The key that marks a list as ours; its value is the version of the program that made it.
pub(super) const MARK: &str = "HoldlinePackage";
/// The key that records that the binary names another SDK than it was linked with, and which one that was.
const STAMPED: &str = "HoldlineLinkedWithSDK";

/// The key that tells the agent to register for VoIP pushes.
const VOIP_PUSH: &str = "HoldlineVoipPush";

/// What the list depends on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Info {
    /// CFBundleIdentifier. iOS keeps what the user allowed under it: it must stay the same.
    pub bundle_id: String,
    /// UIBackgroundModes.
    pub background_modes: Vec<String>,
    /// What the binary says, with the SDK that it names now.
    pub build: BuildVersion,
    /// The SDK that it was linked with, when that is another one.
    pub linked_with: Option<Version>,
    /// Whether the agent registers for VoIP pushes and reports calls. It does not otherwise: iOS may treat an app that
    /// registers differently from one of the legacy path.
    pub voip_push: bool,
}

impl Info {
    /// The list, as XML.
    pub fn xml(&self) -> Vec<u8> {
        super::entitlements::xml(&self.dictionary())
    }

    fn dictionary(&self) -> Dictionary {
        let mut list = Dictionary::new();
        let mut put = |key: &str, value: Value| _ = list.insert(key.to_owned(), value);
        let version = env!("CARGO_PKG_VERSION");
        put("CFBundleDevelopmentRegion", text("en"));
        put("CFBundleDisplayName", text("Holdline"));
        put("CFBundleExecutable", text(EXECUTABLE));
        put("CFBundleIdentifier", text(&self.bundle_id));
        put("CFBundleInfoDictionaryVersion", text("6.0"));
        put("CFBundleName", text("Holdline"));
        put("CFBundlePackageType", text("APPL"));
        put("CFBundleShortVersionString", text(version));
        put("CFBundleVersion", text(version));
        put("CFBundleURLTypes", url_types(&self.bundle_id));
        self.put_platform(&mut put);
        put("LSRequiresIPhoneOS", true.into());
        put("LSSupportsOpeningDocumentsInPlace", true.into());
        put("MinimumOSVersion", text(&self.build.minos.to_string()));
        put("NSAppTransportSecurity", one("NSAllowsLocalNetworking", true.into()));
        put(
            "NSLocalNetworkUsageDescription",
            text("Holdline connects to the push server on your Mac, on the local network."),
        );
        put("UIApplicationSceneManifest", scene_manifest());
        put("UIBackgroundModes", texts(self.background_modes.iter().map(String::as_str)));
        put("UIDeviceFamily", Value::Array(vec![1.into(), 2.into()]));
        put("UIFileSharingEnabled", true.into());
        put("UILaunchScreen", Value::Dictionary(Dictionary::new()));
        put("UIRequiredDeviceCapabilities", texts(["arm64"]));
        put("UISupportedInterfaceOrientations", texts(["UIInterfaceOrientationPortrait"]));
        put(MARK, text(version));
        if self.voip_push {
            put(VOIP_PUSH, true.into());
        }
        if let Some(linked_with) = self.linked_with {
            put(STAMPED, text(&linked_with.to_string()));
        }
        list
    }

    /// What Xcode writes of the SDK. Of a binary for another system there is nothing to say.
    fn put_platform(&self, put: &mut dyn FnMut(&str, Value)) {
        let (bundle, name) = match self.build.platform {
            Platform::Ios => ("iPhoneOS", "iphoneos"),
            Platform::Simulator => ("iPhoneSimulator", "iphonesimulator"),
            Platform::Other(_) => return,
        };
        put("CFBundleSupportedPlatforms", texts([bundle]));
        put("DTPlatformName", text(name));
        put("DTPlatformVersion", text(&self.build.sdk.to_string()));
        put("DTSDKName", text(&format!("{name}{}", self.build.sdk)));
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::Array(texts.into_iter().map(text).collect())
}

fn one(key: &str, value: Value) -> Value {
    Value::Dictionary(Dictionary::from_iter([(key.to_owned(), value)]))
}

fn url_types(bundle_id: &str) -> Value {
    Value::Array(vec![Value::Dictionary(Dictionary::from_iter([
        ("CFBundleURLName".to_owned(), text(bundle_id)),
        ("CFBundleURLSchemes".to_owned(), texts([URL_SCHEME])),
    ]))])
}

/// An app linked with the SDK of iOS 27 does not launch without it (Apple, TN3187).
fn scene_manifest() -> Value {
    let configuration = Value::Dictionary(Dictionary::from_iter([
        ("UISceneConfigurationName".to_owned(), text("Default")),
        ("UISceneDelegateClassName".to_owned(), text(SCENE_DELEGATE)),
    ]));
    let role = one("UIWindowSceneSessionRoleApplication", Value::Array(vec![configuration]));
    Value::Dictionary(Dictionary::from_iter([
        ("UIApplicationSupportsMultipleScenes".to_owned(), false.into()),
        ("UISceneConfigurations".to_owned(), role),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::read_info_plist;

    fn version(text: &str) -> Version {
        text.parse().expect("a version")
    }

    fn info(platform: Platform, sdk: &str) -> Info {
        Info {
            bundle_id: "dev.holdline.agent".into(),
            background_modes: vec!["voip".into(), "remote-notification".into()],
            build: BuildVersion { platform, minos: version("13.0"), sdk: version(sdk) },
            linked_with: None,
            voip_push: false,
        }
    }

    #[test]
    fn an_agent_registers_for_pushes_only_where_that_is_asked_for() {
        let plain = info(Platform::Ios, "26.0");
        assert!(!plain.dictionary().contains_key(VOIP_PUSH));
        let pushed = Info { voip_push: true, ..plain };
        assert_eq!(pushed.dictionary().get(VOIP_PUSH), Some(&true.into()));
    }

    #[test]
    fn the_list_of_a_phone_is_as_written_down() {
        let list = String::from_utf8(info(Platform::Ios, "26.1").xml()).unwrap();
        insta::assert_snapshot!(list.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    }

    #[test]
    fn what_is_written_is_what_the_checks_read() {
        let stamped =
            Info { linked_with: Some(version("26.1")), ..info(Platform::Simulator, "9.3") };
        let read = read_info_plist(&stamped.xml()).unwrap();
        assert_eq!(read.bundle_id.as_deref(), Some("dev.holdline.agent"));
        assert_eq!((read.sdk, read.sdk_name.as_deref()), (Some(9), Some("iphonesimulator9.3")));
        assert_eq!(read.background_modes, ["voip", "remote-notification"]);
        assert_eq!(read.minimum_ios(), Some(13));
        assert_eq!(read.device_families, [1, 2]);
        assert_eq!(read.build_setting, None);
        let text = String::from_utf8(stamped.xml()).unwrap();
        assert!(text.contains("<key>HoldlineLinkedWithSDK</key>\n\t<string>26.1</string>"));
    }
}
