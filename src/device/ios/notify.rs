//! Local notifications: by UNUserNotificationCenter since iOS 10, by UIApplication before.
//!
//! Since iOS 12 the app asks for provisional permission, which is given without a prompt: nobody has to be there. Before
//! it asks in earnest, once. What is granted is known a moment later, on a thread of the system.
//!
//! Only a phone can tell whether a notification was seen: the system says whether it may be.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use block2::{DynBlock, RcBlock};
use objc2::rc::{Allocated, Retained};
use objc2::runtime::{Bool, NSObject, ProtocolObject};
use objc2::{AnyThread, define_class, msg_send};
use objc2_foundation::{NSArray, NSError, NSObjectProtocol, NSString};
use objc2_ui_kit::UIApplication;
use objc2_user_notifications::{
    UNAuthorizationOptions, UNMutableNotificationContent, UNNotification,
    UNNotificationPresentationOptions, UNNotificationRequest, UNNotificationSound,
    UNUserNotificationCenter, UNUserNotificationCenterDelegate,
};

use super::voice::{Voice, guarded};
use super::{about, legacy};

pub(super) enum Notifications {
    Center(Center),
    /// Before iOS 10: by the number of the app's own.
    Old(Retained<UIApplication>, BTreeMap<u64, legacy::Shown>),
}

/// UNUserNotificationCenter, for as long as its delegate has to live: it holds it weakly.
pub(super) struct Center {
    center: Retained<UNUserNotificationCenter>,
    _delegate: Retained<Presenter>,
    allowed: Arc<AtomicBool>,
    voice: Voice,
}

impl Notifications {
    pub(super) fn new(app: Retained<UIApplication>, voice: Voice) -> Notifications {
        match about::version().0 {
            0..10 => Notifications::Old(app, BTreeMap::new()),
            10.. => Notifications::Center(Center::new(voice)),
        }
    }

    /// Shows a notification, or replaces the one with this number; answers whether the user may see it.
    pub(super) fn post(&mut self, id: u64, text: &str) -> bool {
        match self {
            Notifications::Center(center) => center.post(id, text),
            Notifications::Old(app, shown) => {
                if let Some(before) = shown.insert(id, legacy::present(app, text)) {
                    legacy::cancel(app, &before);
                }
                true
            }
        }
    }

    /// Takes a notification back.
    pub(super) fn cancel(&mut self, id: u64) {
        match self {
            Notifications::Center(center) => center.cancel(id),
            Notifications::Old(app, shown) => {
                if let Some(shown) = shown.remove(&id) {
                    legacy::cancel(app, &shown);
                }
            }
        }
    }
}

impl Center {
    fn new(voice: Voice) -> Center {
        let center = UNUserNotificationCenter::currentNotificationCenter();
        let delegate: Retained<Presenter> = Presenter::new();
        center.setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
        let allowed = Arc::new(AtomicBool::new(false));
        let found = Arc::clone(&allowed);
        let granted = RcBlock::new(move |granted: Bool, _: *mut NSError| {
            found.store(granted.as_bool(), Ordering::Relaxed);
        });
        let mut options = UNAuthorizationOptions::Alert | UNAuthorizationOptions::Sound;
        if about::version().0 >= 12 {
            options |= UNAuthorizationOptions::Provisional;
        }
        center.requestAuthorizationWithOptions_completionHandler(options, &granted);
        Center { center, _delegate: delegate, allowed, voice }
    }

    fn post(&self, id: u64, text: &str) -> bool {
        let content = UNMutableNotificationContent::new();
        content.setTitle(&NSString::from_str("Holdline"));
        content.setBody(&NSString::from_str(text));
        content.setSound(Some(&UNNotificationSound::defaultSound()));
        // Without a trigger it is shown at once.
        let request =
            UNNotificationRequest::requestWithIdentifier_content_trigger(&name(id), &content, None);
        let voice = self.voice;
        let added = RcBlock::new(move |error: *mut NSError| {
            guarded(|| {
                // SAFETY: nothing, or an error that lives until the block returns.
                if let Some(error) = unsafe { error.as_ref() } {
                    let why = error.localizedDescription();
                    voice.say(format!("notification {id} was not taken: {why}"));
                }
            });
        });
        self.center.addNotificationRequest_withCompletionHandler(&request, Some(&added));
        self.allowed.load(Ordering::Relaxed)
    }

    fn cancel(&self, id: u64) {
        let names = NSArray::from_retained_slice(&[name(id)]);
        self.center.removePendingNotificationRequestsWithIdentifiers(&names);
        self.center.removeDeliveredNotificationsWithIdentifiers(&names);
    }
}

/// One with the same name replaces the one before.
fn name(id: u64) -> Retained<NSString> {
    NSString::from_str(&format!("holdline-{id}"))
}

define_class!(
    // SAFETY:
    // - NSObject has no requirements on who inherits from it.
    // - `Presenter` does not implement `Drop`.
    #[unsafe(super(NSObject))]
    #[name = "HoldlinePresenter"]
    pub(super) struct Presenter;

    impl Presenter {
        #[unsafe(method_id(init))]
        fn init(this: Allocated<Self>) -> Retained<Self> {
            let this = this.set_ivars(());
            // SAFETY: NSObject's `init` takes nothing and gives the object back.
            unsafe { msg_send![super(this), init] }
        }
    }

    // SAFETY: NSObject's own.
    unsafe impl NSObjectProtocol for Presenter {}

    // SAFETY: the method has the protocol's signature.
    unsafe impl UNUserNotificationCenterDelegate for Presenter {
        #[unsafe(method(userNotificationCenter:willPresentNotification:withCompletionHandler:))]
        fn will_present(
            &self,
            _center: &UNUserNotificationCenter,
            _notification: &UNNotification,
            completion: &DynBlock<dyn Fn(UNNotificationPresentationOptions)>,
        ) {
            // Without it nothing is shown while the app is in the foreground.
            completion.call((legacy::shown_in_foreground(),));
        }
    }
);

impl Presenter {
    fn new() -> Retained<Presenter> {
        // SAFETY: the `init` above.
        unsafe { msg_send![Presenter::alloc(), init] }
    }
}
