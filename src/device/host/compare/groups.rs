//! Items by what they come from: one difference that shifts or takes away everything after it is told once.

use super::items::{Item, Kind};
use super::scope::Stream;

/// After so many pairs without a difference another one is another matter.
const QUIET: usize = 8;

/// What differs from one place on, until both sides go together again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Episode {
    /// The first item: the others follow it.
    pub first: Item,
    /// How many items it has.
    pub items: usize,
    /// How many of these only the phone has, and only the model.
    pub alone: [usize; 2],
    /// The places of the first of these, by time.
    pub places: [Vec<usize>; 2],
}

/// Episodes that begin in the same way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Each of them, in order of time; there is one at least.
    pub episodes: Vec<Episode>,
}

impl Group {
    /// The first of them.
    pub fn first(&self) -> &Episode {
        &self.episodes[0]
    }

    /// How many items they have together.
    pub fn items(&self) -> usize {
        self.episodes.iter().map(|episode| episode.items).sum()
    }
}

/// So many places of an episode are kept.
const SHOWN: usize = 4;

/// Groups items, which are in order of time. Times that differ by no more than `within` differ in the same way.
pub(super) fn groups<'i>(items: impl IntoIterator<Item = &'i Item>, within: i64) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for episode in episodes(items, within) {
        match groups.iter_mut().find(|group| alike(&group.first().first, &episode.first, within)) {
            Some(group) => group.episodes.push(episode),
            None => groups.push(Group { episodes: vec![episode] }),
        }
    }
    groups
}

fn episodes<'i>(items: impl IntoIterator<Item = &'i Item>, within: i64) -> Vec<Episode> {
    let mut open: Vec<(Episode, Item)> = Vec::new();
    let mut done: Vec<Episode> = Vec::new();
    for item in items {
        let of =
            |other: &Item| other.device == item.device || other.device == 0 || item.device == 0;
        let goes_on = |last: &Item| {
            let quiet = last.stream == item.stream
                && last.device == item.device
                && item.pairs.saturating_sub(last.pairs) < QUIET;
            of(last) && (quiet || (item.at - last.at).abs() <= within)
        };
        match open.iter_mut().find(|(_, last)| goes_on(last)) {
            Some((episode, last)) => {
                add(episode, item);
                // What the phone does leads; the others follow.
                if item.stream == Stream::Phone || last.stream != Stream::Phone {
                    *last = item.clone();
                }
            }
            None => {
                open.retain(|(episode, last)| {
                    let keep = !of(last);
                    if !keep {
                        done.push(episode.clone());
                    }
                    keep
                });
                let mut episode = Episode {
                    first: item.clone(),
                    items: 0,
                    alone: [0, 0],
                    places: [Vec::new(), Vec::new()],
                };
                add(&mut episode, item);
                open.push((episode, item.clone()));
            }
        }
    }
    done.extend(open.into_iter().map(|(episode, _)| episode));
    done.sort_by_key(|episode| (episode.first.at, episode.first.device, episode.first.stream));
    done
}

fn add(episode: &mut Episode, item: &Item) {
    episode.items += 1;
    let side = match item.kind {
        Kind::OnlyPhone => 0,
        Kind::OnlyModel => 1,
        Kind::Later(_) | Kind::Longer(..) | Kind::Otherwise(..) => return,
    };
    episode.alone[side] += 1;
    if let Some(place) = item.places[side]
        && episode.places[side].len() < SHOWN
    {
        episode.places[side].push(place);
    }
}

/// Whether two episodes that begin so begin in the same way.
fn alike(one: &Item, other: &Item, within: i64) -> bool {
    let kinds = match (&one.kind, &other.kind) {
        (Kind::Later(one), Kind::Later(other)) => (one - other).abs() <= within,
        (Kind::Longer(field, one), Kind::Longer(same, other)) => {
            field == same && (one - other).abs() <= within
        }
        (one, other) => one == other,
    };
    kinds && one.device == other.device && one.what == other.what
}
