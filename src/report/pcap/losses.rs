//! Which segment a loss means. A loss is told when the segment is sent if the path does not carry it, and when it
//! would arrive if its receiver is not there; one that fits neither is an answer or a keep-alive probe.

use super::replay::{Fresh, Replay, State};
use super::story::Kind;
use crate::net::{End, Host};
use crate::trace::LossCause;

impl Replay {
    pub(super) fn lost(&mut self, from: End, cause: LossCause) {
        // That the host is down is found out on arrival.
        let at_once = cause != LossCause::HostDown;
        let now = self.now.at;
        let just_sent = self.fresh.take_if(|fresh| {
            let flight = &self.story.flights[fresh.flight];
            at_once && flight.from == from && flight.sent.is_some_and(|sent| sent.at == now)
        });
        if let Some(fresh) = just_sent {
            return self.lost_at_once(from, fresh, cause);
        }
        self.settle();
        match from {
            End::Phone => self.phone_lost(cause),
            End::Server => self.server_lost(cause),
        }
    }

    fn lost_at_once(&mut self, from: End, Fresh { flight, releases }: Fresh, cause: LossCause) {
        let flight = &mut self.story.flights[flight];
        flight.lost = Some(cause);
        if from == End::Phone {
            self.last_loss = Some(cause);
        }
        if matches!(flight.kind, Kind::Syn | Kind::Rst) {
            return;
        }
        if self.with_portal && cause == LossCause::CaptivePortal && from == End::Phone {
            flight.taken = true;
        } else if !releases {
            self.waiting[from as usize].push_back(flight.place);
        }
    }

    fn phone_lost(&mut self, cause: LossCause) {
        let server = End::Server as usize;
        if cause == LossCause::HostDown {
            return self.swallowed_by_host(cause);
        }
        self.last_loss = Some(cause);
        if self.state(End::Phone) == State::Closed {
            // What came for a connection that the phone does not have was answered, in vain.
            if self.under_way[server].is_empty() && self.story.segments[server].is_empty() {
                self.accept(self.now.at);
            }
            if self.under_way[server].is_empty() && self.probes[server] {
                self.probe(End::Server, true);
            }
            return self.reset_is_lost(End::Server, cause);
        }
        self.probe_is_lost(End::Phone, cause);
    }

    /// What the phone sent came to a host that is away.
    fn swallowed_by_host(&mut self, cause: LossCause) {
        if self.state(End::Server) == State::Absent
            && let Some(syn) = self.syn_arrives()
        {
            let syn = &mut self.story.flights[syn];
            (syn.arrived, syn.lost) = (None, Some(cause));
            return;
        }
        if !self.swallow(End::Phone, cause) {
            self.probe_is_lost(End::Phone, cause);
        }
    }

    fn server_lost(&mut self, cause: LossCause) {
        let phones = !self.under_way[End::Phone as usize].is_empty();
        let knows = self.state(End::Server) == State::Open && self.now.host == Host::Up;
        let phone_is_gone = matches!(cause, LossCause::NoInterface | LossCause::OldAddress);
        if phone_is_gone && self.swallow(End::Server, cause) {
            return;
        }
        if self.story.segments[End::Server as usize].is_empty() && !phones {
            match self.now.host {
                Host::Up => self.grant_is_lost(cause),
                Host::Refusing | Host::Silent => self.refusal_is_lost(cause),
            }
        } else if phones && !knows {
            self.reset_is_lost(End::Phone, cause);
        } else if !knows && self.probes[End::Phone as usize] {
            self.probe(End::Phone, true);
            self.reset_is_lost(End::Phone, cause);
        } else {
            self.probe_is_lost(End::Server, cause);
        }
    }

    /// The oldest segment from `from` came to nobody, and all behind it waits for it; answers whether there is one.
    fn swallow(&mut self, from: End, cause: LossCause) -> bool {
        let Some(first) = self.under_way[from as usize].front() else { return false };
        self.story.flights[*first].lost = Some(cause);
        self.all_wait(from);
        true
    }

    /// What is under way from `from` does not arrive: it waits to be sent again.
    pub(super) fn all_wait(&mut self, from: End) {
        let way = from as usize;
        while let Some(flight) = self.under_way[way].pop_back() {
            let flight = &self.story.flights[flight];
            let repeated = matches!(flight.kind, Kind::SynAck | Kind::Data(_) | Kind::Fin);
            if repeated {
                self.waiting[way].push_front(flight.place);
            }
        }
    }

    /// The phone's SYN came to a server that does not listen, whose refusal is lost.
    fn refusal_is_lost(&mut self, cause: LossCause) {
        let Some(syn) = self.syn_arrives() else {
            self.story.unexplained += 1;
            return;
        };
        let sent = self.here();
        let rst = self.leave_alone(End::Server, Kind::Rst, sent);
        let rst = &mut self.story.flights[rst];
        (rst.answers, rst.lost) = (Some(syn), Some(cause));
    }

    /// What `from` sent arrived now where nobody knows it, and the answer is lost.
    fn reset_is_lost(&mut self, from: End, cause: LossCause) {
        let here = self.here();
        match self.unknown(from, here) {
            Some(flight) => {
                let sent = self.here();
                let rst = self.leave_alone(from.peer(), Kind::Rst, sent);
                let rst = &mut self.story.flights[rst];
                (rst.answers, rst.lost) = (Some(flight), Some(cause));
            }
            None => self.story.unexplained += 1,
        }
    }

    /// A keep-alive probe leaves `from`, and arrives in the same moment if it does.
    pub(super) fn probe(&mut self, from: End, arrives: bool) -> usize {
        let sent = self.here();
        let flight = self.leave_alone(from, Kind::Probe, sent);
        if arrives {
            self.under_way[from as usize].push_back(flight);
        }
        flight
    }

    /// A probe of `from` was lost, or its answer to one.
    fn probe_is_lost(&mut self, from: End, cause: LossCause) {
        if self.probes[from as usize] {
            let probe = self.probe(from, false);
            self.story.flights[probe].lost = Some(cause);
        } else if self.probes[from.peer() as usize] {
            let probe = self.probe(from.peer(), false);
            let arrived = self.here();
            self.story.flights[probe].arrived = Some(arrived);
            let sent = self.here();
            let answer = self.leave_alone(from, Kind::Answer, sent);
            let answer = &mut self.story.flights[answer];
            (answer.answers, answer.lost) = (Some(probe), Some(cause));
        } else {
            self.story.unexplained += 1;
        }
    }
}
