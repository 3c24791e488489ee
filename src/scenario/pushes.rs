//! The pushes that a scenario's steps send, by name, so that nothing waits for one that nobody sends.

use std::collections::BTreeMap;

use super::diagnostic::{Diagnostic, did_you_mean, listed};
use super::table::Reader;
use crate::port::PushId;
use crate::settings::nearest;
use crate::trace::Names;

/// How often a push is sent.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Series {
    /// Once, under its own name.
    Once,
    /// So many times, as `name-1`, `name-2`, ….
    Of(u64),
    /// Repeatedly; how often is not known, because its gaps vary or because of another mistake.
    Unknown,
}

/// The pushes declared so far.
#[derive(Default)]
pub(super) struct Pushes {
    names: Vec<String>,
    sent: BTreeMap<String, (u32, Series)>,
    /// Some steps could not be read, and these may be what they send.
    suspected: Vec<String>,
    /// Steps are missing because of another mistake: any push may be sent.
    unknown: bool,
}

/// Why no push has a name.
enum NotSent {
    Unknown,
    /// The series has only so many.
    Beyond(u64),
}

impl Pushes {
    /// Steps are missing because of another mistake.
    pub(super) fn cannot_know(&mut self) {
        self.unknown = true;
    }

    /// A step that cannot be read may send `name`.
    pub(super) fn suspect(&mut self, name: &str) {
        self.suspected.push(name.trim().to_owned());
    }

    /// A step sends `name`; `None` when another one does already, which is reported.
    pub(super) fn declare(
        &mut self,
        reader: &Reader<'_>,
        name: String,
        series: Series,
    ) -> Option<PushId> {
        let taken = if self.sent.contains_key(&name) {
            Some("another step sends it".to_owned())
        } else if let Ok(Some(_)) = self.find(&name) {
            Some("that is what a repeated push is called".to_owned())
        } else if series != Series::Once {
            self.looks_like_member(&name).map(|other| format!("a repeated push takes `{other}`"))
        } else {
            None
        };
        if let Some(why) = taken {
            let message = format!("the push `{name}` is sent already: {why}");
            let help = "give every push a name of its own";
            reader
                .problems
                .report(Diagnostic::new(message, reader.span("push"), "already taken").help(help));
            return None;
        }
        let index = u32::try_from(self.names.len()).ok()?;
        self.names.push(name.clone());
        self.sent.insert(name, (index, series));
        Some(PushId { name: index, member: 0 })
    }

    /// A push sent under a name that a member of the series `name` would have.
    fn looks_like_member(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}-");
        self.sent
            .range(prefix.clone()..)
            .map(|(other, _)| other.as_str())
            .take_while(|other| other.starts_with(&prefix))
            .find(|other| member(other).is_some())
    }

    /// The push called `name`; `None` when it cannot be told because of another mistake.
    fn find(&self, name: &str) -> Result<Option<PushId>, NotSent> {
        if let Some((index, _)) = self.sent.get(name) {
            return Ok(Some(PushId { name: *index, member: 0 }));
        }
        let in_series = member(name)
            .and_then(|(base, n)| self.sent.get(base).map(|(index, series)| (index, series, n)));
        match in_series {
            Some((_, Series::Of(count), n)) if u64::from(n) > *count => {
                Err(NotSent::Beyond(*count))
            }
            Some((index, Series::Of(_) | Series::Unknown, member)) => {
                Ok(Some(PushId { name: *index, member }))
            }
            Some((_, Series::Once, _)) | None => {
                let excused = self.unknown || self.suspected.iter().any(|known| known == name);
                if excused { Ok(None) } else { Err(NotSent::Unknown) }
            }
        }
    }

    /// The push that `key` of an expectation names. Member 0 of a series stands for each of them.
    pub(super) fn expected(&self, reader: &Reader<'_>, name: &str) -> Option<PushId> {
        let span = reader.span("push");
        self.find(name)
            .map_err(|why| reader.problems.report(self.not_sent(name, &why, span)))
            .ok()
            .flatten()
    }

    /// The one push that `push` of an act names: not a whole series.
    pub(super) fn single(&self, reader: &Reader<'_>, name: &str) -> Option<PushId> {
        if let Some(problem) = self.in_pattern(name, reader.span("push")) {
            reader.problems.report(problem);
            return None;
        }
        self.find(name).ok().flatten()
    }

    /// What is wrong with `push=name` in an event pattern that stands at `span`.
    pub(super) fn in_pattern(
        &self,
        name: &str,
        span: std::ops::Range<usize>,
    ) -> Option<Diagnostic> {
        if let Some((_, Series::Of(_) | Series::Unknown)) = self.sent.get(name) {
            let message = format!("no single push is called `{name}`: it is repeated");
            let label = format!("write `push={name}-1` for the first");
            return Some(Diagnostic::new(message, span, label));
        }
        self.find(name).err().map(|why| self.not_sent(name, &why, span))
    }

    fn not_sent(&self, name: &str, why: &NotSent, span: std::ops::Range<usize>) -> Diagnostic {
        let problem = match why {
            NotSent::Unknown => {
                let near = nearest(name, self.names.iter().map(String::as_str));
                let label = did_you_mean(near, "nobody sends it");
                Diagnostic::new(format!("no step sends the push `{name}`"), span, label)
            }
            NotSent::Beyond(count) => {
                let message = format!("no step sends the push `{name}`: its series has {count}");
                Diagnostic::new(message, span, "beyond the last one")
            }
        };
        match self.names.len() {
            0 => problem.help("send one with a step: `do = \"server.push\"`, `push = \"a-name\"`"),
            _ => {
                let some = self.names.iter().take(20).map(String::as_str);
                problem.help(format!("pushes that are sent: {}", listed(some)))
            }
        }
    }

    pub(super) fn into_names(self) -> Names {
        Names { pushes: self.names }
    }
}

/// `name-3` as the third of `name`.
fn member(name: &str) -> Option<(&str, u32)> {
    let (base, digits) = name.rsplit_once('-')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    if plain { digits.parse().ok().map(|n| (base, n)) } else { None }
}
