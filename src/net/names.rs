//! What comes before the first SYN: a way onto the network, a name that resolves, an address of a family
//! that the network carries. A name that resolves takes no time: the phone has asked for it before.

use super::connection::{Around, Connection, State};
use super::context::Context;
use super::faults::Resolver;
use super::path::Path;
use super::{Access, End};
use crate::port::{ConnectBy, Span, StreamError, Time};
use crate::trace::Observer;

impl Path {
    /// Why an attempt to connect fails before anything is sent to the server, and how soon.
    pub(super) fn prevents<O>(&mut self, cx: &Context<O>) -> Option<(StreamError, Span)> {
        let Some(access) = cx.config.access(self.link.carrying()) else {
            return Some((StreamError::Unreachable, Span::TICK));
        };
        match cx.config.connect_by {
            ConnectBy::Name => match self.faults.resolver? {
                Resolver::Fails => {
                    Some((StreamError::NotResolved, self.delay(cx) + self.delay(cx)))
                }
                Resolver::Silent => Some((StreamError::NotResolved, cx.config.resolver_timeout)),
            },
            ConnectBy::Ipv4Literal => {
                no_way_for_ipv4(access, cx).then_some((StreamError::Unreachable, Span::TICK))
            }
        }
    }
}

/// Whether an IPv4 address leads nowhere: the network carries IPv6 only, and the system makes no IPv6
/// address of it.
fn no_way_for_ipv4<O>(access: &Access, cx: &Context<O>) -> bool {
    access.ipv6_only && !cx.config.synthesises_literals
}

impl Connection {
    /// The attempt fails after `after` without anything being sent.
    pub(super) fn fails(&mut self, error: StreamError, after: Span, now: Time) {
        self.attempt.fails = Some(error);
        self.attempt.next_at = now + after.max(Span::TICK);
    }

    /// Names are resolved again: an attempt that waits for its name has it with the resolver's next try.
    /// Whether the app runs to take it is not looked at.
    pub(super) fn resolved<O: Observer>(&mut self, a: &Around<O>) {
        let waits = self.attempt.fails == Some(StreamError::NotResolved);
        if waits && self.end(End::Phone).state == State::Connecting {
            self.attempt.fails = None;
            self.attempt.first = a.now() + Span::TICK;
            self.attempt.next_at = self.attempt.first;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::net::testing::{Bench, ms, ping, secs};
    use crate::net::{Access, End, PhoneEvent, Resolver};
    use crate::port::{ConnectBy, Span, StreamError, Time};
    use crate::settings::Dist;

    const NOT_RESOLVED: PhoneEvent = PhoneEvent::Failed(StreamError::NotResolved);
    const UNREACHABLE: PhoneEvent = PhoneEvent::Failed(StreamError::Unreachable);

    fn connecting(resolver: Resolver) -> Bench {
        let mut bench = Bench::new();
        bench.config.resolver_timeout = Span::from_secs(30);
        bench.act(|net, cx| net.dns(Some(resolver), cx));
        bench.act(|net, cx| net.connect(1, cx));
        bench
    }

    #[test]
    fn a_name_that_does_not_exist_fails_after_a_round_trip() {
        let mut bench = connecting(Resolver::Fails);
        bench.run_out();
        assert_eq!(bench.phone(), [(ms(40).from_start(), NOT_RESOLVED)]);
        assert_eq!(bench.server(), []);
    }

    #[test]
    fn a_resolver_that_is_silent_is_given_up_after_its_timeout() {
        let mut bench = connecting(Resolver::Silent);
        bench.run_out();
        assert_eq!(bench.phone(), [(secs(30), NOT_RESOLVED)]);
    }

    #[test]
    fn a_resolver_that_answers_again_lets_the_attempt_go_on() {
        let mut bench = connecting(Resolver::Silent);
        bench.until(secs(12));
        bench.act(|net, cx| net.dns(None, cx));
        bench.until(secs(20));
        let at = secs(12) + Span::TICK + ms(40);
        assert_eq!(bench.phone(), [(at, PhoneEvent::Established)]);
    }

    #[test]
    fn established_connections_need_no_names() {
        let mut bench = Bench::new().connected();
        bench.act(|net, cx| net.dns(Some(Resolver::Fails), cx));
        bench.send(End::Phone, ping(1));
        bench.until(secs(5));
        assert!(bench.net.usable(1));
        assert_eq!(bench.server().len(), 1);
    }

    #[test]
    fn an_address_needs_no_resolver() {
        let mut bench = Bench::new();
        bench.config.connect_by = ConnectBy::Ipv4Literal;
        bench.act(|net, cx| net.dns(Some(Resolver::Fails), cx));
        let bench = bench.connected();
        assert!(bench.net.usable(1));
    }

    #[test]
    fn on_a_network_of_ipv6_an_ipv4_address_is_unreachable_at_once_unless_the_system_translates_it()
    {
        for (by, synthesises, reachable) in [
            (ConnectBy::Ipv4Literal, false, false),
            (ConnectBy::Ipv4Literal, true, true),
            (ConnectBy::Name, false, true),
        ] {
            let latency = Dist::Constant(ms(20));
            let mut bench = Bench::on(Access { latency, ipv6_only: true, ..Access::default() });
            bench.config.connect_by = by;
            bench.config.synthesises_literals = synthesises;
            bench.act(|net, cx| net.connect(1, cx));
            bench.until(secs(1));
            let expected = if reachable {
                (ms(40).from_start(), PhoneEvent::Established)
            } else {
                (Time::from_micros(1), UNREACHABLE)
            };
            assert_eq!(bench.phone(), [expected], "{by:?} {synthesises}");
        }
    }
}
