//! How a process begins and ends: launch, exit, kill, relaunch, reboot. Whatever ends it, its sockets and
//! its keep-alive handler are gone.

use super::{Context, Delivery, Os, Output};
use crate::platform::TaskKillCode;
use crate::port::{AppState, Callback, LaunchReason, Span, Time};
use crate::trace::{
    KillCode, KillRule, LeaseEnd, LeaseReason, LogLine, Observer, RelaunchRefusal, What,
};

/// The app's process, and what the system plans for it.
#[derive(Clone, Debug)]
pub(super) struct Process {
    /// When the next process is started, and why.
    planned: (Time, LaunchReason),
    /// Relaunches in a row without the app having been on screen.
    in_a_row: u32,
    /// The user removed the app; it stays away until opened or the device boots.
    removed_by_user: bool,
    /// No process has ended yet: this is the one that a debugger started, if one is attached.
    first: bool,
    /// When the process ends at the latest after it was told that it will, and by which rule.
    ending: Option<(Time, KillRule)>,
}

impl Default for Process {
    fn default() -> Self {
        Process {
            planned: (Time::NEVER, LaunchReason::VoipRelaunch),
            in_a_row: 0,
            removed_by_user: false,
            first: true,
            ending: None,
        }
    }
}

impl Process {
    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.ending.map_or(self.planned.0, |(at, _)| at.min(self.planned.0))
    }

    /// When the next process is started, and why.
    pub(super) fn planned(&self) -> Option<(Time, LaunchReason)> {
        Some(self.planned).filter(|(at, _)| *at != Time::NEVER)
    }

    /// When the process ends at the latest after it was told that it will, and by which rule.
    pub(super) fn ends(&self) -> Option<(Time, KillRule)> {
        self.ending
    }

    /// Whether the user removed the app, so that the system does not start it.
    pub(super) fn is_removed(&self) -> bool {
        self.removed_by_user
    }

    /// Whether no process has ended yet.
    pub(super) fn is_first(&self) -> bool {
        self.first
    }

    /// Why the process is about to end, if it has been told so.
    pub(super) fn ending(&self) -> Option<KillRule> {
        self.ending.map(|(_, rule)| rule)
    }

    /// The app is on screen: nothing is held against it.
    pub(super) fn reached_foreground(&mut self) {
        self.in_a_row = 0;
    }
}

impl Os {
    pub(super) fn launch<O: Observer>(&mut self, reason: LaunchReason, cx: &mut Context<'_, O>) {
        debug_assert_eq!(self.state, AppState::NotRunning);
        self.process.planned.0 = Time::NEVER;
        self.device_wakes(cx);
        cx.probe.emit(What::ProcessStarted { reason });
        self.tell(Callback::Launched(reason));
        match reason {
            LaunchReason::User => {
                self.process.removed_by_user = false;
                self.enter(AppState::Inactive, cx);
                self.tell(Callback::BecameActive);
                self.main.watch(cx.now() + cx.profile.launch_watchdog, KillRule::LaunchTooSlow);
            }
            LaunchReason::VoipRelaunch | LaunchReason::Boot => {
                self.enter(AppState::Background, cx);
                self.start_task_clock(cx.profile.task_budget_in_background, cx);
                let runtime = cx.profile.launch_background_runtime;
                self.begin_lease(LeaseReason::Launch, runtime, cx);
            }
        }
    }

    /// The process has had its time to terminate, or the next one is to start.
    pub(super) fn process_due<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        match self.process.ending {
            Some((at, rule)) if at <= cx.now() => self.kill_for(rule, cx),
            Some(_) | None => self.start_planned_process(cx),
        }
    }

    fn start_planned_process<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let reason = self.process.planned.1;
        self.process.planned.0 = Time::NEVER;
        if self.state == AppState::NotRunning {
            self.launch(reason, cx);
        }
    }

    /// The app called `exit`, or crashed with `code`. A suspended app runs no code that could.
    pub fn exit_process<O: Observer>(&mut self, code: i32, cx: &mut Context<'_, O>) {
        match self.state {
            AppState::NotRunning => return,
            AppState::Suspended => {
                let line = LogLine::NO_EXIT;
                return cx.probe.emit(What::SystemLog { line, id: 0 });
            }
            AppState::Inactive | AppState::Active | AppState::Background => {}
        }
        cx.probe.emit(What::Exit { code });
        self.end_process(cx);
        if code == 0 {
            cx.probe.emit(What::RelaunchRefused { why: RelaunchRefusal::ExitCodeZero });
        } else {
            self.plan_relaunch(cx.profile.relaunch_on_nonzero_exit, cx);
        }
    }

    /// The system terminates the app by a rule.
    pub(super) fn kill_for<O: Observer>(&mut self, rule: KillRule, cx: &mut Context<'_, O>) {
        if self.debugger_holds_off(rule, cx) {
            return;
        }
        let profile = cx.profile;
        let (code, relaunch) = match rule {
            KillRule::EnteredBackgroundTooSlow
            | KillRule::LaunchTooSlow
            | KillRule::ResumeTooSlow
            | KillRule::ExpiryHandlerTooSlow
            | KillRule::KeepAliveHandlerTooSlow => {
                (KillCode::Watchdog, profile.relaunch_on_watchdog)
            }
            KillRule::TaskNeverEnded => {
                let code = match profile.task_kill_code {
                    TaskKillCode::Watchdog => KillCode::Watchdog,
                    TaskKillCode::TaskOverrun => KillCode::TaskOverrun,
                };
                (code, profile.relaunch_on_watchdog)
            }
            KillRule::TooManyTasks => (KillCode::TooManyTasks, profile.relaunch_on_watchdog),
            KillRule::WakeLimit => (KillCode::TooManyWakes, profile.relaunch_on_wake_limit),
            KillRule::Memory => (KillCode::Jetsam, profile.relaunch_on_memory),
            KillRule::ForceQuit => (KillCode::ForceQuit, false),
            KillRule::ModernSdkTrap => (KillCode::Trap, profile.relaunch_on_trap),
        };
        cx.probe.emit(What::Kill { code, rule });
        self.end_process(cx);
        self.plan_relaunch(relaunch, cx);
    }

    /// Everything that belonged to the process is gone.
    fn end_process<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.pending.clear();
        self.pending.push_back(Delivery::Forget);
        // An app that dies on screen leaves the home screen behind.
        self.device.leave_app();
        self.main = super::MainThread::default();
        self.process.ending = None;
        self.process.first = false;
        self.release_all(LeaseEnd::ProcessEnded, cx);
        self.tasks.clear();
        self.audio = false;
        self.keep_alive.clear();
        self.timers.clear();
        self.reclaim.stop_waiting();
        for (connection, unread) in self.streams.close_all() {
            self.out.push_back(if unread {
                Output::Reset { connection }
            } else {
                Output::Finish { connection }
            });
        }
        self.enter(AppState::NotRunning, cx);
        self.device_may_sleep(cx);
    }

    /// VoIP apps are started again after an abnormal end, later and later.
    fn plan_relaunch<O: Observer>(&mut self, by_profile: bool, cx: &mut Context<'_, O>) {
        let refused = if self.process.removed_by_user {
            Some(RelaunchRefusal::RemovedByUser)
        } else if cx.gate.voip.is_some() {
            Some(RelaunchRefusal::NotAVoipApp)
        } else if !by_profile {
            Some(RelaunchRefusal::NotAfterThis)
        } else {
            None
        };
        if let Some(why) = refused {
            cx.probe.emit(What::RelaunchRefused { why });
            return;
        }
        let factor = u64::from(cx.profile.relaunch_backoff_factor.max(1));
        let grown =
            cx.profile.relaunch_delay.saturating_mul(factor.saturating_pow(self.process.in_a_row));
        let after = grown.min(cx.profile.relaunch_backoff_cap.max(cx.profile.relaunch_delay));
        self.process.in_a_row = self.process.in_a_row.saturating_add(1);
        self.process.planned = (cx.now() + after, LaunchReason::VoipRelaunch);
        cx.probe.emit(What::RelaunchPlanned { after, reason: LaunchReason::VoipRelaunch });
    }

    /// The user removes the app from the app switcher. An app that runs is told and has some time for it;
    /// a suspended one is not.
    pub fn force_quit<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.device.leave_app();
        self.process.removed_by_user = true;
        self.process.planned.0 = Time::NEVER;
        if self.state.runs() && self.main.idle() {
            self.pending.clear();
            let until = cx.now() + cx.profile.terminate_budget;
            self.process.ending = Some((until, KillRule::ForceQuit));
            self.tell(Callback::WillTerminate);
        } else if self.state != AppState::NotRunning {
            self.kill_for(KillRule::ForceQuit, cx);
        }
    }

    /// The app has been told that it is terminated.
    pub(super) fn terminate_after_callback<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if let Some(rule) = self.process.ending() {
            self.kill_for(rule, cx);
        }
    }

    /// The app's memory is taken, in whatever state it is.
    pub fn memory_kill<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.state != AppState::NotRunning {
            self.kill_for(KillRule::Memory, cx);
        }
    }

    /// The device goes down and boots again. Nobody is told, not even the servers.
    pub fn reboot<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        // Whatever made it boot has woken it: its sleep does not last until it is up again.
        self.device_wakes(cx);
        cx.probe.emit(What::Reboot {});
        if self.state != AppState::NotRunning {
            self.end_process(cx);
        }
        // The phone's kernel takes every connection with it, without a word.
        self.out.retain(|request| match request {
            Output::Finish { .. } | Output::Reset { .. } => false,
            Output::Connect { .. }
            | Output::OpenDatagrams { .. }
            | Output::Send { .. }
            | Output::Vanish
            | Output::PowerOn
            | Output::Sleep
            | Output::Wake => true,
        });
        self.out.push_back(Output::Vanish);
        self.process = Process { first: false, ..Process::default() };
        self.wake_limit.reset();
        self.device.go_down(cx.now() + cx.profile.boot_duration);
    }

    /// The device is up again; VoIP apps are started before anybody has unlocked it.
    pub(super) fn booted<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        cx.probe.emit(What::Booted {});
        self.out.push_back(Output::PowerOn);
        if cx.profile.relaunch_at_boot && cx.gate.voip.is_none() {
            let reason = LaunchReason::Boot;
            cx.probe.emit(What::RelaunchPlanned { after: Span::ZERO, reason });
            self.launch(reason, cx);
        } else {
            self.device_may_sleep(cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::platform::Profile;
    use crate::port::{AppState, Phone, Span, Token};
    use crate::trace::{KillRule, What};

    const MINUTE: Span = Span::from_secs(60);

    #[test]
    fn a_nonzero_exit_is_relaunched_in_background_and_then_suspended() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| phone.exit(1));
        assert_eq!(bench.os.state(), AppState::NotRunning);
        bench.sleep(MINUTE);
        assert_eq!(bench.times_told("launched"), 2);
        assert_eq!(bench.times_told("became-active"), 1);
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn a_zero_exit_is_not_relaunched() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| phone.exit(0));
        bench.sleep(Span::from_secs(86_400));
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn a_suspended_app_cannot_exit() {
        let mut bench = Bench::ios(9);
        bench.background();
        bench.run_until_suspended();
        bench.exit(1);
        assert_eq!(bench.os.state(), AppState::Suspended);
        assert!(!bench.saw(|what| matches!(what, What::Exit { .. })));
    }

    #[test]
    fn an_app_without_the_voip_mode_is_not_relaunched() {
        let mut bench = Bench::ios(9);
        bench.manifest.background_modes.clear();
        bench.with(|phone| phone.exit(1));
        bench.sleep(Span::from_secs(86_400));
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn a_memory_kill_is_relaunched_and_tells_nobody() {
        let mut bench = Bench::ios(9);
        bench.background();
        bench.run_until_suspended();
        bench.memory_kill();
        assert_eq!(bench.times_told("will-terminate"), 0);
        bench.sleep(MINUTE);
        assert_eq!(bench.times_told("launched"), 2);
    }

    #[test]
    fn a_force_quit_keeps_the_app_away_until_the_user_opens_it() {
        let mut bench = Bench::ios(9);
        bench.background();
        bench.run_until_suspended();
        bench.force_quit();
        assert_eq!(bench.times_told("will-terminate"), 0, "a suspended app is not told");
        bench.sleep(Span::from_secs(86_400));
        assert_eq!(bench.os.state(), AppState::NotRunning);
        bench.foreground();
        assert_eq!(bench.os.state(), AppState::Active);
    }

    #[test]
    fn a_running_app_is_told_that_it_is_terminated() {
        let mut bench = Bench::ios(9);
        bench.force_quit();
        assert_eq!(bench.times_told("will-terminate"), 1);
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn after_a_reboot_a_voip_app_runs_before_the_first_unlock_without_its_data() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| phone.store(1, 42).unwrap());
        bench.force_quit();
        bench.reboot();
        bench.sleep(bench.profile.boot_duration);
        bench.with(|phone| assert!(phone.load(1).is_err()));
        bench.unlock();
        assert_eq!(bench.times_told("protected-data-available"), 1);
        bench.with(|phone| assert_eq!(phone.load(1), Ok(Some(42))));
    }

    #[test]
    fn an_app_that_died_under_the_lock_is_not_opened_by_unlocking() {
        let mut bench = Bench::ios(9);
        bench.manifest.background_modes.clear();
        bench.lock();
        bench.run_until_suspended();
        bench.memory_kill();
        bench.unlock();
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn a_reboot_ends_the_sleep_of_the_device() {
        let mut bench = Bench::ios(9);
        bench.lock();
        bench.run_until_suspended();
        bench.sleep(bench.profile.device_sleep_delay + MINUTE);
        bench.reboot();
        bench.sleep(bench.profile.boot_duration);
        assert!(bench.saw(|what| *what == What::DeviceWoke { slept: MINUTE }));
        assert_eq!(bench.count(|what| matches!(what, What::DeviceWoke { .. })), 1);
    }

    #[test]
    fn relaunches_in_a_row_come_later_and_later() {
        let mut bench = Bench::ios(9);
        bench.on_callback("launched", |phone| phone.exit(1));
        bench.with(|phone| phone.exit(1));
        bench.sleep(Span::from_secs(86_400));
        let delays: Vec<Span> = bench
            .events()
            .filter_map(|what| {
                if let What::RelaunchPlanned { after, .. } = what { Some(*after) } else { None }
            })
            .collect();
        assert!(delays.len() > 3 && delays[1] > delays[0] && delays[2] > delays[1], "{delays:?}");
        assert!(delays.iter().all(|delay| *delay <= bench.profile.relaunch_backoff_cap));
    }

    #[test]
    fn launching_for_longer_than_the_watchdog_allows_is_killed() {
        let mut bench = Bench::ios(9);
        bench.on_callback("launched", |phone| phone.busy(Span::from_secs(25), Token(1)));
        bench.force_quit();
        bench.foreground();
        bench.sleep(Span::from_secs(20));
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn nothing_happens_behind_an_exit_in_the_same_turn() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| {
            phone.exit(0);
            phone.busy(MINUTE, Token(1));
            assert_eq!(phone.begin_background_task(), None);
            assert!(!phone.set_keep_alive_timeout(MINUTE));
            assert!(!phone.open(phone_pair()));
        });
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    fn phone_pair() -> crate::port::StreamId {
        crate::port::StreamPair(1).read()
    }

    #[test]
    fn whether_a_killed_app_is_relaunched_depends_on_what_killed_it() {
        type Set = fn(&mut Profile, bool);
        let kills: [(Set, KillRule); 5] = [
            (|profile, yes| profile.relaunch_on_memory = yes, KillRule::Memory),
            (|profile, yes| profile.relaunch_on_watchdog = yes, KillRule::LaunchTooSlow),
            (|profile, yes| profile.relaunch_on_watchdog = yes, KillRule::TaskNeverEnded),
            (|profile, yes| profile.relaunch_on_wake_limit = yes, KillRule::WakeLimit),
            (|profile, yes| profile.relaunch_on_trap = yes, KillRule::ModernSdkTrap),
        ];
        for (set, rule) in kills {
            for yes in [true, false] {
                let mut bench = Bench::ios(9);
                set(&mut bench.profile, yes);
                bench.kill(rule);
                bench.sleep(MINUTE);
                assert_eq!(bench.times_told("launched") == 2, yes, "{rule}");
            }
        }
    }

    #[test]
    fn a_reboot_brings_back_an_app_that_the_user_removed() {
        let mut bench = Bench::ios(9);
        bench.force_quit();
        bench.reboot();
        bench.sleep(MINUTE);
        assert_eq!(bench.times_told("launched"), 2);
    }

    #[test]
    fn an_app_on_screen_has_five_seconds_to_terminate() {
        let mut bench = Bench::ios(9);
        bench.on_callback("will-terminate", |phone| phone.busy(MINUTE, Token(1)));
        bench.force_quit();
        bench.sleep(Span::from_micros(4_999_999));
        assert_eq!(bench.os.state(), AppState::Active);
        bench.sleep(Span::TICK);
        assert_eq!(bench.os.state(), AppState::NotRunning);
        assert!(bench.saw(|what| matches!(what, What::Kill { rule: KillRule::ForceQuit, .. })));
        assert!(
            !bench
                .saw(|what| matches!(what, What::CallbackReturned { name: "will-terminate", .. }))
        );
    }

    #[test]
    fn opening_an_app_that_terminates_does_not_save_it() {
        let mut bench = Bench::ios(9);
        bench.on_callback("will-terminate", |phone| phone.busy(MINUTE, Token(1)));
        bench.force_quit();
        bench.sleep(Span::from_secs(1));
        bench.foreground();
        bench.sleep(Span::from_secs(4));
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn an_app_that_dawdles_when_it_is_terminated_is_killed_instead_of_suspended() {
        let mut bench = Bench::ios(9);
        bench.on_callback("will-terminate", |phone| phone.busy(Span::MAX, Token(1)));
        bench.background();
        bench.force_quit();
        assert!(bench.os.state().runs());
        bench.sleep(MINUTE);
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }
}
