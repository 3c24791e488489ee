//! Everything that was broken on purpose is whole again.

use super::context::Context;
use super::machine::Net;
use crate::port::Interface;
use crate::trace::Observer;

impl Net {
    /// Faults are over. In this order, and nothing else:
    ///
    /// - the connectivity trace ends: latency and loss are the preset's, a path that was `down` carries again;
    /// - a silent path works;
    /// - the Wi-Fi has its way to the internet;
    /// - a captive portal lets pass;
    /// - names are resolved;
    /// - a telephone call ends;
    /// - an interface that is gone comes back: the one of the `beginning`, or Wi-Fi if there was none;
    /// - airplane mode is off.
    ///
    /// An interface that is there stays, though it may be another than at the beginning. What a NAT has
    /// forgotten and which connections are dead is for the client to find out.
    pub fn heal<O: Observer>(&mut self, beginning: Interface, cx: &mut Context<O>) {
        self.follow_no_more(cx);
        self.silence(false, cx);
        self.internet(true, cx);
        self.captive_portal(None, cx);
        self.dns(None, cx);
        self.voice_call(false, cx);
        let gone = self.path.link.wanted() == Interface::None;
        if gone {
            let home = if beginning == Interface::None { Interface::Wifi } else { beginning };
            self.path.link.want(home);
        }
        // Both at once, so that the address changes once.
        if self.path.link.set_airplane(false) || gone {
            self.reattach(cx);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::follow::Conditions;
    use crate::net::testing::{Bench, ms, ping};
    use crate::net::{Access, End, Portal, Resolver};
    use crate::port::Span;
    use crate::settings::{Dist, Share};

    fn heal(bench: &mut Bench, beginning: Interface) {
        bench.act(|net, cx| net.heal(beginning, cx));
    }

    #[test]
    fn whatever_stands_in_the_way_is_gone_and_the_connection_lives_on() {
        type Fault = fn(&mut Bench);
        let faults: [(&str, Fault); 5] = [
            ("silence", |bench| bench.act(|net, cx| net.silence(true, cx))),
            ("internet", |bench| bench.act(|net, cx| net.internet(false, cx))),
            ("portal", |bench| bench.act(|net, cx| net.captive_portal(Some(Portal::Answers), cx))),
            ("call", |bench| bench.act(|net, cx| net.voice_call(true, cx))),
            ("trace", |bench| {
                let row = Conditions {
                    interface: Interface::Wifi,
                    latency: Some(ms(900)),
                    loss: Some(Share::ALL),
                    down: true,
                };
                bench.act(|net, cx| net.follow(row, cx));
            }),
        ];
        for (name, fault) in faults {
            let latency = Dist::Constant(ms(20));
            let access = Access { latency, voice_call_stalls_data: true, ..Access::default() };
            let mut bench = Bench::on(access).connected();
            fault(&mut bench);
            assert!(!bench.net.usable(1), "{name}");
            heal(&mut bench, Interface::Wifi);
            assert!(bench.net.usable(1), "{name}");
            let sent = bench.now;
            bench.send(End::Phone, ping(1));
            bench.until(sent + Span::from_secs(1));
            assert_eq!(bench.times("arrived"), [sent + ms(20)], "{name}");
        }
    }

    #[test]
    fn names_are_resolved() {
        let mut bench = Bench::new();
        bench.act(|net, cx| net.dns(Some(Resolver::Fails), cx));
        heal(&mut bench, Interface::Wifi);
        assert!(bench.connected().net.usable(1));
    }

    #[test]
    fn an_interface_that_is_gone_is_the_one_of_the_beginning_again() {
        for (beginning, back) in [
            (Interface::Cellular, Interface::Cellular),
            (Interface::Wifi, Interface::Wifi),
            (Interface::None, Interface::Wifi),
        ] {
            let mut bench = Bench::new();
            bench.act(|net, cx| net.switch(Interface::None, cx));
            heal(&mut bench, beginning);
            assert_eq!(bench.net.interface(), back);
        }
    }

    #[test]
    fn an_interface_that_is_there_stays_with_its_connections() {
        let mut bench = Bench::new();
        bench.act(|net, cx| net.switch(Interface::Cellular, cx));
        let mut bench = bench.connected();
        heal(&mut bench, Interface::Wifi);
        assert_eq!(bench.net.interface(), Interface::Cellular);
        assert!(bench.net.usable(1));
        assert_eq!(bench.whats().count(), 0, "nothing was broken, nothing is told");
    }

    #[test]
    fn airplane_mode_is_off_and_the_interface_attaches_as_after_a_switch() {
        let attach = Dist::Constant(Span::from_secs(3));
        let mut bench = Bench::on(Access { attach, ..Access::default() });
        bench.act(|net, cx| net.airplane(true, cx));
        bench.act(|net, cx| net.switch(Interface::None, cx));
        heal(&mut bench, Interface::Wifi);
        let now = bench.now;
        bench.until(now + Span::from_secs(4));
        assert_eq!(bench.net.interface(), Interface::Wifi);
        assert_eq!(bench.times("interface").last(), Some(&(now + Span::from_secs(3))));
    }
}
