//! Local push connectivity, the way that Apple gives an app with a server of its own since iOS 14: a provider in an
//! extension holds the connection, and the app is told of calls.
//!
//! Off unless Info.plist says `HoldlinePushProvider`, the bundle identifier of the extension, and `HoldlinePushNetwork`,
//! the name of the Wi-Fi on which it runs. The extension is a target of its own: its entry is `NSExtensionMain`, its
//! principal class `HoldlinePushProvider`, its code this library; and it needs an entitlement that Apple grants. That is
//! why it is a hook here and no part of a run: it says hello as the client does, stays, and reports a call for a push.
//!
//! Only a phone with that entitlement can tell anything of this.

use std::io::{Read, Write};
use std::net::TcpStream;

use block2::{DynBlock, RcBlock};
use objc2::rc::Retained;
use objc2::runtime::{AnyObject, NSObject, ProtocolObject};
use objc2::{ClassType, MainThreadMarker, MainThreadOnly, Message, define_class, msg_send};
use objc2_foundation::{NSArray, NSDictionary, NSError, NSObjectProtocol, NSString};
use objc2_network_extension::{
    NEAppPushDelegate, NEAppPushManager, NEAppPushProvider, NEProvider, NEProviderStopReason,
};

use super::about;
use super::calls::Calls;
use super::hub::{self, Event, VOICE};
use super::voice::{guarded, on_main};
use crate::wire::{ClientMessage, Lines, MOST_LINE, ServerMessage, VERSION};

/// The key of Info.plist with the extension's bundle identifier.
const PROVIDER: &str = "HoldlinePushProvider";
/// The key of Info.plist with the network's name.
const NETWORK: &str = "HoldlinePushNetwork";

/// The keys of the provider's configuration.
const SERVER: &str = "server";
const NAME: &str = "name";
/// The key of what the provider tells the app: the number of the push.
const PUSH: &str = "push";

/// The app's side: it says where the provider runs, and is told of calls.
pub(super) struct Manager {
    manager: Retained<NEAppPushManager>,
    /// The manager holds it weakly.
    _listener: Retained<Listener>,
}

impl Manager {
    /// Switches the provider on for this server, if the app is made for that.
    pub(super) fn new(server: &str, name: &str) -> Option<Manager> {
        let (provider, network) = (about::text(PROVIDER)?, about::text(NETWORK)?);
        if about::version().0 < 14 {
            return None;
        }
        let main_thread = MainThreadMarker::new()?;
        // SAFETY: it takes nothing.
        let listener: Retained<Listener> = unsafe { msg_send![Listener::alloc(main_thread), init] };
        let keys = [&*NSString::from_str(SERVER), &*NSString::from_str(NAME)];
        let values = [server, name].map(|text| object(NSString::from_str(text)));
        let configuration = NSDictionary::from_retained_objects(&keys, &values);
        let networks = NSArray::from_retained_slice(&[NSString::from_str(&network)]);
        // SAFETY: the values are of the types that they are taken for; the listener is kept with the manager.
        let manager = unsafe {
            let manager = NEAppPushManager::new();
            manager.setDelegate(Some(ProtocolObject::from_ref(&*listener)));
            manager.setMatchSSIDs(&networks);
            manager.setProviderBundleIdentifier(Some(&NSString::from_str(&provider)));
            manager.setProviderConfiguration(&configuration);
            manager.setEnabled(true);
            manager
        };
        let these = Manager { manager, _listener: listener };
        these.save();
        Some(these)
    }

    fn save(&self) {
        let saved = RcBlock::new(move |error: *mut NSError| {
            guarded(|| {
                // SAFETY: nothing, or an error that lives until the block returns.
                if let Some(error) = unsafe { error.as_ref() } {
                    let why = error.localizedDescription();
                    VOICE.say(format!("local push connectivity is not switched on: {why}"));
                }
            });
        });
        // SAFETY: the block may be called on any thread: it hops.
        unsafe { self.manager.saveToPreferencesWithCompletionHandler(&saved) };
    }
}

fn object(text: Retained<NSString>) -> Retained<AnyObject> {
    Retained::into_super(Retained::into_super(text))
}

define_class!(
    // SAFETY:
    // - NSObject has no requirements on who inherits from it.
    // - `Listener` does not implement `Drop`.
    #[unsafe(super(NSObject))]
    #[thread_kind = MainThreadOnly]
    #[name = "HoldlinePushListener"]
    pub(super) struct Listener;

    // SAFETY: NSObject's own.
    unsafe impl NSObjectProtocol for Listener {}

    // SAFETY: the method has the protocol's signature.
    unsafe impl NEAppPushDelegate for Listener {
        #[unsafe(method(appPushManager:didReceiveIncomingCallWithUserInfo:))]
        fn did_receive(&self, _manager: &NEAppPushManager, information: &NSDictionary) {
            guarded(|| {
                let key = NSString::from_str(PUSH);
                // SAFETY: a dictionary of a property list has strings for keys.
                let information: &NSDictionary<NSString, AnyObject> =
                    unsafe { information.cast_unchecked() };
                let push = information.objectForKey(&key);
                let push = push.and_then(|push| push.downcast::<NSString>().ok());
                let push = push.map_or_else(|| PUSH.to_owned(), |push| push.to_string());
                // As after a push: the system wakes the app for a call, and wants to see one.
                Calls::of(self.mtm()).report(format!("extension {push}"));
                hub::tell(Event::Say(format!("push {push} came by the extension")));
            });
        }
    }
);

define_class!(
    // SAFETY:
    // - NEAppPushProvider is made to be inherited from; its methods are overridden with their own signatures.
    // - `Provider` does not implement `Drop`.
    #[unsafe(super(NEAppPushProvider, NEProvider, NSObject))]
    #[name = "HoldlinePushProvider"]
    pub(super) struct Provider;

    impl Provider {
        #[unsafe(method(start))]
        fn start(&self) {
            guarded(|| self.hold());
        }

        #[unsafe(method(stopWithReason:completionHandler:))]
        fn stop(&self, _reason: NEProviderStopReason, done: &DynBlock<dyn Fn()>) {
            // The process ends behind it, and the connection with it.
            done.call(());
        }

        #[unsafe(method(handleTimerEvent))]
        fn timer(&self) {
            // Once a minute. The server asks for signs of life by itself.
        }
    }
);

/// Registers the provider's class, for the loader of an extension that finds it by its name.
pub fn register_provider() {
    let _registered = Provider::class();
}

impl Provider {
    /// Holds a connection to the server of the configuration, on a thread of its own, for as long as it lasts.
    fn hold(&self) {
        // SAFETY: it only reads.
        let Some(configuration) = (unsafe { self.providerConfiguration() }) else { return };
        let text = |key: &str| {
            let value = configuration.objectForKey(&NSString::from_str(key))?;
            value.downcast::<NSString>().ok().map(|text| text.to_string())
        };
        let (Some(server), Some(name)) = (text(SERVER), text(NAME)) else { return };
        let reporter = Reporter(self.retain());
        let thread = std::thread::Builder::new().name("provider".into());
        // When the connection ends, or there is no thread for it, the system starts the provider again.
        let _connection = thread.spawn(move || connection(&server, &name, &reporter));
    }
}

/// The provider on another thread.
struct Reporter(Retained<Provider>);

// SAFETY: retain counts are atomic, and it is sent messages on the main thread only.
unsafe impl Send for Reporter {}

impl Reporter {
    fn report(&self, push: u64) {
        let provider = Reporter(self.0.clone());
        on_main(move || provider.report_here(push));
    }

    fn report_here(&self, push: u64) {
        let keys = [&*NSString::from_str(PUSH)];
        let values = [object(NSString::from_str(&push.to_string()))];
        let information = NSDictionary::from_retained_objects(&keys, &values);
        // SAFETY: the information is of types that a property list may have.
        unsafe { self.0.reportIncomingCallWithUserInfo(information.cast_unchecked()) };
    }
}

/// Says hello, answers, and reports, until the connection ends.
fn connection(server: &str, name: &str, reporter: &Reporter) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(server)?;
    let mut out = Vec::new();
    ClientMessage::Hello { version: VERSION, device: name }.encode(&mut out);
    let (mut lines, mut buffer) = (Lines::default(), [0; 4_096]);
    loop {
        stream.write_all(&out)?;
        out.clear();
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(());
        }
        lines.feed(&buffer[..read], MOST_LINE, |line| {
            answer(line.ok().and_then(|line| ServerMessage::decode(line).ok()), &mut out, reporter);
            true
        });
    }
}

fn answer(message: Option<ServerMessage<'_>>, out: &mut Vec<u8>, reporter: &Reporter) {
    match message {
        Some(ServerMessage::Ping { n }) => ClientMessage::Pong { n }.encode(out),
        Some(ServerMessage::Push { id, .. }) => {
            reporter.report(id);
            ClientMessage::Ack { id }.encode(out);
        }
        _ => {}
    }
}
