//! A connectivity trace: what was recorded elsewhere happens to this path.

use super::context::Context;
use super::machine::Net;
use crate::port::{Interface, Span};
use crate::settings::Share;
use crate::trace::{Observer, What};

/// What one row of a connectivity trace says. It holds until the next one.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Conditions {
    /// The interface that carries traffic.
    pub interface: Interface,
    /// How long a segment is under way, one direction; the preset's own when absent.
    pub latency: Option<Span>,
    /// The share of segments that are lost by chance; the preset's own when absent.
    pub loss: Option<Share>,
    /// The interface is there and nothing gets through.
    pub down: bool,
}

/// What a trace says of a segment on one interface, in place of the preset.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) struct Measured {
    interface: Interface,
    latency: Option<Span>,
    loss: Option<Share>,
}

impl Measured {
    /// What `row` says of segments; `None` when that is what the preset says.
    fn of(row: &Conditions) -> Option<Measured> {
        let Conditions { interface, latency, loss, down: _ } = *row;
        let says = latency.is_some() || loss.is_some();
        (says && interface != Interface::None).then_some(Measured { interface, latency, loss })
    }

    /// How long a segment by `interface` is under way, if the trace says so.
    #[inline]
    pub(super) fn latency(&self, interface: Interface) -> Option<Span> {
        self.latency.filter(|_| self.interface == interface)
    }

    /// How many segments by `interface` are lost, if the trace says so.
    #[inline]
    pub(super) fn loss(&self, interface: Interface) -> Option<Share> {
        self.loss.filter(|_| self.interface == interface)
    }
}

impl Net {
    /// The path is from now on as `row` says.
    ///
    /// The row says what carried traffic, so its interface does so at once: the time that attaching took is in
    /// the recording, as rows without an interface. What is there already stays as it is, connections with it.
    pub fn follow<O: Observer>(&mut self, row: Conditions, cx: &mut Context<O>) {
        self.measure(Measured::of(&row), row.interface, cx);
        if self.path.link.wanted() != row.interface {
            self.path.link.want(row.interface);
            if self.path.link.target() == row.interface {
                self.reattach_within(Span::ZERO, cx);
            }
        }
        self.silenced(|faults| faults.down = row.down, cx);
    }

    /// The trace is over: the presets say again what a segment meets, and the interface stays as it is.
    pub(super) fn follow_no_more<O: Observer>(&mut self, cx: &mut Context<O>) {
        let interface = self.interface();
        self.measure(None, interface, cx);
        self.silenced(|faults| faults.down = false, cx);
    }

    /// Sets what segments meet, and tells what that is by `interface` when it is something else than before.
    fn measure<O: Observer>(
        &mut self,
        measured: Option<Measured>,
        interface: Interface,
        cx: &mut Context<O>,
    ) {
        if std::mem::replace(&mut self.path.measured, measured) == measured {
            return;
        }
        if let Some(access) = cx.config.access(interface) {
            let measured = measured.as_ref();
            let latency = measured.and_then(|known| known.latency(interface));
            let loss = measured.and_then(|known| known.loss(interface)).unwrap_or(access.loss);
            let latency = latency.unwrap_or_else(|| access.latency.median());
            cx.probe.emit(What::Conditions { interface, latency, loss_ppm: loss.ppm() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{Bench, ms, ping, secs};
    use crate::net::{Access, End};
    use crate::settings::Dist;

    fn row(interface: Interface) -> Conditions {
        Conditions { interface, latency: None, loss: None, down: false }
    }

    fn follow(bench: &mut Bench, row: Conditions) {
        bench.act(|net, cx| net.follow(row, cx));
    }

    #[test]
    fn a_row_whose_interface_is_there_already_leaves_connections_alone() {
        let mut bench = Bench::new().connected();
        follow(&mut bench, row(Interface::Wifi));
        follow(&mut bench, Conditions { latency: Some(ms(90)), ..row(Interface::Wifi) });
        assert!(bench.net.usable(1));
        assert_eq!(bench.times("interface"), []);
    }

    #[test]
    fn a_row_carries_traffic_at_once_under_a_new_address() {
        let attach = Dist::Constant(Span::from_secs(3));
        let mut bench = Bench::on(Access { attach, ..Access::default() }).connected();
        follow(&mut bench, row(Interface::Cellular));
        assert_eq!(bench.net.interface(), Interface::Cellular);
        assert!(!bench.net.usable(1), "the old address is gone");
        assert_eq!(bench.times("interface"), [secs(1)]);
        follow(&mut bench, row(Interface::None));
        assert_eq!(bench.net.interface(), Interface::None);
    }

    #[test]
    fn a_row_counts_after_a_switch_and_a_switch_after_a_row() {
        let mut bench = Bench::new();
        follow(&mut bench, row(Interface::Cellular));
        bench.act(|net, cx| net.switch(Interface::Wifi, cx));
        assert_eq!(bench.net.interface(), Interface::Wifi);
        follow(&mut bench, row(Interface::Cellular));
        assert_eq!(bench.net.interface(), Interface::Cellular);
    }

    #[test]
    fn in_airplane_mode_a_row_waits() {
        let mut bench = Bench::new();
        bench.act(|net, cx| net.airplane(true, cx));
        follow(&mut bench, row(Interface::Cellular));
        assert_eq!(bench.net.interface(), Interface::None);
        bench.act(|net, cx| net.airplane(false, cx));
        assert_eq!(bench.net.interface(), Interface::Cellular);
    }

    #[test]
    fn down_is_silence_and_heals_what_it_made_unusable() {
        let mut bench = Bench::new().connected();
        follow(&mut bench, Conditions { down: true, ..row(Interface::Wifi) });
        assert!(!bench.net.usable(1));
        assert_eq!(bench.net.interface(), Interface::Wifi);
        follow(&mut bench, row(Interface::Wifi));
        assert!(bench.net.usable(1));
        assert_eq!(bench.times("path").len(), 2);
    }

    #[test]
    fn a_silence_of_a_step_and_a_row_that_is_down_end_apart() {
        let mut bench = Bench::new().connected();
        follow(&mut bench, Conditions { down: true, ..row(Interface::Wifi) });
        bench.act(|net, cx| net.silence(true, cx));
        bench.act(|net, cx| net.silence(false, cx));
        assert!(!bench.net.usable(1), "the row still holds");
        bench.act(|net, cx| net.silence(true, cx));
        follow(&mut bench, row(Interface::Wifi));
        assert!(!bench.net.usable(1), "the step's silence still holds");
        assert_eq!(bench.times("path").len(), 1, "the path was silent all the time");
    }

    #[test]
    fn latency_and_loss_are_the_rows_on_its_own_interface_and_the_presets_again_afterwards() {
        let mut bench = Bench::new().connected();
        let arrives = |bench: &mut Bench| {
            let sent = bench.now;
            bench.recorder.events.clear();
            bench.send(End::Phone, ping(1));
            bench.until(sent + Span::from_secs(5));
            bench.times("arrived").first().map(|at| at.since(sent))
        };
        assert_eq!(arrives(&mut bench), Some(ms(20)));
        follow(&mut bench, Conditions { latency: Some(ms(150)), ..row(Interface::Wifi) });
        assert_eq!(arrives(&mut bench), Some(ms(150)));
        follow(&mut bench, Conditions { loss: Some(Share::ALL), ..row(Interface::Wifi) });
        assert_eq!(arrives(&mut bench), None);
        follow(&mut bench, row(Interface::Wifi));
        bench.until(secs(600));
        assert_eq!(arrives(&mut bench), Some(ms(20)));
        // A step that goes elsewhere leaves them behind.
        follow(&mut bench, Conditions { latency: Some(ms(150)), ..row(Interface::Wifi) });
        bench.act(|net, cx| net.switch(Interface::Cellular, cx));
        bench.act(|net, cx| net.connect(2, cx));
        let start = bench.now;
        bench.until(start + Span::from_secs(1));
        assert_eq!(bench.times("established"), [start + ms(40)]);
    }

    #[test]
    fn what_changes_is_told_once_with_the_numbers_that_hold() {
        let mut bench = Bench::new();
        let told = Conditions {
            latency: Some(ms(70)),
            loss: Some(Share::from_ppm(5_000)),
            ..row(Interface::Wifi)
        };
        follow(&mut bench, told);
        follow(&mut bench, told);
        follow(&mut bench, row(Interface::Wifi));
        follow(&mut bench, row(Interface::Wifi));
        let interface = Interface::Wifi;
        let whats: Vec<_> = bench.whats().collect();
        assert_eq!(
            whats,
            [
                What::Conditions { interface, latency: ms(70), loss_ppm: 5_000 },
                What::Conditions { interface, latency: ms(20), loss_ppm: 0 },
            ]
        );
    }
}
