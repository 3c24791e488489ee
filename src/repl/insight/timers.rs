//! Everything that is due, of phone, path and server, by its time: what is certain, what holds only if nothing
//! happens before, and what waits although its time will have come.

use super::timers_of::{of_path, of_phone, of_server};
use super::{View, hang};
use crate::port::{Span, Time};
use crate::report::human;

/// How sure it is that something happens at its time.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Holds {
    /// Whatever app, network and server do meanwhile.
    Certain,
    /// Unless this happens before.
    Unless(&'static str),
    /// Not at its time: it waits until this.
    Waits(&'static str),
}

/// One thing that is due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// When.
    pub at: Time,
    /// Whose it is: `phone`, `app`, `net`, `server`.
    pub owner: &'static str,
    /// What it is called.
    pub name: String,
    /// What happens then, in words.
    pub reason: String,
    /// How sure that is.
    pub holds: Holds,
}

/// Everything that is due, soonest first.
pub fn rows(view: &View<'_>) -> Vec<Row> {
    let mut rows: Vec<Row> =
        view.os.dues().into_iter().map(|due| of_phone(due, view.os.fires(due.what))).collect();
    if let Some(world) = view.world {
        let (net, session) = (world.net, world.session);
        let path = net.dues(&view.setup.net).into_iter();
        rows.extend(path.map(|due| of_path(due, net.fires(due.what))));
        let dues = session.dues(&view.setup.server).into_iter();
        rows.extend(dues.map(|due| of_server(due, view.names)));
        let up = world.shared.deadline();
        if up != Time::NEVER {
            rows.push(Row {
                at: up,
                owner: "server",
                name: "up again".to_owned(),
                reason: "the server serves again".to_owned(),
                holds: Holds::Certain,
            });
        }
    }
    // Stable, so that what is due at one moment stays in the order phone, path, server.
    rows.sort_by_key(|row| row.at);
    rows
}

/// Everything that is due, soonest first, as a table.
pub fn timers(view: &View<'_>, out: &mut String) {
    let rows = rows(view);
    if rows.is_empty() {
        return out.push_str("nothing is due: only a step can make something happen\n");
    }
    out.push_str(&format!("  {:<13} {:<11} {:<7} WHAT\n", "WHEN", "IN", "WHOSE"));
    for Row { at, owner, name, reason, holds } in rows {
        let left = match at.since(view.now) {
            Span::ZERO => match holds {
                Holds::Waits(_) => "overdue".to_owned(),
                Holds::Certain | Holds::Unless(_) => "now".to_owned(),
            },
            left => human::span(left),
        };
        let (sign, more) = match holds {
            Holds::Certain => ('=', String::new()),
            Holds::Unless(what) => ('~', format!(", unless {what}")),
            Holds::Waits(what) => ('.', format!(", but not before {what}")),
        };
        let head = format!("{sign} {at:<13} {left:<11} {owner:<7} ");
        hang(out, &head, &format!("{name}: {reason}{more}"));
    }
    out.push_str("= certain   ~ if nothing happens before   . waits\n");
}
