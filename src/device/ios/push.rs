//! VoIP pushes of Apple's push service, each of which must be reported as an incoming call.
//!
//! Off unless Info.plist says `HoldlineVoipPush`: an app that registers may be treated otherwise than one of the legacy
//! architecture. The payload names the push, as `{"push": "call"}`. The call ends as soon as the system has taken it.
//! CallKit has to be linked, or PKPushRegistry asserts; the registry's delegate has to be set before its types.
//!
//! Only a phone can tell: the simulator gets no VoIP pushes, and without the entitlement `aps-environment` there is no
//! token. A process that is given a push and reports no call is ended by the system.

use block2::{DynBlock, RcBlock};
use dispatch2::DispatchQueue;
use objc2::rc::Retained;
use objc2::runtime::{NSObject, ProtocolObject};
use objc2::{AnyThread, DefinedClass, MainThreadMarker, MainThreadOnly, define_class, msg_send};
use objc2_call_kit::{
    CXCallEndedReason, CXCallUpdate, CXHandle, CXHandleType, CXProvider, CXProviderConfiguration,
    CXProviderDelegate,
};
use objc2_foundation::{NSError, NSObjectProtocol, NSSet, NSString, NSUUID};
use objc2_push_kit::{
    PKPushCredentials, PKPushPayload, PKPushRegistry, PKPushRegistryDelegate, PKPushType,
    PKPushTypeVoIP,
};

use super::about;
use super::hub::{self, Event};
use super::voice::{guarded, on_main};

/// The key of Info.plist that switches it on.
const KEY: &str = "HoldlineVoipPush";
/// The key of the payload that names the push.
const PUSH: &str = "push";

/// What has to live as long as pushes may come: the registry and the provider hold their delegate weakly.
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

/// The provider of calls.
pub(super) struct Calls {
    provider: Retained<CXProvider>,
}

define_class!(
    // SAFETY:
    // - NSObject has no requirements on who inherits from it.
    // - `Receiver` does not implement `Drop`.
    #[unsafe(super(NSObject))]
    #[thread_kind = MainThreadOnly]
    #[name = "HoldlinePushReceiver"]
    #[ivars = Calls]
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
            // SAFETY: it only reads.
            let token = unsafe { credentials.token() };
            let hexadecimal = token.to_vec().iter().map(|byte| format!("{byte:02x}")).collect();
            guarded(|| hub::tell(Event::PushToken(hexadecimal)));
        }

        #[unsafe(method(pushRegistry:didReceiveIncomingPushWithPayload:forType:withCompletionHandler:))]
        fn did_receive(
            &self,
            _registry: &PKPushRegistry,
            payload: &PKPushPayload,
            _kind: &PKPushType,
            completion: &DynBlock<dyn Fn()>,
        ) {
            let name = name(payload);
            // First of all: who returns without it is ended.
            self.report(name.clone());
            guarded(|| hub::tell(Event::VoipPush(name)));
            completion.call(());
        }

        #[unsafe(method(pushRegistry:didInvalidatePushTokenForType:))]
        fn did_invalidate(&self, _registry: &PKPushRegistry, _kind: &PKPushType) {
            guarded(|| hub::tell(Event::Say("the token for VoIP pushes is invalid".to_owned())));
        }
    }

    // SAFETY: the method has the protocol's signature.
    unsafe impl CXProviderDelegate for Receiver {
        #[unsafe(method(providerDidReset:))]
        fn did_reset(&self, _provider: &CXProvider) {}
    }
);

impl Receiver {
    fn new(main_thread: MainThreadMarker) -> Retained<Receiver> {
        // SAFETY: it takes nothing. The name of the provider is the app's.
        let configuration =
            unsafe { CXProviderConfiguration::init(CXProviderConfiguration::alloc()) };
        // SAFETY: the configuration is copied.
        let provider =
            unsafe { CXProvider::initWithConfiguration(CXProvider::alloc(), &configuration) };
        let this = Receiver::alloc(main_thread).set_ivars(Calls { provider });
        // SAFETY: NSObject's `init` takes nothing and gives the object back.
        let this: Retained<Receiver> = unsafe { msg_send![super(this), init] };
        let queue = Some(DispatchQueue::main());
        let delegate = ProtocolObject::from_ref(&*this);
        // SAFETY: the queue is the main one, on which the delegate lives; whoever has the delegate keeps it.
        unsafe { this.ivars().provider.setDelegate_queue(Some(delegate), queue) };
        this
    }

    /// Reports an incoming call, and that it ended as soon as the system has taken it.
    fn report(&self, name: String) {
        let (provider, call) = (self.ivars().provider.clone(), NSUUID::UUID());
        let its = call.clone();
        let reported = RcBlock::new(move |error: *mut NSError| {
            guarded(|| {
                let taken = error.is_null();
                if taken {
                    let reason = CXCallEndedReason::RemoteEnded;
                    // SAFETY: a call of this provider that it took; without a date it ended now.
                    unsafe {
                        provider.reportCallWithUUID_endedAtDate_reason(&its, None, reason);
                    }
                }
                let name = name.clone();
                on_main(move || hub::tell(Event::CallReported(name, taken)));
            });
        });
        // SAFETY: the values are of the types that they are taken for.
        unsafe {
            let handle = CXHandle::initWithType_value(
                CXHandle::alloc(),
                CXHandleType::Generic,
                &NSString::from_str("holdline"),
            );
            let update = CXCallUpdate::new();
            update.setRemoteHandle(Some(&handle));
            self.ivars()
                .provider
                .reportNewIncomingCallWithUUID_update_completion(&call, &update, &reported);
        }
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
