//! The app and its scene, as UIKit wants them: delegates of fixed names, and a window.
//!
//! The names are those that the generated Info.plist has. With the SDK of iOS 27 an app whose Info.plist names no scene
//! delegate does not launch (Apple, TN3187).
//!
//! Only a phone can tell in which state UIKit says that the app is while it launches, with scenes and without.

use std::cell::RefCell;

use objc2::rc::{Allocated, Retained};
use objc2::runtime::{AnyObject, NSObject};
use objc2::{ClassType, DefinedClass, MainThreadMarker, MainThreadOnly, define_class, msg_send};
use objc2_foundation::{NSDictionary, NSObjectProtocol, NSSet, NSString, NSURL};
use objc2_ui_kit::{
    UIApplication, UIApplicationDelegate, UIApplicationLaunchOptionsKey, UIOpenURLContext, UIScene,
    UISceneConfiguration, UISceneConnectionOptions, UISceneDelegate, UISceneSession,
    UIViewController, UIWindow, UIWindowScene, UIWindowSceneDelegate,
};

use super::hub::{self, Event};
use super::voice::guarded;
use super::{about, legacy, run};

/// Runs the app; UIKit's main function does not return.
pub(super) fn main() -> ! {
    let Some(main_thread) = MainThreadMarker::new() else {
        // Nobody calls it from another thread.
        std::process::abort();
    };
    // Classes are registered when they are first asked for; UIKit looks this one up by its name.
    let _registered = SceneDelegate::class();
    let delegate = NSString::from_class(AppDelegate::class());
    UIApplication::main(None, Some(&delegate), main_thread)
}

/// What keeps a window.
#[derive(Default)]
pub(super) struct Windows {
    window: RefCell<Option<Retained<UIWindow>>>,
}

impl Windows {
    /// Shows a window, which has nothing in it: an app without one is not on screen.
    fn show(&self, window: Retained<UIWindow>, main_thread: MainThreadMarker) {
        window.setRootViewController(Some(&UIViewController::new(main_thread)));
        window.makeKeyAndVisible();
        self.window.replace(Some(window));
    }
}

define_class!(
    // SAFETY:
    // - NSObject has no requirements on who inherits from it.
    // - `AppDelegate` does not implement `Drop`.
    #[unsafe(super(NSObject))]
    #[thread_kind = MainThreadOnly]
    #[name = "HoldlineAppDelegate"]
    #[ivars = Windows]
    pub(super) struct AppDelegate;

    impl AppDelegate {
        // Called by `UIApplication::main`.
        #[unsafe(method_id(init))]
        fn init(this: Allocated<Self>) -> Retained<Self> {
            let this = this.set_ivars(Windows::default());
            // SAFETY: NSObject's `init` takes nothing and gives the object back.
            unsafe { msg_send![super(this), init] }
        }
    }

    // SAFETY: NSObject's own.
    unsafe impl NSObjectProtocol for AppDelegate {}

    // SAFETY: the methods have the protocol's signatures.
    unsafe impl UIApplicationDelegate for AppDelegate {
        #[unsafe(method(application:didFinishLaunchingWithOptions:))]
        fn did_finish_launching(
            &self,
            app: &UIApplication,
            _options: Option<&NSDictionary<UIApplicationLaunchOptionsKey, AnyObject>>,
        ) -> bool {
            guarded(|| {
                if !about::scenes() {
                    self.ivars().show(legacy::window(self.mtm()), self.mtm());
                }
                run::launched(app);
            });
            true
        }

        // Without scenes it is the app that is opened by a URL.
        #[unsafe(method(application:openURL:options:))]
        fn open_url(
            &self,
            _app: &UIApplication,
            url: &NSURL,
            _options: &NSDictionary<NSString, AnyObject>,
        ) -> bool {
            guarded(|| opened_by(url));
            true
        }

        #[unsafe(method_id(application:configurationForConnectingSceneSession:options:))]
        fn configuration(
            &self,
            _app: &UIApplication,
            session: &UISceneSession,
            _options: &UISceneConnectionOptions,
        ) -> Retained<UISceneConfiguration> {
            let allocated = UISceneConfiguration::alloc(self.mtm());
            let configuration = UISceneConfiguration::initWithName_sessionRole(
                allocated,
                None,
                &session.role(),
            );
            // SAFETY: the class is one of a scene's delegates.
            unsafe { configuration.setDelegateClass(Some(SceneDelegate::class())) };
            configuration
        }
    }
);

define_class!(
    // SAFETY:
    // - NSObject has no requirements on who inherits from it.
    // - `SceneDelegate` does not implement `Drop`.
    #[unsafe(super(NSObject))]
    #[thread_kind = MainThreadOnly]
    #[name = "HoldlineSceneDelegate"]
    #[ivars = Windows]
    pub(super) struct SceneDelegate;

    impl SceneDelegate {
        // Called by UIKit, which finds the class by its name.
        #[unsafe(method_id(init))]
        fn init(this: Allocated<Self>) -> Retained<Self> {
            let this = this.set_ivars(Windows::default());
            // SAFETY: NSObject's `init` takes nothing and gives the object back.
            unsafe { msg_send![super(this), init] }
        }
    }

    // SAFETY: NSObject's own.
    unsafe impl NSObjectProtocol for SceneDelegate {}

    // SAFETY: the methods have the protocol's signatures.
    unsafe impl UISceneDelegate for SceneDelegate {
        #[unsafe(method(scene:willConnectToSession:options:))]
        fn will_connect(
            &self,
            scene: &UIScene,
            _session: &UISceneSession,
            options: &UISceneConnectionOptions,
        ) {
            guarded(|| {
                if let Some(scene) = scene.downcast_ref::<UIWindowScene>() {
                    let window = UIWindow::initWithWindowScene(UIWindow::alloc(self.mtm()), scene);
                    self.ivars().show(window, self.mtm());
                }
                opened(&options.URLContexts());
            });
        }

        #[unsafe(method(scene:openURLContexts:))]
        fn open_urls(&self, _scene: &UIScene, contexts: &NSSet<UIOpenURLContext>) {
            guarded(|| opened(contexts));
        }
    }

    // SAFETY: it has no method that it must have.
    unsafe impl UIWindowSceneDelegate for SceneDelegate {}
);

/// The app was opened by URLs.
fn opened(contexts: &NSSet<UIOpenURLContext>) {
    for context in contexts.allObjects().to_vec() {
        opened_by(&context.URL());
    }
}

fn opened_by(url: &NSURL) {
    if let Some(url) = url.absoluteString() {
        hub::tell(Event::Opened(url.to_string()));
    }
}
