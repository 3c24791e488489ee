//! Background tasks: one budget for the app, however many tasks it holds; the clock runs only in
//! background; expiration handlers shortly before the end, on the main thread; never ended, killed.

use super::{Context, Os};
use crate::platform::LateTask;
use crate::port::{AppState, Callback, Span, TaskId, Time};
use crate::trace::{KillRule, LeaseReason, LogLine, Observer, What};

/// The tasks an app holds, and the budget they share.
#[derive(Clone, Debug)]
pub(super) struct Tasks {
    held: Vec<TaskId>,
    last: u32,
    /// When the budget ends; never while the app is on screen or suspended.
    ends: Time,
    /// When the expiration handlers are called; never when they have been or nothing is held.
    warning: Time,
    /// The lead of that warning, kept for tasks that begin later.
    warned: bool,
    lead: Span,
}

impl Default for Tasks {
    fn default() -> Self {
        Tasks {
            held: Vec::new(),
            last: 0,
            ends: Time::NEVER,
            warning: Time::NEVER,
            warned: false,
            lead: Span::ZERO,
        }
    }
}

impl Tasks {
    /// When the expiration handlers are to be called.
    #[inline]
    pub(super) fn warning(&self) -> Time {
        self.warning
    }

    /// How many tasks the app holds.
    pub(super) fn count(&self) -> usize {
        self.held.len()
    }

    pub(super) fn holds(&self, task: TaskId) -> bool {
        self.held.contains(&task)
    }

    /// The budget ends with the app's run time.
    pub(super) fn stop_clock(&mut self) {
        self.ends = Time::NEVER;
        self.warning = Time::NEVER;
    }

    /// The process has ended: its tasks and their numbers are gone.
    pub(super) fn clear(&mut self) {
        *self = Tasks::default();
    }

    /// What is left of the budget.
    pub(super) fn remaining(&self, now: Time) -> Span {
        if self.ends == Time::NEVER { Span::MAX } else { self.ends.since(now) }
    }

    fn arm(&mut self) {
        self.warning = if self.warned || self.held.is_empty() || self.ends == Time::NEVER {
            Time::NEVER
        } else {
            Time::ZERO + self.ends.elapsed().saturating_sub(self.lead)
        };
    }
}

impl Os {
    /// The app runs in background from now on and has `budget` for its tasks.
    pub(super) fn start_task_clock<O: Observer>(&mut self, budget: Span, cx: &mut Context<'_, O>) {
        self.tasks.ends = cx.now() + budget;
        self.tasks.warned = false;
        self.tasks.lead = cx.profile.task_expiry_warning;
        self.tasks.arm();
        if !self.tasks.held.is_empty() {
            self.begin_lease(LeaseReason::BackgroundTask, budget, cx);
        }
    }

    pub(super) fn begin_task<O: Observer>(&mut self, cx: &mut Context<'_, O>) -> Option<TaskId> {
        let remaining = self.tasks.remaining(cx.now());
        let late = self.tasks.warned && self.tasks.ends != Time::NEVER && !self.main.in_expiry();
        let refused = late && cx.profile.task_late_begin == LateTask::Invalid;
        if cx.profile.task_refused || refused || remaining == Span::ZERO {
            cx.probe.emit(What::BeginBackgroundTask { id: 0 });
            return None;
        }
        self.tasks.last += 1;
        let task = TaskId(self.tasks.last);
        self.tasks.held.push(task);
        cx.probe.emit(What::BeginBackgroundTask { id: task.0 });
        if cx.profile.task_limit.is_some_and(|limit| self.tasks.held.len() > limit as usize) {
            self.kill_for(KillRule::TooManyTasks, cx);
            return None;
        }
        // Without a clock the app is on its way to the screen, where a task needs no run time.
        let clock_runs = self.tasks.ends != Time::NEVER;
        let leased = self.leases.holds(LeaseReason::BackgroundTask);
        if self.state == AppState::Background && clock_runs && !leased {
            self.begin_lease(LeaseReason::BackgroundTask, remaining, cx);
        }
        self.tasks.arm();
        if late && cx.profile.task_late_begin == LateTask::ExpiresAtOnce {
            self.tell(Callback::TaskExpiring(task));
        }
        Some(task)
    }

    pub(super) fn end_task<O: Observer>(&mut self, task: TaskId, cx: &mut Context<'_, O>) {
        let known = self.tasks.holds(task);
        cx.probe.emit(What::EndBackgroundTask { id: task.0, known });
        if !known {
            let line = LogLine::NO_SUCH_TASK;
            cx.probe.emit(What::SystemLog { line, id: task.0 });
            return;
        }
        self.tasks.held.retain(|held| *held != task);
        if self.tasks.held.is_empty() {
            self.tasks.arm();
            self.end_lease(LeaseReason::BackgroundTask, cx);
        }
    }

    /// The budget is nearly used up: every expiration handler is called, one after the other.
    pub(super) fn warn_of_expiry(&mut self) {
        self.tasks.warned = true;
        self.tasks.arm();
        for n in 0..self.tasks.held.len() {
            self.tell(Callback::TaskExpiring(self.tasks.held[n]));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::platform::LateTask;
    use crate::port::{AppState, Callback, Phone, Span, TaskId, Token};
    use crate::settings::Dist;
    use crate::trace::{KillCode, KillRule, LeaseReason, What};

    const SECOND: Span = Span::from_secs(1);

    fn killed(bench: &Bench, rule: KillRule) -> bool {
        bench.saw(|what| matches!(what, What::Kill { rule: by, .. } if *by == rule))
    }

    #[test]
    fn a_task_that_is_never_ended_is_killed_when_the_budget_is_used_up() {
        for (version, budget) in [(4, 600), (6, 600), (7, 180), (9, 180), (13, 30)] {
            let mut bench = Bench::ios(version);
            bench.with(|phone| assert!(phone.begin_background_task().is_some()));
            bench.background();
            bench.sleep(Span::from_secs(budget - 1));
            assert_eq!(bench.os.state(), AppState::Background, "ios-{version}");
            bench.sleep(SECOND);
            assert_eq!(bench.os.state(), AppState::NotRunning, "ios-{version}");
            assert!(killed(&bench, KillRule::TaskNeverEnded));
        }
    }

    #[test]
    fn the_code_for_a_leaked_task_is_the_watchdogs() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| phone.begin_background_task());
        bench.background();
        bench.sleep(Span::from_secs(200));
        assert!(bench.saw(|what| matches!(what, What::Kill { code: KillCode::Watchdog, .. })));
    }

    #[test]
    fn two_tasks_in_a_row_share_one_budget() {
        let mut bench = Bench::ios(9);
        bench.background();
        let first = bench.with(|phone| phone.begin_background_task()).unwrap();
        bench.sleep(Span::from_secs(100));
        bench.with(|phone| {
            phone.begin_background_task();
            phone.end_background_task(first);
            assert_eq!(phone.background_time_remaining(), Span::from_secs(80));
        });
        bench.sleep(Span::from_secs(80));
        assert!(killed(&bench, KillRule::TaskNeverEnded));
    }

    #[test]
    fn the_app_is_suspended_only_when_all_tasks_are_ended() {
        let mut bench = Bench::ios(9);
        bench.background();
        let (a, b) = bench.with(|phone| {
            (phone.begin_background_task().unwrap(), phone.begin_background_task().unwrap())
        });
        bench.with(|phone| phone.end_background_task(a));
        bench.sleep(Span::from_secs(10));
        assert_eq!(bench.os.state(), AppState::Background);
        bench.with(|phone| phone.end_background_task(b));
        bench.sleep(Span::from_secs(5));
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn the_clock_stands_still_in_the_foreground() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| phone.begin_background_task());
        bench.sleep(Span::from_secs(10_000));
        bench.with(|phone| assert_eq!(phone.background_time_remaining(), Span::MAX));
        bench.background();
        bench.sleep(Span::from_secs(100));
        bench.foreground();
        bench.sleep(Span::from_secs(1_000));
        assert_eq!(bench.os.state(), AppState::Active);
    }

    #[test]
    fn a_task_begun_on_the_way_to_the_screen_needs_no_run_time() {
        let mut bench = Bench::ios(9);
        bench.on_callback("entered-background", |phone| phone.busy(SECOND, Token(1)));
        bench.on_callback("continue", |phone| {
            phone.begin_background_task();
        });
        bench.background();
        bench.foreground();
        bench.sleep(Span::from_secs(10_000));
        assert_eq!(bench.os.state(), AppState::Active);
        assert!(!bench.saw(|what| {
            matches!(what, What::LeaseBegan { reason: LeaseReason::BackgroundTask, .. })
        }));
    }

    #[test]
    fn expiration_handlers_are_called_before_the_end_and_ending_there_is_in_time() {
        let mut bench = Bench::ios(9);
        bench.background();
        let task = bench.with(|phone| phone.begin_background_task()).unwrap();
        bench.sleep(Span::from_secs(174));
        assert!(!bench.told(Callback::TaskExpiring(task)));
        bench.sleep(SECOND);
        assert!(bench.told(Callback::TaskExpiring(task)));
        bench.with(|phone| phone.end_background_task(task));
        bench.sleep(Span::from_secs(60));
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn a_task_begun_inside_the_expiration_handler_gets_no_more_time() {
        let mut bench = Bench::ios(9);
        bench.background();
        let task = bench.with(|phone| phone.begin_background_task()).unwrap();
        bench.sleep(Span::from_secs(175));
        bench.with(|phone| {
            assert!(phone.begin_background_task().is_some());
            phone.end_background_task(task);
        });
        bench.sleep(Span::from_secs(5));
        assert!(killed(&bench, KillRule::TaskNeverEnded));
    }

    #[test]
    fn a_task_begun_after_the_warning_is_told_at_once_by_default() {
        for (late, told, state) in [
            (LateTask::ExpiresAtOnce, true, AppState::Background),
            (LateTask::Unwarned, false, AppState::Background),
            (LateTask::Invalid, false, AppState::Suspended),
        ] {
            let mut bench = Bench::ios(9);
            bench.profile.task_late_begin = late;
            bench.profile.suspension_delay = Dist::Constant(Span::from_secs(2));
            bench.background();
            let task = bench.with(|phone| phone.begin_background_task()).unwrap();
            bench.sleep(Span::from_secs(175));
            bench.with(|phone| phone.end_background_task(task));
            bench.sleep(SECOND);
            let late = bench.with(|phone| phone.begin_background_task());
            bench.sleep(SECOND);
            assert_eq!(late.is_some_and(|task| bench.told(Callback::TaskExpiring(task))), told);
            assert_eq!(bench.os.state(), state);
        }
    }

    #[test]
    fn an_expiration_handler_that_outlasts_its_own_limit_is_killed() {
        let mut bench = Bench::ios(9);
        bench.profile.task_expiry_handler_budget = Span::from_secs(2);
        bench.background();
        bench.with(|phone| phone.begin_background_task());
        bench.on_callback("task-expiring", |phone| {
            phone.busy(Span::from_secs(60), crate::port::Token(1));
        });
        bench.sleep(Span::from_secs(200));
        assert!(killed(&bench, KillRule::ExpiryHandlerTooSlow));
    }

    #[test]
    fn ending_twice_or_an_unknown_task_is_only_a_log_line() {
        let mut bench = Bench::ios(9);
        let task = bench.with(|phone| phone.begin_background_task()).unwrap();
        bench.with(|phone| {
            phone.end_background_task(task);
            phone.end_background_task(task);
            phone.end_background_task(TaskId(77));
        });
        assert_eq!(bench.count(|what| matches!(what, What::SystemLog { .. })), 2);
        assert_eq!(bench.os.state(), AppState::Active);
    }

    #[test]
    fn a_refused_task_is_invalid_and_keeps_nothing_alive() {
        let mut bench = Bench::ios(9);
        bench.profile.task_refused = true;
        bench.background();
        assert_eq!(bench.with(|phone| phone.begin_background_task()), None);
        bench.sleep(Span::from_secs(5));
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn more_than_a_thousand_tasks_end_the_app_from_ios_11() {
        let mut bench = Bench::ios(13);
        bench.with(|phone| {
            for _ in 0..1_001 {
                phone.begin_background_task();
            }
        });
        assert!(killed(&bench, KillRule::TooManyTasks));
        let mut old = Bench::ios(9);
        old.with(|phone| {
            for _ in 0..1_001 {
                phone.begin_background_task();
            }
        });
        assert_eq!(old.os.state(), AppState::Active);
    }
}
