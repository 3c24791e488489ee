//! A captive portal: new connections reach it instead of the server.

use super::End;
use super::connection::{Around, Connection};
use super::faults::Portal;
use super::way::Kind;
use crate::trace::{LossCause, Observer};

impl Connection {
    /// A SYN met the portal: it refuses, or grants the connection in the server's place.
    pub(super) fn portal_answers<O: Observer>(&mut self, a: &mut Around<O>) {
        let Some(portal) = a.path.faults.portal else { return };
        let now = a.now();
        let answer = match portal {
            Portal::Reset => Kind::Rst,
            Portal::Answers => {
                self.with_portal = true;
                self.nat.passes(End::Phone, true, now);
                Kind::SynAck
            }
        };
        // There and back, as far as the portal is away.
        let delay = a.path.delay(a.cx) + a.path.delay(a.cx);
        self.way(End::Server).leaves(answer, delay, now, true);
    }

    /// Whether what was lost for `cause` is acknowledged all the same: the portal is the other end.
    pub(super) fn portal_takes(&self, cause: LossCause) -> bool {
        self.with_portal && cause == LossCause::CaptivePortal
    }
}

#[cfg(test)]
mod tests {
    use crate::net::testing::{Bench, ms, ping, secs};
    use crate::net::{End, PhoneEvent, Portal};
    use crate::port::{Interface, Span, StreamError};
    use crate::trace::{DeadCause, What};

    fn behind(portal: Portal) -> Bench {
        let mut bench = Bench::new();
        bench.act(|net, cx| net.captive_portal(Some(portal), cx));
        bench.act(|net, cx| net.connect(1, cx));
        bench
    }

    #[test]
    fn a_portal_that_refuses_the_port_fails_the_attempt_after_a_round_trip() {
        let mut bench = behind(Portal::Reset);
        bench.run_out();
        let refused = PhoneEvent::Failed(StreamError::Refused);
        assert_eq!(bench.phone(), [(ms(40).from_start(), refused)]);
        assert_eq!(bench.server(), []);
    }

    #[test]
    fn a_portal_that_answers_is_taken_for_the_server_and_never_speaks() {
        let mut bench = behind(Portal::Answers);
        bench.until(secs(1));
        assert_eq!(bench.phone(), [(ms(40).from_start(), PhoneEvent::Established)]);
        assert!(!bench.net.usable(1));
        bench.send(End::Phone, ping(1));
        bench.until(secs(100_000));
        assert_eq!(bench.phone().len(), 1, "the portal acknowledges, so nothing times out");
        assert_eq!(bench.server(), []);
        let dead = What::ConnectionDead { connection: 1, cause: DeadCause::CaptivePortal };
        assert!(bench.whats().any(|what| what == dead));
        bench.act(|net, cx| net.finish(End::Phone, 1, cx));
        bench.run_out();
        assert_eq!(bench.net.known(), 0);
    }

    #[test]
    fn once_the_portal_lets_pass_the_server_resets_what_it_never_had() {
        let mut bench = behind(Portal::Answers);
        bench.until(secs(10));
        bench.act(|net, cx| net.captive_portal(None, cx));
        bench.send(End::Phone, ping(1));
        bench.until(secs(20));
        assert_eq!(bench.phone()[1], (secs(10) + ms(40), PhoneEvent::Reset));
    }

    #[test]
    fn a_connection_from_before_the_portal_is_in_silence_and_heals() {
        let mut bench = Bench::new().connected();
        bench.act(|net, cx| net.captive_portal(Some(Portal::Reset), cx));
        bench.send(End::Server, ping(1));
        bench.until(secs(60));
        assert_eq!(bench.phone(), []);
        bench.act(|net, cx| net.captive_portal(None, cx));
        bench.until(secs(200));
        assert_eq!(bench.phone().len(), 1, "Linux still tried");
        assert_eq!(bench.times("connection-healed"), [secs(60)]);
    }

    #[test]
    fn over_the_cellular_network_there_is_no_portal() {
        let mut bench = Bench::new();
        bench.act(|net, cx| net.captive_portal(Some(Portal::Reset), cx));
        bench.act(|net, cx| net.switch(Interface::Cellular, cx));
        let bench = bench.connected_within(secs(0) + Span::from_secs(1));
        assert!(bench.net.usable(1));
    }
}
