//! What arrives at the phone's kernel, and whether it wakes the app: only on a stream that was tagged in
//! time, of an app that is granted VoIP, over TCP (or UDP, where the profile says so).

use super::streams::Link;
use super::{Context, Os, SocketEvent};
use crate::port::{AppState, Side, StreamError, StreamEvent};
use crate::trace::{ConnectionEnd, KillRule, LeaseReason, Observer, Unreachable, WakeReason};

/// Both sides of a pair, in the order in which they report.
const SIDES: [Side; 2] = [Side::Read, Side::Write];

impl Os {
    /// Whether the system keeps this pair's socket for the suspended app and wakes it.
    fn kept<O: Observer>(&self, id: u32, cx: &Context<'_, O>) -> bool {
        self.streams.pairs.iter().any(|pair| pair.id == id && pair.kept(cx))
    }

    /// Whether the app holds any connection that the system keeps while it is suspended.
    pub(super) fn holds_kept_socket<O: Observer>(&self, cx: &Context<'_, O>) -> bool {
        self.streams.pairs.iter().any(|pair| pair.link == Link::Established && pair.kept(cx))
    }

    /// Whether a frame that arrives now on `connection` would reach the app: it runs, or is woken by what
    /// arrives on `waker`, and somebody reads.
    pub fn would_receive<O: Observer>(
        &self,
        connection: u32,
        waker: u32,
        cx: &Context<'_, O>,
    ) -> Result<(), Unreachable> {
        let pair = self.streams.pairs.iter().find(|pair| pair.id == connection);
        match pair {
            None => Err(Unreachable::ConnectionDead),
            Some(pair) if pair.link != Link::Established => Err(Unreachable::ConnectionDead),
            Some(pair) if !pair.is_open(Side::Read) || pair.hears(Side::Read).is_err() => {
                Err(Unreachable::NotHeard)
            }
            Some(_) => match self.state {
                AppState::NotRunning => Err(Unreachable::NotRunning),
                _ if self.main.is_blocked() => Err(Unreachable::Busy),
                AppState::Active | AppState::Inactive | AppState::Background => Ok(()),
                AppState::Suspended if self.kept(waker, cx) => {
                    if self.wake_would_kill(cx) {
                        Err(Unreachable::WakeLimit)
                    } else {
                        Ok(())
                    }
                }
                AppState::Suspended => Err(Unreachable::NotWoken),
            },
        }
    }

    /// The phone's kernel learned something about a connection.
    pub fn socket<O: Observer>(
        &mut self,
        connection: u32,
        event: SocketEvent,
        cx: &mut Context<'_, O>,
    ) {
        let kept = self.kept(connection, cx);
        let trapped = cx.gate.trap;
        let Some(pair) = self.streams.pair(connection) else { return };
        let live = match pair.link {
            Link::Connecting | Link::Established => true,
            Link::Unopened | Link::Ended(_) => false,
        };
        if !live {
            return;
        }
        let (ended, report) = match event {
            SocketEvent::Established => {
                if trapped && pair.tagged() {
                    return self.kill_for(KillRule::ModernSdkTrap, cx);
                }
                pair.link = Link::Established;
                pair.owes_end = true;
                for side in SIDES {
                    self.signal(connection, side, StreamEvent::OpenCompleted, cx);
                }
                self.signal(connection, Side::Write, StreamEvent::CanAcceptBytes, cx);
                return;
            }
            SocketEvent::Frame(frame) => {
                let wakes = !frame.in_handshake() || cx.profile.voip_socket_wakes_in_handshake;
                pair.received.push_back(frame);
                if !std::mem::replace(&mut pair.bytes_told, true) {
                    let heard = pair.is_open(Side::Read) && pair.hears(Side::Read).is_ok();
                    self.signal(connection, Side::Read, StreamEvent::HasBytesAvailable, cx);
                    if !heard && let Some(pair) = self.streams.pair(connection) {
                        pair.bytes_told = false;
                    }
                }
                return self.traffic(kept && wakes, cx);
            }
            SocketEvent::Fin => (ConnectionEnd::Fin, StreamEvent::EndEncountered),
            SocketEvent::Reset => (ConnectionEnd::Reset, StreamEvent::ErrorOccurred),
            SocketEvent::TimedOut => (ConnectionEnd::TimedOut, StreamEvent::ErrorOccurred),
            SocketEvent::Failed(StreamError::Refused) => {
                (ConnectionEnd::Refused, StreamEvent::ErrorOccurred)
            }
            SocketEvent::Failed(StreamError::Unreachable) => {
                (ConnectionEnd::Unreachable, StreamEvent::ErrorOccurred)
            }
            SocketEvent::Failed(StreamError::NotResolved) => {
                (ConnectionEnd::NotResolved, StreamEvent::ErrorOccurred)
            }
            SocketEvent::Failed(
                StreamError::TimedOut
                | StreamError::Reset
                | StreamError::NotOpen
                | StreamError::NotConnected
                | StreamError::BrokenPipe,
            ) => (ConnectionEnd::TimedOut, StreamEvent::ErrorOccurred),
        };
        pair.link = Link::Ended(ended);
        for side in SIDES {
            self.signal(connection, side, report, cx);
        }
        // A name is asked for without a socket, so that there is none to watch for a suspended app.
        let socket = event != SocketEvent::Failed(StreamError::NotResolved);
        self.traffic(kept && socket && cx.profile.voip_socket_wakes_on_end, cx);
    }

    /// Traffic on a socket: wakes the suspended app if the socket is kept; may lengthen a wake.
    fn traffic<O: Observer>(&mut self, kept: bool, cx: &mut Context<'_, O>) {
        if !kept {
            return;
        }
        match self.state {
            AppState::Suspended => {
                self.wake(WakeReason::Socket, cx);
            }
            AppState::Background => {
                if cx.profile.voip_wake_data_extends && self.leases.holds(LeaseReason::SocketWake) {
                    self.begin_lease(LeaseReason::SocketWake, cx.profile.voip_wake_runtime, cx);
                }
            }
            AppState::Active | AppState::Inactive | AppState::NotRunning => {}
        }
    }

    /// The interface or the address changed. By default nobody tells the sockets: the stale connection
    /// stays. Reachability looks at the interface, so that a new address alone is no change to it.
    pub fn sockets_notice_change<O: Observer>(&mut self, cx: &mut Context<'_, O>) {
        if !cx.profile.voip_socket_event_on_network_change {
            return;
        }
        let live = |pair: &super::streams::Pair| pair.link == Link::Established && pair.tagged();
        let noticed: Vec<u32> =
            self.streams.pairs.iter().filter(|pair| live(pair)).map(|pair| pair.id).collect();
        for id in noticed {
            self.socket(id, SocketEvent::Failed(StreamError::Unreachable), cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::os::SocketEvent;
    use crate::os::testing::Bench;
    use crate::port::{AppState, Frame, Interface, Phone, RunLoop, ServiceType, Span, StreamError};
    use crate::trace::{KillRule, Unreachable, What};

    fn suspended(version: u32, service: ServiceType) -> Bench {
        let mut bench = Bench::ios(version);
        bench.connect(service);
        bench.background();
        bench.run_until_suspended();
        bench
    }

    #[test]
    fn data_on_a_tagged_socket_wakes_the_suspended_app_for_about_ten_seconds() {
        let mut bench = suspended(9, ServiceType::Voip);
        bench.data_arrives();
        assert_eq!(bench.os.state(), AppState::Background);
        assert_eq!(bench.times_told("has-bytes-available"), 1);
        bench.sleep(Span::from_micros(9_999_999));
        assert_eq!(bench.os.state(), AppState::Background);
        bench.sleep(Span::TICK);
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn data_on_an_untagged_socket_wakes_nobody() {
        let mut bench = suspended(9, ServiceType::Default);
        bench.data_arrives();
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn whether_the_server_s_turn_in_a_handshake_wakes_is_a_key() {
        for (wakes, state) in [(true, AppState::Background), (false, AppState::Suspended)] {
            let mut bench = suspended(9, ServiceType::Voip);
            bench.profile.voip_socket_wakes_in_handshake = wakes;
            bench.socket(SocketEvent::Frame(Frame::TlsServer { n: 1 }));
            assert_eq!(bench.os.state(), state);
            bench.data_arrives();
            assert_eq!(bench.os.state(), AppState::Background, "other data wakes it in any case");
        }
    }

    #[test]
    fn fin_reset_and_a_timeout_wake_the_app() {
        for event in [SocketEvent::Fin, SocketEvent::Reset, SocketEvent::TimedOut] {
            let mut bench = suspended(9, ServiceType::Voip);
            bench.socket(event);
            assert_eq!(bench.os.state(), AppState::Background, "{event:?}");
        }
        let mut bench = suspended(9, ServiceType::Voip);
        bench.profile.voip_socket_wakes_on_end = false;
        bench.socket(SocketEvent::Fin);
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn a_name_that_does_not_resolve_wakes_nobody() {
        for (error, state) in [
            (StreamError::TimedOut, AppState::Background),
            (StreamError::NotResolved, AppState::Suspended),
        ] {
            let mut bench = suspended(9, ServiceType::Voip);
            bench.socket(SocketEvent::Failed(error));
            assert_eq!(bench.os.state(), state, "{error:?}");
        }
    }

    #[test]
    fn a_burst_is_one_wake_and_so_are_two_tagged_streams() {
        let mut bench = Bench::ios(9);
        let first = bench.connect(ServiceType::Voip);
        let second = bench.connect(ServiceType::Voip);
        bench.background();
        bench.run_until_suspended();
        for pair in [first, second, first] {
            bench.socket_of(pair, SocketEvent::Frame(Frame::Ping { n: 1 }));
        }
        assert_eq!(bench.count(|what| matches!(what, What::Wake { .. })), 1);
    }

    #[test]
    fn whether_data_lengthens_a_wake_is_a_key() {
        for (extends, state) in [(false, AppState::Suspended), (true, AppState::Background)] {
            let mut bench = suspended(9, ServiceType::Voip);
            bench.profile.voip_wake_data_extends = extends;
            bench.data_arrives();
            bench.sleep(Span::from_secs(6));
            bench.data_arrives();
            bench.sleep(Span::from_secs(6));
            assert_eq!(bench.os.state(), state);
        }
    }

    #[test]
    fn a_background_task_begun_in_a_wake_outlasts_it() {
        let mut bench = suspended(9, ServiceType::Voip);
        bench.on_callback("has-bytes-available", |phone| {
            phone.begin_background_task();
        });
        bench.data_arrives();
        bench.sleep(Span::from_secs(24));
        assert_eq!(bench.os.state(), AppState::Background, "30 s when resumed in background");
    }

    #[test]
    fn while_the_main_thread_is_blocked_nothing_would_be_received() {
        let mut bench = Bench::ios(9);
        let pair = bench.connect(ServiceType::Voip);
        assert_eq!(bench.would_receive(pair), Ok(()));
        bench.hang(Span::from_secs(40));
        assert_eq!(bench.would_receive(pair), Err(Unreachable::Busy));
        bench.sleep(Span::from_secs(40));
        assert_eq!(bench.would_receive(pair), Ok(()));
    }

    #[test]
    fn a_wake_whose_stream_calls_nobody_is_a_wake_all_the_same() {
        let mut bench = Bench::ios(9);
        bench.connect_with(ServiceType::Voip, true, RunLoop::Stopped);
        bench.background();
        bench.run_until_suspended();
        bench.data_arrives();
        assert_eq!(bench.count(|what| matches!(what, What::Wake { .. })), 1);
        assert_eq!(bench.times_told("has-bytes-available"), 0);
    }

    #[test]
    fn past_the_sdk_gate_a_tag_is_ignored() {
        let mut bench = Bench::ios(10);
        bench.manifest.sdk = Some(10);
        bench.connect(ServiceType::Voip);
        assert!(bench.saw(|what| matches!(what, What::VoipTagIgnored { .. })));
        bench.background();
        bench.run_until_suspended();
        bench.data_arrives();
        assert_eq!(bench.os.state(), AppState::Suspended);
    }

    #[test]
    fn on_ios_16_a_modern_app_is_trapped_when_a_tagged_socket_connects() {
        let mut bench = Bench::ios(16);
        bench.manifest.sdk = Some(16);
        bench.connect(ServiceType::Default);
        assert_eq!(bench.os.state(), AppState::Active);
        bench.connect(ServiceType::Voip);
        assert!(
            bench.saw(|what| { matches!(what, What::Kill { rule: KillRule::ModernSdkTrap, .. }) })
        );
    }

    #[test]
    fn a_change_of_the_interface_reaches_the_socket_only_where_the_profile_says_so() {
        let mut bench = suspended(9, ServiceType::Voip);
        bench.interface(Interface::Cellular);
        assert_eq!(bench.os.state(), AppState::Suspended);
        bench.profile.voip_socket_event_on_network_change = true;
        bench.interface(Interface::None);
        assert_eq!(bench.os.state(), AppState::Background);
        assert_eq!(bench.times_told("error-occurred"), 2);
    }

    #[test]
    fn a_reachability_change_is_told_when_the_app_runs_again() {
        let mut bench = suspended(9, ServiceType::Voip);
        bench.interface(Interface::None);
        bench.interface(Interface::Cellular);
        assert_eq!(bench.times_told("reachability-changed"), 0);
        bench.foreground();
        assert_eq!(bench.times_told("reachability-changed"), 1);
    }
}
