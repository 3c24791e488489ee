//! Which room may import which.

use crate::source::{SourceFile, heads};

/// Which of the rooms below it a room may import.
enum Below {
    /// All of them.
    All,
    /// These.
    Only(&'static [&'static str]),
}

/// The rooms from the top down.
const ROOMS: &[(&str, Below)] = &[
    // Binaries: each starts something of the rooms.
    ("bin", Below::All),
    ("cli", Below::All),
    ("repl", Below::All),
    ("report", Below::All),
    ("explain", Below::All),
    ("device", Below::All),
    ("live", Below::All),
    ("study", Below::All),
    ("run", Below::All),
    ("sim", Below::All),
    (
        "scenario",
        Below::Only(&[
            "metrics", "server", "client", "net", "platform", "trace", "settings", "port",
        ]),
    ),
    ("metrics", Below::Only(&["platform", "trace", "settings", "port"])),
    // These four are connected by the world and know nothing of each other.
    ("server", Below::Only(VOCABULARY)),
    ("client", Below::Only(VOCABULARY)),
    ("os", Below::Only(&["platform", "trace", "settings", "port"])),
    ("net", Below::Only(&["platform", "trace", "settings", "port"])),
    ("wire", Below::Only(VOCABULARY)),
    ("platform", Below::All),
    ("trace", Below::All),
    ("settings", Below::All),
    ("port", Below::All),
];

/// The rooms at the bottom. `words!` declares an enum for settings and traces at once, so these three
/// may know each other.
const VOCABULARY: &[&str] = &["trace", "settings", "port"];

/// Whether there is such a room.
pub(crate) fn is_room(name: &str) -> bool {
    position(name).is_some()
}

/// The place of a room from the top.
fn position(room: &str) -> Option<usize> {
    ROOMS.iter().position(|(name, _)| *name == room)
}

/// Whether `room` may import `other`. What is not a room (a macro, say) anybody may.
fn may_import(room: &str, other: &str) -> bool {
    let (Some(from), Some(to)) = (position(room), position(other)) else { return true };
    let within = VOCABULARY.contains(&room) && VOCABULARY.contains(&other);
    let chosen = match ROOMS[from].1 {
        Below::All => true,
        Below::Only(these) => these.contains(&other),
    };
    from == to || within || (from < to && chosen)
}

/// The imports of `file` that its room may not make.
pub(crate) fn violations(file: &SourceFile) -> Vec<String> {
    let Some(room) = &file.room else { return Vec::new() };
    heads(&file.code, "crate::")
        .into_iter()
        .filter(|(_, name)| !may_import(room, name))
        .map(|(at, name)| file.place(at, &format!("{room} imports {name}")))
        .chain(climbs(file))
        .collect()
}

/// Paths that climb out of their room with `super`, past the check above.
fn climbs(file: &SourceFile) -> Vec<String> {
    let inside: Vec<_> = file.path.components().skip(2).collect();
    let is_mod = file.path.file_name().is_some_and(|name| name == "mod.rs");
    // `super` leads from src/os/mod.rs to the crate, from src/os/sleep.rs to the room; a test module
    // is one deeper.
    let depth = inside.len() + usize::from(!is_mod);
    let chain = "super::".repeat(depth);
    heads(&file.code, &chain)
        .into_iter()
        .filter(|(_, name)| is_room(name))
        .map(|(at, name)| file.place(at, &format!("write `crate::{name}`, not `{chain}{name}`")))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        violations(&SourceFile::new(Path::new(path), text))
    }

    #[test]
    fn a_wrong_import_is_found_with_its_place() {
        assert_eq!(
            found("src/os/sleep.rs", "//! Sleep.\nuse crate::net::Access;\n"),
            ["src/os/sleep.rs:2: os imports net"]
        );
    }

    #[test]
    fn every_way_of_naming_a_room_is_seen() {
        for text in [
            "use crate::os::Lease;",
            "pub(crate) use crate::os;",
            "use crate::{port::Time, os::Lease};",
            "use crate::{\n    port::{Time, Span},\n    os,\n};",
            "fn f(x: crate::os::Lease) {}",
            "crate::os::rules! {}",
            "use super::super::os::Lease;",
        ] {
            assert_eq!(found("src/client/reconnect.rs", text).len(), 1, "{text}");
        }
        assert_eq!(found("src/client/mod.rs", "use super::os;").len(), 1);
    }

    #[test]
    fn what_is_not_an_import_is_not_taken_for_one() {
        for text in [
            "// use crate::os::Lease;",
            "/// See [`Lease`](crate::os::Lease).",
            "let text = \"crate::os\";",
            "use crate::port::{os, Time};",
            "use crate::client::os::Lease;",
            "use super::os::Lease;",
            "use mycrate::os;",
        ] {
            assert_eq!(found("src/client/reconnect.rs", text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn rooms_that_the_world_connects_do_not_know_each_other() {
        let apart = ["os", "client", "server", "net"];
        for room in apart {
            for other in apart {
                let text = format!("use crate::{other}::X;");
                let expected = usize::from(room != other);
                assert_eq!(found(&format!("src/{room}/a.rs"), &text).len(), expected, "{text}");
            }
        }
        assert_eq!(found("src/client/a.rs", "use crate::platform::Profile;").len(), 1);
    }

    #[test]
    fn the_vocabulary_knows_nothing_above_it() {
        assert!(found("src/port/a.rs", "use crate::{settings::Kind, trace::Field};").is_empty());
        assert_eq!(found("src/port/a.rs", "use crate::platform::Profile;").len(), 1);
    }

    #[test]
    fn what_a_room_may_import_is_below_it() {
        for (place, (room, below)) in ROOMS.iter().enumerate() {
            let Below::Only(these) = below else { continue };
            for import in *these {
                assert!(position(import) > Some(place), "{room} imports {import}");
            }
        }
        assert_eq!(found("src/run/a.rs", "use crate::report::X;").len(), 1);
    }
}
