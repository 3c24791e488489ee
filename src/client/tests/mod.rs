//! The rules of the built-in app, one test a rule, and the rig they run on.

mod background;
mod connection;
mod invariants;
mod pushes;
mod sip;
mod snippets;

use std::sync::Arc;

use super::fake_phone::{Call, FakePhone};
use super::{Client, Dedupe, STRATEGIES, Strategy, TaskEnd, timers};
use crate::port::{
    App, AppReport, AppState, Callback, Clock, Frame, Interface, LaunchReason, PushId, RunLoop,
    ServiceType, Span, StreamError, StreamEvent, StreamId, StreamPair, TaskId, Token,
};

struct Rig {
    client: Client,
    phone: FakePhone,
}

fn app(name: &str, change: impl FnOnce(&mut Strategy)) -> Rig {
    let mut values = STRATEGIES.get(name).unwrap().values;
    change(&mut values);
    Rig { client: Client::new(Arc::new(values), 9), phone: FakePhone::new() }
}

fn id(name: u32) -> PushId {
    PushId { name, member: 0 }
}

fn reads(pair: u32) -> StreamId {
    StreamPair(pair).read()
}

fn writes(pair: u32) -> StreamId {
    StreamPair(pair).write()
}

impl Rig {
    fn on(&mut self, callback: Callback) -> Vec<Call> {
        self.client.on(callback, &mut self.phone);
        self.phone.take()
    }

    fn stream(&mut self, stream: StreamId, event: StreamEvent) -> Vec<Call> {
        self.on(Callback::Stream(stream, event))
    }

    fn arrives(&mut self, pair: u32, frame: Frame) -> Vec<Call> {
        self.phone.incoming.push_back(frame);
        self.stream(reads(pair), StreamEvent::HasBytesAvailable)
    }

    fn welcome(&mut self, pair: u32) -> Vec<Call> {
        self.stream(writes(pair), StreamEvent::OpenCompleted);
        self.arrives(pair, Frame::Welcome)
    }

    /// Launched by the user and connected on pair 1.
    fn connected(mut self) -> Rig {
        let calls = self.on(Callback::Launched(LaunchReason::User));
        if let Some(Call::Busy(_, token)) = calls.last() {
            self.on(Callback::Continue(*token));
        }
        self.welcome(1);
        self
    }

    /// Connected on pair 1 and in the background.
    fn in_background(self) -> Rig {
        let mut app = self.connected();
        app.phone.state = AppState::Background;
        app.on(Callback::EnteredBackground);
        app
    }

    fn later(&mut self, span: Span) {
        self.phone.now.continuous += span;
        self.phone.now.uptime += span;
    }
}

fn plain(name: &str) -> Rig {
    app(name, |_| {})
}

fn begun(calls: &[Call]) -> Vec<TaskId> {
    calls.iter().filter_map(|c| if let Call::BeginTask(t) = c { Some(*t) } else { None }).collect()
}

fn ended(calls: &[Call]) -> Vec<TaskId> {
    calls.iter().filter_map(|c| if let Call::EndTask(t) = c { Some(*t) } else { None }).collect()
}

fn connects(calls: &[Call]) -> usize {
    calls.iter().filter(|call| matches!(call, Call::CreateStream(_))).count()
}

fn pings(calls: &[Call]) -> usize {
    calls.iter().filter(|call| matches!(call, Call::Write(_, Frame::Ping { .. }))).count()
}

fn shown(calls: &[Call]) -> Vec<u64> {
    calls
        .iter()
        .filter_map(|c| if let Call::Notify(id, _) = c { Some(*id) } else { None })
        .collect()
}
