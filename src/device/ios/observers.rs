//! What NSNotificationCenter tells of the app's life: the same with scenes and without, where the methods of the app's
//! delegate are called only without.

use std::ptr::NonNull;

use block2::RcBlock;
use objc2::rc::Retained;
use objc2::runtime::ProtocolObject;
use objc2_foundation::{
    NSNotification, NSNotificationCenter, NSNotificationName, NSObjectProtocol, NSProcessInfo,
    NSProcessInfoPowerStateDidChangeNotification,
};
use objc2_ui_kit::{
    UIApplicationDidBecomeActiveNotification, UIApplicationDidEnterBackgroundNotification,
    UIApplicationDidReceiveMemoryWarningNotification, UIApplicationProtectedDataDidBecomeAvailable,
    UIApplicationWillEnterForegroundNotification, UIApplicationWillResignActiveNotification,
    UIApplicationWillTerminateNotification,
};

use super::voice::{Voice, guarded};
use crate::port::Callback;

/// Those who observe, for as long as they do.
pub(super) struct Observers {
    center: Retained<NSNotificationCenter>,
    observers: Vec<Retained<ProtocolObject<dyn NSObjectProtocol>>>,
}

impl Observers {
    /// Tells `voice` of everything in an app's life.
    pub(super) fn new(voice: Voice) -> Observers {
        let center = NSNotificationCenter::defaultCenter();
        let mut these = Observers { center, observers: Vec::new() };
        // SAFETY: constants of UIKit, never written.
        let life = unsafe {
            [
                (UIApplicationDidBecomeActiveNotification, Callback::BecameActive),
                (UIApplicationWillResignActiveNotification, Callback::WillResignActive),
                (UIApplicationDidEnterBackgroundNotification, Callback::EnteredBackground),
                (UIApplicationWillEnterForegroundNotification, Callback::WillEnterForeground),
                (UIApplicationWillTerminateNotification, Callback::WillTerminate),
                (UIApplicationDidReceiveMemoryWarningNotification, Callback::MemoryWarning),
                (UIApplicationProtectedDataDidBecomeAvailable, Callback::ProtectedDataAvailable),
            ]
        };
        for (name, callback) in life {
            these.add(name, move || voice.tell(callback));
        }
        // SAFETY: a constant of Foundation, never written.
        let power = unsafe { NSProcessInfoPowerStateDidChangeNotification };
        these.add(power, move || {
            let on = NSProcessInfo::processInfo().isLowPowerModeEnabled();
            voice.tell(Callback::LowPowerModeChanged(on));
        });
        these
    }

    fn add(&mut self, name: &NSNotificationName, told: impl Fn() + 'static) {
        let block = RcBlock::new(move |_: NonNull<NSNotification>| guarded(&told));
        // SAFETY: any object may post it. Without a queue the block runs where it is posted, on the main thread for
        // those of UIKit; what it captures is `Send` and may be called on any: functions and a word.
        let observer = unsafe {
            self.center.addObserverForName_object_queue_usingBlock(Some(name), None, None, &block)
        };
        self.observers.push(observer);
    }
}

impl Drop for Observers {
    fn drop(&mut self) {
        for observer in &self.observers {
            let observer: &objc2::runtime::AnyObject = observer.as_ref();
            // SAFETY: it is one that the centre gave.
            unsafe { self.center.removeObserver(observer) };
        }
    }
}
