//! What holds for every strategy, whatever the system says in whatever order.

use std::collections::BTreeSet;

use proptest::prelude::{Just, ProptestConfig, Strategy as _, any};
use proptest::{collection::vec, prop_assert, prop_oneof, proptest};

use super::*;
use crate::client::STRATEGIES;
use crate::port::TimerId;

fn callbacks() -> impl proptest::strategy::Strategy<Value = Callback> {
    let event = (0..StreamEvent::ALL.len()).prop_map(|n| StreamEvent::ALL[n]);
    let stream = (1u32..6, any::<bool>(), event).prop_map(|(pair, read, event)| {
        Callback::Stream(if read { reads(pair) } else { writes(pair) }, event)
    });
    prop_oneof![
        4 => stream,
        2 => (1u32..6).prop_map(|n| Callback::Timer(TimerId(n))),
        1 => (1u32..6).prop_map(|n| Callback::TaskExpiring(TaskId(n))),
        2 => Just(Callback::KeepAlive),
        1 => Just(Callback::EnteredBackground),
        1 => Just(Callback::WillEnterForeground),
        1 => Just(Callback::BecameActive),
        1 => Just(Callback::ProtectedDataAvailable),
        1 => (0..Interface::ALL.len())
            .prop_map(|n| Callback::ReachabilityChanged(Interface::ALL[n])),
    ]
}

fn frames() -> impl proptest::strategy::Strategy<Value = Option<Frame>> {
    prop_oneof![
        Just(None),
        Just(Some(Frame::Welcome)),
        Just(Some(Frame::GoAway)),
        (1u32..4).prop_map(|n| Some(Frame::TlsServer { n })),
        (1u32..4).prop_map(|n| Some(Frame::Pong { n })),
        (1u32..4).prop_map(|n| Some(Frame::Push { id: id(n) })),
    ]
}

/// Everything the client did so far that must balance.
#[derive(Default)]
struct Books {
    begun: BTreeSet<TaskId>,
    ended: BTreeSet<TaskId>,
    open: BTreeSet<StreamId>,
    /// At most so many streams are open at once: two for each connection.
    most: usize,
}

impl Books {
    fn enter(&mut self, calls: &[Call]) -> Result<(), String> {
        for (index, call) in calls.iter().enumerate() {
            let right = match *call {
                Call::Busy(..) | Call::Exit(_) => index + 1 == calls.len(),
                Call::BeginTask(task) => self.begun.insert(task),
                Call::EndTask(task) => self.begun.contains(&task) && self.ended.insert(task),
                Call::Open(stream) => self.open.insert(stream) && self.open.len() <= self.most,
                Call::Close(stream) => self.open.remove(&stream),
                Call::Write(stream, _) => self.open.contains(&stream),
                Call::CreateStream(_)
                | Call::CreateDatagramStream(_)
                | Call::CancelNotification(..)
                | Call::SetServiceType(..)
                | Call::SetClient(_)
                | Call::Schedule(..)
                | Call::SetKeepAlive(_)
                | Call::ClearKeepAlive
                | Call::SetTimer(..)
                | Call::CancelTimer(_)
                | Call::Notify(..)
                | Call::Report(_) => true,
            };
            if !right {
                return Err(format!("{call:?} in {calls:?}"));
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn one_connection_of_a_kind_at_a_time_each_task_ended_once_and_busy_comes_last(
        turns in vec((callbacks(), frames(), any::<bool>(), 0u64..700), 1..60),
    ) {
        for name in STRATEGIES.names() {
            let mut app = plain(name).connected();
            let pairs = if app.client.strategy.second { 2 } else { 1 };
            let mut books = Books { most: 2 * pairs as usize, ..Books::default() };
            books.open.extend((1..=pairs).flat_map(|pair| [reads(pair), writes(pair)]));
            for (callback, frame, background, seconds) in &turns {
                app.later(Span::from_secs(*seconds));
                app.phone.state = if *background { AppState::Background } else { AppState::Active };
                app.phone.write_error = (seconds % 7 == 0).then_some(StreamError::BrokenPipe);
                app.phone.incoming.extend(*frame);
                let mut calls = app.on(*callback);
                loop {
                    let entered = books.enter(&calls);
                    prop_assert!(entered.is_ok(), "{name}: {callback:?}: {entered:?}");
                    match calls.last() {
                        Some(Call::Busy(_, token)) => calls = app.on(Callback::Continue(*token)),
                        _ => break,
                    }
                }
            }
        }
    }
}
