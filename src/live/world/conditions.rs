//! What steps and traces do to a path, and what that makes of its connections and its proxy.

use super::connection::{Connection, Phase};
use super::path::{Arrival, Path, SENT_AGAIN};
use super::relay::Standing;
use crate::net::{Conditions, Context, Faults, Host, Portal, Resolver};
use crate::port::{Interface, Purpose, Span, StreamError};
use crate::settings::Dist;
use crate::trace::{DeadCause, Observer, What};

impl Path {
    pub(super) fn switch<O: Observer>(&mut self, to: Interface, cx: &mut Context<O>) {
        self.link.want(to);
        if self.link.target() == to {
            self.reattach(cx);
        }
    }

    pub(super) fn airplane<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        if self.link.set_airplane(on) {
            self.reattach(cx);
        }
    }

    pub(super) fn readdress<O: Observer>(&mut self, cx: &mut Context<O>) {
        if self.link.readdress() {
            cx.probe.emit(What::AddressChanged {});
            self.out.push_back(Arrival::Address);
            self.renew(cx);
        }
    }

    pub(super) fn silence<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        self.silenced(|faults| faults.silent = on, cx);
    }

    fn silenced<O: Observer>(&mut self, change: impl FnOnce(&mut Faults), cx: &mut Context<O>) {
        let before = self.faults.silence();
        change(&mut self.faults);
        let silent = self.faults.silence();
        if silent != before {
            cx.probe.emit(What::PathChanged { silent });
            self.renew(cx);
        }
    }

    pub(super) fn internet<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        if std::mem::replace(&mut self.faults.no_internet, !on) == on {
            cx.probe.emit(What::InternetChanged { on });
            self.renew(cx);
        }
    }

    pub(super) fn captive_portal<O: Observer>(
        &mut self,
        portal: Option<Portal>,
        cx: &mut Context<O>,
    ) {
        if std::mem::replace(&mut self.faults.portal, portal) != portal {
            cx.probe.emit(What::PortalChanged { on: portal.is_some() });
            self.renew(cx);
        }
    }

    pub(super) fn dns<O: Observer>(&mut self, resolver: Option<Resolver>, cx: &mut Context<O>) {
        if std::mem::replace(&mut self.faults.resolver, resolver) == resolver {
            return;
        }
        let on = resolver.is_none();
        cx.probe.emit(What::DnsChanged { on });
        let at = cx.probe.at + Span::TICK;
        for connection in self.connections.iter_mut().filter(|_| on) {
            if let Phase::Failing { error: StreamError::NotResolved, .. } = connection.phase {
                connection.phase = Phase::Syn { first: at, sent: 0, at };
            }
        }
    }

    pub(super) fn voice_call<O: Observer>(&mut self, on: bool, cx: &mut Context<O>) {
        if std::mem::replace(&mut self.faults.voice_call, on) != on {
            let access = cx.config.access(self.link.carrying());
            let stalls = access.is_some_and(|access| access.voice_call_stalls_data);
            cx.probe.emit(What::VoiceCall { on, stalls });
            self.renew(cx);
        }
    }

    /// The NAT forgets every connection now; the proxy tells of each.
    pub(super) fn nat_forget(&mut self) {
        self.relay.nat_forget();
    }

    /// A row of a connectivity trace. Luck is the kernel's here: a share of losses is left out.
    pub(super) fn follow<O: Observer>(&mut self, row: Conditions, cx: &mut Context<O>) {
        let measured = row.latency.map(|latency| (row.interface, latency));
        if std::mem::replace(&mut self.measured, measured) != measured
            && let Some(access) = cx.config.access(row.interface)
        {
            let latency = row.latency.unwrap_or_else(|| access.latency.median());
            let (interface, loss_ppm) = (row.interface, 0);
            cx.probe.emit(What::Conditions { interface, latency, loss_ppm });
        }
        if self.link.wanted() != row.interface {
            self.link.want(row.interface);
            if self.link.target() == row.interface {
                self.reattach_within(Span::ZERO, cx);
            }
        }
        self.silenced(|faults| faults.down = row.down, cx);
        self.renew(cx);
    }

    /// Faults are over, in the order of [`Net::heal`](crate::net::Net::heal).
    pub(super) fn heal<O: Observer>(&mut self, beginning: Interface, cx: &mut Context<O>) {
        self.measured = None;
        self.silenced(|faults| faults.down = false, cx);
        self.silence(false, cx);
        self.internet(true, cx);
        self.captive_portal(None, cx);
        self.dns(None, cx);
        self.voice_call(false, cx);
        let gone = self.link.wanted() == Interface::None;
        if gone {
            let home = if beginning == Interface::None { Interface::Wifi } else { beginning };
            self.link.want(home);
        }
        if self.link.set_airplane(false) || gone {
            self.reattach(cx);
        }
        self.renew(cx);
    }

    pub(super) fn reattach<O: Observer>(&mut self, cx: &mut Context<O>) {
        let now = cx.probe.at;
        let attach = cx.config.access(self.link.target()).map_or(Span::ZERO, |access| {
            access.attach.sample(cx.draws.draw(Purpose::Attach, now, 0))
        });
        self.reattach_within(attach, cx);
    }

    pub(super) fn reattach_within<O: Observer>(&mut self, attach: Span, cx: &mut Context<O>) {
        self.radio.leave(cx.probe.at);
        if let Some(interface) = self.link.reattach(attach, cx.probe.at) {
            self.interface_changed(interface, cx);
        }
        self.renew(cx);
    }

    pub(super) fn interface_changed<O: Observer>(&mut self, to: Interface, cx: &mut Context<O>) {
        cx.probe.emit(What::InterfaceChanged { to });
        self.out.push_back(Arrival::Interface(to));
    }

    /// What the path is like may have changed: judges every connection, and sets the proxy's faults.
    pub(super) fn renew<O: Observer>(&mut self, cx: &mut Context<O>) {
        self.judge_all(cx);
        let gone = self.connections.iter().filter(|known| self.link.gone(known.address).is_some());
        for local in gone.filter_map(|known| known.local) {
            self.relay.silence(local);
        }
        self.set_relay(cx);
    }

    /// Sets the proxy's faults by what the path is like.
    pub(super) fn set_relay<O>(&mut self, cx: &Context<O>) {
        let carrying = self.link.carrying();
        let portal = self.faults.portal.filter(|_| carrying == Interface::Wifi);
        let silent = self.in_the_way(cx).is_some() || cx.host == Host::Silent;
        let access = cx.config.access(carrying);
        let latency = match (self.measured.filter(|(of, _)| *of == carrying), access) {
            (Some((_, latency)), _) => Dist::Constant(latency),
            (None, Some(access)) => access.latency.clone(),
            (None, None) => Dist::Constant(Span::ZERO),
        };
        let nat = access.and_then(|access| Some((access.nat_idle_timeout?, access.nat_on_expiry)));
        let late = if self.late.0 == cx.probe.at { self.late.1 } else { Span::ZERO };
        let refused = cx.host == Host::Refusing;
        self.relay.set(Standing { silent, portal, refused, latency, late, nat });
    }

    pub(super) fn judge_all<O: Observer>(&mut self, cx: &mut Context<O>) {
        let in_the_way = self.in_the_way(cx);
        let away = (cx.host == Host::Silent).then_some(DeadCause::Server);
        for connection in &mut self.connections {
            let gone = self.link.gone(connection.address).map(|(_, cause)| cause);
            let nat = connection.nat_gone.then_some(DeadCause::Nat);
            let cause = gone.or(connection.forgotten).or(in_the_way).or(away).or(nat);
            if connection.judge(cause, cx) && connection.has_stalled() {
                self.blur = Some(SENT_AGAIN);
            }
        }
        // A FIN that waited arrives, when a kernel sends it again. A NAT that has forgotten the connection swallows it
        // for good, and so does a host.
        let link = &self.link;
        let heals = |connection: &Connection| {
            link.gone(connection.address).is_none()
                && !connection.nat_gone
                && connection.forgotten.is_none()
        };
        if in_the_way.is_none() && away.is_none() && self.leaving.iter().any(heals) {
            self.leaving.retain(|connection| !heals(connection));
            self.blur = Some(SENT_AGAIN);
        }
    }
}
