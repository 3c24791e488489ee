//! The app: which callback leads where, and what it keeps between them.

use std::sync::Arc;

use super::connection::Link;
use super::ping::Pings;
use super::reconnect::Backoff;
use super::second::Second;
use super::seen::Seen;
use super::tasks::{Slot, Tasks};
use super::{InstallWhen, Strategy, TaskEnd, timers};
use crate::port::{
    App, Callback, Interface, LaunchReason, Phone, Span, StreamPair, TaskId, TimerId, Token,
};

/// The built-in app: it keeps one connection to the push server, as its strategy says.
#[derive(Clone, Debug)]
pub struct Client {
    pub(super) strategy: Arc<Strategy>,
    pub(super) device: u32,
    pub(super) state: State,
}

/// What the client keeps in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) link: Link,
    /// The second connection.
    pub(super) second: Option<Second>,
    pub(super) pings: Pings,
    pub(super) backoff: Backoff,
    pub(super) tasks: Tasks,
    pub(super) seen: Seen,
    /// The interface that carried traffic when the client last looked.
    pub(super) interface: Option<Interface>,
    /// What follows when the main thread is free again.
    pub(super) after: Option<After>,
}

/// What the client goes on with after it blocked the main thread.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum After {
    Launch(LaunchReason),
    KeepAlive,
    EnterBackground,
    Expiry(TaskId),
    Terminate,
    Read(StreamPair),
}

/// The client has one piece of work at a time, so one token does.
const WORK: Token = Token(1);

impl Client {
    /// A client of `device` that behaves as `strategy` says.
    pub fn new(strategy: Arc<Strategy>, device: u32) -> Client {
        Client { strategy, device, state: State::default() }
    }

    /// Blocks the main thread for `span`, then goes on with `after`. The last act of a turn.
    pub(super) fn after(&mut self, span: Span, after: After, phone: &mut impl Phone) {
        if span == Span::ZERO || self.state.after.is_some() {
            return self.go_on(after, phone);
        }
        self.state.after = Some(after);
        phone.busy(span, WORK);
    }

    fn go_on(&mut self, after: After, phone: &mut impl Phone) {
        match after {
            After::Launch(reason) => self.launched(reason, phone),
            After::KeepAlive => self.keep_alive(phone),
            After::EnterBackground => self.entered_background(phone),
            After::Expiry(task) => self.expire(task, phone),
            // Nothing is left to do: the process ends with this turn.
            After::Terminate => {}
            After::Read(pair) => self.read_on(pair, phone),
        }
    }

    fn launched(&mut self, reason: LaunchReason, phone: &mut impl Phone) {
        let on_screen = phone.application_state().foreground();
        if let Some(code) = self.strategy.launch_exit
            && !(on_screen && self.strategy.launch_exit_in_background_only)
        {
            return phone.exit(code.cast_signed());
        }
        // Keep-alive handlers are not persisted over launches (Apple, setKeepAliveTimeout:handler:).
        match (self.strategy.keep_alive_install, reason) {
            (InstallWhen::Launch, _)
            | (InstallWhen::Background, LaunchReason::VoipRelaunch | LaunchReason::Boot) => {
                self.install_keep_alive(phone)
            }
            (InstallWhen::Background, LaunchReason::User) | (InstallWhen::Never, _) => {}
        }
        if !on_screen {
            self.begin_reconnect_task(phone);
        }
        self.connect(phone);
    }

    fn entered_background(&mut self, phone: &mut impl Phone) {
        if let Some(code) = self.strategy.background_exit {
            return phone.exit(code.cast_signed());
        }
        if self.strategy.background_task {
            let end = self.strategy.background_task_end;
            self.state.tasks.begin(Slot::Background, end, phone);
        }
        if self.strategy.background_disconnect {
            self.park(phone);
        }
        match self.strategy.keep_alive_install {
            InstallWhen::Background => self.install_keep_alive(phone),
            InstallWhen::Launch | InstallWhen::Never => {}
        }
        if self.strategy.background_task {
            let nothing_open = !self.unsettled();
            match self.strategy.background_task_end {
                TaskEnd::Return => self.state.tasks.end(Slot::Background, phone),
                TaskEnd::Done if nothing_open => self.state.tasks.end(Slot::Background, phone),
                TaskEnd::Done | TaskEnd::Expiry | TaskEnd::Never => {}
            }
        }
    }

    fn will_enter_foreground(&mut self, phone: &mut impl Phone) {
        match self.strategy.keep_alive_install {
            InstallWhen::Background => phone.clear_keep_alive_timeout(),
            InstallWhen::Launch | InstallWhen::Never => {}
        }
    }

    fn became_active(&mut self, phone: &mut impl Phone) {
        match self.state.link {
            Link::Connected { .. } if self.strategy.foreground_check => self.check(phone),
            Link::Connected { .. } | Link::Opening { .. } => {}
            Link::Parked => self.connect(phone),
            Link::Waiting if self.strategy.foreground_check => {
                self.state.backoff.reset();
                self.connect(phone);
            }
            Link::Waiting => {}
            Link::Idle if self.strategy.foreground_check || self.strategy.reconnect => {
                self.state.backoff.reset();
                self.connect(phone);
            }
            Link::Idle => {}
        }
    }

    fn reachability_changed(&mut self, interface: Interface, phone: &mut impl Phone) {
        let changed = self.state.interface.replace(interface) != Some(interface);
        if interface == Interface::None {
            return;
        }
        match self.state.link {
            Link::Connected { .. } if changed => {
                // The answer, or that there is none, may come after the wake's own run time.
                if !phone.application_state().foreground() {
                    self.begin_reconnect_task(phone);
                }
                self.check(phone);
            }
            Link::Opening { .. } if changed => {
                self.close(phone);
                self.connect(phone);
            }
            Link::Connected { .. } | Link::Opening { .. } | Link::Parked => {}
            // A change of network bypasses the back-off once, as FCM's client does it
            // (chromium, connection_factory_impl.cc).
            Link::Idle | Link::Waiting => {
                if self.may_reconnect(phone) {
                    self.begin_reconnect_task(phone);
                    self.connect(phone);
                }
            }
        }
    }

    fn timer(&mut self, timer: TimerId, phone: &mut impl Phone) {
        match timer {
            timers::CONNECT_TIMEOUT => match self.state.link {
                Link::Opening { .. } => self.lost(phone),
                Link::Idle | Link::Parked | Link::Waiting | Link::Connected { .. } => {}
            },
            timers::PING_DEADLINE => self.ping_deadline(phone),
            timers::PING_INTERVAL => self.ping_interval(phone),
            timers::REGISTER => self.register_interval(phone),
            timers::RECONNECT => match self.state.link {
                Link::Waiting => self.connect(phone),
                Link::Idle | Link::Parked | Link::Opening { .. } | Link::Connected { .. } => {}
            },
            // Numbers that the client never gave out.
            TimerId(_) => {}
        }
    }
}

impl App for Client {
    fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
        match callback {
            Callback::Launched(reason) => {
                self.after(self.strategy.launch_hang, After::Launch(reason), phone);
            }
            Callback::BecameActive => self.became_active(phone),
            Callback::EnteredBackground => {
                self.after(self.strategy.background_hang, After::EnterBackground, phone);
            }
            Callback::WillEnterForeground => self.will_enter_foreground(phone),
            Callback::ProtectedDataAvailable => self.load_seen(phone),
            Callback::KeepAlive => {
                self.after(self.strategy.keep_alive_hang, After::KeepAlive, phone);
            }
            Callback::TaskExpiring(task) => {
                self.after(self.strategy.expiry_hang, After::Expiry(task), phone);
            }
            Callback::Timer(timer) => self.timer(timer, phone),
            Callback::Stream(stream, event) => self.stream(stream, event, phone),
            Callback::ReachabilityChanged(interface) => self.reachability_changed(interface, phone),
            Callback::Continue(_) => {
                if let Some(after) = self.state.after.take() {
                    self.go_on(after, phone);
                }
            }
            Callback::WillTerminate => {
                self.after(self.strategy.terminate_hang, After::Terminate, phone);
            }
            Callback::WillResignActive
            | Callback::MemoryWarning
            | Callback::LowPowerModeChanged(_) => {}
        }
    }

    fn forget(&mut self) {
        self.state = State::default();
    }
}
