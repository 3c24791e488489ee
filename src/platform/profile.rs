//! The keys of a platform profile: everything the `os` room asks a platform.

use crate::port::{Span, words};
use crate::settings::{Dist, Joules, Milliwatts, Share, settings};

words! {
    /// What happens to an app that used up a budget.
    #[derive(Default)]
    pub enum Overrun {
        /// It is terminated.
        Kill = "kill",
        /// It is suspended, with its work unfinished.
        #[default]
        Suspend = "suspend",
    }
}

words! {
    /// The code of a termination for a background task that was not ended.
    #[derive(Default)]
    pub enum TaskKillCode {
        /// The watchdog's code.
        #[default]
        Watchdog = "0x8badf00d",
        /// The code of newer systems.
        TaskOverrun = "0x2182bad2",
    }
}

words! {
    /// What becomes of a background task that is begun after the expiration handlers were called.
    #[derive(Default)]
    pub enum LateTask {
        /// Its own expiration handler is called as soon as the main thread is free.
        #[default]
        ExpiresAtOnce = "expires-at-once",
        /// Nobody is told before the budget ends.
        Unwarned = "unwarned",
        /// It is not granted.
        Invalid = "invalid",
    }
}

words! {
    /// How wakes are counted against the limit.
    #[derive(Default)]
    pub enum WindowKind {
        /// Over the last span, at every moment.
        #[default]
        Sliding = "sliding",
        /// Over spans that follow each other.
        Fixed = "fixed",
    }
}

words! {
    /// When the system takes untagged sockets away from a suspended app.
    #[derive(Default)]
    pub enum ReclaimTrigger {
        /// When the screen is locked while the app is suspended, or the app is suspended while it is.
        Lock = "lock",
        /// As soon as the app is suspended.
        Suspension = "suspension",
        /// Not at all.
        #[default]
        Never = "never",
    }
}

settings! {
    /// What one iOS version allows. Loaded from `src/platform/profiles/*.toml`, where every value has
    /// its source and confidence; any of them can be overridden in a scenario.
    pub struct Profile {
        /// How long launching in the foreground may take before the watchdog ends the app.
        "launch.watchdog" => launch_watchdog: Span,
        /// How long an app that the system launched in background runs before it is suspended.
        "launch.background-runtime" => launch_background_runtime: Span,
        /// How long `applicationWillEnterForeground:` may take before the watchdog ends the app.
        "resume.watchdog" => resume_watchdog: Span,
        /// How long `applicationDidEnterBackground:` may take before the watchdog ends the app.
        "entered-background.budget" => entered_background_budget: Span,
        /// How long `applicationWillTerminate:` may take before the process is ended all the same.
        "terminate.budget" => terminate_budget: Span,
        /// From the end of the last reason to run until the app is suspended.
        "suspension.delay" => suspension_delay: Dist,
        /// From the return of the keep-alive handler until the app is suspended, if nothing else keeps it.
        "keep-alive.suspension-delay" => keep_alive_suspension_delay: Dist,

        /// Run time for all background tasks of an app that came from the foreground.
        "background-task.budget" => task_budget: Span,
        /// Run time for all background tasks of an app that was resumed in background.
        "background-task.budget-in-background" => task_budget_in_background: Span,
        /// How long before the end of the budget the expiration handlers are called.
        "background-task.expiry-warning" => task_expiry_warning: Span,
        /// How long one expiration handler may take.
        "background-task.expiry-handler-budget" => task_expiry_handler_budget: Span,
        /// What becomes of a task that is begun after the expiration handlers were called. One begun inside such a handler is never told again.
        "background-task.late-begin" => task_late_begin: LateTask,
        /// What happens when a task is not ended in time.
        "background-task.on-overrun" => task_on_overrun: Overrun,
        /// The code of that termination.
        "background-task.kill-code" => task_kill_code: TaskKillCode,
        /// How many tasks an app may hold at once before it is terminated.
        "background-task.limit" => task_limit: Option<u32>,
        /// Whether asking for a task is always answered with invalid, as it can be when the system is short of resources.
        "background-task.refused" => task_refused: bool,

        /// Whether `setKeepAliveTimeout:handler:` does anything.
        "keep-alive.available" => keep_alive_available: bool,
        /// The shortest timeout that is accepted.
        "keep-alive.minimum-timeout" => keep_alive_minimum: Span,
        /// The least share of the timeout by which the handler is called early.
        "keep-alive.early-at-least" => keep_alive_early_min: Share,
        /// The greatest share of the timeout by which the handler is called early; uniform in between.
        "keep-alive.early-at-most" => keep_alive_early_max: Share,
        /// How long the keep-alive handler may take.
        "keep-alive.handler-budget" => keep_alive_handler_budget: Span,
        /// What happens when the handler takes longer.
        "keep-alive.on-overrun" => keep_alive_on_overrun: Overrun,
        /// The stricter figure that other sources give for the handler; a run in which a handler needed more says so.
        "keep-alive.handler-budget-strict" => keep_alive_handler_budget_strict: Span,

        /// Whether the app's keep-alive wake is unscheduled when the user removes another app from the app switcher.
        "keep-alive.lost-with-other-app" => keep_alive_lost_with_other_app: bool,

        /// Apps linked with this SDK or a later one lose the legacy VoIP features.
        "legacy-voip.sdk-gate" => legacy_sdk_gate: Option<u32>,
        /// Apps linked with this SDK or a later one are trapped when a VoIP-tagged socket connects.
        "legacy-voip.trap-sdk" => legacy_trap_sdk: Option<u32>,

        /// Whether traffic on a VoIP-tagged socket wakes a suspended app.
        "voip-socket.wakes" => voip_socket_wakes: bool,
        /// Whether the answer to a URL request of the VoIP service type (`NSURLNetworkServiceTypeVoIP`) wakes a
        /// suspended app.
        "voip-request.wakes" => voip_request_wakes: bool,
        /// Whether an end or an error of a VoIP-tagged socket wakes a suspended app.
        "voip-socket.wakes-on-end" => voip_socket_wakes_on_end: bool,
        /// Whether data on a VoIP-tagged socket wakes a suspended app before its TLS handshake is done.
        "voip-socket.wakes-in-handshake" => voip_socket_wakes_in_handshake: bool,
        /// Whether a VoIP-tagged UDP socket is watched and kept as a TCP one is.
        "voip-socket.udp" => voip_socket_udp: bool,
        /// Whether a change of the interface or the address is reported on VoIP-tagged sockets as an error.
        "voip-socket.event-on-network-change" => voip_socket_event_on_network_change: bool,
        /// Whether an event that waits for its turn is still told after the app has closed the stream, when it did
        /// not take the stream off its run loop.
        "stream.told-after-close" => stream_told_after_close: bool,
        /// Run time after a wake by a socket.
        "voip-wake.runtime" => voip_wake_runtime: Span,
        /// Whether data that arrives while the app is awake starts that run time anew.
        "voip-wake.data-extends" => voip_wake_data_extends: bool,
        /// Whether a change of reachability wakes a suspended app that has VoIP-tagged sockets.
        "reachability.wakes" => reachability_wakes: bool,

        /// How long the resolver waits altogether for the answer to a name.
        "resolver.timeout" => resolver_timeout: Span,
        /// Whether a stream to an IPv4 address reaches it on a network that carries IPv6 only.
        "ipv6-only.synthesises-literals" => synthesises_literals: bool,

        /// More wakes than this within the window end the app.
        "wake-limit.count" => wake_limit: Option<u32>,
        /// The window of the limit.
        "wake-limit.window" => wake_limit_window: Span,
        /// How the window moves.
        "wake-limit.window-kind" => wake_limit_window_kind: WindowKind,
        /// Whether a wake by the keep-alive handler counts.
        "wake-limit.counts-keep-alive" => wake_limit_counts_keep_alive: bool,
        /// Whether coming to the foreground starts the count anew.
        "wake-limit.foreground-resets" => wake_limit_foreground_resets: bool,

        /// When untagged sockets of a suspended app are taken away.
        "socket-reclaim.trigger" => reclaim_trigger: ReclaimTrigger,
        /// From the trigger until they are gone.
        "socket-reclaim.delay" => reclaim_delay: Dist,

        /// Whether VoIP apps are launched when the device has booted.
        "relaunch.at-boot" => relaunch_at_boot: bool,
        /// Whether VoIP apps are launched again when they exit with a code other than zero.
        "relaunch.on-nonzero-exit" => relaunch_on_nonzero_exit: bool,
        /// Whether VoIP apps are launched again after their memory was needed.
        "relaunch.on-memory" => relaunch_on_memory: bool,
        /// Whether VoIP apps are launched again after a watchdog (0x8badf00d, 0x2182bad2, 0xbada5e47).
        "relaunch.on-watchdog" => relaunch_on_watchdog: bool,
        /// Whether VoIP apps are launched again after too many wakes (0xbad22222).
        "relaunch.on-wake-limit" => relaunch_on_wake_limit: bool,
        /// Whether VoIP apps are launched again after a trap.
        "relaunch.on-trap" => relaunch_on_trap: bool,
        /// From the end of the process until the first relaunch.
        "relaunch.delay" => relaunch_delay: Span,
        /// The factor by which the delay grows with each relaunch in a row; an app that reached the foreground starts anew.
        "relaunch.backoff-factor" => relaunch_backoff_factor: u32,
        /// The longest delay.
        "relaunch.backoff-cap" => relaunch_backoff_cap: Span,
        /// How long a reboot takes until apps can be launched.
        "boot.duration" => boot_duration: Span,
        /// Whether stored data cannot be read between a boot and the first unlock.
        "boot.protects-data" => boot_protects_data: bool,

        /// From the last activity, with the screen off and no charger, until the device sleeps.
        "device-sleep.delay" => device_sleep_delay: Span,
        /// Whether the system can be put into low-power mode.
        "low-power.available" => low_power_available: bool,
        /// How many values an app's storage holds in this model.
        "storage.capacity" => storage_capacity: u32,
        /// What the processor takes while the app is given run time in background, in milliwatts.
        "power.cpu-awake" => cpu_awake: Milliwatts,
        /// The battery's capacity in joules.
        "battery.capacity" => battery: Joules,
    }
}
