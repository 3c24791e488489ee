//! The SDK that a Mach-O file says it was linked with: read, and stamped anew.
//!
//! What iOS still does for an app depends on it. It is one word of the load command `LC_BUILD_VERSION`; nothing else of
//! the file is touched. Layouts: `mach-o/loader.h` and `mach-o/fat.h` of Apple's SDK.

use std::fmt;
use std::str::FromStr;

use object::macho::{
    FAT_CIGAM, FAT_CIGAM_64, FAT_MAGIC, FAT_MAGIC_64, LC_BUILD_VERSION, LC_CODE_SIGNATURE,
    LC_VERSION_MIN_IPHONEOS, MH_CIGAM, MH_CIGAM_64, MH_MAGIC, MH_MAGIC_64, PLATFORM_IOS,
    PLATFORM_IOSSIMULATOR,
};

/// `sizeof(struct mach_header_64)`.
const HEADER: usize = 32;
/// `sizeof(struct build_version_command)`, without its tools.
const BUILD_VERSION: usize = 24;

/// A version as Mach-O has it: `xxxx.yy.zz`.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Version {
    /// The first number.
    pub major: u16,
    /// The second.
    pub minor: u8,
    /// The third.
    pub patch: u8,
}

impl Version {
    fn from_word(word: u32) -> Version {
        let [patch, minor, low, high] = word.to_le_bytes();
        Version { major: u16::from_le_bytes([low, high]), minor, patch }
    }

    fn word(self) -> u32 {
        let [low, high] = self.major.to_le_bytes();
        u32::from_le_bytes([self.patch, self.minor, low, high])
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch != 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Version, String> {
        let wrong = || format!("'{text}' is not a version: write it as 9.3 or 16.4.1");
        let mut parts = text.split('.');
        let major = parts.next().and_then(|part| part.parse().ok()).ok_or_else(wrong)?;
        let mut small = || parts.next().map_or(Ok(0), |part| part.parse().map_err(|_| wrong()));
        let version = Version { major, minor: small()?, patch: small()? };
        if parts.next().is_some() { Err(wrong()) } else { Ok(version) }
    }
}

/// What the file was built for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Platform {
    /// A phone.
    Ios,
    /// The simulator.
    Simulator,
    /// Another, by its number.
    Other(u32),
}

/// What `LC_BUILD_VERSION` says.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct BuildVersion {
    /// What it was built for.
    pub platform: Platform,
    /// The oldest system that it starts on.
    pub minos: Version,
    /// The SDK that it was linked with.
    pub sdk: Version,
}

/// Why a file cannot be read or stamped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MachOError {
    /// It is something else.
    NotMachO,
    /// It is for a 32-bit or a big-endian machine: no phone of today.
    OtherMachine,
    /// It holds several architectures.
    Fat,
    /// It ends too early, or its sizes contradict each other.
    Broken(&'static str),
    /// It has no `LC_BUILD_VERSION`.
    NoBuildVersion {
        /// It has the command that linkers wrote before.
        older: bool,
    },
    /// It is not for a phone, nor for its simulator.
    OtherPlatform(u32),
    /// It is signed, and the signature covers what would change.
    Signed,
}

impl fmt::Display for MachOError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MachOError::NotMachO => f.write_str("this is not a Mach-O file"),
            MachOError::OtherMachine => {
                f.write_str("this Mach-O file is for a 32-bit or a big-endian machine")
            }
            MachOError::Fat => f.write_str(
                "this Mach-O file holds several architectures: take one out with 'lipo -thin arm64'",
            ),
            MachOError::Broken(what) => write!(f, "this Mach-O file is broken: {what}"),
            MachOError::NoBuildVersion { older: false } => {
                f.write_str("this Mach-O file has no LC_BUILD_VERSION, so it names no SDK")
            }
            MachOError::NoBuildVersion { older: true } => f.write_str(
                "this Mach-O file names its SDK in LC_VERSION_MIN_IPHONEOS: \
                 link it for iOS 12 or later to have LC_BUILD_VERSION",
            ),
            MachOError::OtherPlatform(number) => {
                write!(f, "this Mach-O file is for platform {number}, not for iOS")
            }
            MachOError::Signed => f.write_str(
                "this Mach-O file is signed, and another SDK breaks the signature: \
                 'codesign --remove-signature' it, stamp it, and sign it again",
            ),
        }
    }
}

impl std::error::Error for MachOError {}

/// What a file says of how it was built.
///
/// # Errors
/// [`MachOError`]; not that it is signed.
pub fn build_version(file: &[u8]) -> Result<BuildVersion, MachOError> {
    Ok(find(file)?.version)
}

/// The file with this SDK in place of its own.
///
/// # Errors
/// [`MachOError`].
pub fn with_sdk(file: &[u8], sdk: Version) -> Result<Vec<u8>, MachOError> {
    let found = find(file)?;
    if let Platform::Other(number) = found.version.platform {
        return Err(MachOError::OtherPlatform(number));
    }
    if found.signed {
        return Err(MachOError::Signed);
    }
    let mut stamped = file.to_vec();
    let place = stamped.get_mut(found.sdk_at..found.sdk_at + 4);
    place.ok_or(MachOError::Broken(SHORT))?.copy_from_slice(&sdk.word().to_le_bytes());
    Ok(stamped)
}

const SHORT: &str = "it ends within its load commands";

struct Found {
    version: BuildVersion,
    /// Where the word of the SDK is.
    sdk_at: usize,
    signed: bool,
}

/// Goes through the load commands.
fn find(file: &[u8]) -> Result<Found, MachOError> {
    check_magic(file)?;
    let count = word(file, 16)?;
    let mut at = HEADER;
    let end = HEADER
        .checked_add(size(word(file, 20)?))
        .filter(|end| *end <= file.len())
        .ok_or(MachOError::Broken(SHORT))?;
    let (mut found, mut signed, mut older) = (None, false, false);
    for _ in 0..count {
        let length = size(word(file, at + 4)?);
        if length < 8 || length > end.saturating_sub(at) {
            return Err(MachOError::Broken("a load command is longer than all of them"));
        }
        match word(file, at)? {
            LC_BUILD_VERSION if length < BUILD_VERSION => {
                return Err(MachOError::Broken("its LC_BUILD_VERSION is too short"));
            }
            // A second one is of Catalyst; the system goes by the first.
            LC_BUILD_VERSION if found.is_none() => found = Some((read_version(file, at)?, at + 16)),
            LC_CODE_SIGNATURE => signed = true,
            LC_VERSION_MIN_IPHONEOS => older = true,
            _ => {}
        }
        at += length;
    }
    let (version, sdk_at) = found.ok_or(MachOError::NoBuildVersion { older })?;
    Ok(Found { version, sdk_at, signed })
}

fn check_magic(file: &[u8]) -> Result<(), MachOError> {
    match word(file, 0).map_err(|_| MachOError::NotMachO)? {
        MH_MAGIC_64 => Ok(()),
        MH_MAGIC | MH_CIGAM | MH_CIGAM_64 => Err(MachOError::OtherMachine),
        FAT_MAGIC | FAT_CIGAM | FAT_MAGIC_64 | FAT_CIGAM_64 => Err(MachOError::Fat),
        _ => Err(MachOError::NotMachO),
    }
}

fn read_version(file: &[u8], at: usize) -> Result<BuildVersion, MachOError> {
    let platform = match word(file, at + 8)? {
        PLATFORM_IOS => Platform::Ios,
        PLATFORM_IOSSIMULATOR => Platform::Simulator,
        other => Platform::Other(other),
    };
    let minos = Version::from_word(word(file, at + 12)?);
    Ok(BuildVersion { platform, minos, sdk: Version::from_word(word(file, at + 16)?) })
}

fn word(file: &[u8], at: usize) -> Result<u32, MachOError> {
    let bytes = file.get(at..).and_then(|rest| rest.first_chunk::<4>());
    bytes.map(|bytes| u32::from_le_bytes(*bytes)).ok_or(MachOError::Broken(SHORT))
}

fn size(word: u32) -> usize {
    usize::try_from(word).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `LC_UUID`, a command that nobody here looks at.
    const UUID: u32 = 0x1b;

    fn command(number: u32, rest: &[u32]) -> Vec<u8> {
        let length = u32::try_from(8 + 4 * rest.len()).expect("it is short");
        [number, length].iter().chain(rest).flat_map(|word| word.to_le_bytes()).collect()
    }

    /// `platform`, for iOS 13.0 with SDK 26.1.2, by no tool.
    fn build(platform: u32) -> Vec<u8> {
        command(LC_BUILD_VERSION, &[platform, 13 << 16, (26 << 16) | (1 << 8) | 2, 0])
    }

    /// An executable for arm64 of these load commands, and something behind them.
    fn file(commands: &[Vec<u8>]) -> Vec<u8> {
        let all = commands.concat();
        let count = u32::try_from(commands.len()).expect("few");
        let length = u32::try_from(all.len()).expect("short");
        let header = [MH_MAGIC_64, 0x0100_000c, 0, 2, count, length, 0, 0];
        let mut bytes: Vec<u8> = header.iter().flat_map(|word| word.to_le_bytes()).collect();
        bytes.extend(all);
        bytes.extend(b"what it does");
        bytes
    }

    fn version(text: &str) -> Version {
        text.parse().expect("a version")
    }

    #[test]
    fn what_the_command_says_is_read() {
        let phone = file(&[command(UUID, &[1, 2, 3, 4]), build(PLATFORM_IOS)]);
        let said = build_version(&phone).expect("it has the command");
        assert_eq!(said.platform, Platform::Ios);
        assert_eq!((said.minos, said.sdk), (version("13"), version("26.1.2")));
        assert_eq!(said.sdk.to_string(), "26.1.2");
        let simulator = build_version(&file(&[build(PLATFORM_IOSSIMULATOR)]));
        assert_eq!(simulator.expect("it has the command").platform, Platform::Simulator);
    }

    #[test]
    fn a_stamp_changes_four_bytes_and_no_other() {
        let before = file(&[command(UUID, &[1, 2, 3, 4]), build(PLATFORM_IOS)]);
        let after = with_sdk(&before, version("9.3")).expect("it can be stamped");
        assert_eq!(build_version(&after).expect("it has the command").sdk, version("9.3"));
        let at = HEADER + 24 + 16;
        assert_eq!(after[at..at + 4], ((9u32 << 16) | (3 << 8)).to_le_bytes());
        assert_eq!(after[..at], before[..at]);
        assert_eq!(after[at + 4..], before[at + 4..]);
        let back = with_sdk(&after, version("26.1.2")).expect("it can be stamped again");
        assert_eq!(back, before);
    }

    #[test]
    fn what_cannot_be_stamped_says_why() {
        let stamp = |bytes: &[u8]| with_sdk(bytes, version("9.3")).expect_err("it cannot be");
        assert_eq!(stamp(b""), MachOError::NotMachO);
        assert_eq!(stamp(b"\x7fELF and so on"), MachOError::NotMachO);
        assert_eq!(stamp(&FAT_MAGIC.to_be_bytes()), MachOError::Fat);
        assert_eq!(stamp(&MH_MAGIC.to_le_bytes()), MachOError::OtherMachine);
        let none = file(&[command(UUID, &[1, 2, 3, 4])]);
        assert_eq!(stamp(&none), MachOError::NoBuildVersion { older: false });
        let old = file(&[command(LC_VERSION_MIN_IPHONEOS, &[9 << 16, 9 << 16])]);
        assert_eq!(stamp(&old), MachOError::NoBuildVersion { older: true });
        assert_eq!(stamp(&file(&[build(1)])), MachOError::OtherPlatform(1));
        let signed = file(&[build(PLATFORM_IOS), command(LC_CODE_SIGNATURE, &[0, 0])]);
        assert_eq!(stamp(&signed), MachOError::Signed);
        assert!(build_version(&signed).is_ok(), "it can be read all the same");
        assert!(MachOError::Signed.to_string().contains("sign it again"));
    }

    #[test]
    fn a_broken_file_is_told_as_one() {
        let good = file(&[build(PLATFORM_IOS)]);
        let ends_early = &good[..HEADER + 20];
        assert_eq!(build_version(ends_early), Err(MachOError::Broken(SHORT)));
        let short = file(&[command(LC_BUILD_VERSION, &[PLATFORM_IOS])]);
        assert!(matches!(build_version(&short), Err(MachOError::Broken(_))));
        for length in [0u32, 7, 4096, u32::MAX] {
            let mut wrong = good.clone();
            wrong[HEADER + 4..HEADER + 8].copy_from_slice(&length.to_le_bytes());
            assert!(matches!(build_version(&wrong), Err(MachOError::Broken(_))), "{length}");
        }
    }

    #[test]
    fn a_version_is_two_or_three_small_numbers() {
        assert_eq!(version("9.3"), Version { major: 9, minor: 3, patch: 0 });
        assert_eq!(version("9.3").to_string(), "9.3");
        for wrong in ["", "9.", "9.3.1.2", "9.300", "nine", "-9.3", "9.3 "] {
            let error = wrong.parse::<Version>().expect_err(wrong);
            assert!(error.contains("write it as 9.3"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            at in 0usize..100,
            more in any::<u32>(),
        ) {
            let sdk = Version { major: 9, minor: 3, patch: 0 };
            let _ = with_sdk(&bytes, sdk);
            // The same behind a header that is right, and with one word of a good file replaced.
            let mut headed = file(&[]);
            headed[16..20].copy_from_slice(&more.to_le_bytes());
            headed[20..24].copy_from_slice(&200u32.to_le_bytes());
            headed.extend(&bytes);
            let _ = with_sdk(&headed, sdk);
            let mut spoilt = file(&[command(UUID, &[1, 2, 3, 4]), build(PLATFORM_IOS)]);
            let at = at.min(spoilt.len() - 4);
            spoilt[at..at + 4].copy_from_slice(&more.to_le_bytes());
            if let Ok(stamped) = with_sdk(&spoilt, sdk) {
                let said = build_version(&stamped).expect("it could be stamped");
                prop_assert_eq!(said.sdk, sdk);
            }
        }

        #[test]
        fn a_version_reads_back(word in any::<u32>()) {
            let version = Version::from_word(word);
            prop_assert_eq!(version.word(), word);
            prop_assert_eq!(version.to_string().parse(), Ok(version));
        }
    }
}
