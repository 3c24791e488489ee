//! What the fuzz target checks, of requests and of bytes near them.

use proptest::prelude::*;

#[path = "../../fuzz/src/control.rs"]
mod control;

/// Device, id, query and body, as the target takes them.
const SEEDS: &[&[u8]] = &[
    b"alice\x0041\0limit=2&after=alice\0{\"payload\": \"x\", \"ttl\": \"10m\"}",
    b"a\x001\0\0{\"how\": \"reset\"}",
    b"a\x001\0\0{\"how\": \"host-down\", \"down_for\": \"1m 30s\"}",
    b"a\x001\0\0{\"grace\": \"1.5s\"}",
    b"\x00\0limit=%31&after=%ff\0",
];

/// Pieces that bring a change near to what means something.
const PIECES: &[&str] = &[
    "\0",
    "{",
    "}",
    "\"",
    "[",
    "\\u0000",
    "\\ud800",
    "é",
    "%",
    "%00",
    "&",
    "=",
    "+",
    "-1",
    "1e999",
    "99999999999999999999",
    "null",
    "10",
    "10m",
    "0x",
    ":",
    ",",
    "limit=1001",
    "\"tll\": 1",
    "\u{1b}",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_near_a_request_is_read_or_refused(
        route in any::<u8>(),
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0usize..9, 0..PIECES.len()), 0..6),
    ) {
        let mut input = vec![route];
        input.extend(SEEDS[seed]);
        for (place, remove, piece) in changes {
            let start = place.index(input.len() + 1);
            let end = (start + remove).min(input.len());
            input.splice(start..end, PIECES[piece].bytes());
        }
        control::request(&input);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        control::request(&bytes);
    }
}
