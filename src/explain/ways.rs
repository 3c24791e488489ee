//! What is said about a way of staying connected: what `check` says of an app that has nothing, on each version.

use super::keys::{Section, versions};
use super::topic::{List, Named, Sourced, Topic, TopicKind, squeezed};
use crate::platform::{Entitlements, InfoPlist, PROFILES, Verdict, Way, WayName, ways, ways_since};

/// The way called `asked`, or whose meaning names that call: `pushkit`, `beginBackgroundTask`.
pub(super) fn find(asked: &str) -> Option<WayName> {
    let called = |way: &&WayName| {
        let mut quoted = meaning(**way).split('`').skip(1).step_by(2);
        // A mode is a word of its own, as `audio`: there the name is the way's.
        quoted.any(|call| call.to_lowercase() == asked && call.contains(char::is_uppercase))
    };
    WayName::parse(asked).or_else(|| WayName::ALL.iter().find(called).copied())
}

fn meaning(way: WayName) -> &'static str {
    let place = WayName::ALL.iter().position(|known| *known == way);
    place.and_then(|place| WayName::MEANINGS.get(place).copied()).unwrap_or_default().trim()
}

/// All that is said about `name`.
pub(super) fn topic(name: WayName) -> Topic {
    let since = ways_since(name);
    let inside = since.map_or(String::new(), |since| format!("from iOS {since} on: "));
    let (mut on, mut gives, mut needs) = (Vec::new(), Vec::new(), Vec::new());
    let mut source = String::new();
    for platform in Section::Platform.presets() {
        let Some(way) = bare(name, platform) else { continue };
        if way.verdict == Verdict::NotOnThisVersion {
            continue;
        }
        on.push(platform);
        let note = way.note.strip_prefix(&inside).unwrap_or(&way.note);
        // What the command line lacks is no need of the way.
        let needed = way.verdict.detail().unwrap_or("nothing");
        let needed = needed.replace(" (not known here; give --sdk)", "");
        add(&mut gives, note, platform);
        add(&mut needs, &needed, platform);
        source = way.source;
    }
    let to_the_last = on.last() == Section::Platform.presets().last();
    let letter = if source.starts_with("Apple's engineers") { "E" } else { "A" };
    Topic {
        kind: TopicKind::Way,
        name: name.to_string(),
        detail: match name.reaches_the_app() {
            true => "the server can reach the app".to_owned(),
            false => "it only gives time to run".to_owned(),
        },
        means: squeezed(meaning(name)),
        versions: match since.filter(|_| to_the_last) {
            Some(since) => format!("iOS {since} and later"),
            None => versions(&on),
        },
        more: [("gives", &gives), ("needs", &needs)]
            .into_iter()
            .filter_map(|(head, rows)| alike(head, rows))
            .collect(),
        lists: [("gives", &gives), ("needs", &needs)]
            .into_iter()
            .filter_map(|(head, rows)| differing(head, rows))
            .collect(),
        sources: vec![Sourced::new(&source, letter)],
        see: vec!["whether your app has it: holdline check Info.plist".to_owned()],
        ..Topic::default()
    }
}

/// The way for an app that has nothing, so that all it needs is missing.
fn bare(name: WayName, platform: &str) -> Option<Way> {
    let profile = PROFILES.get(platform).ok()?;
    let all = ways(&InfoPlist::default(), Some(&Entitlements::default()), &profile);
    all.into_iter().find(|way| way.name == name)
}

/// What is the same on versions that follow each other is said once.
fn add(rows: &mut Vec<(String, Vec<&'static str>)>, text: &str, platform: &'static str) {
    match rows.last_mut().filter(|(known, _)| known == text) {
        Some((_, on)) => on.push(platform),
        None => rows.push((text.to_owned(), vec![platform])),
    }
}

/// Said as it is where it is the same on all versions.
fn alike(head: &str, rows: &[(String, Vec<&str>)]) -> Option<Named> {
    match rows {
        [(text, _)] => Some(Named::new(head, text)),
        _ => None,
    }
}

/// Said with the versions where they differ.
fn differing(head: &'static str, rows: &[(String, Vec<&str>)]) -> Option<List> {
    let items: Vec<_> = rows.iter().map(|(text, on)| Named::new(versions(on), text)).collect();
    (items.len() > 1).then_some(List { head, items })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_says_what_it_gives_and_needs_and_since_when() {
        for name in WayName::ALL {
            let topic = topic(*name);
            for head in ["gives", "needs"] {
                let said = topic.more.iter().any(|named| named.name == head)
                    || topic.lists.iter().any(|list| list.head == head);
                assert!(said, "{name} {head}");
            }
            assert!(topic.versions.starts_with("iOS ") && !topic.means.is_empty(), "{name}");
            assert!(!topic.sources[0].source.is_empty(), "{name}");
        }
        assert_eq!(topic(WayName::LocalPushConnectivity).versions, "iOS 14 and later");
        assert_eq!(topic(WayName::VoipSocket).versions, "iOS 4 to 15");
    }

    #[test]
    fn a_way_is_found_by_its_name_and_by_its_call() {
        assert_eq!(find("pushkit"), Some(WayName::PushKit));
        assert_eq!(find("neapppushprovider"), Some(WayName::LocalPushConnectivity));
        assert_eq!(find("beginbackgroundtask"), Some(WayName::BackgroundTask));
        assert_eq!(find("voip"), None);
    }
}
