//! Whatever the bytes are, reading them ends with an answer or an error.

use std::path::Path;

use holdline::platform::{read_entitlements, read_info_plist};
use proptest::prelude::*;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plists").join(name)).unwrap()
}

proptest! {
    #[test]
    fn damaged_lists_never_panic(
        name in prop::sample::select(vec![
            "voip-sdk-9.plist", "voip-sdk-9.binary.plist", "Talk.app/embedded.mobileprovision",
        ]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        keep in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = fixture(name);
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cut {
            bytes.truncate(keep.index(bytes.len()));
        }
        // Either answer will do; the offset of an error is inside the file.
        for error in [read_info_plist(&bytes).err(), read_entitlements(&bytes).err()] {
            if let Some(holdline::platform::Place::Offset(at)) = error.and_then(|e| e.place) {
                prop_assert!(at <= bytes.len() as u64);
            }
        }
    }
}
