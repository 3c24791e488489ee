//! The device around the app: lock and screen, charger, memory, the interface, its sleep and its clocks.

use super::{Context, DeviceSeen, Os, Output};
use crate::port::{AppState, Callback, Interface, Now, Span, Time};
use crate::trace::{KillRule, LogLine, Observer, WakeReason, What};

/// The device's own state.
#[derive(Clone, Debug)]
pub(super) struct Device {
    interface: Interface,
    locked: bool,
    screen: bool,
    charger: bool,
    activity: bool,
    low_power: bool,
    notifications: bool,
    unlocked_since_boot: bool,
    /// The app is the one on the screen, or would be if it were unlocked.
    in_front: bool,
    /// When the device is up again after a reboot.
    boot_ends: Time,
    /// When the device falls asleep if nothing happens.
    falls_asleep: Time,
    asleep_since: Option<Time>,
    slept: Span,
    wall_offset: i64,
}

impl Device {
    pub(super) fn new(interface: Interface) -> Device {
        Device {
            interface,
            locked: false,
            screen: true,
            charger: false,
            activity: false,
            low_power: false,
            notifications: true,
            unlocked_since_boot: true,
            in_front: false,
            boot_ends: Time::NEVER,
            falls_asleep: Time::NEVER,
            asleep_since: None,
            slept: Span::ZERO,
            wall_offset: 0,
        }
    }

    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.boot_ends.min(self.falls_asleep)
    }

    /// Whether the device is not on its way through a reboot.
    pub(super) fn is_up(&self) -> bool {
        self.boot_ends == Time::NEVER
    }

    pub(super) fn is_locked(&self) -> bool {
        self.locked
    }

    pub(super) fn shows_notifications(&self) -> bool {
        self.notifications
    }

    pub(super) fn interface(&self) -> Interface {
        self.interface
    }

    /// What can be seen of it.
    pub(super) fn seen(&self) -> DeviceSeen {
        DeviceSeen {
            interface: self.interface,
            locked: self.locked,
            screen: self.screen,
            charger: self.charger,
            low_power: self.low_power,
            notifications: self.notifications,
            asleep_since: self.asleep_since,
            boot_ends: Some(self.boot_ends).filter(|at| *at != Time::NEVER),
            falls_asleep: Some(self.falls_asleep).filter(|at| *at != Time::NEVER),
        }
    }

    /// Whether stored data cannot be read.
    pub(super) fn protects_data(&self, by_profile: bool) -> bool {
        by_profile && !self.unlocked_since_boot
    }

    pub(super) fn enter_app(&mut self) {
        self.in_front = true;
    }

    pub(super) fn leave_app(&mut self) {
        self.in_front = false;
    }

    pub(super) fn go_down(&mut self, until: Time) {
        self.boot_ends = until;
        self.locked = true;
        self.screen = false;
        self.in_front = false;
        self.unlocked_since_boot = false;
        self.falls_asleep = Time::NEVER;
    }

    /// What the three clocks say at `continuous`.
    pub(super) fn clocks(&self, continuous: Time) -> Now {
        let asleep = self.asleep_since.map_or(Span::ZERO, |since| continuous.since(since));
        let uptime = continuous.elapsed() - self.slept - asleep;
        let wall = continuous.as_micros().cast_signed().saturating_add(self.wall_offset);
        Now { continuous, uptime: uptime.from_start(), wall }
    }
}

impl Os {
    /// What the phone's clocks say at `continuous`.
    pub fn clocks(&self, continuous: Time) -> Now {
        self.device.clocks(continuous)
    }

    /// One of the device's own deadlines is due.
    pub(super) fn device_due<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.device.boot_ends <= cx.now() {
            self.device.boot_ends = Time::NEVER;
            self.booted(cx);
        } else {
            self.device.falls_asleep = Time::NEVER;
            self.device.asleep_since = Some(cx.now());
            self.out.push_back(Output::Sleep);
            cx.probe.emit(What::DeviceSlept {});
        }
    }

    /// With the screen off, no charger, no other activity and no app running, the device falls asleep.
    pub(super) fn device_may_sleep<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        let device = &mut self.device;
        let idle = !device.screen && !device.charger && !device.activity && device.is_up();
        device.falls_asleep = if idle && !self.state.runs() && device.asleep_since.is_none() {
            cx.now() + cx.profile.device_sleep_delay
        } else {
            Time::NEVER
        };
    }

    /// Something keeps the device awake from now on.
    pub(super) fn device_wakes<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.device.falls_asleep = Time::NEVER;
        if let Some(since) = self.device.asleep_since.take() {
            let slept = cx.now().since(since);
            self.device.slept += slept;
            self.timers.device_slept(slept);
            self.out.push_back(Output::Wake);
            cx.probe.emit(What::DeviceWoke { slept });
        }
    }

    /// The device's power situation changed: it may sleep now, or has to wake.
    fn power_changed<O: Observer>(&mut self, awake: bool, cx: &mut Context<'_, O>) {
        if awake {
            self.device_wakes(cx);
        } else {
            self.device_may_sleep(cx);
        }
    }

    /// The charger is plugged in or pulled out.
    pub fn charger<O: Observer>(&mut self, connected: bool, cx: &mut Context<'_, O>) {
        cx.probe.emit(What::Charger { connected });
        self.device.charger = connected;
        self.power_changed(connected, cx);
    }

    /// The screen goes on or off without a lock.
    pub fn screen<O: Observer>(&mut self, on: bool, cx: &mut Context<'_, O>) {
        self.device.screen = on;
        self.power_changed(on, cx);
    }

    /// Something else on the phone keeps it awake, or stops doing so.
    pub fn activity<O: Observer>(&mut self, on: bool, cx: &mut Context<'_, O>) {
        self.device.activity = on;
        self.power_changed(on, cx);
    }

    /// The user locks the screen.
    pub fn lock<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if self.device.locked {
            return;
        }
        cx.probe.emit(What::ScreenLocked { locked: true });
        self.device.locked = true;
        self.device.screen = false;
        self.leave_screen(cx);
        self.reclaim_on_lock(cx);
        self.device_may_sleep(cx);
    }

    /// The user unlocks the screen: the app that was in front comes back.
    pub fn unlock<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.unlock_screen(cx);
        if self.device.in_front {
            self.come_to_foreground(cx);
        }
    }

    pub(super) fn unlock_screen<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if !self.device.locked || !self.device.is_up() {
            return;
        }
        cx.probe.emit(What::ScreenLocked { locked: false });
        self.device.locked = false;
        self.device.screen = true;
        self.device_wakes(cx);
        if !self.device.unlocked_since_boot {
            self.device.unlocked_since_boot = true;
            cx.probe.emit(What::FirstUnlock {});
            if self.state != AppState::NotRunning {
                self.tell(Callback::ProtectedDataAvailable);
            }
        }
    }

    /// The user allows or forbids notifications.
    pub fn allow_notifications(&mut self, allowed: bool) {
        self.device.notifications = allowed;
    }

    /// The user switches low-power mode.
    pub fn low_power<O: Observer>(&mut self, on: bool, cx: &mut Context<'_, O>) {
        if !cx.profile.low_power_available {
            let line = LogLine::NO_LOW_POWER;
            cx.probe.emit(What::SystemLog { line, id: 0 });
        } else if self.device.low_power != on {
            self.device.low_power = on;
            cx.probe.emit(What::LowPowerMode { on });
            if self.state != AppState::NotRunning {
                self.forget_callbacks(|told| matches!(told, Callback::LowPowerModeChanged(_)));
                self.tell(Callback::LowPowerModeChanged(on));
            }
        }
    }

    /// The user or the network sets the clock by so many microseconds.
    pub fn set_clock(&mut self, by: i64) {
        self.device.wall_offset = self.device.wall_offset.saturating_add(by);
    }

    /// Memory is short: apps that run are warned; suspended ones are killed when it is critical.
    pub fn memory_pressure<O: Observer>(&mut self, critical: bool, cx: &mut Context<'_, O>) {
        match self.state {
            AppState::Active | AppState::Inactive | AppState::Background => {
                cx.probe.emit(What::MemoryWarning {});
                self.tell(Callback::MemoryWarning);
            }
            AppState::Suspended if critical => self.kill_for(KillRule::Memory, cx),
            AppState::Suspended | AppState::NotRunning => {}
        }
    }

    /// Another interface carries traffic now. A suspended app learns of it when it runs again, unless
    /// the profile says that it is woken.
    pub fn interface_changed<O: Observer>(&mut self, to: Interface, cx: &mut Context<'_, O>) {
        self.device.interface = to;
        if self.state == AppState::NotRunning {
            return;
        }
        self.forget_callbacks(|callback| matches!(callback, Callback::ReachabilityChanged(_)));
        self.tell(Callback::ReachabilityChanged(to));
        if self.state == AppState::Suspended
            && cx.profile.reachability_wakes
            && self.holds_kept_socket(cx)
        {
            self.wake(WakeReason::Reachability, cx);
        }
        self.sockets_notice_change(cx);
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::port::{AppState, Clock, Phone, Span, TimerId};
    use crate::trace::What;

    fn asleep(bench: &mut Bench) {
        bench.lock();
        bench.run_until_suspended();
        bench.sleep(bench.profile.device_sleep_delay);
    }

    #[test]
    fn the_device_sleeps_apart_from_the_app() {
        let mut bench = Bench::ios(9);
        bench.background();
        bench.run_until_suspended();
        bench.sleep(Span::from_secs(3_600));
        assert!(!bench.saw(|what| matches!(what, What::DeviceSlept {})), "the screen is on");
        asleep(&mut bench);
        assert!(bench.saw(|what| matches!(what, What::DeviceSlept {})));
    }

    #[test]
    fn a_charger_keeps_the_device_awake() {
        let mut bench = Bench::ios(9);
        bench.charger(true);
        asleep(&mut bench);
        bench.sleep(Span::from_secs(3_600));
        assert_eq!(bench.clocks().uptime, bench.now());
        bench.charger(false);
        bench.sleep(Span::from_secs(3_600));
        assert!(bench.clocks().uptime < bench.now());
    }

    #[test]
    fn uptime_stops_while_the_device_sleeps_and_wall_time_can_be_set_back() {
        let mut bench = Bench::ios(9);
        asleep(&mut bench);
        let before = bench.clocks();
        bench.sleep(Span::from_secs(1_000));
        bench.os.set_clock(-3_600_000_000);
        let after = bench.clocks();
        assert_eq!(after.uptime, before.uptime);
        assert_eq!(after.continuous.since(before.continuous), Span::from_secs(1_000));
        assert_eq!(after.wall, before.wall + 1_000_000_000 - 3_600_000_000);
    }

    #[test]
    fn a_timer_on_uptime_waits_for_the_device_and_one_on_continuous_time_only_for_the_app() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| {
            phone.set_timer(TimerId(1), Span::from_secs(100), Clock::Uptime);
            phone.set_timer(TimerId(2), Span::from_secs(100), Clock::Continuous);
        });
        asleep(&mut bench);
        bench.sleep(Span::from_secs(1_000));
        assert_eq!(bench.times_told("timer"), 0, "a suspended app is not called");
        bench.unlock();
        bench.sleep(Span::ZERO);
        assert_eq!(bench.times_told("timer"), 1, "only the one on continuous time is late");
        bench.sleep(Span::from_secs(100));
        assert_eq!(bench.times_told("timer"), 2);
    }

    #[test]
    fn locking_sends_the_app_to_background_and_unlocking_brings_it_back() {
        let mut bench = Bench::ios(9);
        bench.lock();
        assert_eq!(bench.os.state(), AppState::Background);
        bench.run_until_suspended();
        bench.unlock();
        assert_eq!(bench.os.state(), AppState::Active);
    }

    #[test]
    fn memory_pressure_warns_a_running_app_and_kills_a_suspended_one() {
        let mut bench = Bench::ios(9);
        bench.memory_pressure(true);
        assert_eq!(bench.times_told("memory-warning"), 1);
        bench.background();
        bench.run_until_suspended();
        bench.memory_pressure(false);
        assert_eq!(bench.os.state(), AppState::Suspended);
        bench.memory_pressure(true);
        assert_eq!(bench.os.state(), AppState::NotRunning);
    }

    #[test]
    fn low_power_mode_is_told_where_it_exists() {
        let mut bench = Bench::ios(9);
        bench.low_power(true);
        assert_eq!(bench.times_told("low-power-mode-changed"), 1);
        let mut bench = Bench::ios(8);
        bench.low_power(true);
        assert_eq!(bench.times_told("low-power-mode-changed"), 0);
    }

    #[test]
    fn a_wall_clock_that_is_set_beyond_its_range_stays_at_the_end_of_it() {
        let mut bench = Bench::ios(9);
        for _ in 0..3 {
            bench.os.set_clock(i64::MAX);
        }
        bench.sleep(Span::from_secs(60));
        assert_eq!(bench.with(|phone| phone.now().wall), i64::MAX);
    }
}
