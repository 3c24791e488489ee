//! Which push is which: ids of other servers as ours, and what is known of the pushes heard last.

use std::collections::VecDeque;

use super::values::{Values, from_our_id};
use crate::port::PushId;

/// More ids than this are not told apart from older ones.
const MOST_IDS: usize = 4096;
/// More pushes than this cannot wait for their acknowledgement.
const MOST_HEARD: usize = 1024;

/// The `name` of every push that another server thought of.
pub const FOREIGN: u32 = u32::MAX;

/// The ids of another server, each with a number of its own. They outlive a connection: a push that comes again
/// is the same one.
#[derive(Debug, Default)]
pub(super) struct Ids {
    known: VecDeque<(Vec<u8>, u32)>,
    last: u32,
}

impl Ids {
    fn next(&mut self) -> PushId {
        self.last = self.last.wrapping_add(1);
        PushId { name: FOREIGN, member: self.last }
    }

    /// The push that a server calls `id`: the very one when it is ours. Without an id it is one of its own.
    pub(super) fn of(&mut self, id: Option<&[u8]>) -> PushId {
        let Some(id) = id else { return self.next() };
        if let Some(ours) = from_our_id(id) {
            return ours;
        }
        if let Some((_, member)) = self.known.iter().find(|(known, _)| known == id) {
            return PushId { name: FOREIGN, member: *member };
        }
        if self.known.len() >= MOST_IDS {
            self.known.pop_front();
        }
        let push = self.next();
        self.known.push_back((id.to_vec(), push.member));
        push
    }
}

/// A push that was heard on this connection.
#[derive(Debug)]
pub(super) struct HeardPush {
    pub(super) id: PushId,
    /// Which of the dialect's patterns it is.
    pub(super) rule: usize,
    /// What the pattern caught, but for the payload.
    pub(super) caught: Values,
}

/// The pushes heard last on this connection, for acknowledgements and cancellations.
#[derive(Debug, Default)]
pub(super) struct HeardPushes(VecDeque<HeardPush>);

impl HeardPushes {
    pub(super) fn add(&mut self, push: HeardPush) {
        self.0.retain(|known| known.id != push.id);
        if self.0.len() >= MOST_HEARD {
            self.0.pop_front();
        }
        self.0.push_back(push);
    }

    pub(super) fn get(&self, id: PushId) -> Option<&HeardPush> {
        self.0.iter().rev().find(|push| push.id == id)
    }

    /// The newest push that has all the values that `caught` shares with it, and one at least.
    pub(super) fn meant(&self, caught: &Values) -> Option<PushId> {
        let alike = |push: &&HeardPush| {
            let mut shared = caught
                .iter()
                .filter_map(|(name, value)| push.caught.get(name).map(|known| known == value));
            shared.next() == Some(true) && shared.all(|same| same)
        };
        self.0.iter().rev().find(alike).map(|push| push.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_id_is_the_same_push_and_no_id_is_always_a_new_one() {
        let mut ids = Ids::default();
        let (first, second) = (ids.of(Some(b"x")), ids.of(Some(b"y")));
        assert_ne!(first, second);
        assert_eq!(ids.of(Some(b"x")), first);
        assert_ne!(ids.of(None), ids.of(None));
        assert_eq!(ids.of(Some(b"hl-3-4")), PushId { name: 3, member: 4 });
    }

    #[test]
    fn so_many_ids_are_remembered_and_no_more() {
        let mut ids = Ids::default();
        let first = ids.of(Some(b"first"));
        for n in 0..MOST_IDS {
            ids.of(Some(n.to_string().as_bytes()));
        }
        assert_eq!(ids.known.len(), MOST_IDS);
        assert_ne!(ids.of(Some(b"first")), first);
    }
}
