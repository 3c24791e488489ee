//! Incoming calls, as CallKit wants them reported: each ends as soon as the system has taken it.
//!
//! An app has one provider of calls, which serves pushes and the push extension alike.

use std::cell::RefCell;

use block2::RcBlock;
use dispatch2::DispatchQueue;
use objc2::rc::Retained;
use objc2::runtime::{NSObject, ProtocolObject};
use objc2::{AnyThread, MainThreadMarker, MainThreadOnly, define_class, msg_send};
use objc2_call_kit::{
    CXCallEndedReason, CXCallUpdate, CXHandle, CXHandleType, CXProvider, CXProviderConfiguration,
    CXProviderDelegate,
};
use objc2_foundation::{NSError, NSObjectProtocol, NSString, NSUUID};

use super::hub::{self, Event};
use super::voice::{guarded, on_main};
use super::{about, legacy};

thread_local! {
    static CALLS: RefCell<Option<Calls>> = const { RefCell::new(None) };
}

/// The provider of calls, with its delegate, which it holds weakly.
#[derive(Clone)]
pub(super) struct Calls {
    provider: Retained<CXProvider>,
    _delegate: Retained<Delegate>,
}

define_class!(
    // SAFETY:
    // - NSObject has no requirements on who inherits from it.
    // - `Delegate` does not implement `Drop`.
    #[unsafe(super(NSObject))]
    #[thread_kind = MainThreadOnly]
    #[name = "HoldlineCallDelegate"]
    pub(super) struct Delegate;

    // SAFETY: NSObject's own.
    unsafe impl NSObjectProtocol for Delegate {}

    // SAFETY: the method has the protocol's signature.
    unsafe impl CXProviderDelegate for Delegate {
        #[unsafe(method(providerDidReset:))]
        fn did_reset(&self, _provider: &CXProvider) {}
    }
);

impl Calls {
    /// The provider of this process, which lives as long as it.
    pub(super) fn of(main_thread: MainThreadMarker) -> Calls {
        CALLS.with_borrow_mut(|calls| calls.get_or_insert_with(|| Calls::new(main_thread)).clone())
    }

    fn new(main_thread: MainThreadMarker) -> Calls {
        // SAFETY: NSObject's `init` takes nothing and gives the object back.
        let delegate: Retained<Delegate> = unsafe { msg_send![Delegate::alloc(main_thread), init] };
        let configuration = match about::version().0 {
            0..14 => legacy::calls(),
            // SAFETY: it takes nothing. The name of the provider is the app's.
            14.. => unsafe { CXProviderConfiguration::init(CXProviderConfiguration::alloc()) },
        };
        // SAFETY: the configuration is copied.
        let provider =
            unsafe { CXProvider::initWithConfiguration(CXProvider::alloc(), &configuration) };
        let (queue, its) = (Some(DispatchQueue::main()), ProtocolObject::from_ref(&*delegate));
        // SAFETY: the queue is the main one, on which the delegate lives; it is kept with the provider.
        unsafe { provider.setDelegate_queue(Some(its), queue) };
        Calls { provider, _delegate: delegate }
    }

    /// Reports an incoming call, and that it ended as soon as the system has taken it.
    pub(super) fn report(&self, name: String) {
        let (provider, call) = (self.provider.clone(), NSUUID::UUID());
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
            self.provider
                .reportNewIncomingCallWithUUID_update_completion(&call, &update, &reported);
        }
    }
}
