//! VoIP pushes of Apple's push service, each of which must be reported as an incoming call.
//!
//! Off unless Info.plist says `HoldlineVoipPush`: an app that registers may be treated otherwise than one of the legacy
//! architecture. The payload names the push, as `{"push": "call"}`. CallKit has to be linked, or PKPushRegistry asserts;
//! the registry's delegate has to be set before its types.
//!
//! Only a phone can tell: the simulator gets no VoIP pushes, and without the entitlement `aps-environment` there is no
//! token. A process that is given a push and reports no call is ended by the system.

use block2::DynBlock;
use dispatch2::DispatchQueue;
use objc2::rc::Retained;
use objc2::runtime::{NSObject, ProtocolObject};
use objc2::{AnyThread, DefinedClass, MainThreadMarker, MainThreadOnly, define_class, msg_send};
use objc2_foundation::{NSObjectProtocol, NSSet, NSString};
use objc2_push_kit::{
    PKPushCredentials, PKPushPayload, PKPushRegistry, PKPushRegistryDelegate, PKPushType,
    PKPushTypeVoIP,
};

use super::about;
use super::calls::Calls;
use super::hub::{self, Event};
use super::voice::guarded;

/// The key of Info.plist that switches it on.
const KEY: &str = "HoldlineVoipPush";
/// The key of the payload that names the push.
const PUSH: &str = "push";

/// What has to live as long as pushes may come: the registry holds its delegate weakly.
pub(super) struct Pushes {
    _registry: Retained<PKPushRegistry>,
    _delegate: Retained<Receiver>,
}

impl Pushes {
    /// Registers for VoIP pushes, if the app is made for them.
    pub(super) fn new() -> Option<Pushes> {
        if !about::switched_on(KEY) {
            return None;
        }
        let delegate = Receiver::new(MainThreadMarker::new()?);
        // SAFETY: the queue is the main one, on which the delegate lives.
        let registry = unsafe {
            PKPushRegistry::initWithQueue(PKPushRegistry::alloc(), Some(DispatchQueue::main()))
        };
        // SAFETY: the delegate is kept for as long as the registry; a constant of PushKit, never written.
        unsafe {
            registry.setDelegate(Some(ProtocolObject::from_ref(&*delegate)));
            let types = NSSet::from_slice(&[PKPushTypeVoIP]);
            registry.setDesiredPushTypes(Some(&types));
        }
        Some(Pushes { _registry: registry, _delegate: delegate })
    }
}

/// Who reports a call for each push.
pub(super) struct Reports {
    calls: Calls,
}

define_class!(
    // SAFETY:
    // - NSObject has no requirements on who inherits from it.
    // - `Receiver` does not implement `Drop`.
    #[unsafe(super(NSObject))]
    #[thread_kind = MainThreadOnly]
    #[name = "HoldlinePushReceiver"]
    #[ivars = Reports]
    pub(super) struct Receiver;

    // SAFETY: NSObject's own.
    unsafe impl NSObjectProtocol for Receiver {}

    // SAFETY: the methods have the protocol's signatures.
    unsafe impl PKPushRegistryDelegate for Receiver {
        #[unsafe(method(pushRegistry:didUpdatePushCredentials:forType:))]
        fn did_update(
            &self,
            _registry: &PKPushRegistry,
            credentials: &PKPushCredentials,
            _kind: &PKPushType,
        ) {
            guarded(|| {
                // SAFETY: it only reads.
                let token = unsafe { credentials.token() };
                let hexadecimal = token.to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
                hub::tell(Event::PushToken(hexadecimal));
            });
        }

        #[unsafe(method(pushRegistry:didReceiveIncomingPushWithPayload:forType:withCompletionHandler:))]
        fn did_receive(
            &self,
            _registry: &PKPushRegistry,
            payload: &PKPushPayload,
            _kind: &PKPushType,
            completion: &DynBlock<dyn Fn()>,
        ) {
            guarded(|| {
                let name = name(payload);
                // First of all, orders or not: who returns without it is ended.
                self.ivars().calls.report(name.clone());
                hub::tell(Event::VoipPush(name));
            });
            completion.call(());
        }

        #[unsafe(method(pushRegistry:didInvalidatePushTokenForType:))]
        fn did_invalidate(&self, _registry: &PKPushRegistry, _kind: &PKPushType) {
            guarded(|| hub::tell(Event::Say("the token for VoIP pushes is invalid".to_owned())));
        }
    }
);

impl Receiver {
    fn new(main_thread: MainThreadMarker) -> Retained<Receiver> {
        let calls = Calls::of(main_thread);
        let this = Receiver::alloc(main_thread).set_ivars(Reports { calls });
        // SAFETY: NSObject's `init` takes nothing and gives the object back.
        unsafe { msg_send![super(this), init] }
    }
}

/// What the payload calls the push.
fn name(payload: &PKPushPayload) -> String {
    // SAFETY: it only reads.
    let payload = unsafe { payload.dictionaryPayload() };
    let value = payload.objectForKey(&NSString::from_str(PUSH));
    let text = value.and_then(|value| value.downcast::<NSString>().ok());
    text.map_or_else(|| "push".to_owned(), |text| text.to_string())
}
