//! The agent that was linked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use holdline::device::host::package::macho::{Platform, Version, build_version, with_sdk};
use object::macho::{LC_LOAD_DYLIB, MachHeader64, N_EXT, N_TYPE, N_UNDF};
use object::read::macho::{LoadCommandVariant, MachHeader, MachOFile64, Nlist};
use object::{Endianness, Object};

use crate::stubs;

/// Where it is.
pub(crate) const VARIABLE: &str = "HOLDLINE_IOS_AGENT";

crate::tools::tests!(
    it_is_for_arm64_and_ios,
    it_loads_the_libraries_that_are_listed_and_no_other,
    it_asks_each_library_only_for_what_is_on_its_list,
    nothing_is_on_a_list_of_a_framework_that_it_does_not_ask_for,
    a_stamp_gives_it_another_sdk_and_changes_nothing_else,
);

/// What the phone side cannot do without.
const FRAMEWORKS: &[&str] = &[
    "CFNetwork",
    "CallKit",
    "CoreFoundation",
    "Foundation",
    "NetworkExtension",
    "PushKit",
    "UIKit",
    "UserNotifications",
];

fn agent() -> Vec<u8> {
    let path = PathBuf::from(std::env::var_os(VARIABLE).expect("it is set"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parse(bytes: &[u8]) -> MachOFile64<'_, Endianness> {
    MachOFile64::parse(bytes).expect("it is a 64-bit Mach-O")
}

/// The install names of what it loads, in the order in which its symbols count them.
fn loaded(file: &MachOFile64<'_, Endianness>) -> Vec<String> {
    let mut commands = file.macho_load_commands().expect("it has commands");
    let mut loaded = Vec::new();
    while let Some(command) = commands.next().expect("a command") {
        if let Ok(LoadCommandVariant::Dylib(dylib)) = command.variant() {
            assert_eq!(command.cmd(), LC_LOAD_DYLIB, "a library that is loaded in another way");
            let name = command.string(file.endian(), dylib.dylib.name).expect("a name");
            loaded.push(String::from_utf8(name.to_vec()).expect("UTF-8"));
        }
    }
    loaded
}

/// What it asks of each library, by the library's install name.
fn asked(file: &MachOFile64<'_, Endianness>) -> BTreeMap<String, BTreeSet<String>> {
    let libraries = loaded(file);
    let endian = file.endian();
    let table = file.macho_symbol_table();
    let mut asked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for symbol in table.iter() {
        if symbol.n_type() & N_TYPE != N_UNDF || symbol.n_type() & N_EXT == 0 {
            continue;
        }
        let name = symbol.name(endian, table.strings()).expect("a name");
        let name = String::from_utf8(name.to_vec()).expect("UTF-8");
        // The library's number, from 1, is the upper byte; 0xfe would be any library: `mach-o/nlist.h`.
        let number = usize::from(symbol.n_desc(endian) >> 8);
        let library = number.checked_sub(1).and_then(|place| libraries.get(place));
        let library = library.unwrap_or_else(|| panic!("{name} is of no library: {number}"));
        asked.entry(library.clone()).or_default().insert(name);
    }
    asked
}

fn is_framework(name: &str) -> bool {
    name.contains(".framework/")
}

fn it_is_for_arm64_and_ios() {
    let bytes = agent();
    let file = parse(&bytes);
    assert_eq!(file.architecture(), object::Architecture::Aarch64);
    assert_eq!(file.kind(), object::ObjectKind::Executable);
    assert!(file.entry() > 0, "it has an entry");
    let said = build_version(&bytes).expect("it says what it is for");
    assert_eq!(said.platform, Platform::Ios);
    assert_eq!(said.minos, Version { major: 13, minor: 0, patch: 0 });
    // The same by a reader that is not ours.
    let other = file.build_version().expect("readable").expect("it has the command");
    assert_eq!(other.platform.get(file.endian()), object::macho::PLATFORM_IOS);
    assert_eq!(other.minos.get(file.endian()), 13 << 16);
}

fn it_loads_the_libraries_that_are_listed_and_no_other() {
    let bytes = agent();
    let loaded: BTreeSet<String> = loaded(&parse(&bytes)).into_iter().collect();
    let listed: BTreeSet<String> = stubs::symbols().into_keys().collect();
    assert_eq!(loaded, listed);
    let frameworks: BTreeSet<String> = FRAMEWORKS
        .iter()
        .map(|name| format!("/System/Library/Frameworks/{name}.framework/{name}"))
        .collect();
    let loaded: BTreeSet<String> = loaded.into_iter().filter(|name| is_framework(name)).collect();
    assert_eq!(loaded, frameworks);
}

fn it_asks_each_library_only_for_what_is_on_its_list() {
    let bytes = agent();
    let asked = asked(&parse(&bytes));
    let listed = stubs::symbols();
    assert!(asked.values().map(BTreeSet::len).sum::<usize>() > 100, "std alone asks for more");
    for (library, names) in &asked {
        let list = &listed[library];
        let more: Vec<&String> = names.difference(list).collect();
        assert!(more.is_empty(), "{library} is asked for what is not on its list: {more:?}");
    }
}

fn nothing_is_on_a_list_of_a_framework_that_it_does_not_ask_for() {
    let bytes = agent();
    let asked = asked(&parse(&bytes));
    for (library, list) in stubs::symbols().iter().filter(|(name, _)| is_framework(name)) {
        let none = BTreeSet::new();
        let names = asked.get(library).unwrap_or(&none);
        let more: Vec<&String> = list.difference(names).collect();
        assert!(more.is_empty(), "{library}: take from its list {more:?}");
    }
}

fn a_stamp_gives_it_another_sdk_and_changes_nothing_else() {
    let before = agent();
    let sdk = Version { major: 9, minor: 3, patch: 0 };
    assert_ne!(build_version(&before).expect("readable").sdk, sdk);
    let after = with_sdk(&before, sdk).expect("it is not signed");
    let places = before.iter().zip(&after).enumerate().filter(|(_, (one, two))| one != two);
    let places: Vec<usize> = places.map(|(place, _)| place).collect();
    assert_eq!(after.len(), before.len());
    assert!(places.last().expect("it changed") - places[0] < 4, "{places:?}");
    let file = parse(&after);
    let said = file.build_version().expect("readable").expect("it has the command");
    assert_eq!(said.sdk.get(file.endian()), (9 << 16) | (3 << 8));
    assert_eq!(said.minos.get(file.endian()), 13 << 16);
    assert_eq!(asked(&file), asked(&parse(&before)));
    let header = MachHeader64::<Endianness>::parse(&*after, 0).expect("a header");
    assert!(header.ncmds(file.endian()) > 0);
}
