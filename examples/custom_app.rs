//! A client written by somebody else, put through the same scenarios as the built-in one.
//!
//! ```text
//! cargo run --example custom_app                          # four bundled scenarios
//! cargo run --example custom_app scenarios/server/*.toml  # or any scenario files
//! ```
//!
//! `Sip` below is a small SIP-like client. It registers with its server over one VoIP-tagged connection,
//! refreshes the registration in the keep-alive handler, and rings for an INVITE. To simulate a client
//! of your own, do for it what is done for `Sip`: implement [`App`], and hand it to [`run::play_app`].
//!
//! Most bundled scenarios show what becomes of a certain mistake and expect just that: a client that does
//! not make it "fails" them, with the greater share of time in which it is reachable.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use holdline::metrics::Metric;
use holdline::port::{
    App, Callback, Clock, Frame, Interface, Phone, PushId, RunLoop, ServiceType, Span, StreamEvent,
    StreamPair, TaskId, TimerId,
};
use holdline::run::{self, Options, Outcome};
use holdline::scenario::{Presets, Scenario, decode};

/// How often the registration is refreshed; iOS takes no less than 600 s.
const REFRESH: Span = Span::from_secs(600);
/// How long the server has to confirm a registration before the connection counts as dead.
const CONFIRM_WITHIN: Span = Span::from_secs(10);
/// How long to wait after a connection failed.
const RETRY_AFTER: Span = Span::from_secs(3);

/// The app names its timers itself.
const CONFIRM: TimerId = TimerId(1);
const RETRY: TimerId = TimerId(2);

/// All that the client keeps in memory. It owns no clock and no socket: it asks the phone, which is the
/// simulated one here.
#[derive(Default)]
struct Sip {
    device: u32,
    /// The connection, or the attempt to make one.
    link: Option<StreamPair>,
    /// The background task under which a registration is under way.
    task: Option<TaskId>,
}

impl App for Sip {
    /// The system calls the app here, one callback at a time, as it would call the app's delegate, its
    /// streams' client and its handlers. The turn is over when this returns.
    fn on(&mut self, callback: Callback, phone: &mut impl Phone) {
        match callback {
            // Handlers do not survive the process: a relaunched app has to set them again.
            Callback::Launched(_) => {
                phone.set_keep_alive_timeout(REFRESH);
                self.connect(phone);
            }
            Callback::KeepAlive | Callback::BecameActive => self.register(phone),
            Callback::Stream(stream, event) if self.link == Some(StreamPair(stream.pair)) => {
                match event {
                    StreamEvent::OpenCompleted => {}
                    StreamEvent::CanAcceptBytes => self.register(phone),
                    StreamEvent::HasBytesAvailable => self.read(phone),
                    StreamEvent::ErrorOccurred | StreamEvent::EndEncountered => self.lost(phone),
                }
            }
            // The other stream of a pair reports the same end, and this one is closed by then.
            Callback::Stream(..) => {}
            // The connection was made on an interface that is gone, and nothing else will tell.
            Callback::ReachabilityChanged(Interface::Wifi | Interface::Cellular) => {
                self.connect(phone);
            }
            Callback::Timer(CONFIRM | RETRY) => self.connect(phone),
            // Whoever does not end a task in time is killed.
            Callback::TaskExpiring(_) => self.rest(phone),
            Callback::ReachabilityChanged(Interface::None)
            | Callback::Timer(_)
            | Callback::WillResignActive
            | Callback::EnteredBackground
            | Callback::WillEnterForeground
            | Callback::WillTerminate
            | Callback::MemoryWarning
            | Callback::ProtectedDataAvailable
            | Callback::LowPowerModeChanged(_)
            | Callback::Continue(_) => {}
        }
    }

    /// The process has ended. What should outlive it belongs in [`Phone::store`].
    fn forget(&mut self) {
        *self = Sip { device: self.device, ..Sip::default() };
    }
}

impl Sip {
    /// Makes a new connection in place of the old one.
    fn connect(&mut self, phone: &mut impl Phone) {
        self.hold(phone);
        self.hang_up(phone);
        let pair = phone.create_stream();
        for stream in [pair.read(), pair.write()] {
            // Before it is opened, or it has no effect: then nothing wakes the suspended app.
            phone.set_service_type(stream, ServiceType::Voip);
            phone.set_client(stream);
            phone.schedule(stream, RunLoop::Main);
            phone.open(stream);
        }
        self.link = Some(pair);
        phone.set_timer(CONFIRM, CONFIRM_WITHIN, Clock::Continuous);
    }

    /// REGISTER: the server confirms it, or the connection is dead.
    fn register(&mut self, phone: &mut impl Phone) {
        self.hold(phone);
        let Some(pair) = self.link else { return self.connect(phone) };
        // A write that succeeds proves nothing, so the answer has its time.
        // Before the connection is made nothing is taken: `CanAcceptBytes` is the moment to try again.
        match phone.write(pair.write(), Frame::Hello { device: self.device }) {
            Ok(_) => phone.set_timer(CONFIRM, CONFIRM_WITHIN, Clock::Continuous),
            Err(_) => self.lost(phone),
        }
    }

    /// Reads until nothing is left.
    fn read(&mut self, phone: &mut impl Phone) {
        while let Some(pair) = self.link {
            match phone.read(pair.read()) {
                Ok(Some(frame)) => self.message(pair, frame, phone),
                Ok(None) => return,
                Err(_) => return self.lost(phone),
            }
        }
    }

    fn message(&mut self, pair: StreamPair, frame: Frame, phone: &mut impl Phone) {
        let answer = match frame {
            // The registration is confirmed: nothing is left to do.
            Frame::Welcome => return self.rest(phone),
            Frame::GoAway => return self.connect(phone),
            // INVITE: one that comes again has the same notification, so it does not ring twice.
            Frame::Push { id } => {
                phone.post_local_notification(notification(id), id);
                Frame::Ack { id }
            }
            Frame::Ping { n } => Frame::Pong { n },
            // CANCEL: the caller has hung up.
            Frame::Cancel { id } => {
                return phone.cancel_local_notification(notification(id), id);
            }
            Frame::TlsClient { .. }
            | Frame::TlsServer { .. }
            | Frame::Hello { .. }
            | Frame::HelloSide { .. }
            | Frame::Pong { .. }
            | Frame::Ack { .. }
            | Frame::Knock
            | Frame::Media
            | Frame::WhiteSpace => return,
        };
        if phone.write(pair.write(), answer).is_err() {
            self.lost(phone);
        }
    }

    /// The connection failed or was ended by the server.
    fn lost(&mut self, phone: &mut impl Phone) {
        self.hold(phone);
        self.hang_up(phone);
        phone.set_timer(RETRY, RETRY_AFTER, Clock::Continuous);
    }

    fn hang_up(&mut self, phone: &mut impl Phone) {
        phone.cancel_timer(CONFIRM);
        phone.cancel_timer(RETRY);
        if let Some(pair) = self.link.take() {
            phone.close(pair.read());
            phone.close(pair.write());
        }
    }

    /// Holds the app awake: without a task it is suspended before the answer comes.
    fn hold(&mut self, phone: &mut impl Phone) {
        if self.task.is_none() {
            self.task = phone.begin_background_task();
        }
    }

    /// Lets the app be suspended.
    fn rest(&mut self, phone: &mut impl Phone) {
        phone.cancel_timer(CONFIRM);
        if let Some(task) = self.task.take() {
            phone.end_background_task(task);
        }
    }
}

/// A notification's identifier that follows from the push.
fn notification(push: PushId) -> u64 {
    u64::from(push.name) << 32 | u64::from(push.member)
}

/// Bundled scenarios for a run without arguments, in which any good client does well.
const BUNDLED: [&str; 4] = [
    include_str!("../scenarios/sockets/voip-socket-wakes-the-app.toml"),
    include_str!("../scenarios/network/wifi-lost-silently.toml"),
    include_str!("../scenarios/server/process-restart.toml"),
    include_str!("../scenarios/server/host-down.toml"),
];

fn main() -> ExitCode {
    let mut texts: Vec<String> = Vec::new();
    for path in std::env::args().skip(1) {
        match std::fs::read_to_string(&path) {
            Ok(text) => texts.push(text),
            Err(error) => {
                eprintln!("{path}: {error}");
                return ExitCode::from(2);
            }
        }
    }
    if texts.is_empty() {
        texts = BUNDLED.map(str::to_owned).to_vec();
    }
    println!("{:<24} {:<24} scenario", "this client", "built-in client");
    for text in texts {
        // The presets that come with holdline; `--set` overrides would be the third argument.
        match decode(&text, &Presets::built_in(), &[]) {
            Ok(scenario) => compare(&scenario),
            Err(problems) => {
                for problem in problems {
                    eprintln!("{}", problem.message);
                }
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

/// Plays a scenario with both clients under the same luck.
fn compare(scenario: &Scenario) {
    let options = Options::of(scenario);
    let mine = run::play_app(scenario, options, |device| Sip { device, ..Sip::default() });
    let built_in = run::play(scenario, options);
    println!("{:<24} {:<24} {}", summary(&mine), summary(&built_in), scenario.name);
}

/// The verdict, and for how much of the time a push would have been received.
fn summary(outcome: &Outcome) -> String {
    match outcome.totals.value(Metric::Reachable) {
        Some(share) => format!("{}, {share} reachable", outcome.verdict),
        None => outcome.verdict.to_string(),
    }
}
