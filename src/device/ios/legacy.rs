//! All calls that Apple deprecates, each in one function: nowhere else are they allowed.
//!
//! Only a phone can tell what they still do: whether `set_property` takes the VoIP type and gives it back, whether
//! `setKeepAliveTimeout:handler:` answers yes, whether the handler is ever called, and whether the process survives the
//! connect of a stream of this type. The policy table decides before any of them is made.
#![allow(deprecated)]

use std::os::fd::{IntoRawFd, OwnedFd};
use std::ptr::{NonNull, null_mut};

use block2::RcBlock;
use objc2::rc::Retained;
use objc2::{AnyThread, MainThreadMarker, MainThreadOnly};
use objc2_call_kit::CXProviderConfiguration;
use objc2_cf_network::kCFStreamNetworkServiceTypeVoIP;
use objc2_core_foundation::{
    CFBoolean, CFReadStream, CFRetained, CFStreamCreatePairWithSocket,
    CFStreamCreatePairWithSocketToHost, CFString, CFType, CFWriteStream,
    kCFStreamPropertyShouldCloseNativeSocket,
};
use objc2_foundation::NSString;
use objc2_ui_kit::{UIApplication, UILocalNotification, UIScreen, UIWindow};
use objc2_user_notifications::UNNotificationPresentationOptions;

/// The streams of a pair.
pub(super) type Ends = (CFRetained<CFReadStream>, CFRetained<CFWriteStream>);

/// `kCFStreamNetworkServiceTypeVoIP`, deprecated since iOS 9.
pub(super) fn voip() -> &'static CFString {
    // SAFETY: a constant of CFNetwork, never written; it is in every iOS since 4.0.
    unsafe { kCFStreamNetworkServiceTypeVoIP }
}

/// `CFStreamCreatePairWithSocketToHost`. Nothing is sent, nothing is resolved before one of them is opened.
pub(super) fn pair_to(host: &str, port: u16) -> Option<Ends> {
    let host = CFString::from_str(host);
    let (mut read, mut write) = (null_mut(), null_mut());
    // SAFETY: the default allocator, a host, and two places for the streams, which live until the call returns.
    unsafe {
        CFStreamCreatePairWithSocketToHost(
            None,
            Some(&host),
            u32::from(port),
            &raw mut read,
            &raw mut write,
        );
    }
    owned(read, write)
}

/// `CFStreamCreatePairWithSocket`: over a socket that is connected. The streams close it when both are closed, or are
/// gone; it is told them, because by default they do not.
pub(super) fn pair_over(socket: OwnedFd) -> Option<Ends> {
    let (mut read, mut write) = (null_mut(), null_mut());
    // SAFETY: the default allocator, a socket that is ours to give away, and two places for the streams.
    unsafe {
        CFStreamCreatePairWithSocket(None, socket.into_raw_fd(), &raw mut read, &raw mut write);
    }
    let (read, write) = owned(read, write)?;
    let yes: &CFType = CFBoolean::new(true).as_ref();
    // SAFETY: a constant of Core Foundation, never written.
    let key = unsafe { kCFStreamPropertyShouldCloseNativeSocket };
    // SAFETY: the property is a CFBoolean.
    unsafe {
        read.set_property(Some(key), Some(yes));
        write.set_property(Some(key), Some(yes));
    }
    Some((read, write))
}

fn owned(read: *mut CFReadStream, write: *mut CFWriteStream) -> Option<Ends> {
    let (read, write) = (NonNull::new(read)?, NonNull::new(write)?);
    // SAFETY: both were created just now, with a count of one that is ours (the Create rule).
    unsafe { Some((CFRetained::from_raw(read), CFRetained::from_raw(write))) }
}

/// `setKeepAliveTimeout:handler:`; answers what it answers. The system copies the handler; the caller keeps it too.
pub(super) fn set_keep_alive(
    app: &UIApplication,
    seconds: f64,
    handler: &RcBlock<dyn Fn()>,
) -> bool {
    app.setKeepAliveTimeout_handler(seconds, Some(handler))
}

/// `clearKeepAliveTimeout`.
pub(super) fn clear_keep_alive(app: &UIApplication) {
    app.clearKeepAliveTimeout();
}

/// A notification that was shown.
pub(super) type Shown = Retained<UILocalNotification>;

/// `UILocalNotification`, shown at once.
pub(super) fn present(app: &UIApplication, text: &str) -> Shown {
    let notification = UILocalNotification::new(app.mtm());
    notification.setAlertBody(Some(&NSString::from_str(text)));
    app.presentLocalNotificationNow(&notification);
    notification
}

/// `cancelLocalNotification:`, which also takes back one that is shown.
pub(super) fn cancel(app: &UIApplication, notification: &UILocalNotification) {
    app.cancelLocalNotification(notification);
}

/// A window as an app without scenes makes it: before iOS 13, or without a scene manifest.
pub(super) fn window(mtm: MainThreadMarker) -> Retained<UIWindow> {
    UIWindow::initWithFrame(UIWindow::alloc(mtm), UIScreen::mainScreen(mtm).bounds())
}

/// How calls are shown, as an app says it before iOS 14: with a name of its own.
pub(super) fn calls() -> Retained<CXProviderConfiguration> {
    let name = NSString::from_str("Holdline");
    // SAFETY: it takes a name.
    unsafe {
        CXProviderConfiguration::initWithLocalizedName(CXProviderConfiguration::alloc(), &name)
    }
}

/// How a notification is shown while the app is in the foreground: `Alert` until iOS 13, list and banner since.
pub(super) fn shown_in_foreground() -> UNNotificationPresentationOptions {
    UNNotificationPresentationOptions::Alert
        | UNNotificationPresentationOptions::List
        | UNNotificationPresentationOptions::Banner
        | UNNotificationPresentationOptions::Sound
}
