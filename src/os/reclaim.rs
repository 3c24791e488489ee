//! Untagged sockets of a suspended app are taken away: at the screen lock on older systems, at
//! suspension on newer ones. What was unread is lost, the peer sees FIN, and the app finds out only when
//! it uses the socket again.

use super::streams::Link;
use super::{Context, Os, Output};
use crate::platform::ReclaimTrigger;
use crate::port::{AppState, Callback, Purpose, Time};
use crate::trace::{ConnectionEnd, DeadCause, Observer, What};

/// When the sockets are taken.
#[derive(Clone, Debug)]
pub(super) struct Reclaim {
    due: Time,
}

impl Default for Reclaim {
    fn default() -> Self {
        Reclaim { due: Time::NEVER }
    }
}

impl Reclaim {
    #[inline]
    pub(super) fn deadline(&self) -> Time {
        self.due
    }

    /// The app runs again, or is gone.
    pub(super) fn stop_waiting(&mut self) {
        self.due = Time::NEVER;
    }
}

impl Os {
    pub(super) fn reclaim_on_suspension<O: Observer>(&mut self, cx: &Context<'_, O>) {
        let takes = match cx.profile.reclaim_trigger {
            ReclaimTrigger::Suspension => true,
            ReclaimTrigger::Lock => self.device.is_locked(),
            ReclaimTrigger::Never => false,
        };
        if takes && self.has_loose_sockets(cx) {
            self.reclaim_soon(cx);
        }
    }

    pub(super) fn reclaim_on_lock<O: Observer>(&mut self, cx: &Context<'_, O>) {
        let takes = match cx.profile.reclaim_trigger {
            ReclaimTrigger::Lock => self.state == AppState::Suspended,
            ReclaimTrigger::Suspension | ReclaimTrigger::Never => false,
        };
        if takes && self.has_loose_sockets(cx) {
            self.reclaim_soon(cx);
        }
    }

    fn reclaim_soon<O: Observer>(&mut self, cx: &Context<'_, O>) {
        let draw = cx.draws.draw(Purpose::Reclaim, cx.now(), 0);
        self.reclaim.due = cx.now() + cx.profile.reclaim_delay.sample(draw);
    }

    /// Connections that the system does not keep for the suspended app.
    fn loose_sockets<O: Observer>(&self, cx: &Context<'_, O>) -> impl Iterator<Item = u32> {
        self.streams.pairs.iter().filter_map(move |pair| {
            let live = match pair.link {
                Link::Connecting | Link::Established => true,
                Link::Unopened | Link::Ended(_) => false,
            };
            (live && !pair.kept(cx)).then_some(pair.id)
        })
    }

    fn has_loose_sockets<O: Observer>(&self, cx: &Context<'_, O>) -> bool {
        self.loose_sockets(cx).next().is_some()
    }

    /// The sockets are taken.
    pub(super) fn reclaim_sockets<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        self.reclaim.due = Time::NEVER;
        let taken: Vec<u32> = self.loose_sockets(cx).collect();
        for id in taken {
            let Some(pair) = self.streams.pair(id) else { continue };
            pair.link = Link::Ended(ConnectionEnd::Reclaimed);
            pair.bytes_told = false;
            let unread = pair.received.len() as u32;
            pair.received.clear();
            cx.probe.emit(What::SocketReclaimed { pair: id, unread });
            let cause = DeadCause::Reclaimed;
            cx.probe.emit(What::ConnectionDead { connection: id, cause });
            self.forget_callbacks(
                |callback| matches!(callback, Callback::Stream(stream, _) if stream.pair == id),
            );
            self.out.push_back(Output::Finish { connection: id });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::os::{Output, SocketEvent};
    use crate::port::{AppState, Frame, Phone, ServiceType, Span, StreamError};
    use crate::trace::What;

    fn reclaimed(bench: &Bench) -> bool {
        bench.saw(|what| matches!(what, What::SocketReclaimed { .. }))
    }

    #[test]
    fn older_systems_take_untagged_sockets_at_the_screen_lock() {
        let mut bench = Bench::ios(9);
        bench.connect(ServiceType::Default);
        bench.background();
        bench.run_until_suspended();
        bench.sleep(Span::from_secs(3_600));
        assert!(!reclaimed(&bench), "suspended with the screen on, the kernel keeps it");
        bench.lock();
        bench.sleep(Span::from_secs(2));
        assert!(reclaimed(&bench));
    }

    #[test]
    fn newer_systems_take_them_at_suspension() {
        let mut bench = Bench::ios(13);
        bench.connect(ServiceType::Default);
        bench.background();
        bench.run_until_suspended();
        bench.sleep(Span::from_secs(2));
        assert!(reclaimed(&bench));
    }

    #[test]
    fn a_tagged_socket_is_kept() {
        let mut bench = Bench::ios(9);
        bench.connect(ServiceType::Voip);
        bench.lock();
        bench.sleep(Span::from_secs(3_600));
        assert!(!reclaimed(&bench));
    }

    #[test]
    fn a_reclaimed_socket_is_found_out_only_when_used() {
        let mut bench = Bench::ios(13);
        let pair = bench.connect(ServiceType::Default);
        bench.background();
        bench.run_until_suspended();
        bench.socket(SocketEvent::Frame(Frame::Ping { n: 1 }));
        bench.sleep(Span::from_secs(2));
        assert!(
            bench.outputs.contains(&Output::Finish { connection: pair.0 }),
            "the peer sees FIN"
        );
        bench.foreground();
        assert_eq!(bench.os.state(), AppState::Active);
        assert_eq!(bench.times_told("has-bytes-available"), 0, "what was unread is lost");
        assert_eq!(bench.times_told("error-occurred") + bench.times_told("end-encountered"), 0);
        bench.with(|phone| {
            assert_eq!(phone.read(pair.read()), Err(StreamError::NotConnected));
            let ping = Frame::Ping { n: 2 };
            assert_eq!(phone.write(pair.write(), ping), Err(StreamError::BrokenPipe));
        });
    }
}
