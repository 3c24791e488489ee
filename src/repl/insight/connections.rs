//! Both ends' view of every connection: a netstat for the simulated phone and the server behind it.

use super::{View, hang};
use crate::net::{ConnectionSeen, EndSeen, NatSeen, RetrySeen};
use crate::os::{PairSeen, SocketSeen};
use crate::port::{ServiceType, Transport};
use crate::report::cause::words::{death, ended};
use crate::report::human;
use crate::server::{Held, HeldAs};
use crate::trace::{ConnectionEnd, DeadCause, What};

/// All that anybody has of one connection.
#[derive(Default)]
struct Both {
    pair: Option<PairSeen>,
    path: Option<ConnectionSeen>,
    held: Option<Held>,
}

/// Every connection that the app, a kernel or the server has.
pub fn connections(view: &View<'_>, out: &mut String) {
    let pairs: Vec<PairSeen> = view.os.pairs(&view.setup.profile, view.setup.gate).collect();
    let (mut paths, mut held) = (Vec::new(), Vec::new());
    if let Some(world) = view.world {
        (paths, held) = (world.net.connections(), world.session.held());
    }
    let mut numbers: Vec<u32> = pairs.iter().map(|pair| pair.pair).collect();
    numbers.extend(paths.iter().map(|path| path.connection));
    numbers.extend(held.iter().map(|held| held.connection));
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        out.push_str("no connections: neither phone nor server has any\n");
        return;
    }
    out.push_str(&format!("{:<6}{:<37}SERVER\n", "CONN", "PHONE"));
    for number in numbers {
        let both = Both {
            pair: pairs.iter().find(|pair| pair.pair == number).copied(),
            path: paths.iter().find(|path| path.connection == number).cloned(),
            held: held.iter().find(|held| held.connection == number).copied(),
        };
        connection(view, number, &both, out);
    }
}

fn connection(view: &View<'_>, number: u32, both: &Both, out: &mut String) {
    let transport = both.transport();
    let server = if view.world.is_some() { both.server() } else { "not known here" };
    out.push_str(&format!("{number:<6}{:<37}{server}\n", both.phone(transport)));
    let mut line = |text: String| hang(out, "      ", &text);
    if let Some(pair) = &both.pair {
        line(streams(pair));
    }
    if let Some(dead) = both.dead(view, number) {
        line(dead);
    }
    if let Some(path) = &both.path {
        line(traffic(view, path));
        line(nat(view, path.nat));
        for (who, retry) in ["phone", "server"].into_iter().zip(path.retries) {
            if let Some(retry) = retry {
                line(again(view, who, retry));
            }
        }
    }
    if let Some(held) = &both.held {
        let heard =
            held.heard.map(|at| format!("the server last heard the app {}", view.since(at)));
        let pinged = held.pinged.map(|at| format!("its heartbeat waits since {}", view.since(at)));
        let said: Vec<String> = heard.into_iter().chain(pinged).collect();
        if !said.is_empty() {
            line(said.join("; "));
        }
    }
}

impl Both {
    fn transport(&self) -> Transport {
        let pair = self.pair.map(|pair| pair.transport);
        let path = self.path.as_ref().map(|path| path.transport);
        pair.or(path).or(self.held.map(|held| held.transport)).unwrap_or_default()
    }

    /// How it stands at the phone: what the kernel has, and whether the system watches it.
    fn phone(&self, transport: Transport) -> String {
        let udp = match transport {
            Transport::Tcp => "",
            Transport::Udp => "UDP, ",
        };
        let kernel = self.path.as_ref().map(|path| path.phone);
        let Some(pair) = self.pair else {
            let kernel = kernel.map_or("unknown", kernel_words);
            return format!("{udp}{kernel}, no streams");
        };
        let state = match (pair.socket, kernel) {
            (SocketSeen::Established, Some(EndSeen::HalfClosed)) => "half-closed by the server",
            (SocketSeen::Established, _) => "established",
            (SocketSeen::Connecting, _) => "connecting",
            (SocketSeen::Unopened, _) => "not opened",
            (SocketSeen::Ended(how), _) => ended_socket(how),
        };
        let tag = match (pair.service, pair.kept) {
            (ServiceType::Default, _) => "not tagged",
            (ServiceType::Voip | ServiceType::VoipRequest, true) => "tagged: wakes",
            (ServiceType::Voip | ServiceType::VoipRequest, false) => "tag has no effect",
        };
        format!("{udp}{state}, {tag}")
    }

    fn server(&self) -> &'static str {
        let kernel = self.path.as_ref().map(|path| path.server);
        match (self.held.map(|held| held.held_as), kernel) {
            (Some(HeldAs::Session), _) => "session",
            (Some(HeldAs::Side), _) => "second one of the session",
            (Some(HeldAs::Fresh), _) => "accepted, no hello yet",
            (Some(HeldAs::Lapsed), _) => "registration expired",
            (Some(HeldAs::Stray), _) => "served without a session",
            (None, Some(EndSeen::Open | EndSeen::HalfClosed)) => "open, no session",
            (None, Some(EndSeen::Absent | EndSeen::Connecting) | None) => "unknown",
            (None, Some(EndSeen::Closed)) => "closed",
        }
    }

    /// Why it carries nothing, and who believes in it all the same.
    fn dead(&self, view: &View<'_>, number: u32) -> Option<String> {
        // A socket that iOS took away is dead, and the path does not know.
        let by_path = self.path.as_ref().and_then(|path| path.dead);
        let cause = by_path.or_else(|| dead_by_events(view, number))?;
        let phone = self.pair.is_some_and(|pair| pair.socket == SocketSeen::Established);
        let server = self.held.is_some_and(|held| match held.held_as {
            HeldAs::Session | HeldAs::Side => true,
            HeldAs::Fresh | HeldAs::Lapsed | HeldAs::Stray => false,
        });
        let who = match (phone, server) {
            (true, true) => "phone and server believe in it",
            (true, false) => "the phone believes in it",
            (false, true) => "the server believes in it",
            (false, false) => "nobody believes in it",
        };
        Some(format!("DEAD: {}; {who}", death(cause)))
    }
}

/// What the events say, where the path itself does not know or cannot be looked at.
fn dead_by_events(view: &View<'_>, number: u32) -> Option<DeadCause> {
    view.back().find_map(|event| {
        if let What::ConnectionDead { connection, cause } = event.what {
            (connection == number).then_some(Some(cause))
        } else if let What::ConnectionHealed { connection } = event.what {
            (connection == number).then_some(None)
        } else {
            None
        }
    })?
}

fn kernel_words(end: EndSeen) -> &'static str {
    match end {
        EndSeen::Absent => "unknown",
        EndSeen::Connecting => "connecting",
        EndSeen::Open => "established",
        EndSeen::HalfClosed => "half-closed by the server",
        EndSeen::Closed => "closed",
    }
}

/// How it stands with a socket that has ended; one that the system took away is what XNU calls defunct.
fn ended_socket(how: ConnectionEnd) -> &'static str {
    match how {
        ConnectionEnd::Reclaimed => "defunct",
        ConnectionEnd::Fin => "half-closed by the server",
        ConnectionEnd::Reset
        | ConnectionEnd::TimedOut
        | ConnectionEnd::Refused
        | ConnectionEnd::Unreachable
        | ConnectionEnd::NotResolved
        | ConnectionEnd::Closed => ended(how),
    }
}

/// The streams of the app, and what waits to be read.
fn streams(pair: &PairSeen) -> String {
    let open = match (pair.read_open, pair.write_open) {
        (true, true) => "streams open",
        (true, false) => "only the read stream open",
        (false, true) => "only the write stream open",
        (false, false) => "streams closed",
    };
    let unread = match pair.unread_frames {
        0 => "nothing unread".to_owned(),
        n => format!("{} ({}) unread", human::plural(n.into(), "frame"), bytes(pair.unread_bytes)),
    };
    let unheard = match pair.unheard {
        Some(why) if pair.read_open => format!("; nobody is called: {why}"),
        Some(_) | None => String::new(),
    };
    format!("{open}; {unread}{unheard}")
}

fn bytes(n: u32) -> String {
    human::plural(n.into(), "byte")
}

fn traffic(view: &View<'_>, path: &ConnectionSeen) -> String {
    let last = match path.last {
        Some(at) => format!("last traffic {}", view.since(at)),
        None => "no traffic yet".to_owned(),
    };
    let [up, down] = path.under_way;
    match (up, down) {
        (0, 0) => last,
        (up, down) => format!("{last}; under way: {up} to the server, {down} to the phone"),
    }
}

fn nat(view: &View<'_>, nat: NatSeen) -> String {
    match nat {
        NatSeen::Unmade => "NAT: no binding yet".to_owned(),
        NatSeen::Alive(None) => "NAT: binding alive, never forgotten".to_owned(),
        NatSeen::Alive(Some(at)) => {
            format!("NAT: binding alive, dies {} unless there is traffic", view.until(at))
        }
        NatSeen::Forgotten => "NAT: binding forgotten".to_owned(),
    }
}

fn again(view: &View<'_>, who: &str, retry: RetrySeen) -> String {
    let RetrySeen { count, waiting, next, gives_up } = retry;
    let segments = human::plural(waiting as u64, "segment");
    let so_far = format!("the {who} sends {segments} again, {} so far", human::times(count.into()));
    if who == "phone" && view.os.device().asleep_since.is_some() {
        return format!("{so_far}; that stands still while the device sleeps");
    }
    let next =
        if next == gives_up { String::new() } else { format!("; next {}", view.until(next)) };
    format!("{so_far}{next}; gives up {}", view.until(gives_up))
}
