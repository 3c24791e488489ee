//! Streams over a socket that is connected already, as CocoaAsyncSocket makes them for the VoIP service type.

use super::streams::{Half, Link};
use super::{Context, Os};
use crate::port::{Callback, StreamPair};
use crate::trace::{Observer, What};

impl Os {
    /// New streams over the connection of `socket`, which takes their place: its own events are theirs now.
    pub(super) fn create_pair_over<O: Observer>(
        &mut self,
        socket: StreamPair,
        cx: &mut Context<'_, O>,
    ) -> Option<StreamPair> {
        let id = socket.0;
        let pair = self.streams.pair(id).filter(|pair| pair.link == Link::Established)?;
        pair.halves = [Half::NEW; 2];
        pair.bytes_told = false;
        self.forget_callbacks(
            |told| matches!(told, Callback::Stream(stream, _) if stream.pair == id),
        );
        cx.probe.emit(What::CreateStreamOver { pair: id });
        Some(socket)
    }
}

#[cfg(test)]
mod tests {
    use crate::os::testing::Bench;
    use crate::port::{AppState, Phone, RunLoop, ServiceType};

    /// A socket that is connected first, and streams over it.
    fn wrapped(tagged: bool) -> Bench {
        let mut bench = Bench::ios(9);
        let socket = bench.connect(ServiceType::Default);
        bench.with(|phone| {
            let pair = phone.create_stream_over(socket).unwrap();
            for stream in [pair.read(), pair.write()] {
                if tagged {
                    assert!(phone.set_service_type(stream, ServiceType::Voip));
                }
                phone.set_client(stream);
                phone.schedule(stream, RunLoop::Main);
                assert!(phone.open(stream));
            }
        });
        bench
    }

    #[test]
    fn streams_over_a_connected_socket_are_open_at_once_and_can_be_tagged() {
        for (tagged, state) in [(true, AppState::Background), (false, AppState::Suspended)] {
            let mut bench = wrapped(tagged);
            assert_eq!(bench.times_told("open-completed"), 4, "the socket's and the streams'");
            bench.background();
            bench.run_until_suspended();
            bench.data_arrives();
            assert_eq!(bench.os.state(), state);
        }
    }

    #[test]
    fn there_are_no_streams_over_a_socket_that_is_not_connected() {
        let mut bench = Bench::ios(9);
        bench.with(|phone| {
            let pair = phone.create_stream();
            assert_eq!(phone.create_stream_over(pair), None);
            phone.open(pair.read());
            assert_eq!(phone.create_stream_over(pair), None);
        });
    }

    #[test]
    fn what_was_received_before_is_read_from_the_new_streams() {
        let mut bench = Bench::ios(9);
        let socket = bench.connect(ServiceType::Default);
        bench.data_arrives();
        bench.with(|phone| {
            let pair = phone.create_stream_over(socket).unwrap();
            assert!(phone.read(pair.read()).is_err(), "not opened yet");
            phone.open(pair.read());
            assert!(phone.read(pair.read()).unwrap().is_some());
        });
    }
}
