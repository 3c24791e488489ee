//! What becomes of an event that waits for its turn when the app closes its stream. Closing takes the stream off
//! its run loops (Apple, CFReadStreamClose), so nothing does; whether something that was on its way already is
//! told all the same is a key, and a stream that the app took off its run loop itself is safe from that.

use super::{Context, Os};
use crate::port::{Callback, StreamId};
use crate::trace::{Observer, What};

impl Os {
    /// The stream has nobody to tell any more.
    pub(super) fn unschedule_stream<O: Observer>(
        &mut self,
        stream: StreamId,
        cx: &mut Context<'_, O>,
    ) {
        if let Some(pair) = self.streams.pair(stream.pair) {
            pair.half(stream.side).run_loop = None;
            cx.probe.emit(What::Unschedule { pair: stream.pair, side: stream.side });
        }
    }

    /// The app has closed a stream that is still on its run loop: what waits for its turn is told all the same.
    pub(super) fn linger(&mut self, stream: StreamId) {
        let mut lingering = std::mem::take(&mut self.streams.lingering);
        lingering.push(stream);
        lingering.retain(|stream| {
            self.waits(|told| matches!(told, Callback::Stream(of, _) if of == *stream))
        });
        self.streams.lingering = lingering;
    }
}

#[cfg(test)]
mod tests {
    use crate::os::SocketEvent;
    use crate::os::testing::Bench;
    use crate::port::{Phone, ServiceType, StreamPair};
    use crate::trace::What;

    const PAIR: StreamPair = StreamPair(1);

    /// The peer hangs up, and the app closes both streams when the first of them says so.
    fn hangs_up(told_after_close: bool, unschedules: bool) -> usize {
        let mut bench = Bench::ios(9);
        bench.profile.stream_told_after_close = told_after_close;
        assert_eq!(bench.connect(ServiceType::Voip), PAIR);
        if unschedules {
            bench.on_callback("end-encountered", |phone| {
                phone.unschedule(PAIR.read());
                phone.unschedule(PAIR.write());
                phone.close(PAIR.read());
                phone.close(PAIR.write());
            });
        } else {
            bench.on_callback("end-encountered", |phone| {
                phone.close(PAIR.read());
                phone.close(PAIR.write());
            });
        }
        bench.socket(SocketEvent::Fin);
        bench.times_told("end-encountered")
    }

    #[test]
    fn a_closed_stream_is_off_its_run_loop_and_says_nothing_more() {
        assert_eq!(hangs_up(false, false), 1);
    }

    #[test]
    fn what_was_on_its_way_is_told_where_the_profile_says_so_unless_the_stream_was_unscheduled() {
        assert_eq!(hangs_up(true, false), 2);
        assert_eq!(hangs_up(true, true), 1);
    }

    #[test]
    fn an_open_stream_that_was_unscheduled_calls_nobody() {
        let mut bench = Bench::ios(9);
        let pair = bench.connect(ServiceType::Voip);
        bench.with(|phone| phone.unschedule(pair.read()));
        bench.data_arrives();
        assert_eq!(bench.times_told("has-bytes-available"), 0);
        assert!(bench.saw(|what| matches!(what, What::StreamUnheard { .. })));
    }
}
