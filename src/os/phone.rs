//! The phone as the app sees it. Every call answers at once; a process that has ended gets nothing.

use super::{Context, Os};
use crate::port::{
    AppReport, AppState, Clock, Frame, Interface, Now, Phone, Purpose, PushId, RunLoop,
    ServiceType, Span, StorageError, StreamError, StreamId, StreamPair, TaskId, TimerId, Token,
    Transport,
};
use crate::trace::{Observer, What};

/// The phone during one turn of the app.
pub struct Handle<'a, 'b, O> {
    os: &'a mut Os,
    cx: &'a mut Context<'b, O>,
    drawn: u64,
}

impl<'a, 'b, O: Observer> Handle<'a, 'b, O> {
    /// The phone that `os` is, for one turn.
    pub fn new(os: &'a mut Os, cx: &'a mut Context<'b, O>) -> Self {
        Handle { os, cx, drawn: 0 }
    }

    /// A rule may end the process in the middle of a turn, and `exit` does not return: the rest of the turn
    /// then happens nowhere.
    fn alive(&self) -> bool {
        self.os.state != AppState::NotRunning && !self.os.main.exits()
    }

    fn create(&mut self, transport: Transport) -> StreamPair {
        if self.alive() { self.os.create_pair(transport, self.cx) } else { StreamPair(0) }
    }
}

impl<O: Observer> Phone for Handle<'_, '_, O> {
    fn now(&self) -> Now {
        self.os.clocks(self.cx.now())
    }

    fn application_state(&self) -> AppState {
        self.os.state
    }

    fn reachability(&self) -> Interface {
        self.os.device.interface()
    }

    fn create_stream(&mut self) -> StreamPair {
        self.create(Transport::Tcp)
    }

    fn create_datagram_stream(&mut self) -> StreamPair {
        self.create(Transport::Udp)
    }

    fn set_service_type(&mut self, stream: StreamId, service: ServiceType) -> bool {
        self.alive() && self.os.tag(stream, service, self.cx)
    }

    fn set_client(&mut self, stream: StreamId) {
        if self.alive() {
            self.os.set_stream_client(stream);
        }
    }

    fn schedule(&mut self, stream: StreamId, run_loop: RunLoop) {
        if self.alive() {
            self.os.schedule_stream(stream, run_loop, self.cx);
        }
    }

    fn open(&mut self, stream: StreamId) -> bool {
        self.alive() && self.os.open_stream(stream, self.cx)
    }

    fn read(&mut self, stream: StreamId) -> Result<Option<Frame>, StreamError> {
        if self.alive() { self.os.read_stream(stream, self.cx) } else { Err(StreamError::NotOpen) }
    }

    fn write(&mut self, stream: StreamId, frame: Frame) -> Result<u32, StreamError> {
        if !self.alive() {
            return Err(StreamError::NotOpen);
        }
        self.os.write_stream(stream, frame, self.cx)
    }

    fn close(&mut self, stream: StreamId) {
        if self.alive() {
            self.os.close_stream(stream, self.cx);
        }
    }

    fn set_keep_alive_timeout(&mut self, timeout: Span) -> bool {
        self.alive() && self.os.install_keep_alive(timeout, self.cx)
    }

    fn clear_keep_alive_timeout(&mut self) {
        if self.alive() {
            self.os.keep_alive.clear();
            self.cx.probe.emit(What::ClearKeepAliveTimeout {});
        }
    }

    fn begin_background_task(&mut self) -> Option<TaskId> {
        if self.alive() { self.os.begin_task(self.cx) } else { None }
    }

    fn end_background_task(&mut self, task: TaskId) {
        if self.alive() {
            self.os.end_task(task, self.cx);
        }
    }

    fn background_time_remaining(&self) -> Span {
        self.os.tasks.remaining(self.cx.now())
    }

    fn set_timer(&mut self, timer: TimerId, after: Span, clock: Clock) {
        if self.alive() {
            self.cx.probe.emit(What::SetTimer { id: timer.0, after, clock });
            // A timer of no time comes a tick later, so that an app that sets it again does not stop time.
            self.os.timers.set(timer, self.cx.now() + after.max(Span::TICK), clock);
        }
    }

    fn cancel_timer(&mut self, timer: TimerId) {
        if !self.alive() {
            return;
        }
        self.cx.probe.emit(What::CancelTimer { id: timer.0 });
        self.os.timers.cancel(timer);
        self.os.forget_callbacks(|callback| callback == crate::port::Callback::Timer(timer));
    }

    fn post_local_notification(&mut self, id: u64, push: PushId) -> bool {
        if !self.alive() {
            return false;
        }
        let shown = self.os.device.shows_notifications();
        self.cx.probe.emit(if shown {
            What::Notified { push, id }
        } else {
            What::NotNotified { push, id }
        });
        shown
    }

    fn cancel_local_notification(&mut self, id: u64, push: PushId) {
        if self.alive() {
            self.cx.probe.emit(What::CancelLocalNotification { push, id });
        }
    }

    fn store(&mut self, key: u32, value: u64) -> Result<(), StorageError> {
        if !self.alive() {
            return Err(StorageError::Full);
        }
        if self.os.device.protects_data(self.cx.profile.boot_protects_data) {
            return Err(StorageError::Protected);
        }
        self.os.storage.store(key, value, self.cx.profile.storage_capacity)
    }

    fn load(&self, key: u32) -> Result<Option<u64>, StorageError> {
        if self.os.device.protects_data(self.cx.profile.boot_protects_data) {
            return Err(StorageError::Protected);
        }
        Ok(self.os.storage.load(key))
    }

    fn random(&mut self) -> u64 {
        self.drawn += 1;
        self.cx.draws.draw(Purpose::App, self.cx.now(), self.drawn)
    }

    fn busy(&mut self, span: Span, token: Token) {
        if self.alive() {
            self.cx.probe.emit(What::Busy { span });
            self.os.main.block(self.cx.now() + span.max(Span::TICK), Some(token));
        }
    }

    fn exit(&mut self, code: i32) {
        if self.alive() {
            self.os.main.exit_after_turn(code);
        }
    }

    fn report(&mut self, report: AppReport) {
        if !self.alive() {
            return;
        }
        self.cx.probe.emit(match report {
            AppReport::BackingOff { attempt, delay } => What::BackingOff { attempt, delay },
            AppReport::PingTimedOut { n } => What::PingTimedOut { n },
            AppReport::Duplicate { push } => What::PushDuplicate { push },
            AppReport::GaveUp => What::GaveUp {},
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::port::{AppReport, AppState, Clock, Phone, PushId, Span, TimerId};
    use crate::trace::{Lane, What};

    #[test]
    fn the_rest_of_a_turn_in_which_the_process_was_ended_happens_nowhere() {
        let mut bench = Bench::ios(13);
        bench.profile.task_limit = Some(0);
        bench.with(|phone| {
            assert_eq!(phone.begin_background_task(), None);
            assert_eq!(phone.application_state(), AppState::NotRunning);
            let pair = phone.create_stream();
            assert!(!phone.open(pair.read()) && phone.read(pair.read()).is_err());
            phone.set_timer(TimerId(1), Span::from_secs(1), Clock::Continuous);
            phone.cancel_timer(TimerId(1));
            phone.clear_keep_alive_timeout();
            assert!(!phone.set_keep_alive_timeout(Span::from_secs(600)));
            assert!(!phone.post_local_notification(1, PushId { name: 0, member: 0 }));
            assert!(phone.store(7, 7).is_err());
            phone.report(AppReport::GaveUp);
        });
        let killed = bench.events().position(|what| matches!(what, What::Kill { .. })).unwrap();
        let after: Vec<&What> = bench.events().skip(killed).collect();
        assert!(
            after.iter().all(|what| !matches!(what.lane(), Lane::App | Lane::Stream | Lane::User)),
            "{after:?}"
        );
        bench.foreground();
        bench.with(|phone| assert_eq!(phone.load(7), Ok(None)));
    }
}
