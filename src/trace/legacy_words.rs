//! Words for what a phone does with calls of the legacy VoIP architecture.

use crate::port::words;

words! {
    /// A call of the legacy VoIP architecture.
    pub enum LegacyFeature {
        /// `kCFStreamNetworkServiceTypeVoIP` on a stream, and its connect.
        VoipStream = "voip-stream",
        /// `setKeepAliveTimeout:handler:`.
        KeepAlive = "keep-alive",
        /// `UILocalNotification`.
        LocalNotification = "local-notification",
    }
}

words! {
    /// What the agent does with such a call.
    pub enum LegacyPlan {
        /// It makes it.
        Made = "made",
        /// It does not make it, and does what is possible without.
        Refused = "refused",
        /// It makes it, and the process is expected to be trapped.
        ExpectTrap = "expect-trap",
    }
}

words! {
    /// Why.
    pub enum LegacyReason {
        /// The system has the feature for this app.
        Supported = "supported",
        /// The system has the call, and is expected to answer that it has no effect; the answer is a result.
        AnswerIsTheResult = "answer-is-the-result",
        /// `voip` is not among the UIBackgroundModes.
        NoVoipMode = "no-voip-mode",
        /// A modern system ends a process, linked with a modern SDK, whose VoIP stream connects.
        ModernSdkTrap = "modern-sdk-trap",
        /// The simulator does not exercise this path.
        Simulator = "simulator",
        /// This system does not have the call.
        NotAvailable = "not-available",
    }
}
