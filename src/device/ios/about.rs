//! What this agent is: where it was built for, what it runs on, what its own header and Info.plist say.

use objc2::rc::Retained;
use objc2_foundation::{NSArray, NSBundle, NSDictionary, NSNumber, NSProcessInfo, NSString};

use super::clocks;
use crate::device::protocol::About;
use crate::device::system::image;

/// The key of Info.plist that has UIKit use scenes.
const SCENES: &str = "UIApplicationSceneManifest";

/// What this agent is.
pub(super) fn about() -> About {
    let (major, minor, patch) = version();
    About {
        triple: env!("TARGET").to_owned(),
        backend: "ios".to_owned(),
        model: model(),
        os: if patch == 0 {
            format!("{major}.{minor}")
        } else {
            format!("{major}.{minor}.{patch}")
        },
        sdk: sdk(),
        background_modes: background_modes(),
        simulator: cfg!(target_abi = "sim"),
        pid: std::process::id(),
    }
}

/// The version of iOS.
pub(super) fn version() -> (u32, u32, u32) {
    let version = NSProcessInfo::processInfo().operatingSystemVersion();
    let number = |part| u32::try_from(part).unwrap_or(0);
    (number(version.majorVersion), number(version.minorVersion), number(version.patchVersion))
}

/// The model: in the simulator what it plays, not the computer.
fn model() -> String {
    std::env::var("SIMULATOR_MODEL_IDENTIFIER")
        .ok()
        .or_else(|| clocks::text(c"hw.machine"))
        .unwrap_or_else(|| "unknown".to_owned())
}

/// Whether UIKit uses scenes for this app: since iOS 13, when its Info.plist says so.
pub(super) fn scenes() -> bool {
    version().0 >= 13 && info(SCENES, |_: &NSDictionary| Some(())).is_some()
}

fn background_modes() -> Vec<String> {
    info("UIBackgroundModes", |modes: &NSArray| {
        let texts = modes.to_vec().into_iter().filter_map(|mode| mode.downcast::<NSString>().ok());
        Some(texts.map(|mode| mode.to_string()).collect())
    })
    .unwrap_or_default()
}

/// Whether Info.plist has a yes under this key.
pub(super) fn switched_on(key: &str) -> bool {
    info(key, |value: &NSNumber| Some(value.boolValue())).unwrap_or(false)
}

/// A text of Info.plist.
pub(super) fn text(key: &str) -> Option<String> {
    info(key, |value: &NSString| Some(value.to_string()))
}

/// A value of Info.plist that is of this class.
fn info<T, R>(key: &str, read: impl FnOnce(&T) -> Option<R>) -> Option<R>
where
    T: objc2::DowncastTarget + 'static,
{
    let value = NSBundle::mainBundle().objectForInfoDictionaryKey(&NSString::from_str(key))?;
    let value: Retained<T> = value.downcast::<T>().ok()?;
    read(&value)
}

/// The SDK that the executable in memory says it was linked with.
fn sdk() -> Option<(u16, u16)> {
    // SAFETY: it only counts.
    let images = unsafe { _dyld_image_count() };
    (0..images).find_map(|index| {
        // SAFETY: it answers nothing when there is no such image.
        let header = unsafe { _dyld_get_image_header(index) };
        if header.is_null() {
            return None;
        }
        // SAFETY: every image begins with its header, which is mapped for as long as the image is.
        let beginning = unsafe { std::slice::from_raw_parts(header, image::HEADER) };
        let size = image::size_with_commands(beginning)?;
        // SAFETY: the commands follow the header in the same segment, as many bytes as it says.
        image::sdk(unsafe { std::slice::from_raw_parts(header, size) })
    })
}

// `mach-o/dyld.h`.
unsafe extern "C" {
    fn _dyld_image_count() -> u32;
    fn _dyld_get_image_header(index: u32) -> *const u8;
}
