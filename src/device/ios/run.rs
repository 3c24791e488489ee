//! A process of the agent on a phone: everything that happens on its main thread comes here.
//!
//! A process that the host launched has its host in the environment, one that the system or a person launched has it
//! in the orders that were kept, and plays on at once. The first process waits for its orders: when they come, the run
//! begins, and the client is told that it was launched.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use objc2::Message;
use objc2::rc::Retained;
use objc2_foundation::NSHomeDirectory;
use objc2_ui_kit::UIApplication;

use super::backend::state;
use super::host::{Host, clocks_of, of_environment, of_orders};
use super::hub::{self, Event, VOICE};
use super::observers::Observers;
use super::play::{Begun, Playing};
use super::push::Pushes;
use super::timers::Alarm;
use super::{about, ext};
use crate::device::agent::{orders, pieces};
use crate::device::protocol::{About, LOG_FILE, ORDERS_FILE, Orders, ToAgent, ToHost};
use crate::device::system::launch::Launch;
use crate::device::system::words::Who;
use crate::port::{AppState, Callback, Clock, LaunchReason, Span};
use crate::scenario::Act;
use crate::trace::What;

/// The main thread looks at itself this often: a longer gap says that it was given no run time.
const PULSE: Span = Span::from_secs(1);
/// An app that is launched on screen shows it within the first turns of its main loop.
const PATIENCE: Span = Span::from_millis(500);
/// How long what was said last may take to be sent.
const FLUSH: Duration = Duration::from_secs(2);

/// A process of the agent.
pub(super) struct Run {
    app: Retained<UIApplication>,
    dir: PathBuf,
    about: About,
    launch: Launch,
    host: Option<Host>,
    playing: Option<Playing>,
    /// What became of what was asked for: a host that did not hear of it asks again.
    answered: BTreeMap<u32, Option<String>>,
    push_token: Option<String>,
    /// Pushes that came before there were orders, and what became of the calls reported for them: told late, but told.
    early: Vec<(String, Option<bool>)>,
    /// The device has booted, and was not unlocked since.
    locked_since_boot: bool,
    /// What has to live as long as the process.
    _alive: (Observers, Alarm, Alarm, Option<Pushes>),
    /// The extension, when the app has one.
    extension: Option<ext::Manager>,
}

/// `application:didFinishLaunchingWithOptions:`.
pub(super) fn launched(app: &UIApplication) {
    let launch = Launch::new(state(app), about::scenes());
    let (pulse, patience) = (Alarm::new(hub::pulse), Alarm::new(hub::waited));
    pulse.repeat(PULSE);
    if launch.reason().is_none() {
        patience.set(Clock::Uptime, Some(PATIENCE));
    }
    let alive = (Observers::new(VOICE), pulse, patience, Pushes::new());
    let mut run = Run {
        app: app.retain(),
        dir: PathBuf::from(NSHomeDirectory().to_string()).join("Documents"),
        about: about::about(),
        launch,
        host: None,
        playing: None,
        answered: BTreeMap::new(),
        push_token: None,
        early: Vec::new(),
        locked_since_boot: false,
        _alive: alive,
        extension: None,
    };
    // It is there, but for an app that was never launched by the system.
    let _there = std::fs::create_dir_all(&run.dir);
    run.find_host(of_environment());
    hub::begin(run);
    // What was told meanwhile.
    hub::tell(Event::Heard);
}

impl Run {
    pub(super) fn take(&mut self, event: Event) {
        match event {
            Event::Callback(callback) => self.callback(callback),
            Event::Say(text) => self.note(text),
            Event::Heard => self.hear_all(),
            Event::Pulse => {
                if let Some(playing) = &mut self.playing {
                    playing.pulse();
                }
            }
            Event::Look => {
                if let Some(playing) = &mut self.playing {
                    playing.look();
                }
            }
            Event::Waited => {
                let reason = self.launch.waited();
                self.tell_launched(reason);
            }
            Event::Opened(url) => self.opened(&url),
            Event::PushToken(token) => {
                self.push_token = Some(token);
                self.tell_push_token();
            }
            Event::VoipPush(name) => self.pushed(name, None),
            Event::CallReported(name, taken) => self.pushed(name, Some(taken)),
        }
    }

    fn note(&self, text: String) {
        if let Some(host) = &self.host {
            host.note(text);
        }
    }

    /// Connects to the host of this process, and plays on what was kept of its run.
    fn find_host(&mut self, who: Option<Who>) {
        if self.host.is_some() {
            return;
        }
        let kept = orders::load(&self.dir);
        // Before the first unlock after a boot neither can be read; it is tried again then.
        let Some(who) = who.or_else(|| kept.as_ref().map(of_orders)) else { return };
        let kept = kept.filter(|kept| kept.run == who.run);
        let Ok(host) = Host::new(who, &self.dir, self.about.clone()) else { return };
        let begun = host.life.began.is_some();
        self.host = Some(host);
        self.tell_push_token();
        if let Some(kept) = kept.filter(|_| begun) {
            self.play(&kept);
        }
    }

    fn tell_push_token(&mut self) {
        if let Some(host) = &self.host
            && let Some(token) = self.push_token.take()
        {
            host.control.say(ToHost::PushToken { token });
        }
    }

    /// Follows orders, and tells the client what has happened so far.
    fn play(&mut self, orders: &Orders) {
        let Some(host) = &mut self.host else { return };
        match Playing::begin(orders, host, &self.dir, &self.about, &self.app) {
            Err(why) => host.note(format!("the orders are wrong: {why}")),
            Ok(Begun { playing, booted }) => {
                self.playing = Some(playing);
                self.extension = ext::Manager::new(&orders.server, &orders.name);
                if booted {
                    self.launch.booted();
                    self.locked_since_boot = true;
                }
                let reason = self.launch.reason();
                self.tell_launched(reason);
                if reason.is_some() && state(&self.app) == AppState::Active {
                    self.tell(Callback::BecameActive);
                }
                for (name, taken) in std::mem::take(&mut self.early) {
                    self.pushed(name, taken);
                }
            }
        }
    }

    fn tell(&mut self, callback: Callback) {
        if let Some(playing) = &mut self.playing {
            playing.agent.callback(callback);
        }
    }

    fn tell_launched(&mut self, reason: Option<LaunchReason>) {
        if let Some(reason) = reason {
            self.tell(Callback::Launched(reason));
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "few callbacks are more than that")]
    fn callback(&mut self, callback: Callback) {
        let told = self.launch.hear(callback);
        self.tell_launched(told.launched);
        if callback == Callback::ProtectedDataAvailable {
            self.find_host(of_environment());
        }
        let Some(playing) = &mut self.playing else { return };
        match callback {
            Callback::LowPowerModeChanged(on) => playing.agent.note(What::LowPowerMode { on }),
            Callback::MemoryWarning => playing.agent.note(What::MemoryWarning {}),
            Callback::ProtectedDataAvailable if self.locked_since_boot => {
                self.locked_since_boot = false;
                playing.agent.note(What::FirstUnlock {});
            }
            // While the app was suspended nobody looked.
            Callback::WillEnterForeground | Callback::BecameActive => playing.look_at_network(),
            _ => {}
        }
        if told.this {
            playing.agent.callback(callback);
        }
    }

    fn hear_all(&mut self) {
        while let Some(host) = &self.host
            && let Some(heard) = host.control.heard()
        {
            self.hear(heard);
        }
    }

    fn hear(&mut self, heard: ToAgent) {
        match heard {
            ToAgent::Orders(orders) => self.ordered(&orders),
            ToAgent::Clock { n } => {
                if let Some(host) = &self.host {
                    let clocks = clocks_of(&host.clock);
                    host.control.say(ToHost::Clock { n, clocks });
                }
            }
            ToAgent::Do { n, step, member } => self.act(n, step, member),
            ToAgent::Log { from } => self.tell_log(from),
            ToAgent::End => self.end(),
        }
    }

    fn ordered(&mut self, orders: &Orders) {
        let Some(host) = &self.host else { return };
        if orders.run != host.who.run {
            let (theirs, ours) = (&orders.run, &host.who.run);
            host.note(format!("orders for the run `{theirs}` came in `{ours}`"));
        } else if self.playing.is_none() {
            self.play(orders);
        }
    }

    fn act(&mut self, n: u32, step: usize, member: u32) {
        let refused = match (self.answered.get(&n), &mut self.playing) {
            (Some(refused), _) => refused.clone(),
            (None, None) => Some("there are no orders yet".to_owned()),
            (None, Some(playing)) => playing.act(step, member).err(),
        };
        let again = self.answered.insert(n, refused.clone()).is_some();
        let todo = match (&mut self.playing, &refused) {
            (Some(playing), None) if !again => playing.act(step, member).ok(),
            _ => None,
        };
        // Who exits does not come back to say that it is done.
        let exits = matches!(todo, Some(Act::AppExit { .. }));
        if exits {
            self.done(n, None);
            self.flush();
        }
        let refused = match (&mut self.playing, todo) {
            (Some(playing), Some(act)) => playing.agent.act(act).err(),
            _ => refused,
        };
        self.answered.insert(n, refused.clone());
        self.done(n, refused);
    }

    fn done(&self, n: u32, refused: Option<String>) {
        if let Some(host) = &self.host {
            host.control.say(ToHost::Done { n, refused });
        }
    }

    fn tell_log(&self, from: u64) {
        let Some(host) = &self.host else { return };
        let log = pieces::pieces(&self.dir.join(LOG_FILE), from, |piece| host.control.say(piece));
        match log {
            Ok(()) => {}
            // Before the orders there is none.
            Err(_) if self.playing.is_none() => {
                let text = String::new();
                host.control.say(ToHost::Log { from: 0, text, end: true });
            }
            Err(error) => host.note(format!("the log cannot be read: {error}")),
        }
    }

    /// The run is over: the next launch finds no orders.
    fn end(&mut self) {
        if let Some(playing) = &mut self.playing {
            playing.agent.log().flush();
        }
        // When there are none the run had not begun.
        let _gone = std::fs::remove_file(self.dir.join(ORDERS_FILE));
        self.flush();
        std::process::exit(0);
    }

    fn flush(&self) {
        if let Some(host) = &self.host {
            host.control.flush(FLUSH);
        }
    }

    /// The app was opened by a URL, which may name the host.
    fn opened(&mut self, url: &str) {
        match Who::of_url(url) {
            Some(who) => {
                // A run of another host is over: its host is gone, or would have said so.
                if self.host.as_ref().is_some_and(|host| host.who.run != who.run) {
                    (self.playing, self.host) = (None, None);
                    self.answered.clear();
                }
                self.find_host(Some(who));
            }
            None => self.note(format!("opened by `{url}`, which names no host")),
        }
    }

    /// A push came, or the call for it was reported: whether the system took it.
    fn pushed(&mut self, name: String, taken: Option<bool>) {
        let Some(playing) = &mut self.playing else {
            self.note(format!("a VoIP push for `{name}` came before there were orders"));
            return self.early.push((name, taken));
        };
        match (playing.push(&name), taken) {
            (Some(push), None) => playing.agent.note(What::VoipPush { push }),
            (Some(push), Some(taken)) => playing.agent.note(What::CallReported { push, taken }),
            (None, None) => self.note(format!("a push came for `{name}`, which no step sends")),
            (None, Some(taken)) => {
                let how = if taken { "was taken" } else { "was not taken" };
                self.note(format!("the call reported for `{name}` {how}"));
            }
        }
    }
}
