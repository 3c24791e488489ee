//! A debugger is attached, as when Xcode runs the app: it goes on running where it would be suspended, and
//! no watchdog ends it. So what works at the desk proves nothing about the road. When that process has
//! ended, the next one is without.
//!
//! Sources: "the debugger prevents your app from suspending" (Apple's engineers, forums/thread/796528 and
//! 14855); Xcode switches the launch watchdog off (Apple QA1592), and the others by common report.

use super::{Context, Os};
use crate::trace::{KillRule, LogLine, Observer, What};

impl Os {
    /// Whether a debugger is attached to the process that runs.
    pub(super) fn debugger_attached<O: Observer>(&self, cx: &Context<'_, O>) -> bool {
        cx.gate.debugger && self.process.is_first()
    }

    /// Whether `rule` is held off by a debugger; the system log says so.
    pub(super) fn debugger_holds_off<O: Observer>(
        &self,
        rule: KillRule,
        cx: &mut Context<'_, O>,
    ) -> bool {
        let watchdog = match rule {
            KillRule::EnteredBackgroundTooSlow
            | KillRule::LaunchTooSlow
            | KillRule::ResumeTooSlow
            | KillRule::TaskNeverEnded
            | KillRule::ExpiryHandlerTooSlow
            | KillRule::KeepAliveHandlerTooSlow => true,
            KillRule::TooManyTasks
            | KillRule::WakeLimit
            | KillRule::Memory
            | KillRule::ForceQuit
            | KillRule::ModernSdkTrap => false,
        };
        let held = watchdog && self.debugger_attached(cx);
        if held {
            let line = LogLine::DEBUGGER;
            cx.probe.emit(What::SystemLog { line, id: 0 });
        }
        held
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::port::{AppState, Phone, ServiceType, Span, Token};
    use crate::trace::What;

    const HOUR: Span = Span::from_secs(3_600);

    fn debugged(version: u32) -> Bench {
        let mut bench = Bench::ios(version);
        bench.manifest.debugger = true;
        bench
    }

    fn killed(bench: &Bench) -> bool {
        bench.saw(|what| matches!(what, What::Kill { .. }))
    }

    #[test]
    fn under_the_debugger_an_app_in_background_is_never_suspended() {
        let mut bench = debugged(13);
        bench.connect(ServiceType::Default);
        bench.lock();
        bench.sleep(HOUR);
        assert_eq!(bench.os.state(), AppState::Background);
        assert!(!bench.saw(|what| matches!(what, What::SocketReclaimed { .. })));
    }

    #[test]
    fn the_process_after_the_one_that_was_debugged_is_as_any_other() {
        let mut bench = debugged(9);
        bench.with(|phone| phone.exit(1));
        bench.sleep(HOUR);
        assert_eq!(bench.times_told("launched"), 2);
        assert_eq!(bench.os.state(), AppState::Suspended);
        bench.reboot();
        bench.sleep(HOUR);
        assert_eq!(bench.times_told("launched"), 3);
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn under_the_debugger_no_watchdog_ends_the_way_to_background_and_back() {
        let mut bench = debugged(9);
        bench.on_callback("entered-background", |phone| phone.busy(Span::from_secs(60), Token(1)));
        bench.on_callback("will-enter-foreground", |phone| {
            phone.busy(Span::from_secs(60), Token(1));
        });
        bench.background();
        bench.sleep(HOUR);
        bench.foreground();
        bench.sleep(HOUR);
        assert!(!killed(&bench));
        assert_eq!(bench.os.state(), AppState::Active);
    }

    #[test]
    fn under_the_debugger_a_leaked_task_and_a_slow_expiration_handler_do_not_kill() {
        let mut bench = debugged(9);
        bench.on_callback("task-expiring", |phone| phone.busy(Span::from_secs(60), Token(1)));
        bench.with(|phone| phone.begin_background_task());
        bench.background();
        bench.sleep(HOUR);
        assert!(!killed(&bench));
        assert_eq!(bench.os.state(), AppState::Background);
    }

    #[test]
    fn under_the_debugger_the_keep_alive_handler_is_called_and_may_take_its_time() {
        let mut bench = debugged(9);
        bench.background();
        bench.with(|phone| assert!(phone.set_keep_alive_timeout(Span::from_secs(600))));
        bench.on_callback("keep-alive", |phone| phone.busy(Span::from_secs(60), Token(1)));
        bench.sleep(HOUR);
        assert!(bench.times_told("keep-alive") >= 5 && !killed(&bench));
        assert!(!bench.saw(|what| matches!(what, What::Wake { .. })), "it never slept");
    }

    #[test]
    fn the_debugger_does_not_hold_off_the_user_or_the_need_for_memory() {
        let mut bench = debugged(9);
        bench.force_quit();
        assert_eq!(bench.os.state(), AppState::NotRunning);
        bench.foreground();
        bench.memory_kill();
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }
}
